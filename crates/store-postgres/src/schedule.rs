//! Schedules in force, all their versions, and the files of their sweeps.

use iago_store::StoreError;
use iago_sweep::{Digest, escape};
use sqlx::PgConnection;
use sqlx::postgres::PgRow;

use crate::column::Stored;
use crate::fault::Fault;
use crate::insert::column;
use crate::leadership::fence_new;
use crate::transaction::{begin, end};

/// Keeps files under the digest of all of them.
pub(crate) async fn keep_files(
    connection: &mut PgConnection,
    term: u64,
    content: Digest,
    files: Vec<(String, Vec<u8>)>,
) -> Result<(), Fault> {
    let mut transaction = begin(connection).await?;
    let outcome = keep_files_within(&mut transaction, term, content, files).await;
    end(transaction, outcome).await
}

async fn keep_files_within(
    connection: &mut PgConnection,
    term: u64,
    content: Digest,
    mut files: Vec<(String, Vec<u8>)>,
) -> Result<(), Fault> {
    fence_new(connection, term).await?;
    // By the order of their keys, as all rows go in; the sort keeps the first of a path first.
    files.sort_by(|(one, _), (other, _)| one.cmp(other));
    sqlx::query(
        "INSERT INTO schedule_files (content, path, bytes)
         SELECT $1, unnest($2::text[]), unnest($3::bytea[]) ON CONFLICT DO NOTHING",
    )
    .bind(content.as_bytes().as_slice())
    .bind(column(&files, |(path, _)| escape(path)))
    .bind(column(&files, |(_, bytes)| bytes.as_slice()))
    .execute(connection)
    .await?;
    Ok(())
}

/// What is kept under a digest, by path.
pub(crate) async fn files(
    connection: &mut PgConnection,
    content: Digest,
) -> Result<Vec<(String, Vec<u8>)>, Fault> {
    let rows = sqlx::query("SELECT path, bytes FROM schedule_files WHERE content = $1")
        .bind(content.as_bytes().as_slice())
        .fetch_all(connection)
        .await?;
    let mut files = rows.iter().map(file).collect::<Result<Vec<_>, StoreError>>()?;
    // Escaped paths have another order than the paths.
    files.sort_unstable();
    Ok(files)
}

/// One version, if there ever was.
pub(crate) async fn version(
    connection: &mut PgConnection,
    name: &str,
    version: Digest,
) -> Result<Option<Vec<u8>>, Fault> {
    let select = "SELECT schedule FROM schedule_versions WHERE name = $1 AND version = $2";
    Ok(sqlx::query_scalar(select)
        .bind(escape(name))
        .bind(version.as_bytes().as_slice())
        .fetch_optional(connection)
        .await?)
}

/// Puts a version in force.
pub(crate) async fn keep(
    connection: &mut PgConnection,
    name: &str,
    version: Digest,
    schedule: &[u8],
    standing: &[u8],
) -> Result<(), Fault> {
    sqlx::query(
        "INSERT INTO schedule_versions (name, version, schedule) VALUES ($1, $2, $3)
         ON CONFLICT DO NOTHING",
    )
    .bind(escape(name))
    .bind(version.as_bytes().as_slice())
    .bind(schedule)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "INSERT INTO schedules (name, version, standing) VALUES ($1, $2, $3)
         ON CONFLICT (name) DO UPDATE SET version = excluded.version, standing = excluded.standing",
    )
    .bind(escape(name))
    .bind(version.as_bytes().as_slice())
    .bind(standing)
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes a schedule out of force.
pub(crate) async fn forget(connection: &mut PgConnection, name: &str) -> Result<(), Fault> {
    let delete = "DELETE FROM schedules WHERE name = $1";
    sqlx::query(delete).bind(escape(name)).execute(connection).await?;
    Ok(())
}

fn file(row: &PgRow) -> Result<(String, Vec<u8>), StoreError> {
    let stored = Stored { table: "schedule_files", row };
    Ok((stored.escaped("path")?, stored.value("bytes")?))
}
