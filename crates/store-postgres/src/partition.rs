//! Partitions of the facts by ranges of sweeps, made before they are needed.
//!
//! One for each sweep would be too many for the planner, and making them in the midst of appends
//! would make appends wait.

use iago_sweep::SweepId;
use sqlx::{AssertSqlSafe, PgConnection};

use crate::fault::Fault;

/// Sweeps of one partition.
const SWEEPS: i64 = 64;
/// Which tables are partitioned.
const TABLES: [&str; 4] = ["results", "texts", "failures", "attempts"];
/// Held while partitions are made: whoever else submits waits, and finds them there.
const LOCK: i64 = i64::from_be_bytes(*b"iago-prt");

/// Rows are inserted and never changed, which vacuum's usual pace does not expect. It comes after
/// every so many rows: then index-only scans work, and no freezing of everything lies ahead.
const STORAGE: &str = "autovacuum_vacuum_insert_scale_factor = 0, \
     autovacuum_vacuum_insert_threshold = 100000, autovacuum_freeze_min_age = 0, \
     autovacuum_analyze_scale_factor = 0.05";

/// Makes sure that there is a partition for a sweep, and one for those after it.
pub(crate) async fn ensure(connection: &mut PgConnection, sweep: SweepId) -> Result<(), Fault> {
    let first = sweep.0 - sweep.0.rem_euclid(SWEEPS);
    for first in [first, first + SWEEPS] {
        if is_missing(connection, first).await? {
            sqlx::query("SELECT pg_advisory_xact_lock($1)")
                .bind(LOCK)
                .execute(&mut *connection)
                .await?;
            make(connection, first).await?;
        }
    }
    Ok(())
}

/// All four are made in one transaction, so one stands for all. Not by `to_regclass`: it answers from
/// a cache, which does not know yet what was committed while we waited for the lock.
async fn is_missing(connection: &mut PgConnection, first: i64) -> Result<bool, Fault> {
    let found: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = 'iago' AND tablename = $1)",
    )
    .bind(format!("{}_from_{first}", TABLES[0]))
    .fetch_one(connection)
    .await?;
    Ok(!found)
}

async fn make(connection: &mut PgConnection, first: i64) -> Result<(), Fault> {
    if !is_missing(connection, first).await? {
        return Ok(());
    }
    let statements: String = TABLES.iter().map(|table| make_one(table, first)).collect();
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(connection).await?;
    Ok(())
}

/// Made apart and then attached: to make it as a partition locks the parent against appends. The
/// check is what attaching asks for, and afterwards it would only cost time at every row.
fn make_one(table: &str, first: i64) -> String {
    let (leaf, end) = (format!("{table}_from_{first}"), first + SWEEPS);
    format!(
        "CREATE TABLE {leaf} (LIKE {table} INCLUDING ALL,
             CONSTRAINT in_range CHECK (sweep >= {first} AND sweep < {end})) WITH ({STORAGE});
         ALTER TABLE {table} ATTACH PARTITION {leaf} FOR VALUES FROM ({first}) TO ({end});
         ALTER TABLE {leaf} DROP CONSTRAINT in_range;\n"
    )
}
