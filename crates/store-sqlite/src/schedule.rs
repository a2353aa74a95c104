//! Schedules in force, all their versions, and the files of their sweeps.

use iago_store::StoreError;
use iago_sweep::{Digest, escape};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::column::{Stored, pack};
use crate::fault::Fault;
use crate::insert::bytes;
use crate::leadership::require_term;

/// Keeps files under the digest of all of them.
pub(crate) async fn keep_files(
    connection: &mut SqliteConnection,
    term: u64,
    content: Digest,
    files: &[(String, Vec<u8>)],
) -> Result<(), Fault> {
    require_term(connection, term).await?;
    let insert = "INSERT INTO schedule_files (content, path, bytes) VALUES (?1, ?2, ?3)
         ON CONFLICT (content, path) DO NOTHING";
    for (path, file) in files {
        sqlx::query(insert)
            .bind(bytes(&content))
            .bind(escape(path))
            .bind(pack(file))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Puts a version in force.
pub(crate) async fn keep(
    connection: &mut SqliteConnection,
    name: &str,
    version: Digest,
    schedule: &[u8],
    standing: &[u8],
) -> Result<(), Fault> {
    sqlx::query(
        "INSERT INTO schedule_versions (name, version, schedule) VALUES (?1, ?2, ?3)
         ON CONFLICT (name, version) DO NOTHING",
    )
    .bind(escape(name))
    .bind(bytes(&version))
    .bind(schedule)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "INSERT INTO schedules (name, version, standing) VALUES (?1, ?2, ?3)
         ON CONFLICT (name) DO UPDATE SET version = excluded.version, standing = excluded.standing",
    )
    .bind(escape(name))
    .bind(bytes(&version))
    .bind(standing)
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes a schedule out of force.
pub(crate) async fn forget(connection: &mut SqliteConnection, name: &str) -> Result<(), Fault> {
    let delete = "DELETE FROM schedules WHERE name = ?1";
    sqlx::query(delete).bind(escape(name)).execute(connection).await?;
    Ok(())
}

pub(crate) const FILES: &str = "SELECT path, bytes FROM schedule_files WHERE content = ?1";

pub(crate) fn file(row: &SqliteRow) -> Result<(String, Vec<u8>), StoreError> {
    let stored = Stored { table: "schedule_files", row };
    Ok((stored.escaped("path")?, stored.packed("bytes")?))
}

pub(crate) const VERSION: &str =
    "SELECT schedule FROM schedule_versions WHERE name = ?1 AND version = ?2";

pub(crate) fn version(row: &SqliteRow) -> Result<Vec<u8>, StoreError> {
    Stored { table: "schedule_versions", row }.value("schedule")
}
