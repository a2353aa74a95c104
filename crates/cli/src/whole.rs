//! Files that are there whole or not at all: whoever finds half of one takes it for all of it.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// For whoever made the file, and nobody else.
pub(crate) const PRIVATE: u32 = 0o600;
/// As far as the process lets anybody.
pub(crate) const SHARED: u32 = 0o666;

/// A file that has no name yet. Dropped without one, it is gone.
pub(crate) struct Unnamed {
    part: PathBuf,
    file: BufWriter<File>,
}

impl Unnamed {
    /// Begins a file that is to stand at `wanted` or beside it.
    pub(crate) fn begin(wanted: &Path, mode: u32) -> io::Result<Self> {
        let mut part = wanted.as_os_str().to_owned();
        part.push(format!(".{}.part", std::process::id()));
        let part = PathBuf::from(part);
        let file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&part)?;
        Ok(Self { part, file: BufWriter::new(file) })
    }

    pub(crate) fn write(&mut self, text: &str) -> io::Result<()> {
        self.file.write_all(text.as_bytes())
    }

    /// Gives it its name, in place of a file that has it; a device or a pipe is never replaced.
    pub(crate) fn name(mut self, path: &Path) -> io::Result<()> {
        self.file.flush()?;
        if path.metadata().is_ok_and(|found| !found.is_file()) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is there and no file"));
        }
        std::fs::rename(&self.part, path)
    }
}

impl Drop for Unnamed {
    fn drop(&mut self) {
        // Not there any more where it has its name.
        drop(std::fs::remove_file(&self.part));
    }
}

/// Writes a file, in place of one that is there. What is no file (a pipe, a device) is written into.
pub(crate) fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    // Beside what a link leads to, and not in place of the link.
    let path = std::fs::canonicalize(path).unwrap_or_else(|_not_there| path.to_owned());
    if path.metadata().is_ok_and(|found| !found.is_file()) {
        return std::fs::write(path, text);
    }
    let mut file = Unnamed::begin(&path, SHARED)?;
    file.write(text)?;
    file.name(&path)
}

/// Writes a file for whoever made it alone, where none is yet.
pub(crate) fn write_new(path: &Path, text: &str) -> io::Result<()> {
    if path.symlink_metadata().is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let mut file = Unnamed::begin(path, PRIVATE)?;
    file.write(text)?;
    file.name(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_gets_no_name_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page.html");
        write_whole(&path, "before").unwrap();
        let mut file = Unnamed::begin(&path, SHARED).unwrap();
        file.write("half of").unwrap();
        drop(file);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "before");
        assert_eq!(folder.path().read_dir().unwrap().count(), 1);
        assert_eq!(write_new(&path, "new").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        write_whole(&path, "after").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "after");
        assert_eq!(folder.path().read_dir().unwrap().count(), 1);
    }

    #[test]
    fn a_device_is_written_into_and_stays_one() {
        assert!(write_whole(Path::new("/dev/full"), "text").is_err());
        write_whole(Path::new("/dev/null"), "text").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = Unnamed::begin(&folder.path().join("file"), SHARED).unwrap();
        assert!(file.name(Path::new("/dev/null")).is_err());
        assert!(!Path::new("/dev/null").metadata().unwrap().is_file());
    }
}
