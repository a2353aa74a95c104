//! What pools were used for, minute by minute.

use iago_store::StoreError;
use iago_sweep::{Money, PoolUse, escape};
use sqlx::PgConnection;
use sqlx::postgres::PgRow;

use crate::column::{Stored, bits};
use crate::fault::Fault;
use crate::insert::column;
use crate::leadership::fence_new;
use crate::transaction::{begin, end};

/// Adds uses.
pub(crate) async fn note(
    connection: &mut PgConnection,
    term: u64,
    uses: Vec<PoolUse>,
) -> Result<(), Fault> {
    let mut transaction = begin(connection).await?;
    let outcome = note_within(&mut transaction, term, &uses).await;
    end(transaction, outcome).await
}

// Numbered in their order: a sequence is asked once for each row, as it is made.
const INSERT: &str = "INSERT INTO uses (at_ms, calls, cost, pool)
     SELECT unnest($1::bigint[]), unnest($2::bigint[]), unnest($3::bigint[]), unnest($4::text[])";

async fn note_within(
    connection: &mut PgConnection,
    term: u64,
    uses: &[PoolUse],
) -> Result<(), Fault> {
    fence_new(connection, term).await?;
    if uses.is_empty() {
        return Ok(());
    }
    sqlx::query(INSERT)
        .bind(column(uses, |it| it.at_ms))
        .bind(column(uses, |it| bits(it.calls)))
        .bind(column(uses, |it| it.cost.0))
        .bind(column(uses, |it| escape(&it.pool)))
        .execute(connection)
        .await?;
    Ok(())
}

const RECENT: &str =
    "SELECT id, pool, at_ms, calls, cost FROM uses WHERE at_ms >= $1 ORDER BY at_ms, id";

/// From one moment on.
pub(crate) async fn recent(
    connection: &mut PgConnection,
    since_ms: i64,
) -> Result<Vec<PoolUse>, Fault> {
    let rows = sqlx::query(RECENT).bind(since_ms).fetch_all(connection).await?;
    Ok(rows.iter().map(pool_use).collect::<Result<_, _>>()?)
}

fn pool_use(row: &PgRow) -> Result<PoolUse, StoreError> {
    let stored = Stored { table: "uses", row };
    Ok(PoolUse {
        pool: stored.escaped("pool")?,
        at_ms: stored.value("at_ms")?,
        calls: stored.bits("calls")?,
        cost: Money(stored.value("cost")?),
    })
}
