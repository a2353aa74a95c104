//! How the process ends: a number for scripts, words for people.

use iago_nightly::Word;
use iago_store::StoreError;
use iago_worker::NOTHING_SPEAKS;

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
    /// A file that was named cannot be read, or a sweep that was named is not there.
    NoInput,
    /// An endpoint, the coordinator or the database cannot be reached.
    Unreachable,
    /// The store cannot be made here.
    CannotCreate,
    /// The store cannot be written or read.
    Io,
    /// Another process is in the way: it holds the store, the port, or the name.
    InUse,
    /// A key, a token or a password is missing or refused.
    Credential,
    /// The configuration is wrong.
    Config,
    /// Stopped by Ctrl-C.
    Interrupted,
    /// What the gates of a sweep say. Of `iago gate` alone, which ends with nothing else below 64.
    Verdict(Word),
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
            Self::Verdict(word) => word.exit_code(),
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

    /// The same without this end of its message, where that is said elsewhere.
    pub(crate) fn without(mut self, end: &str) -> Self {
        if let Some(rest) = self.message.strip_suffix(end) {
            self.message.truncate(rest.len());
        }
        self
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        let misplaced = matches!(error, StoreError::Unusable { .. });
        let way_out = if misplaced { "; name another place with --store" } else { "" };
        Self::new(Exit::of_store(&error), format!("{error}{way_out}"))
    }
}

impl Exit {
    /// How a command ends whose sweep waits for a person, by the reason that it was given. A program
    /// that cannot be run and an address that is wrong are no matter of keys.
    pub(crate) fn of_block(reason: &str) -> Self {
        let is_setting = reason.starts_with("program ") || reason.contains(NOTHING_SPEAKS);
        if is_setting { Self::Config } else { Self::Credential }
    }

    /// How a command ends that its store fails.
    pub(crate) fn of_store(error: &StoreError) -> Self {
        match error {
            StoreError::Locked { .. } | StoreError::Led { .. } => Self::InUse,
            StoreError::Newer { .. } | StoreError::Unusable { .. } => Self::CannotCreate,
            StoreError::Refused { .. } => Self::Credential,
            StoreError::Taken { .. } | StoreError::BaselineTaken { .. } => Self::Usage,
            StoreError::NoToken { .. }
            | StoreError::NoBaseline { .. }
            | StoreError::NoRun { .. } => Self::NoInput,
            StoreError::Full { .. }
            | StoreError::Deposed { .. }
            | StoreError::Conflict { .. }
            | StoreError::Missing { .. }
            | StoreError::TooMany { .. }
            | StoreError::Unavailable { .. }
            | StoreError::Corrupt { .. } => Self::Io,
        }
    }
}

impl From<anyhow::Error> for Stop {
    fn from(error: anyhow::Error) -> Self {
        Self::new(Exit::Io, format!("{error:#}"))
    }
}
