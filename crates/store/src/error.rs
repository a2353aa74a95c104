//! What can go wrong, by what the caller does next.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use iago_sweep::SweepId;
use thiserror::Error;

/// Why a verb of the port did not do what it says. Nothing was written then.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Stop handing out work and tell people; it goes on once there is space.
    #[error(
        "the disk of {} is full or cannot be written: free some space, then run the same command \
         again; what is stored is safe",
        path.display()
    )]
    Full {
        /// Where the store is.
        path: PathBuf,
    },
    /// Another process is at work here.
    #[error(
        "the store {} is in use by {}: stop that one first, or use another store",
        path.display(),
        pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"))
    )]
    Locked {
        /// Where the store is.
        path: PathBuf,
        /// The process, where it said so.
        pid: Option<u32>,
    },
    /// A later program's store must not be touched.
    #[error(
        "the store was made by a newer iago (its layout is version {found}, this iago knows \
         {known}): update iago, or use another store"
    )]
    Newer {
        /// Its version.
        found: u32,
        /// The latest version that this program knows.
        known: u32,
    },
    /// Stop at once: another coordinator leads.
    #[error("term {term} is over, the store is at term {leader}: another coordinator leads now")]
    Deposed {
        /// The caller's term.
        term: u64,
        /// The latest term; 0 where there never was one.
        leader: u64,
    },
    /// Stand by, and ask again when this time has passed.
    #[error(
        "`{holder}` leads this store, for {:.1}s more unless it renews",
        left.as_secs_f64()
    )]
    Led {
        /// Who leads.
        holder: String,
        /// How long its term still runs, by the store's clock.
        left: Duration,
    },
    /// Choose another name.
    #[error(
        "there is a token named `{name}` already, or was one that is revoked: choose another name"
    )]
    Taken {
        /// The name asked for.
        name: String,
    },
    /// A name that no token has.
    #[error("there is no token named `{name}`: `iago token list` shows those that there are")]
    NoToken {
        /// The name asked for.
        name: String,
    },
    /// Choose another name, or say that it is to be replaced.
    #[error(
        "there is a baseline named `{name}` already, of sweep {sweep}: choose another name, or replace it \
         with `--replace`"
    )]
    BaselineTaken {
        /// The name asked for.
        name: String,
        /// What it stands for.
        sweep: SweepId,
    },
    /// A name that no baseline has.
    #[error("there is no baseline named `{name}`: `iago baseline list` shows those that there are")]
    NoBaseline {
        /// The name asked for.
        name: String,
    },
    /// A due time of which nothing is on record.
    #[error("no run of `{schedule}` is on record that was due {due_s} seconds after 1970")]
    NoRun {
        /// The schedule.
        schedule: String,
        /// When it was due.
        due_s: i64,
    },
    /// Read the sweep again and decide anew.
    #[error(
        "revision {found} does not follow: the next one is {expected}; look at the sweep again"
    )]
    Conflict {
        /// The next revision's number.
        expected: u32,
        /// The number given.
        found: u32,
    },
    /// A number that this store never gave.
    #[error("there is no sweep {sweep} in this store{}",
        revision.map_or_else(String::new, |revision| format!(" with a revision {revision}")))]
    Missing {
        /// The sweep asked for.
        sweep: SweepId,
        /// The revision asked for, where it was about one.
        revision: Option<u32>,
    },
    /// Ask in pages.
    #[error("{asked} texts at once are too many: read at most {limit}")]
    TooMany {
        /// How many jobs were named.
        asked: usize,
        /// How many may be.
        limit: usize,
    },
    /// Try again after a while: the database is busy or out of reach.
    #[error("the store did not answer ({reason}): try again")]
    Unavailable {
        /// What the database said.
        reason: String,
    },
    /// Trying again does not help: the place is wrong, or its permissions.
    #[error("cannot use the store {}: {source}", path.display())]
    Unusable {
        /// Where the store should be.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Trying again does not help until a person acts: a wrong password, a database that is not
    /// there or takes no writes.
    #[error("the store at {place} refused: {reason}")]
    Refused {
        /// Which server and database; never a password.
        place: String,
        /// What it said, and the way out.
        reason: String,
    },
    /// What is stored cannot be read. Stop; a person must look.
    #[error("the store is damaged at {at}: {reason}; restore it from a copy")]
    Corrupt {
        /// Table, column and row.
        at: String,
        /// What is wrong there.
        reason: String,
    },
}

impl StoreError {
    /// No such sweep.
    pub fn missing(sweep: SweepId) -> Self {
        Self::Missing { sweep, revision: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_leader_learns_whom_to_wait_for() {
        let led =
            StoreError::Led { holder: "north".to_owned(), left: Duration::from_millis(6_540) };
        let message = "`north` leads this store, for 6.5s more unless it renews";
        assert_eq!(led.to_string(), message);
    }
}
