//! What the coordinates in jobs' numbers are called, for people who query tables.

use iago_store::Names;
use iago_sweep::{SweepId, escape};
use sqlx::PgConnection;

use crate::fault::Fault;

/// Rows of one statement: a sweep may have millions of prompts.
const ROWS_MAX: usize = 20_000;

/// Keeps the names of a revision. Those that are there already are not written again.
pub(crate) async fn keep(
    connection: &mut PgConnection,
    sweep: SweepId,
    names: &Names,
) -> Result<(), Fault> {
    for (first, stages) in pages(&names.stages) {
        keep_one_column(connection, STAGES, sweep, first, stages).await?;
    }
    for (first, cells) in pages(&names.cells) {
        sqlx::query(CELLS)
            .bind(sweep.0)
            .bind(first)
            .bind(cells.iter().map(|(model, _)| escape(model)).collect::<Vec<_>>())
            .bind(cells.iter().map(|(_, condition)| escape(condition)).collect::<Vec<_>>())
            .execute(&mut *connection)
            .await?;
    }
    for (first, prompts) in pages(&names.prompts) {
        keep_one_column(connection, PROMPTS, sweep, first, prompts).await?;
    }
    Ok(())
}

const STAGES: &str = "INSERT INTO stages (sweep, number, name)
     SELECT $1, $2 + place - 1, name FROM unnest($3::text[]) WITH ORDINALITY AS new (name, place)
     ON CONFLICT (sweep, number) DO UPDATE SET name = excluded.name
     WHERE stages.name <> excluded.name";

const CELLS: &str = "INSERT INTO cells (sweep, number, model, condition)
     SELECT $1, $2 + place - 1, model, condition
     FROM unnest($3::text[], $4::text[]) WITH ORDINALITY AS new (model, condition, place)
     ON CONFLICT (sweep, number)
     DO UPDATE SET model = excluded.model, condition = excluded.condition
     WHERE (cells.model, cells.condition) <> (excluded.model, excluded.condition)";

const PROMPTS: &str = "INSERT INTO prompts (sweep, number, id)
     SELECT $1, $2 + place - 1, id FROM unnest($3::text[]) WITH ORDINALITY AS new (id, place)
     ON CONFLICT (sweep, number) DO UPDATE SET id = excluded.id WHERE prompts.id <> excluded.id";

async fn keep_one_column(
    connection: &mut PgConnection,
    sql: &'static str,
    sweep: SweepId,
    first: i64,
    names: &[String],
) -> Result<(), Fault> {
    sqlx::query(sql)
        .bind(sweep.0)
        .bind(first)
        .bind(names.iter().map(|name| escape(name)).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(())
}

/// Pages of rows, each with the number of its first one.
fn pages<T>(rows: &[T]) -> impl Iterator<Item = (i64, &[T])> {
    let firsts = (0i64..).step_by(ROWS_MAX);
    firsts.zip(rows.chunks(ROWS_MAX))
}
