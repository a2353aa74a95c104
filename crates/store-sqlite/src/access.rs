//! Tokens and the audit, with times by SQLite's own clock.

use std::time::Duration;

use iago_store::{Act, Audited, Left, NewToken, StoreError, Token};
use iago_sweep::{SweepId, escape};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::column::Stored;
use crate::fault::Fault;

/// The longest a token lives: to add it to the clock must not run over 64 bits.
const LIVES_MS_MAX: i64 = i64::MAX / 2;

/// Keeps a new token.
pub(crate) async fn grant(
    connection: &mut SqliteConnection,
    token: &NewToken,
) -> Result<(), Fault> {
    // `WHERE true` tells the parser that `ON` begins no join.
    let insert = "INSERT INTO tokens (name, scope, hash, created_ms, expires_ms)
         SELECT ?1, ?2, ?3, now_ms, now_ms + ?4
         FROM (SELECT CAST(round(unixepoch('subsec') * 1000) AS INTEGER) AS now_ms)
         WHERE true ON CONFLICT (name) DO NOTHING";
    let done = sqlx::query(insert)
        .bind(escape(&token.name))
        .bind(token.scope.word())
        .bind(token.hash.as_bytes().as_slice())
        .bind(token.lives.map(in_ms))
        .execute(connection)
        .await?;
    if done.rows_affected() == 0 {
        return Err(StoreError::Taken { name: token.name.clone() }.into());
    }
    Ok(())
}

/// Makes a token good for nothing; one that is revoked keeps its moment.
pub(crate) async fn revoke(connection: &mut SqliteConnection, name: &str) -> Result<(), Fault> {
    let update = "UPDATE tokens SET revoked_ms = coalesce(revoked_ms,
             CAST(round(unixepoch('subsec') * 1000) AS INTEGER))
         WHERE name = ?1";
    let done = sqlx::query(update).bind(escape(name)).execute(connection).await?;
    if done.rows_affected() == 0 {
        return Err(StoreError::NoToken { name: name.to_owned() }.into());
    }
    Ok(())
}

/// Somebody's act, before it has a time.
#[derive(Debug)]
pub(crate) struct Note {
    pub(crate) who: String,
    pub(crate) act: Act,
    pub(crate) sweep: Option<SweepId>,
    pub(crate) detail: String,
}

/// Records an act.
pub(crate) async fn note(connection: &mut SqliteConnection, note: &Note) -> Result<(), Fault> {
    sqlx::query(
        "INSERT INTO audit (at_ms, who, act, sweep, detail)
         VALUES (CAST(round(unixepoch('subsec') * 1000) AS INTEGER), ?1, ?2, ?3, ?4)",
    )
    .bind(escape(&note.who))
    .bind(note.act.word())
    .bind(note.sweep.map(|sweep| sweep.0))
    .bind(escape(&note.detail))
    .execute(connection)
    .await?;
    Ok(())
}

/// Every token, with the moment of reading. Their order is the reader's business: escaping changes
/// it.
pub(crate) const TOKENS: &str = "SELECT name, scope, hash, created_ms, expires_ms, revoked_ms,
         CAST(round(unixepoch('subsec') * 1000) AS INTEGER) AS now_ms
     FROM tokens";

pub(crate) fn token(row: &SqliteRow) -> Result<Token, StoreError> {
    let stored = Stored { table: "tokens", row };
    let expires_ms = stored.value("expires_ms")?;
    let revoked_ms = stored.value("revoked_ms")?;
    Ok(Token {
        name: stored.escaped("name")?,
        scope: stored.word("scope")?,
        hash: stored.digest("hash")?,
        created_ms: stored.value("created_ms")?,
        expires_ms,
        revoked_ms,
        left: Left::at(stored.value("now_ms")?, expires_ms, revoked_ms),
    })
}

/// The latest acts.
pub(crate) const AUDIT: &str =
    "SELECT id, at_ms, who, act, sweep, detail FROM audit ORDER BY id DESC LIMIT ?1";

pub(crate) fn audited(row: &SqliteRow) -> Result<Audited, StoreError> {
    let stored = Stored { table: "audit", row };
    Ok(Audited {
        at_ms: stored.value("at_ms")?,
        who: stored.escaped("who")?,
        act: stored.word("act")?,
        sweep: stored.value::<Option<i64>>("sweep")?.map(SweepId),
        detail: stored.escaped("detail")?,
    })
}

fn in_ms(lives: Duration) -> i64 {
    i64::try_from(lives.as_millis()).unwrap_or(LIVES_MS_MAX).min(LIVES_MS_MAX)
}
