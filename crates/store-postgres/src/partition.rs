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
const TABLES: [&str; 5] = ["results", "texts", "failures", "attempts", "readings"];
/// Held while partitions are made: whoever else submits waits, and finds them there.
const LOCK: i64 = i64::from_be_bytes(*b"iago-prt");

/// Rows are inserted and never changed, which vacuum's usual pace does not expect. It comes after
/// every so many rows: then index-only scans work, and no freezing of everything lies ahead.
const STORAGE: &str = "autovacuum_vacuum_insert_scale_factor = 0, \
     autovacuum_vacuum_insert_threshold = 100000, autovacuum_freeze_min_age = 0, \
     autovacuum_analyze_scale_factor = 0.05";

/// Makes sure that there are partitions for a sweep, and for those after it.
pub(crate) async fn ensure(connection: &mut PgConnection, sweep: SweepId) -> Result<(), Fault> {
    let first = sweep.0 - sweep.0.rem_euclid(SWEEPS);
    for first in [first, first + SWEEPS] {
        if !missing(connection, first).await?.is_empty() {
            sqlx::query("SELECT pg_advisory_xact_lock($1)")
                .bind(LOCK)
                .execute(&mut *connection)
                .await?;
            make(connection, first).await?;
        }
    }
    Ok(())
}

/// The tables without a partition there: all of them, or those that the program did not know that
/// made the others. Not by `to_regclass`: it answers from a cache, which does not know yet what was
/// committed while we waited for the lock.
async fn missing(connection: &mut PgConnection, first: i64) -> Result<Vec<&'static str>, Fault> {
    let found: Vec<String> = sqlx::query_scalar(
        "SELECT tablename::text FROM pg_tables WHERE schemaname = 'iago' AND tablename = ANY($1)",
    )
    .bind(TABLES.map(|table| leaf_of(table, first)).to_vec())
    .fetch_all(connection)
    .await?;
    let is_missing = |table: &&str| !found.contains(&leaf_of(table, first));
    Ok(TABLES.into_iter().filter(is_missing).collect())
}

async fn make(connection: &mut PgConnection, first: i64) -> Result<(), Fault> {
    // Somebody may have made them while we waited.
    let tables = missing(connection, first).await?;
    let statements: String = tables.iter().map(|table| make_one(table, first)).collect();
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(connection).await?;
    Ok(())
}

fn leaf_of(table: &str, first: i64) -> String {
    format!("{table}_from_{first}")
}

/// Made apart and then attached: to make it as a partition locks the parent against appends. The
/// check is what attaching asks for, and afterwards it would only cost time at every row.
fn make_one(table: &str, first: i64) -> String {
    let (leaf, end) = (leaf_of(table, first), first + SWEEPS);
    format!(
        "CREATE TABLE {leaf} (LIKE {table} INCLUDING ALL,
             CONSTRAINT in_range CHECK (sweep >= {first} AND sweep < {end})) WITH ({STORAGE});
         ALTER TABLE {table} ATTACH PARTITION {leaf} FOR VALUES FROM ({first}) TO ({end});
         ALTER TABLE {leaf} DROP CONSTRAINT in_range;\n"
    )
}
