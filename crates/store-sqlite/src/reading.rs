//! What stored texts came to under other grammars.

use iago_store::StoreError;
use iago_sweep::{ReadingFact, SweepId};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use crate::column::{Stored, bits};
use crate::fault::Fault;
use crate::insert::{bytes, label_columns};
use crate::leadership::require_term;
use crate::reader::label;
use crate::sweep::require_sweep;

/// Rows of one statement: at 8 columns it stays below SQLite's 32,766 variables, and a page of some
/// thousands is a few statements.
const ROWS_MAX: usize = 512;

/// Keeps a page of readings, within the transaction of the writer.
pub(crate) async fn keep(
    connection: &mut SqliteConnection,
    sweep: SweepId,
    term: u64,
    readings: &[ReadingFact],
) -> Result<(), Fault> {
    require_term(connection, term).await?;
    require_sweep(&mut *connection, sweep).await?;
    for chunk in readings.chunks(ROWS_MAX) {
        let mut statement = QueryBuilder::<Sqlite>::new(INSERT);
        statement.push_values(chunk, |mut to, reading| {
            let (label, abstained) = label_columns(reading.label.as_ref());
            to.push_bind(sweep.0).push_bind(reading.job.number());
            to.push_bind(bytes(&reading.grammar)).push_bind(reading.parse.word());
            to.push_bind(label).push_bind(abstained);
            to.push_bind(bits(reading.opens)).push_bind(bits(reading.decided));
        });
        statement.push(FIRST_STAYS);
        // Only full chunks come again in the same shape; others would crowd the statement cache.
        let whole = chunk.len() == ROWS_MAX;
        statement.build().persistent(whole).execute(&mut *connection).await?;
    }
    Ok(())
}

const INSERT: &str =
    "INSERT INTO readings (sweep, job, grammar, parse, label, abstained, opens, decided) ";
const FIRST_STAYS: &str = " ON CONFLICT (sweep, grammar, job) DO NOTHING";

/// One page of a grammar.
pub(crate) const READINGS: &str =
    "SELECT job, grammar, parse, label, abstained, opens, decided FROM readings
     WHERE sweep = ?1 AND grammar = ?2 AND job > ?3 ORDER BY job LIMIT ?4";

pub(crate) fn reading(row: &SqliteRow) -> Result<ReadingFact, StoreError> {
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
