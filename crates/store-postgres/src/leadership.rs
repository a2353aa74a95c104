//! The one row of leadership: who takes it, who keeps it, and whether a writer has it still.

use std::time::Duration;

use iago_store::StoreError;
use iago_sweep::{SweepId, escape};
use sqlx::PgConnection;

use crate::column::{Stored, bits, whole};
use crate::fault::Fault;

/// How often somebody else may be quicker before the caller is told to try again.
const TRIES_MAX: u32 = 3;
/// The longest hold that is kept: the database's times end somewhere.
const HOLD_MAX: Duration = Duration::from_secs(365 * 24 * 3_600);

/// Fails unless `term` is the latest one, and keeps anybody from taking over until the transaction
/// ends. Fails too where there is no such sweep.
pub(crate) async fn fence(
    connection: &mut PgConnection,
    term: u64,
    sweep: SweepId,
) -> Result<(), Fault> {
    if fence_term(connection, term, sweep).await? {
        return Ok(());
    }
    Err(StoreError::missing(sweep).into())
}

/// The same for a sweep that is still to come.
pub(crate) async fn fence_new(connection: &mut PgConnection, term: u64) -> Result<(), Fault> {
    fence_term(connection, term, SweepId(0)).await.map(drop)
}

/// Whether there is such a sweep. `FOR KEY SHARE` would not do: it does not conflict with an update.
async fn fence_term(
    connection: &mut PgConnection,
    term: u64,
    sweep: SweepId,
) -> Result<bool, Fault> {
    let row = sqlx::query(
        "SELECT term, EXISTS (SELECT FROM sweeps WHERE id = $1) AS known
         FROM leadership FOR SHARE OF leadership",
    )
    .bind(sweep.0)
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Err(StoreError::Deposed { term, leader: 0 }.into()) };
    let stored = Stored { table: "leadership", row: &row };
    let leader = stored.bits("term")?;
    if leader == term {
        return Ok(stored.value("known")?);
    }
    Err(StoreError::Deposed { term, leader }.into())
}

/// Takes the next term, once the latest one has run out.
pub(crate) async fn lead(
    connection: &mut PgConnection,
    holder: &str,
    hold: Duration,
) -> Result<u64, Fault> {
    for _ in 0..TRIES_MAX {
        // Only looked at, without a lock: whoever stands by asks every other second.
        require_over(connection).await?;
        if let Some(term) = take(connection, holder, hold).await? {
            return Ok(term);
        }
    }
    Err(Fault::Crossed)
}

/// Holds a term for longer, unless somebody took over.
pub(crate) async fn renew(
    connection: &mut PgConnection,
    term: u64,
    hold: Duration,
) -> Result<(), Fault> {
    let done = sqlx::query(
        "UPDATE leadership SET expires = clock_timestamp() + $2 * interval '1 microsecond'
         WHERE term = $1",
    )
    .bind(bits(term))
    .bind(microseconds(hold))
    .execute(&mut *connection)
    .await?;
    if done.rows_affected() == 1 {
        return Ok(());
    }
    let leader = latest(connection).await?;
    Err(StoreError::Deposed { term, leader }.into())
}

/// Lets a term run out now. The beginning of time, and not this moment: clocks may be set back.
pub(crate) async fn resign(connection: &mut PgConnection, term: u64) -> Result<(), Fault> {
    sqlx::query("UPDATE leadership SET expires = '-infinity' WHERE term = $1")
        .bind(bits(term))
        .execute(connection)
        .await?;
    Ok(())
}

async fn require_over(connection: &mut PgConnection) -> Result<(), Fault> {
    let row = sqlx::query(
        "SELECT holder, ceil(extract(epoch FROM expires - now) * 1000000)::bigint AS left
         FROM leadership, clock_timestamp() AS now WHERE expires > now",
    )
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(()) };
    let stored = Stored { table: "leadership", row: &row };
    let left = Duration::from_micros(stored.number("left")?);
    Err(StoreError::Led { holder: stored.escaped("holder")?, left }.into())
}

/// `None` if somebody else was quicker. The clock is read again once the row is ours: the wait for
/// it is not part of the hold.
async fn take(
    connection: &mut PgConnection,
    holder: &str,
    hold: Duration,
) -> Result<Option<u64>, Fault> {
    let row = sqlx::query(
        "INSERT INTO leadership (term, holder, expires)
         VALUES (1, $1, clock_timestamp() + $2 * interval '1 microsecond')
         ON CONFLICT (single) DO UPDATE SET term = leadership.term + 1,
             holder = excluded.holder,
             expires = clock_timestamp() + $2 * interval '1 microsecond'
         WHERE leadership.expires <= clock_timestamp()
         RETURNING term",
    )
    .bind(escape(holder))
    .bind(microseconds(hold))
    .fetch_optional(connection)
    .await?;
    let term = row.map(|row| Stored { table: "leadership", row: &row }.bits("term"));
    Ok(term.transpose()?)
}

async fn latest(connection: &mut PgConnection) -> Result<u64, Fault> {
    let term: Option<i64> =
        sqlx::query_scalar("SELECT term FROM leadership").fetch_optional(connection).await?;
    Ok(term.unwrap_or(0).cast_unsigned())
}

fn microseconds(hold: Duration) -> i64 {
    whole(hold.min(HOLD_MAX).as_micros())
}
