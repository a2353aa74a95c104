//! Facts of a batch against what is stored, within the transaction of the writer.

use std::collections::BTreeSet;

use iago_store::{Appended, Execution, Held, StoreError};
use iago_sweep::{Fact, Frontier, SweepId};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::column::Stored;
use crate::fault::Fault;
use crate::insert::Rows;
use crate::leadership::require_term;
use crate::sweep::require_sweep;

/// Appends a batch: nothing else writes meanwhile, so what is looked up still holds when rows are
/// inserted.
pub(crate) async fn append(
    connection: &mut SqliteConnection,
    sweep: SweepId,
    term: u64,
    facts: Vec<Fact>,
) -> Result<Vec<Appended>, Fault> {
    require_term(connection, term).await?;
    require_sweep(&mut *connection, sweep).await?;
    let mut held = look_up(connection, sweep, &facts).await?;
    let mut rows = Rows::default();
    let mut appended = Vec::with_capacity(facts.len());
    for fact in facts {
        let (outcome, arrival) = held.take(fact);
        appended.push(outcome);
        arrival.into_iter().for_each(|arrival| rows.add(arrival));
    }
    rows.insert(connection, sweep).await?;
    Ok(appended)
}

/// What is stored of the jobs of a batch.
async fn look_up(
    connection: &mut SqliteConnection,
    sweep: SweepId,
    facts: &[Fact],
) -> Result<Held, Fault> {
    let mut held = Held::default();
    let jobs = jobs_of(facts);
    for row in rows_about(connection, HELD_RESULTS, sweep, &jobs).await? {
        held.add_result(execution(&Stored { table: "results", row: &row })?);
    }
    for row in rows_about(connection, HELD_FAILURES, sweep, &jobs).await? {
        let stored = Stored { table: "failures", row: &row };
        held.add_failure(execution(&stored)?, stored.number("round")?);
    }
    for row in rows_about(connection, HELD_ATTEMPTS, sweep, &jobs).await? {
        let stored = Stored { table: "attempts", row: &row };
        held.add_attempt(execution(&stored)?, stored.word("cause")?);
    }
    if facts.iter().any(|fact| matches!(fact, Fact::Frontier(_))) {
        look_up_frontiers(connection, sweep, &mut held).await?;
    }
    Ok(held)
}

// CROSS JOIN fixes the order: from the few jobs of the batch into the table, never the other way.
const HELD_RESULTS: &str = "SELECT job, term, attempt FROM json_each(?2) AS asked
     CROSS JOIN results WHERE sweep = ?1 AND job = asked.value";
const HELD_FAILURES: &str = "SELECT job, round, term, attempt FROM json_each(?2) AS asked
     CROSS JOIN failures WHERE sweep = ?1 AND job = asked.value";
const HELD_ATTEMPTS: &str = "SELECT job, term, attempt, cause FROM json_each(?2) AS asked
     CROSS JOIN attempts WHERE sweep = ?1 AND job = asked.value";

/// The jobs as the JSON array that `json_each` takes.
fn jobs_of(facts: &[Fact]) -> String {
    let jobs: BTreeSet<i64> = facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::Result(result, _) => Some(result.job.number()),
            Fact::Failure(failure) => Some(failure.job.number()),
            Fact::Attempt(attempt) => Some(attempt.job.number()),
            Fact::Frontier(_) => None,
        })
        .collect();
    serde_json::json!(jobs).to_string()
}

async fn rows_about(
    connection: &mut SqliteConnection,
    sql: &'static str,
    sweep: SweepId,
    jobs: &str,
) -> Result<Vec<SqliteRow>, Fault> {
    Ok(sqlx::query(sql).bind(sweep.0).bind(jobs).fetch_all(connection).await?)
}

fn execution(stored: &Stored<'_>) -> Result<Execution, StoreError> {
    Ok(Execution {
        job: stored.job()?,
        term: stored.bits("term")?,
        attempt: stored.number("attempt")?,
    })
}

async fn look_up_frontiers(
    connection: &mut SqliteConnection,
    sweep: SweepId,
    held: &mut Held,
) -> Result<(), Fault> {
    let rows = sqlx::query(FRONTIERS).bind(sweep.0).fetch_all(connection).await?;
    for row in rows {
        held.add_frontier(frontier(&row)?);
    }
    Ok(())
}

pub(crate) const FRONTIERS: &str =
    "SELECT sweep, revision, pool, position FROM frontier WHERE sweep = ?1 ORDER BY revision, pool";

pub(crate) fn frontier(row: &SqliteRow) -> Result<Frontier, StoreError> {
    let stored = Stored { table: "frontier", row };
    Ok(Frontier {
        revision: stored.number("revision")?,
        pool: stored.escaped("pool")?,
        position: stored.bits("position")?,
    })
}
