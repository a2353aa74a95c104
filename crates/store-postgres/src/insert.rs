//! Facts into rows: one statement for each table, a column at a time. Columns are unnested in the
//! list of what is selected, where each row is on its way before the next one is made; in `FROM` all
//! of them would be copied first, which takes a tenth more of the server's time.
//!
//! Rows go in by the order of their keys. Two batches that meet at several jobs then wait for each
//! other in one direction only.

use std::collections::BTreeSet;

use iago_store::{Arrival, StoreError};
use iago_sweep::{
    AttemptFact, Digest, FailureFact, Frontier, JobId, Label, Money, ResultFact, SweepId, Text,
    escape,
};
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{PgConnection, Postgres};

use crate::column::bits;
use crate::fault::Fault;
use crate::frontier;

/// What becomes of the facts that are no plain first results, by table.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    results: Vec<(Box<ResultFact>, Text)>,
    failures: Vec<FailureFact>,
    attempts: Vec<(AttemptFact, Option<Digest>)>,
    frontiers: Vec<Frontier>,
}

impl Rows {
    /// Adds what is to be written for one fact.
    pub(crate) fn add(&mut self, arrival: Arrival) {
        match arrival {
            Arrival::Result(result, text) => self.results.push((result, text)),
            Arrival::Failure(failure) => self.failures.push(failure),
            Arrival::Attempt(attempt, request) => self.attempts.push((attempt, request)),
            Arrival::Frontier(frontier) => self.frontiers.push(frontier),
        }
    }

    /// Writes all of them. [`Fault::Crossed`] if one is there meanwhile, so that another decision
    /// would have been right.
    pub(crate) async fn insert(
        mut self,
        connection: &mut PgConnection,
        sweep: SweepId,
    ) -> Result<(), Fault> {
        let results: Vec<_> = self.results.iter().map(|(result, text)| (&**result, text)).collect();
        let expected = results.len();
        let stored = insert_results(connection, sweep, results).await?.len();
        require_all(stored, expected)?;
        self.failures.sort_by_key(|failure| (failure.job, failure.round));
        insert_failures(connection, sweep, &self.failures).await?;
        self.attempts.sort_by_key(|(attempt, _)| (attempt.job, attempt.term, attempt.attempt));
        insert_attempts(connection, sweep, &self.attempts).await?;
        frontier::advance(connection, sweep, self.frontiers).await
    }
}

const RESULTS: &str = "INSERT INTO results (sweep, job, opens, decided, term, attempt, calls, \
         throttles, latency_ms, input, cached_input, cache_write, output, reasoning, cost, \
         abstained, simulated, finish, parse, request, label, echoed_model)
     SELECT $1, unnest($2::bigint[]), unnest($3::bigint[]), unnest($4::bigint[]), \
         unnest($5::bigint[]), unnest($6::bigint[]), unnest($7::bigint[]), unnest($8::bigint[]), \
         unnest($9::bigint[]), unnest($10::bigint[]), unnest($11::bigint[]), \
         unnest($12::bigint[]), unnest($13::bigint[]), unnest($14::bigint[]), \
         unnest($15::bigint[]), unnest($16::boolean[]), unnest($17::boolean[]), \
         unnest($18::text[]), unnest($19::text[]), unnest($20::bytea[]), unnest($21::text[]), \
         unnest($22::text[])
     ON CONFLICT DO NOTHING RETURNING job";

/// Writes those results whose jobs have none, with their texts, and says which jobs these are.
pub(crate) async fn insert_results(
    connection: &mut PgConnection,
    sweep: SweepId,
    mut rows: Vec<(&ResultFact, &Text)>,
) -> Result<BTreeSet<JobId>, Fault> {
    if rows.is_empty() {
        return Ok(BTreeSet::new());
    }
    rows.sort_by_key(|(result, _)| result.job);
    let number = |value: fn(&ResultFact) -> i64| column(&rows, |(result, _)| value(result));
    let stored: Vec<i64> = sqlx::query_scalar(RESULTS)
        .bind(sweep.0)
        .bind(number(|it| it.job.number()))
        .bind(number(|it| bits(it.opens)))
        .bind(number(|it| bits(it.decided)))
        .bind(number(|it| bits(it.term)))
        .bind(number(|it| it.attempt.into()))
        .bind(number(|it| it.calls.into()))
        .bind(number(|it| it.throttles.into()))
        .bind(number(|it| it.latency_ms.into()))
        .bind(number(|it| bits(it.usage.input)))
        .bind(number(|it| bits(it.usage.cached_input)))
        .bind(number(|it| bits(it.usage.cache_write)))
        .bind(number(|it| bits(it.usage.output)))
        .bind(number(|it| bits(it.usage.reasoning)))
        .bind(column(&rows, |(it, _)| amount(it.cost)))
        .bind(column(&rows, |(it, _)| it.label == Some(Label::Abstained)))
        .bind(column(&rows, |(it, _)| it.simulated))
        .bind(column(&rows, |(it, _)| it.finish.word()))
        .bind(column(&rows, |(it, _)| it.parse.word()))
        .bind(column(&rows, |(it, _)| it.request.as_bytes().as_slice()))
        .bind(column(&rows, |(it, _)| word_of(it.label.as_ref())))
        .bind(column(&rows, |(it, _)| it.echoed_model.as_deref().map(escape)))
        .fetch_all(&mut *connection)
        .await?;
    let stored = stored.into_iter().map(job).collect::<Result<BTreeSet<JobId>, StoreError>>()?;
    rows.retain(|(result, _)| stored.contains(&result.job));
    insert_texts(connection, sweep, &rows).await?;
    Ok(stored)
}

