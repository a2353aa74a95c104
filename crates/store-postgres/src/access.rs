//! Tokens by their hashes, and who did what.

use iago_store::{Act, Audited, Left, NewToken, StoreError, Token};
use iago_sweep::{SweepId, escape};
use sqlx::PgConnection;
use sqlx::postgres::PgRow;

use crate::column::{Stored, whole};
use crate::fault::Fault;

pub(crate) async fn grant(connection: &mut PgConnection, token: &NewToken) -> Result<(), Fault> {
    let done = sqlx::query(
        "INSERT INTO tokens (name, scope, hash, created_ms, expires_ms)
         SELECT $1, $2, $3, now_ms, CASE WHEN $4::bigint IS NOT NULL
             THEN least(now_ms::numeric + $4, 9223372036854775807)::bigint END
         FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now_ms) AS clock
         ON CONFLICT DO NOTHING",
    )
    .bind(escape(&token.name))
    .bind(token.scope.word())
    .bind(token.hash.as_bytes().as_slice())
    .bind(token.lives.map(|lives| whole(lives.as_millis())))
    .execute(connection)
    .await?;
    if done.rows_affected() == 1 {
        return Ok(());
    }
    Err(StoreError::Taken { name: token.name.clone() }.into())
}

pub(crate) async fn tokens(connection: &mut PgConnection) -> Result<Vec<Token>, Fault> {
    let rows = sqlx::query(
        "SELECT name, scope, hash, created_ms, expires_ms, revoked_ms,
             (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now_ms FROM tokens",
    )
    .fetch_all(connection)
    .await?;
    let mut tokens = rows.iter().map(token).collect::<Result<Vec<_>, StoreError>>()?;
    // Escaped names have another order than the names.
    tokens.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(tokens)
}

pub(crate) async fn revoke(connection: &mut PgConnection, name: &str) -> Result<(), Fault> {
    let done = sqlx::query(
        "UPDATE tokens SET revoked_ms =
             coalesce(revoked_ms, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)
         WHERE name = $1",
    )
    .bind(escape(name))
    .execute(connection)
    .await?;
    if done.rows_affected() == 1 {
        return Ok(());
    }
    Err(StoreError::NoToken { name: name.to_owned() }.into())
}

pub(crate) async fn note(
    connection: &mut PgConnection,
    who: &str,
    act: Act,
    sweep: Option<SweepId>,
    detail: &str,
) -> Result<(), Fault> {
    sqlx::query(
        "INSERT INTO audit (at_ms, who, act, sweep, detail)
         VALUES ((extract(epoch FROM clock_timestamp()) * 1000)::bigint, $1, $2, $3, $4)",
    )
    .bind(escape(who))
    .bind(act.word())
    .bind(sweep.map(|sweep| sweep.0))
    .bind(escape(detail))
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn audit(
    connection: &mut PgConnection,
    limit: usize,
) -> Result<Vec<Audited>, Fault> {
    let rows = sqlx::query(
        "SELECT id, at_ms, who, act, sweep, detail FROM audit ORDER BY id DESC LIMIT $1",
    )
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(connection)
    .await?;
    Ok(rows.iter().map(audited).collect::<Result<_, _>>()?)
}

fn token(row: &PgRow) -> Result<Token, StoreError> {
    let stored = Stored { table: "tokens", row };
    let (expires_ms, revoked_ms) = (stored.value("expires_ms")?, stored.value("revoked_ms")?);
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

fn audited(row: &PgRow) -> Result<Audited, StoreError> {
    let stored = Stored { table: "audit", row };
    Ok(Audited {
        at_ms: stored.value("at_ms")?,
        who: stored.escaped("who")?,
        act: stored.word("act")?,
        sweep: stored.value::<Option<i64>>("sweep")?.map(SweepId),
        detail: stored.escaped("detail")?,
    })
}
