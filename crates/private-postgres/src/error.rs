//! What can go wrong, and the way out.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

/// Why a cluster is not what it should be.
#[derive(Debug, Error)]
pub enum ClusterError {
    /// Postgres is not installed, or not whole.
    #[error(
        "`{program}` is not there: install Postgres 14 or later (`apt-get install postgresql`), or \
         put the folder of its programs into PATH"
    )]
    NotInstalled {
        /// The program that was looked for.
        program: &'static str,
    },
    /// Postgres refuses to run as root, and there is nobody else to be.
    #[error(
        "Postgres does not run as root, and this system has neither a user `postgres` nor a user \
         `nobody` to run it: run as somebody else, or `apt-get install postgresql`"
    )]
    NobodyToBe,
    /// A program of Postgres said no.
    #[error("`{program}` failed: {said}")]
    Failed {
        /// Which program.
        program: &'static str,
        /// Its last words.
        said: String,
    },
    /// Something did not come about in time.
    #[error("Postgres was not {state} after {} s: {said}", waited.as_secs())]
    TooLate {
        /// What was waited for.
        state: &'static str,
        /// For how long.
        waited: Duration,
        /// The end of its log.
        said: String,
    },
    /// A file or a process could not be handled.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl ClusterError {
    pub(crate) fn io(path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Self {
        let path = path.as_ref().to_owned();
        move |source| Self::Io { path, source }
    }
}
