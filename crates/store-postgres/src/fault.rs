//! What Postgres says, in the port's terms: by what the caller does next.

use std::path::PathBuf;
use std::time::Duration;

use iago_store::StoreError;
use sqlx::error::DatabaseError;

use crate::place::Place;

/// A failed step inside the store, before anybody said where the store is.
#[derive(Debug)]
pub(crate) enum Fault {
    Database(sqlx::Error),
    Store(StoreError),
    /// Somebody else wrote about the same meanwhile: begin again, and see what they wrote.
    Crossed,
    /// No answer for so long.
    Silence(Duration),
    /// The task of the verb ended without an outcome.
    Ended(String),
    /// A person must act, and this is why.
    Refused(String),
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
    /// Whether the same transaction may well succeed when it is tried again at once.
    pub(crate) fn is_crossing(&self) -> bool {
        match self {
            Self::Crossed => true,
            Self::Database(error) => {
                matches!(state_of(error).as_deref(), Some(SERIALIZATION_FAILURE | DEADLOCK))
            }
            Self::Store(_) | Self::Silence(_) | Self::Ended(_) | Self::Refused(_) => false,
        }
    }

    /// Whether the connection is in an unknown state.
    pub(crate) fn spoils_connection(&self) -> bool {
        match self {
            Self::Database(_) | Self::Silence(_) | Self::Ended(_) => true,
            Self::Store(_) | Self::Crossed | Self::Refused(_) => false,
        }
    }

    pub(crate) fn at(self, place: &Place) -> StoreError {
        match self {
            Self::Store(error) => error,
            Self::Database(error) => classify(&error, place),
            Self::Crossed => unavailable(place, "others write the same at this moment"),
            Self::Silence(waited) => {
                unavailable(place, format!("no answer for {} s", waited.as_secs()))
            }
            Self::Ended(reason) => unavailable(place, reason),
            Self::Refused(reason) => refused(place, reason),
        }
    }
}

fn classify(error: &sqlx::Error, place: &Place) -> StoreError {
    if let Some(said) = error.as_database_error() {
        return by_state(said, place);
    }
    if matches!(error, sqlx::Error::Configuration(_) | sqlx::Error::Tls(_)) {
        return refused(place, error.to_string());
    }
    if matches!(error, sqlx::Error::PoolTimedOut) {
        return unavailable(place, "no connection to it could be had");
    }
    // Sockets, the protocol, a reply that is none: another connection may do better.
    unavailable(place, error)
}

// Condition codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
const SERIALIZATION_FAILURE: &str = "40001";
const DEADLOCK: &str = "40P01";
const DISK_FULL: &str = "53100";
const READ_ONLY: &str = "25006";
const NO_SUCH_DATABASE: &str = "3D000";
const NO_SUCH_SCHEMA: &str = "3F000";
const DATABASE_DROPPED: &str = "57P04";
const NOT_PERMITTED: &str = "42501";
const WRONG_CREDENTIALS: &str = "28"; // class
const BROKEN_CONSTRAINT: &str = "23"; // class
const WRONG_DATA: &str = "22"; // class
const WRONG_NAME: &str = "42"; // class
const DAMAGE: &str = "XX"; // class

/// Constraints hold for what this crate writes, and the tables that it names are there: where they
/// do not, somebody else was at work in the schema, or the disk.
fn by_state(said: &dyn DatabaseError, place: &Place) -> StoreError {
    let reason = said.message().to_owned();
    let code = said.code().unwrap_or_default();
    match (&*code, code.get(..2).unwrap_or_default()) {
        (DISK_FULL, _) => StoreError::Full { path: PathBuf::from(place.to_string()) },
        // After a first connection that could write: the servers are changing places.
        (READ_ONLY, _) => unavailable(place, format!("{reason}: {WRITABLE}")),
        (NOT_PERMITTED, _) => refused(place, format!("{reason}: {PERMITTED}")),
        (_, WRONG_CREDENTIALS) => refused(place, format!("{reason}: {CREDENTIALS}")),
        (NO_SUCH_DATABASE | DATABASE_DROPPED, _) => refused(place, format!("{reason}: {DATABASE}")),
        (NO_SUCH_SCHEMA, _) | (_, BROKEN_CONSTRAINT | WRONG_DATA | WRONG_NAME | DAMAGE) => {
            let at = match said.table() {
                Some(table) => format!("{place}, table {table}"),
                None => place.to_string(),
            };
            StoreError::Corrupt { at, reason }
        }
        _ => unavailable(place, reason),
    }
}

/// The way out of a database that takes no writes.
pub(crate) const WRITABLE: &str =
    "name the primary server, and a database whose `default_transaction_read_only` is off";
/// The way out of a database that cannot hold every text.
pub(crate) const ENCODED: &str =
    "make another with `createdb --encoding UTF8 --template template0`, and name it in the address";
const PERMITTED: &str =
    "let the user own the schema `iago`, or give it CREATE on the database for the first start";
const CREDENTIALS: &str = "look at the user in the store's address, and its password there, in PGPASSWORD or in ~/.pgpass";
const DATABASE: &str = "make it with `createdb`, or name another one in the store's address";

fn state_of(error: &sqlx::Error) -> Option<String> {
    Some(error.as_database_error()?.code()?.into_owned())
}

fn refused(place: &Place, reason: String) -> StoreError {
    StoreError::Refused { place: place.to_string(), reason }
}

fn unavailable(place: &Place, reason: impl std::fmt::Display) -> StoreError {
    StoreError::Unavailable { reason: format!("{place}: {reason}") }
}
