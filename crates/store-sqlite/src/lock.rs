//! One process per store: a lock on a file beside the database.
//!
//! SQLite's own locks end with each transaction; two coordinators that take turns would still
//! depose each other for ever.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use iago_store::StoreError;

use crate::fault::refuse;

/// The right to a store, until it is dropped or its process ends, however it ends.
#[derive(Debug)]
pub(crate) struct StoreLock {
    file: File,
}

impl Drop for StoreLock {
    /// The system gives the lock back when the file is closed, but a child that is being started at
    /// this moment may hold a copy of it for a little longer.
    fn drop(&mut self) {
        drop(self.file.unlock());
    }
}

impl StoreLock {
    /// Takes the lock of the store at `path`, whose directory is made if need be.
    pub(crate) fn take(path: &Path) -> Result<Self, StoreError> {
        let mut file = open(path).map_err(|error| refuse(path, error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::Locked { path: path.to_owned(), pid: read_pid(&mut file) });
            }
            Err(TryLockError::Error(error)) => return Err(refuse(path, error)),
        }
        write_pid(&mut file).map_err(|error| refuse(path, error))?;
        Ok(Self { file })
    }
}

fn open(path: &Path) -> io::Result<File> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    // Not truncated: the holder's number is in it.
    File::options().read(true).write(true).create(true).truncate(false).open(lock_path(path))
}

fn lock_path(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".lock");
    name.into()
}

fn read_pid(file: &mut File) -> Option<u32> {
    let mut pid = String::new();
    // A number has at most ten digits; whatever is longer is not ours.
    file.take(16).read_to_string(&mut pid).ok()?;
    pid.trim().parse().ok()
}

fn write_pid(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    writeln!(file, "{}", std::process::id())
}