const TEXTS: &str = "INSERT INTO texts (sweep, job, altered, raw, reasoning)
     SELECT $1, unnest($2::bigint[]), unnest($3::boolean[]), unnest($4::text[]), unnest($5::text[])";

const MEASURED_TEXTS: &str = "INSERT INTO texts (sweep, job, altered, raw, reasoning, logprobs)
     SELECT $1, unnest($2::bigint[]), unnest($3::boolean[]), unnest($4::text[]), \
         unnest($5::text[]), unnest($6::text[])";

/// Most sweeps ask for no log probabilities, and a column that is never there need not be sent: texts
/// that have them go by a statement of their own.
async fn insert_texts(
    connection: &mut PgConnection,
    sweep: SweepId,
    rows: &[(&ResultFact, &Text)],
) -> Result<(), Fault> {
    let (measured, plain): (Vec<_>, Vec<_>) =
        rows.iter().copied().partition(|(_, text)| text.logprobs.is_some());
    if !plain.is_empty() {
        bind_texts(sqlx::query(TEXTS), sweep, &plain).execute(&mut *connection).await?;
    }
    if !measured.is_empty() {
        bind_texts(sqlx::query(MEASURED_TEXTS), sweep, &measured)
            .bind(column(&measured, |(_, text)| text.logprobs.as_deref().map(escape)))
            .execute(connection)
            .await?;
    }
    Ok(())
}

fn bind_texts<'q>(
    query: Query<'q, Postgres, PgArguments>,
    sweep: SweepId,
    rows: &[(&ResultFact, &Text)],
) -> Query<'q, Postgres, PgArguments> {
    query
        .bind(sweep.0)
        .bind(column(rows, |(result, _)| result.job.number()))
        .bind(column(rows, |(_, text)| text.altered))
        .bind(column(rows, |(_, text)| escape(&text.raw)))
        .bind(column(rows, |(_, text)| text.reasoning.as_deref().map(escape)))
}

const FAILURES: &str = "INSERT INTO failures (sweep, job, round, term, attempt, calls, throttles, \
         cost, status, simulated, class, message)
     SELECT $1, unnest($2::bigint[]), unnest($3::bigint[]), unnest($4::bigint[]), \
         unnest($5::bigint[]), unnest($6::bigint[]), unnest($7::bigint[]), unnest($8::bigint[]), \
         unnest($9::integer[]), unnest($10::boolean[]), unnest($11::text[]), unnest($12::text[])
     ON CONFLICT DO NOTHING";

async fn insert_failures(
    connection: &mut PgConnection,
    sweep: SweepId,
    rows: &[FailureFact],
) -> Result<(), Fault> {
    if rows.is_empty() {
        return Ok(());
    }
    let done = sqlx::query(FAILURES)
        .bind(sweep.0)
        .bind(column(rows, |it| it.job.number()))
        .bind(column(rows, |it| i64::from(it.round)))
        .bind(column(rows, |it| bits(it.term)))
        .bind(column(rows, |it| i64::from(it.attempt)))
        .bind(column(rows, |it| i64::from(it.calls)))
        .bind(column(rows, |it| i64::from(it.throttles)))
        .bind(column(rows, |it| amount(it.cost)))
        .bind(column(rows, |it| it.status.map(i32::from)))
        .bind(column(rows, |it| it.simulated))
        .bind(column(rows, |it| it.class.word()))
        .bind(column(rows, |it| escape(&it.message)))
        .execute(connection)
        .await?;
    require_all(done.rows_affected(), rows.len())
}

const ATTEMPTS: &str =
    "INSERT INTO attempts (sweep, job, term, attempt, calls, cost, cause, request)
     SELECT $1, unnest($2::bigint[]), unnest($3::bigint[]), unnest($4::bigint[]), \
         unnest($5::bigint[]), unnest($6::bigint[]), unnest($7::text[]), unnest($8::bytea[])
     ON CONFLICT DO NOTHING";

async fn insert_attempts(
    connection: &mut PgConnection,
    sweep: SweepId,
    rows: &[(AttemptFact, Option<Digest>)],
) -> Result<(), Fault> {
    if rows.is_empty() {
        return Ok(());
    }
    let done = sqlx::query(ATTEMPTS)
        .bind(sweep.0)
        .bind(column(rows, |(it, _)| it.job.number()))
        .bind(column(rows, |(it, _)| bits(it.term)))
        .bind(column(rows, |(it, _)| i64::from(it.attempt)))
        .bind(column(rows, |(it, _)| i64::from(it.calls)))
        .bind(column(rows, |(it, _)| amount(it.cost)))
        .bind(column(rows, |(it, _)| it.cause.word()))
        .bind(column(rows, |(_, request)| request.as_ref().map(|it| it.as_bytes().as_slice())))
        .execute(connection)
        .await?;
    require_all(done.rows_affected(), rows.len())
}

fn require_all<N: TryInto<usize>>(written: N, expected: usize) -> Result<(), Fault> {
    if written.try_into().is_ok_and(|written| written == expected) {
        return Ok(());
    }
    Err(Fault::Crossed)
}

pub(crate) fn column<'r, R, T>(rows: &'r [R], value: impl Fn(&'r R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

pub(crate) fn word_of(label: Option<&Label>) -> Option<String> {
    match label {
        Some(Label::Word(word)) => Some(escape(word)),
        Some(Label::Abstained) | None => None,
    }
}

fn amount(cost: Option<Money>) -> Option<i64> {
    cost.map(|Money(picodollars)| picodollars)
}

fn job(number: i64) -> Result<JobId, StoreError> {
    JobId::from_number(number).ok_or_else(|| StoreError::Corrupt {
        at: format!("results.job ({number})"),
        reason: "negative".to_owned(),
    })
}
