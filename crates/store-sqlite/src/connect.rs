//! How connections are set up.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection, SqlitePool};

use crate::fault::Fault;
use crate::migrate::{check_owner, migrate};

/// How long a statement waits for another program (a shell, a backup) to let go of the database.
const BUSY_MAX: Duration = Duration::from_secs(10);
/// Pages that the writer keeps in memory, in KiB.
const WRITER_CACHE_KIB: &str = "-16384";
/// Connections that read at the same time.
const READERS_MAX: u32 = 4;
/// Rows that a connection reads ahead of whoever takes them.
const ROWS_AHEAD_MAX: usize = 512;

/// Opens the connection that writes, on a database brought up to date.
pub(crate) async fn open_writer(path: &Path) -> Result<SqliteConnection, Fault> {
    let mut connection = options(path)
        .create_if_missing(true)
        // In WAL mode this syncs the log at every commit: what is answered is on the disk.
        .synchronous(SqliteSynchronous::Full)
        // On a Mac a plain fsync leaves the data in the drive's cache.
        .pragma("fullfsync", "ON")
        .pragma("cache_size", WRITER_CACHE_KIB)
        .connect()
        .await?;
    // Before anything is written: a store that is not ours stays as it is.
    check_owner(&mut connection, path).await?;
    enter_wal(&mut connection, path).await?;
    migrate(&mut connection).await?;
    Ok(connection)
}

/// Opens the connections that read.
pub(crate) fn open_readers(path: &Path) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(READERS_MAX)
        .connect_lazy_with(options(path).pragma("query_only", "ON"))
}

/// Moves what is in the log into the database and closes.
pub(crate) async fn close(mut connection: SqliteConnection) -> Result<(), Fault> {
    settle(&mut connection).await?;
    Ok(connection.close().await?)
}

/// Moves what is in the log into the database.
pub(crate) async fn settle(connection: &mut SqliteConnection) -> Result<(), Fault> {
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(connection).await?;
    Ok(())
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .busy_timeout(BUSY_MAX)
        .row_buffer_size(ROWS_AHEAD_MAX)
        // Statements are not logged: they would drown the log, at 20,000 rows a second.
        .disable_statement_logging()
}

/// With a write-ahead log readers never wait for the writer, and a commit is one sync.
async fn enter_wal(connection: &mut SqliteConnection, path: &Path) -> Result<(), Fault> {
    let mode: String =
        sqlx::query_scalar("PRAGMA journal_mode = WAL").fetch_one(connection).await?;
    if mode == "wal" {
        return Ok(());
    }
    let reason = "its file system has no shared memory (a network disk?): use a local disk";
    Err(Fault::Store(iago_store::StoreError::Unusable {
        path: path.to_owned(),
        source: std::io::Error::new(std::io::ErrorKind::Unsupported, reason),
    }))
}
