//! Facts into rows, many by one statement: a statement for each row costs a hop to SQLite's thread.

use iago_store::Arrival;
use iago_sweep::{
    AttemptFact, Digest, FailureFact, Frontier, Label, Money, ResultFact, SweepId, Text, escape,
};
use sqlx::query_builder::Separated;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use crate::column::{bits, pack};
use crate::fault::Fault;

/// Rows of one statement. With 22 columns at most it stays far below SQLite's 32,766 variables.
const ROWS_MAX: usize = 64;

type Values<'b> = Separated<'b, Sqlite, &'static str>;

/// What a batch comes to, by table.
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

    /// Writes all of them.
    pub(crate) async fn insert(
        &self,
        connection: &mut SqliteConnection,
        sweep: SweepId,
    ) -> Result<(), Fault> {
        insert(connection, RESULTS, &self.results, |to, row| push_result(to, sweep, &row.0))
            .await?;
        self.insert_texts(connection, sweep).await?;
        insert(connection, FAILURES, &self.failures, |to, row| push_failure(to, sweep, row))
            .await?;
        insert(connection, ATTEMPTS, &self.attempts, |to, row| push_attempt(to, sweep, row))
            .await?;
        for frontier in &self.frontiers {
            move_frontier(connection, sweep, frontier).await?;
        }
        Ok(())
    }

    /// Texts with log probabilities by a statement of their own: most sweeps ask for none, and a column
    /// that is never there need not be bound for each row.
    async fn insert_texts(
        &self,
        connection: &mut SqliteConnection,
        sweep: SweepId,
    ) -> Result<(), Fault> {
        let (measured, plain): (Vec<_>, Vec<_>) =
            self.results.iter().partition(|(_, text)| text.logprobs.is_some());
        insert(connection, TEXTS, &plain, |to, row| push_text(to, sweep, row)).await?;
        insert(connection, MEASURED_TEXTS, &measured, |to, row| push_measured(to, sweep, row)).await
    }
}

async fn insert<T>(
    connection: &mut SqliteConnection,
    into: &'static str,
    rows: &[T],
    push: impl Fn(&mut Values<'_>, &T),
) -> Result<(), Fault> {
    for chunk in rows.chunks(ROWS_MAX) {
        let mut statement = QueryBuilder::<Sqlite>::new(into);
        statement.push_values(chunk, |mut to, row| push(&mut to, row));
        // Only full chunks come again in the same shape; others would crowd the statement cache.
        let whole = chunk.len() == ROWS_MAX;
        statement.build().persistent(whole).execute(&mut *connection).await?;
    }
    Ok(())
}

const RESULTS: &str = "INSERT INTO results (sweep, job, term, attempt, finish, parse, label, \
     abstained, opens, decided, input, cached_input, cache_write, output, reasoning, cost, \
     latency_ms, calls, throttles, echoed_model, request, simulated) ";

fn push_result(to: &mut Values<'_>, sweep: SweepId, fact: &ResultFact) {
    let (label, abstained) = label_columns(fact.label.as_ref());
    to.push_bind(sweep.0).push_bind(fact.job.number());
    to.push_bind(bits(fact.term)).push_bind(fact.attempt);
    to.push_bind(fact.finish.word()).push_bind(fact.parse.word());
    to.push_bind(label).push_bind(abstained);
    to.push_bind(bits(fact.opens)).push_bind(bits(fact.decided));
    to.push_bind(bits(fact.usage.input)).push_bind(bits(fact.usage.cached_input));
    to.push_bind(bits(fact.usage.cache_write)).push_bind(bits(fact.usage.output));
    to.push_bind(bits(fact.usage.reasoning)).push_bind(amount(fact.cost));
    to.push_bind(fact.latency_ms).push_bind(fact.calls).push_bind(fact.throttles);
    to.push_bind(fact.echoed_model.as_deref().map(escape));
    to.push_bind(bytes(&fact.request)).push_bind(fact.simulated);
}

const TEXTS: &str = "INSERT INTO texts (sweep, job, raw, reasoning, altered) ";

fn push_text(to: &mut Values<'_>, sweep: SweepId, row: &(Box<ResultFact>, Text)) {
    let (result, text) = row;
    to.push_bind(sweep.0).push_bind(result.job.number());
    to.push_bind(pack(text.raw.as_bytes()));
    to.push_bind(text.reasoning.as_ref().map(|reasoning| pack(reasoning.as_bytes())));
    to.push_bind(text.altered);
}

const MEASURED_TEXTS: &str = "INSERT INTO texts (sweep, job, raw, reasoning, altered, logprobs) ";

fn push_measured(to: &mut Values<'_>, sweep: SweepId, row: &(Box<ResultFact>, Text)) {
    push_text(to, sweep, row);
    to.push_bind(row.1.logprobs.as_ref().map(|logprobs| pack(logprobs.as_bytes())));
}

const FAILURES: &str = "INSERT INTO failures (sweep, job, round, term, attempt, class, status, \
     message, calls, throttles, cost, simulated) ";

fn push_failure(to: &mut Values<'_>, sweep: SweepId, fact: &FailureFact) {
    to.push_bind(sweep.0).push_bind(fact.job.number()).push_bind(fact.round);
    to.push_bind(bits(fact.term)).push_bind(fact.attempt);
    to.push_bind(fact.class.word()).push_bind(fact.status).push_bind(escape(&fact.message));
    to.push_bind(fact.calls).push_bind(fact.throttles);
    to.push_bind(amount(fact.cost)).push_bind(fact.simulated);
}

const ATTEMPTS: &str =
    "INSERT INTO attempts (sweep, job, term, attempt, cause, calls, cost, request) ";

fn push_attempt(to: &mut Values<'_>, sweep: SweepId, row: &(AttemptFact, Option<Digest>)) {
    let (fact, request) = row;
    to.push_bind(sweep.0).push_bind(fact.job.number());
    to.push_bind(bits(fact.term)).push_bind(fact.attempt).push_bind(fact.cause.word());
    to.push_bind(fact.calls).push_bind(amount(fact.cost));
    to.push_bind(request.as_ref().map(bytes));
}

/// The position was compared with the stored one before.
async fn move_frontier(
    connection: &mut SqliteConnection,
    sweep: SweepId,
    frontier: &Frontier,
) -> Result<(), Fault> {
    sqlx::query(
        "INSERT INTO frontier (sweep, revision, pool, position) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (sweep, revision, pool) DO UPDATE SET position = excluded.position",
    )
    .bind(sweep.0)
    .bind(frontier.revision)
    .bind(escape(&frontier.pool))
    .bind(bits(frontier.position))
    .execute(connection)
    .await?;
    Ok(())
}

/// A label's word, and whether it is an abstention.
pub(crate) fn label_columns(label: Option<&Label>) -> (Option<String>, bool) {
    match label {
        Some(Label::Word(word)) => (Some(escape(word)), false),
        Some(Label::Abstained) => (None, true),
        None => (None, false),
    }
}

fn amount(cost: Option<Money>) -> Option<i64> {
    cost.map(|Money(picodollars)| picodollars)
}

pub(crate) fn bytes(digest: &Digest) -> Vec<u8> {
    digest.as_bytes().to_vec()
}
