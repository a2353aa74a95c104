//! Facts of a batch against what is stored.
//!
//! Nearly all facts are first results of their jobs: they go in at once, and the key says which of
//! them were not the first after all. Only about the rest anything is looked up.

use std::collections::BTreeSet;

use iago_store::{Appended, Execution, Held, StoreError};
use iago_sweep::{Fact, JobId, ResultFact, SweepId, Text};
use sqlx::PgConnection;
use sqlx::postgres::PgRow;

use crate::column::Stored;
use crate::fault::Fault;
use crate::frontier;
use crate::insert::{Rows, insert_results};
use crate::leadership::fence;
use crate::transaction::{begin, end};

/// How often a batch begins again because others write about the same jobs at the same time. Each
/// time it sees what they wrote, so that two meet once.
const CROSSINGS_MAX: u32 = 5;

/// Appends a batch.
pub(crate) async fn append(
    connection: &mut PgConnection,
    sweep: SweepId,
    term: u64,
    facts: Vec<Fact>,
) -> Result<Vec<Appended>, Fault> {
    for _ in 1..CROSSINGS_MAX {
        match append_once(connection, sweep, term, &facts).await {
            Err(fault) if fault.is_crossing() => {}
            outcome => return outcome,
        }
    }
    append_once(connection, sweep, term, &facts).await
}

async fn append_once(
    connection: &mut PgConnection,
    sweep: SweepId,
    term: u64,
    facts: &[Fact],
) -> Result<Vec<Appended>, Fault> {
    let mut transaction = begin(connection).await?;
    let outcome = append_within(&mut transaction, sweep, term, facts).await;
    end(transaction, outcome).await
}

async fn append_within(
    connection: &mut PgConnection,
    sweep: SweepId,
    term: u64,
    facts: &[Fact],
) -> Result<Vec<Appended>, Fault> {
    fence(connection, term, sweep).await?;
    let stored = insert_results(connection, sweep, first_results(facts)).await?;
    let mut appended = vec![Appended::Stored; facts.len()];
    let rest = rest_of(facts, stored);
    if !rest.is_empty() {
        append_rest(connection, sweep, facts, &rest, &mut appended).await?;
    }
    Ok(appended)
}

/// Results of jobs that no earlier fact of the batch is about: nothing in the batch can change what
/// becomes of them.
fn first_results(facts: &[Fact]) -> Vec<(&ResultFact, &Text)> {
    let mut seen = BTreeSet::new();
    let is_first = |fact: &&Fact| job_of(fact).is_some_and(|job| seen.insert(job));
    facts.iter().filter(is_first).filter_map(as_result).collect()
}

/// Which facts are not stored yet: of a job that is, all but its first result.
fn rest_of(facts: &[Fact], mut stored: BTreeSet<JobId>) -> Vec<usize> {
    let is_stored = |fact: &Fact| match fact {
        Fact::Result(result, _) => stored.remove(&result.job),
        Fact::Failure(_) | Fact::Attempt(_) | Fact::Frontier(_) => false,
    };
    let rest = facts.iter().map(is_stored).enumerate().filter(|(_, is_stored)| !is_stored);
    rest.map(|(at, _)| at).collect()
}

async fn append_rest(
    connection: &mut PgConnection,
    sweep: SweepId,
    facts: &[Fact],
    rest: &[usize],
    appended: &mut [Appended],
) -> Result<(), Fault> {
    let mut held = look_up(connection, sweep, rest.iter().map(|at| &facts[*at])).await?;
    let mut rows = Rows::default();
    for at in rest {
        let (outcome, arrival) = held.take(facts[*at].clone());
        appended[*at] = outcome;
        arrival.into_iter().for_each(|arrival| rows.add(arrival));
    }
    rows.insert(connection, sweep).await
}

/// What is stored of the jobs of some facts.
async fn look_up(
    connection: &mut PgConnection,
    sweep: SweepId,
    facts: impl Iterator<Item = &Fact>,
) -> Result<Held, Fault> {
    let mut held = Held::default();
    let mut jobs = BTreeSet::new();
    let mut frontiers = false;
    for fact in facts {
        jobs.extend(job_of(fact).map(JobId::number));
        frontiers |= matches!(fact, Fact::Frontier(_));
    }
    let jobs: Vec<i64> = jobs.into_iter().collect();
    if !jobs.is_empty() {
        look_up_jobs(connection, sweep, &jobs, &mut held).await?;
    }
    if frontiers {
        for frontier in frontier::all(connection, sweep).await? {
            held.add_frontier(frontier);
        }
    }
    Ok(held)
}

const HELD_RESULTS: &str =
    "SELECT job, term, attempt FROM results WHERE sweep = $1 AND job = ANY($2)";
const HELD_FAILURES: &str =
    "SELECT job, round, term, attempt FROM failures WHERE sweep = $1 AND job = ANY($2)";
const HELD_ATTEMPTS: &str =
    "SELECT job, term, attempt, cause FROM attempts WHERE sweep = $1 AND job = ANY($2)";

async fn look_up_jobs(
    connection: &mut PgConnection,
    sweep: SweepId,
    jobs: &[i64],
    held: &mut Held,
) -> Result<(), Fault> {
    for row in rows_about(connection, HELD_RESULTS, sweep, jobs).await? {
        held.add_result(execution(&Stored { table: "results", row: &row })?);
    }
    for row in rows_about(connection, HELD_FAILURES, sweep, jobs).await? {
        let stored = Stored { table: "failures", row: &row };
        held.add_failure(execution(&stored)?, stored.number("round")?);
    }
    for row in rows_about(connection, HELD_ATTEMPTS, sweep, jobs).await? {
        let stored = Stored { table: "attempts", row: &row };
        held.add_attempt(execution(&stored)?, stored.word("cause")?);
    }
    Ok(())
}

async fn rows_about(
    connection: &mut PgConnection,
    sql: &'static str,
    sweep: SweepId,
    jobs: &[i64],
) -> Result<Vec<PgRow>, Fault> {
    Ok(sqlx::query(sql).bind(sweep.0).bind(jobs).fetch_all(connection).await?)
}

fn execution(stored: &Stored<'_>) -> Result<Execution, StoreError> {
    Ok(Execution {
        job: stored.job()?,
        term: stored.bits("term")?,
        attempt: stored.number("attempt")?,
    })
}

fn as_result(fact: &Fact) -> Option<(&ResultFact, &Text)> {
    match fact {
        Fact::Result(result, text) => Some((result, text)),
        Fact::Failure(_) | Fact::Attempt(_) | Fact::Frontier(_) => None,
    }
}

fn job_of(fact: &Fact) -> Option<JobId> {
    match fact {
        Fact::Result(result, _) => Some(result.job),
        Fact::Failure(failure) => Some(failure.job),
        Fact::Attempt(attempt) => Some(attempt.job),
        Fact::Frontier(_) => None,
    }
}
