//! What stored texts came to under other grammars.

use iago_store::StoreError;
use iago_sweep::{Digest, Label, ReadingFact, SweepId};
use sqlx::PgConnection;
use sqlx::postgres::PgRow;

use crate::column::{Stored, bits};
use crate::fault::Fault;
use crate::insert::{column, word_of};
use crate::leadership::fence;
use crate::partition;
use crate::reader::{label, rows};
use crate::transaction::{begin, end};

/// Keeps a page of readings.
pub(crate) async fn keep(
    connection: &mut PgConnection,
    sweep: SweepId,
    term: u64,
    readings: Vec<ReadingFact>,
) -> Result<(), Fault> {
    let mut transaction = begin(connection).await?;
    let outcome = keep_within(&mut transaction, sweep, term, readings).await;
    end(transaction, outcome).await
}

/// One page of a grammar.
pub(crate) async fn page(
    connection: &mut PgConnection,
    sweep: SweepId,
    grammar: Digest,
    after: Option<i64>,
    limit: usize,
) -> Result<Vec<ReadingFact>, Fault> {
    let query = sqlx::query(READINGS)
        .bind(sweep.0)
        .bind(grammar.as_bytes().to_vec())
        .bind(after.unwrap_or(-1))
        .bind(i64::try_from(limit).unwrap_or(i64::MAX));
    rows(connection, sweep, query, reading).await
}

async fn keep_within(
    connection: &mut PgConnection,
    sweep: SweepId,
    term: u64,
    mut readings: Vec<ReadingFact>,
) -> Result<(), Fault> {
    fence(connection, term, sweep).await?;
    if readings.is_empty() {
        return Ok(());
    }
    // A sweep that an earlier program stored has no partition for readings yet.
    partition::ensure(connection, sweep).await?;
    // By the order of their keys, as all rows go in; the sort keeps the first of a job first.
    readings.sort_by_key(|reading| (reading.grammar, reading.job));
    insert(connection, sweep, &readings).await
}

const INSERT: &str =
    "INSERT INTO readings (sweep, job, opens, decided, abstained, grammar, parse, label)
     SELECT $1, unnest($2::bigint[]), unnest($3::bigint[]), unnest($4::bigint[]), \
         unnest($5::boolean[]), unnest($6::bytea[]), unnest($7::text[]), unnest($8::text[])
     ON CONFLICT (sweep, grammar, job) DO NOTHING";

async fn insert(
    connection: &mut PgConnection,
    sweep: SweepId,
    readings: &[ReadingFact],
) -> Result<(), Fault> {
    sqlx::query(INSERT)
        .bind(sweep.0)
        .bind(column(readings, |it| it.job.number()))
        .bind(column(readings, |it| bits(it.opens)))
        .bind(column(readings, |it| bits(it.decided)))
        .bind(column(readings, |it| it.label == Some(Label::Abstained)))
        .bind(column(readings, |it| it.grammar.as_bytes().as_slice()))
        .bind(column(readings, |it| it.parse.word()))
        .bind(column(readings, |it| word_of(it.label.as_ref())))
        .execute(connection)
        .await?;
    Ok(())
}

const READINGS: &str = "SELECT job, grammar, parse, label, abstained, opens, decided FROM readings
     WHERE sweep = $1 AND grammar = $2 AND job > $3 ORDER BY job LIMIT $4";

fn reading(row: &PgRow) -> Result<ReadingFact, StoreError> {
    let stored = Stored { table: "readings", row };
    Ok(ReadingFact {
        job: stored.job()?,
        grammar: stored.digest("grammar")?,
        parse: stored.word("parse")?,
        label: label(&stored)?,
        opens: stored.bits("opens")?,
        decided: stored.bits("decided")?,
    })
}
