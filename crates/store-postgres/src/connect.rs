//! How connections are set up.

use std::str::FromStr;
use std::time::Duration;

use iago_store::StoreError;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgConnection};
use tokio::time::timeout;

use crate::fault::{ENCODED, Fault, WRITABLE};
use crate::lane::Lane;
use crate::place::Place;

/// Batches that are written at the same time. Two keep two cores busy; the others wait for disks.
const WRITERS_MAX: u32 = 4;
/// Reads at the same time.
const READERS_MAX: u32 = 4;
/// Leadership has its own: a renewal never waits for a batch.
const LEADERS_MAX: u32 = 1;
/// How long a verb waits for a connection of its lane.
const ACQUIRE_MAX: Duration = Duration::from_secs(5);
/// How long the first connection may take.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// How long a write may take, all of its statements together.
const WRITE_MAX: Duration = Duration::from_secs(60);
/// How long a read may take: a restart reads millions of rows.
const READ_MAX: Duration = Duration::from_secs(600);
/// Leadership is about seconds.
const LEAD_MAX: Duration = Duration::from_secs(8);
/// The oldest version with compression by column and function bodies that are checked when made.
const OLDEST_VERSION: i32 = 140_000;

/// Said to the server for every connection.
const ALWAYS: [(&str, &str); 9] = [
    ("search_path", "iago"),
    // What is acknowledged is on the disk, whatever the database's own setting.
    ("synchronous_commit", "on"),
    // Who waits longer for a lock is better told so.
    ("lock_timeout", "5s"),
    // A process that is stopped in mid-transaction must not keep others from taking the lead.
    ("idle_in_transaction_session_timeout", "5s"),
    // Nor one whose host is gone without a word.
    ("tcp_keepalives_idle", "5"),
    ("tcp_keepalives_interval", "2"),
    ("tcp_keepalives_count", "3"),
    ("client_connection_check_interval", "2s"),
    // Compiling takes longer than any of these statements.
    ("jit", "off"),
];

const READING: [(&str, &str); 3] = [
    ("statement_timeout", "580s"),
    // A restart must not take all cores.
    ("max_parallel_workers_per_gather", "0"),
    // Facts come by their keys. How many there are by now the planner learns too late, and would
    // sort all that are left for each page.
    ("enable_sort", "off"),
];
const WRITING: [(&str, &str); 1] = [("statement_timeout", "30s")];
const LEADING: [(&str, &str); 1] = [("statement_timeout", "6s")];
/// A step of the layout may rewrite tables, and another process may be taking it.
const MIGRATING: [(&str, &str); 2] = [("statement_timeout", "0"), ("lock_timeout", "120s")];

/// The three lanes of a store.
#[derive(Clone, Debug)]
pub(crate) struct Lanes {
    pub(crate) writing: Lane,
    pub(crate) reading: Lane,
    pub(crate) leading: Lane,
}

impl Lanes {
    /// Opens no connection yet.
    pub(crate) fn new(options: &PgConnectOptions) -> Self {
        let lane = |connections, patience, settings: &[(&str, &str)]| Lane {
            pool: PgPoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(ACQUIRE_MAX)
                .connect_lazy_with(options.clone().options(settings.iter().copied())),
            patience,
            place: Place::of(options),
        };
        Self {
            writing: lane(WRITERS_MAX, WRITE_MAX, &WRITING),
            reading: lane(READERS_MAX, READ_MAX, &READING),
            leading: lane(LEADERS_MAX, LEAD_MAX, &LEADING),
        }
    }
}

/// Reads a store's address.
pub(crate) fn parse(url: &str) -> Result<PgConnectOptions, StoreError> {
    // Nothing of it is repeated: it may hold a password.
    let refuse = |reason: String| StoreError::Refused { place: "its address".to_owned(), reason };
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        return Err(refuse("it does not begin with `postgres://`".to_owned()));
    }
    let options = PgConnectOptions::from_str(url)
        .map_err(|error| refuse(format!("{error}: write `postgres://USER@HOST/DATABASE`")))?;
    // Statements are not logged: they would drown the log.
    Ok(options.application_name("iago").options(ALWAYS).disable_statement_logging())
}

/// Opens the connection that brings the database up to date.
pub(crate) async fn connect(options: &PgConnectOptions) -> Result<PgConnection, Fault> {
    let options = options.clone().options(MIGRATING);
    // Not through a pool, which tries again and forgets the reason.
    let Ok(connected) = timeout(CONNECT_MAX, PgConnection::connect_with(&options)).await else {
        return Err(Fault::Silence(CONNECT_MAX));
    };
    let mut connection = connected?;
    check_server(&mut connection).await?;
    Ok(connection)
}

async fn check_server(connection: &mut PgConnection) -> Result<(), Fault> {
    let (version, read_only, fsync, encoding): (i32, bool, bool, String) = sqlx::query_as(
        "SELECT current_setting('server_version_num')::integer,
             current_setting('transaction_read_only')::boolean,
             current_setting('fsync')::boolean,
             current_setting('server_encoding')",
    )
    .fetch_one(connection)
    .await?;
    if version < OLDEST_VERSION {
        let found = version / 10_000;
        return Err(Fault::Refused(format!("it is Postgres {found}: update it to 14 or later")));
    }
    if read_only {
        return Err(Fault::Refused(format!("the database is read-only: {WRITABLE}")));
    }
    // The first answer with a character that it lacks would stop everything.
    if encoding != "UTF8" {
        let reason = format!("the database holds texts as {encoding}, not UTF8: {ENCODED}");
        return Err(Fault::Refused(reason));
    }
    if !fsync {
        tracing::warn!("postgres runs with fsync off: a power cut may lose acknowledged results");
    }
    Ok(())
}
