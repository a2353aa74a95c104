//! What pools were used for, minute by minute.

use iago_store::StoreError;
use iago_sweep::{Money, PoolUse, escape};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use crate::column::{Stored, bits};
use crate::fault::Fault;
use crate::leadership::require_term;

/// Rows of one statement: at 4 columns it stays below SQLite's 32,766 variables.
const ROWS_MAX: usize = 512;

/// Adds uses, within the transaction of the writer.
pub(crate) async fn note(
    connection: &mut SqliteConnection,
    term: u64,
    uses: &[PoolUse],
) -> Result<(), Fault> {
    require_term(connection, term).await?;
    for chunk in uses.chunks(ROWS_MAX) {
        let mut statement =
            QueryBuilder::<Sqlite>::new("INSERT INTO uses (pool, at_ms, calls, cost) ");
        statement.push_values(chunk, |mut to, used| {
            to.push_bind(escape(&used.pool)).push_bind(used.at_ms);
            to.push_bind(bits(used.calls)).push_bind(used.cost.0);
        });
        // As many rows as pools: seldom the same statement twice in a process of many.
        statement.build().persistent(false).execute(&mut *connection).await?;
    }
    Ok(())
}

/// From one moment on.
pub(crate) const RECENT: &str =
    "SELECT id, pool, at_ms, calls, cost FROM uses WHERE at_ms >= ?1 ORDER BY at_ms, id";

pub(crate) fn pool_use(row: &SqliteRow) -> Result<PoolUse, StoreError> {
    let stored = Stored { table: "uses", row };
    Ok(PoolUse {
        pool: stored.escaped("pool")?,
        at_ms: stored.value("at_ms")?,
        calls: stored.bits("calls")?,
        cost: Money(stored.value("cost")?),
    })
}
