//! The latest term. How long it is held is not in the database: no other process can have the file.

use iago_store::StoreError;
use iago_sweep::escape;
use sqlx::SqliteConnection;

use crate::column::{Stored, bits};
use crate::fault::Fault;

/// Takes the next term.
pub(crate) async fn lead(connection: &mut SqliteConnection, holder: &str) -> Result<u64, Fault> {
    let row = sqlx::query(
        "INSERT INTO leadership (only, term, holder) VALUES (1, ?1, ?2)
         ON CONFLICT (only) DO UPDATE SET term = term + 1, holder = excluded.holder
         RETURNING term",
    )
    .bind(bits(1))
    .bind(escape(holder))
    .fetch_one(connection)
    .await?;
    Ok(Stored { table: "leadership", row: &row }.bits("term")?)
}

/// Who holds the latest term.
///
/// [`StoreError::Deposed`] unless that is `term`.
pub(crate) async fn require_term(
    connection: &mut SqliteConnection,
    term: u64,
) -> Result<String, Fault> {
    let latest = sqlx::query("SELECT term, holder FROM leadership");
    let Some(row) = latest.fetch_optional(connection).await? else {
        return Err(StoreError::Deposed { term, leader: 0 }.into());
    };
    let stored = Stored { table: "leadership", row: &row };
    let leader = stored.bits("term")?;
    if leader == term {
        return Ok(stored.escaped("holder")?);
    }
    Err(StoreError::Deposed { term, leader }.into())
}
