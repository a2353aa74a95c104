//! How the process ends: a number for scripts, words for people.

use iago_store::StoreError;

/// Exit codes. Above 63 they are those of `sysexits.h`, by meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All that was asked for is done.
    Done,
    /// The sweep is not complete: it was paused, or jobs failed.
    Incomplete,
    /// The command line is wrong.
    Usage,
    /// The sweep file or the prompts are wrong.
    BadSweep,
    /// A file that was named cannot be read.
    NoInput,
    /// An endpoint cannot be reached.
    Unreachable,
    /// The store cannot be made here.
    CannotCreate,
    /// The store cannot be written or read.
    Io,
    /// Another process is in the way: it holds the store, or the port.
    InUse,
    /// A key is missing or refused.
    Credential,
    /// The configuration is wrong.
    Config,
    /// Stopped by Ctrl-C.
    Interrupted,
}

impl Exit {
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Incomplete => 3,
            Self::Usage => 64,
            Self::BadSweep => 65,
            Self::NoInput => 66,
            Self::Unreachable => 69,
            Self::CannotCreate => 73,
            Self::Io => 74,
            Self::InUse => 75,
            Self::Credential => 77,
            Self::Config => 78,
            Self::Interrupted => 130,
        }
    }
}

/// The end of a command that could not do what was asked.
#[derive(Debug)]
pub(crate) struct Stop {
    pub(crate) exit: Exit,
    pub(crate) message: String,
}

impl Stop {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into() }
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        let exit = match &error {
            StoreError::Locked { .. } => Exit::InUse,
            StoreError::Newer { .. } | StoreError::Unusable { .. } => Exit::CannotCreate,
            StoreError::Full { .. }
            | StoreError::Deposed { .. }
            | StoreError::Conflict { .. }
            | StoreError::Missing { .. }
            | StoreError::TooMany { .. }
            | StoreError::Unavailable { .. }
            | StoreError::Corrupt { .. } => Exit::Io,
        };
        let misplaced = matches!(error, StoreError::Unusable { .. });
        let way_out = if misplaced { "; name another place with --store" } else { "" };
        Self::new(exit, format!("{error}{way_out}"))
    }
}

impl From<anyhow::Error> for Stop {
    fn from(error: anyhow::Error) -> Self {
        Self::new(Exit::Io, format!("{error:#}"))
    }
}
