//! The layout of the database, step by step. A step that was released is never edited.

#[cfg(test)]
mod released;

use std::io;
use std::path::Path;

use iago_store::StoreError;
use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::fault::Fault;

/// Step n takes a database from version n to n + 1.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_facts.sql"),
    include_str!("../migrations/0002_orders_and_access.sql"),
    include_str!("../migrations/0003_readings.sql"),
    include_str!("../migrations/0004_logprobs_and_uses.sql"),
    include_str!("../migrations/0005_nights.sql"),
];

/// The latest version.
#[expect(clippy::cast_possible_truncation, reason = "there are a handful")]
pub(crate) const KNOWN: u32 = MIGRATIONS.len() as u32;

/// Marks the file as ours in its header: the letters `iago`.
pub(crate) const APPLICATION_ID: i32 = i32::from_be_bytes(*b"iago");

/// Refuses a database of another program, or of a later version of this one. Writes nothing.
pub(crate) async fn check_owner(
    connection: &mut SqliteConnection,
    path: &Path,
) -> Result<(), Fault> {
    let owner: i32 =
        sqlx::query_scalar("PRAGMA application_id").fetch_one(&mut *connection).await?;
    let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema")
        .fetch_one(&mut *connection)
        .await?;
    if owner != APPLICATION_ID && (owner != 0 || tables > 0) {
        let reason = "it is a database of another program: use another place";
        return Err(Fault::Store(StoreError::Unusable {
            path: path.to_owned(),
            source: io::Error::new(io::ErrorKind::AlreadyExists, reason),
        }));
    }
    let found = version(connection).await?;
    if found > KNOWN {
        return Err(Fault::Store(StoreError::Newer { found, known: KNOWN }));
    }
    Ok(())
}

/// Brings the database to the latest version; a crash leaves it at the version before a step.
pub(crate) async fn migrate(connection: &mut SqliteConnection) -> Result<(), Fault> {
    let found = version(connection).await? as usize;
    // A table that others refer to can only be made anew while nobody looks at references; and this
    // cannot be said within a transaction.
    sqlx::query("PRAGMA foreign_keys = OFF").execute(&mut *connection).await?;
    for (step, sql) in MIGRATIONS.iter().enumerate().skip(found) {
        // One string, one transaction: the number of the version moves with the tables.
        let whole = format!(
            "BEGIN IMMEDIATE;\n{sql}\nPRAGMA application_id = {APPLICATION_ID};\n\
             PRAGMA user_version = {};\nCOMMIT;",
            step + 1
        );
        if let Err(error) = sqlx::raw_sql(AssertSqlSafe(whole)).execute(&mut *connection).await {
            // The first error is the one to tell; after some of them SQLite has rolled back itself.
            drop(sqlx::query("ROLLBACK").execute(&mut *connection).await);
            return Err(error.into());
        }
    }
    sqlx::query("PRAGMA foreign_keys = ON").execute(&mut *connection).await?;
    Ok(())
}

async fn version(connection: &mut SqliteConnection) -> Result<u32, Fault> {
    let version: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(connection).await?;
    // A negative one is as foreign as one that is too high.
    Ok(u32::try_from(version).unwrap_or(u32::MAX))
}
