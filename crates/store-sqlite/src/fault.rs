//! What SQLite says, in the port's terms: by what the caller does next.

use std::io;
use std::path::Path;

use iago_store::StoreError;

/// A failed step inside the store, before anybody said where the store is.
#[derive(Debug)]
pub(crate) enum Fault {
    Database(sqlx::Error),
    Store(StoreError),
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Fault {
    pub(crate) fn at(self, path: &Path) -> StoreError {
        match self {
            Self::Store(error) => error,
            Self::Database(sqlx::Error::Io(error)) => refuse(path, error),
            Self::Database(error) => match extended_code(&error) {
                Some(code) => classify(code, error.to_string(), path),
                None => StoreError::Unavailable { reason: error.to_string() },
            },
        }
    }
}

/// What to make of a failed file operation.
pub(crate) fn refuse(path: &Path, error: io::Error) -> StoreError {
    let path = path.to_owned();
    if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
        return StoreError::Full { path };
    }
    StoreError::Unusable { path, source: error }
}

fn extended_code(error: &sqlx::Error) -> Option<i32> {
    error.as_database_error()?.code()?.parse().ok()
}

// Result codes: https://www.sqlite.org/rescode.html
const PERM: i32 = 3;
const READONLY: i32 = 8;
const IOERR_WRITE: i32 = 778;
const IOERR_SHMSIZE: i32 = 4874;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const CANTOPEN: i32 = 14;
const CONSTRAINT: i32 = 19;
const AUTH: i32 = 23;
const NOTADB: i32 = 26;

fn classify(code: i32, reason: String, path: &Path) -> StoreError {
    // A quota that is used up fails a write without SQLITE_FULL, and so does a shared-memory file
    // that cannot grow: for people it is the same trouble with the same way out.
    if matches!(code, IOERR_WRITE | IOERR_SHMSIZE) {
        return StoreError::Full { path: path.to_owned() };
    }
    match code & 0xff {
        FULL => StoreError::Full { path: path.to_owned() },
        PERM | READONLY | CANTOPEN | AUTH => {
            StoreError::Unusable { path: path.to_owned(), source: io::Error::other(reason) }
        }
        NOTADB => {
            let source = io::Error::other("it is not a store of iago's, or is one no longer");
            StoreError::Unusable { path: path.to_owned(), source }
        }
        // Every constraint holds for what this crate writes, so a broken one means a damaged index.
        CORRUPT | CONSTRAINT => StoreError::Corrupt { at: path.display().to_string(), reason },
        _ => StoreError::Unavailable { reason },
    }
}
