//! What is read, but for recovery. Each answer comes from one statement, so it is of one instant.

use iago_store::{StoreError, SweepHead, Totals};
use iago_sweep::{
    AttemptFact, Digest, FailureFact, JobId, Label, ResultFact, SweepId, Text, Usage,
};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::{PgConnection, Postgres};

use crate::column::Stored;
use crate::fault::Fault;
use crate::sweep::{HEADS, head, require_sweep};
use crate::total::{TOTALS, part};

type Query<'q> = sqlx::query::Query<'q, Postgres, PgArguments>;

pub(crate) async fn sweeps(connection: &mut PgConnection) -> Result<Vec<SweepHead>, Fault> {
    let rows = sqlx::query(HEADS).fetch_all(connection).await?;
    Ok(rows.iter().map(head).collect::<Result<_, _>>()?)
}

pub(crate) async fn plan(
    connection: &mut PgConnection,
    sweep: SweepId,
    revision: u32,
) -> Result<Vec<u8>, Fault> {
    let query = sqlx::query(PLAN).bind(sweep.0).bind(i64::from(revision));
    let plans = rows(connection, sweep, query, read_plan).await?;
    let missing = StoreError::Missing { sweep, revision: Some(revision) };
    Ok(plans.into_iter().next().ok_or(missing)?)
}

pub(crate) async fn results(
    connection: &mut PgConnection,
    sweep: SweepId,
    after: Option<i64>,
    limit: usize,
) -> Result<Vec<ResultFact>, Fault> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let query = sqlx::query(RESULTS).bind(sweep.0).bind(after.unwrap_or(-1)).bind(limit);
    rows(connection, sweep, query, read_result).await
}

pub(crate) async fn failures(
    connection: &mut PgConnection,
    sweep: SweepId,
) -> Result<Vec<FailureFact>, Fault> {
    rows(connection, sweep, sqlx::query(FAILURES).bind(sweep.0), read_failure).await
}

pub(crate) async fn attempts(
    connection: &mut PgConnection,
    sweep: SweepId,
) -> Result<Vec<AttemptFact>, Fault> {
    rows(connection, sweep, sqlx::query(ATTEMPTS).bind(sweep.0), read_attempt).await
}

pub(crate) async fn texts(
    connection: &mut PgConnection,
    sweep: SweepId,
    jobs: &[JobId],
) -> Result<Vec<(JobId, Text)>, Fault> {
    let jobs: Vec<i64> = jobs.iter().map(|job| job.number()).collect();
    rows(connection, sweep, sqlx::query(TEXTS).bind(sweep.0).bind(jobs), read_text).await
}

pub(crate) async fn sums(connection: &mut PgConnection, sweep: SweepId) -> Result<Totals, Fault> {
    let mut totals = Totals::default();
    for (part, sums) in rows(connection, sweep, sqlx::query(TOTALS).bind(sweep.0), part).await? {
        totals.add(part, &sums);
    }
    Ok(totals)
}

/// The rows of a sweep, which must be there.
pub(crate) async fn rows<T>(
    connection: &mut PgConnection,
    sweep: SweepId,
    query: Query<'_>,
    read: fn(&PgRow) -> Result<T, StoreError>,
) -> Result<Vec<T>, Fault> {
    require_sweep(connection, sweep).await?;
    let rows = query.fetch_all(connection).await?;
    Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
}

const PLAN: &str = "SELECT sweep, digest, content FROM revisions JOIN blobs ON digest = plan
     WHERE sweep = $1 AND number = $2";

fn read_plan(row: &PgRow) -> Result<Vec<u8>, StoreError> {
    let stored = Stored { table: "blobs", row };
    let plan: Vec<u8> = stored.value("content")?;
    if Digest::of(&plan) != stored.digest("digest")? {
        return Err(stored.damage("content", "it does not have its own hash"));
    }
    Ok(plan)
}

const RESULTS: &str = "SELECT job, term, attempt, finish, parse, label, abstained, opens, decided,
         input, cached_input, cache_write, output, reasoning, cost, latency_ms, calls, throttles,
         echoed_model, request, simulated
     FROM results WHERE sweep = $1 AND job > $2 ORDER BY job LIMIT $3";

fn read_result(row: &PgRow) -> Result<ResultFact, StoreError> {
    let stored = Stored { table: "results", row };
    Ok(ResultFact {
        job: stored.job()?,
        term: stored.bits("term")?,
        attempt: stored.number("attempt")?,
        finish: stored.word("finish")?,
        parse: stored.word("parse")?,
        label: label(&stored)?,
        opens: stored.bits("opens")?,
        decided: stored.bits("decided")?,
        usage: usage(&stored)?,
        cost: stored.cost()?,
        latency_ms: stored.number("latency_ms")?,
        calls: stored.number("calls")?,
        throttles: stored.number("throttles")?,
        echoed_model: stored.escaped_if_any("echoed_model")?,
        request: stored.digest("request")?,
        simulated: stored.value("simulated")?,
    })
}

pub(crate) fn label(stored: &Stored<'_>) -> Result<Option<Label>, StoreError> {
    if stored.value("abstained")? {
        return Ok(Some(Label::Abstained));
    }
    Ok(stored.escaped_if_any("label")?.map(Label::Word))
}

fn usage(stored: &Stored<'_>) -> Result<Usage, StoreError> {
    Ok(Usage {
        input: stored.bits("input")?,
        cached_input: stored.bits("cached_input")?,
        cache_write: stored.bits("cache_write")?,
        output: stored.bits("output")?,
        reasoning: stored.bits("reasoning")?,
    })
}

const FAILURES: &str = "SELECT job, round, term, attempt, class, status, message, calls, throttles,
         cost, simulated
     FROM failures WHERE sweep = $1 ORDER BY job, round";

fn read_failure(row: &PgRow) -> Result<FailureFact, StoreError> {
    let stored = Stored { table: "failures", row };
    let status: Option<i32> = stored.value("status")?;
    let status =
        status.map(|status| u16::try_from(status).map_err(|error| stored.damage("status", error)));
    Ok(FailureFact {
        job: stored.job()?,
        round: stored.number("round")?,
        term: stored.bits("term")?,
        attempt: stored.number("attempt")?,
        class: stored.word("class")?,
        status: status.transpose()?,
        message: stored.escaped("message")?,
        calls: stored.number("calls")?,
        throttles: stored.number("throttles")?,
        cost: stored.cost()?,
        simulated: stored.value("simulated")?,
    })
}

const ATTEMPTS: &str = "SELECT job, term, attempt, cause, calls, cost
     FROM attempts WHERE sweep = $1 ORDER BY job, term, attempt, cause";

fn read_attempt(row: &PgRow) -> Result<AttemptFact, StoreError> {
    let stored = Stored { table: "attempts", row };
    Ok(AttemptFact {
        job: stored.job()?,
        term: stored.bits("term")?,
        attempt: stored.number("attempt")?,
        cause: stored.word("cause")?,
        calls: stored.number("calls")?,
        cost: stored.cost()?,
    })
}

const TEXTS: &str = "SELECT job, raw, reasoning, altered, logprobs FROM texts
     WHERE sweep = $1 AND job = ANY($2) ORDER BY job";

fn read_text(row: &PgRow) -> Result<(JobId, Text), StoreError> {
    let stored = Stored { table: "texts", row };
    let text = Text {
        raw: stored.escaped("raw")?,
        reasoning: stored.escaped_if_any("reasoning")?,
        altered: stored.value("altered")?,
        logprobs: stored.escaped_if_any("logprobs")?,
    };
    Ok((stored.job()?, text))
}
