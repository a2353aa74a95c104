//! What sweeps are compared with.

use iago_store::{Comparison, DueKey, NewComparison, StoreError};
use iago_sweep::{SweepId, escape};
use sqlx::PgConnection;
use sqlx::postgres::PgRow;

use crate::column::Stored;
use crate::fault::Fault;
use crate::leadership::fence;
use crate::reader::rows;
use crate::sweep;
use crate::transaction::{begin, end};

/// Stores what a sweep is compared with, or finds that it is already.
pub(crate) async fn compare(
    connection: &mut PgConnection,
    term: u64,
    sweep: SweepId,
    with: &NewComparison,
) -> Result<Comparison, Fault> {
    let mut transaction = begin(connection).await?;
    let outcome = compare_within(&mut transaction, term, sweep, with).await;
    end(transaction, outcome).await
}

async fn compare_within(
    connection: &mut PgConnection,
    term: u64,
    sweep: SweepId,
    with: &NewComparison,
) -> Result<Comparison, Fault> {
    fence(connection, term, sweep).await?;
    // Who else compares it waits here, and then sees this comparison.
    sqlx::query("SELECT FROM sweeps WHERE id = $1 FOR NO KEY UPDATE")
        .bind(sweep.0)
        .execute(&mut *connection)
        .await?;
    match find(connection, sweep, with).await? {
        Some(found) => Ok(found),
        None => insert(connection, sweep, with).await,
    }
}

async fn find(
    connection: &mut PgConnection,
    sweep: SweepId,
    with: &NewComparison,
) -> Result<Option<Comparison>, Fault> {
    let row = sqlx::query(
        "SELECT sweep, baseline, of_sweep, revision, anchors FROM comparisons
         WHERE sweep = $1 AND baseline = $2 AND of_sweep = $3 AND revision = $4",
    )
    .bind(sweep.0)
    .bind(escape(&with.baseline))
    .bind(with.of.0)
    .bind(i64::from(with.revision))
    .fetch_optional(connection)
    .await?;
    Ok(row.as_ref().map(comparison).transpose()?)
}

/// Stores what a sweep is compared with, with the sweep of its anchors.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    sweep: SweepId,
    with: &NewComparison,
) -> Result<Comparison, Fault> {
    let anchors = match &with.anchors {
        Some(new) => Some(sweep::insert(connection, new).await?),
        None => None,
    };
    let row = sqlx::query(
        "INSERT INTO comparisons (sweep, baseline, of_sweep, revision, anchors)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (sweep, baseline) DO UPDATE SET of_sweep = excluded.of_sweep,
             revision = excluded.revision, anchors = excluded.anchors
         RETURNING sweep, baseline, of_sweep, revision, anchors",
    )
    .bind(sweep.0)
    .bind(escape(&with.baseline))
    .bind(with.of.0)
    .bind(i64::from(with.revision))
    .bind(anchors.map(|anchors| anchors.0))
    .fetch_one(connection)
    .await?;
    Ok(comparison(&row)?)
}

/// What a run was begun with, as it stands.
pub(crate) async fn of_run(
    connection: &mut PgConnection,
    key: &DueKey,
) -> Result<Option<Comparison>, Fault> {
    let row = sqlx::query(
        "SELECT sweep, baseline, of_sweep, revision, anchors
         FROM runs JOIN comparisons USING (sweep, baseline) WHERE schedule = $1 AND due_s = $2",
    )
    .bind(escape(&key.schedule))
    .bind(key.due_s)
    .fetch_optional(connection)
    .await?;
    Ok(row.as_ref().map(comparison).transpose()?)
}

/// By either sweep; by the name of the baseline.
pub(crate) async fn of_sweep(
    connection: &mut PgConnection,
    sweep: SweepId,
) -> Result<Vec<Comparison>, Fault> {
    let query = sqlx::query(
        "SELECT sweep, baseline, of_sweep, revision, anchors
         FROM comparisons WHERE sweep = $1 OR anchors = $1",
    );
    let mut comparisons = rows(connection, sweep, query.bind(sweep.0), comparison).await?;
    // Escaped names have another order than the names.
    comparisons.sort_unstable_by(|one, other| one.baseline.cmp(&other.baseline));
    Ok(comparisons)
}

fn comparison(row: &PgRow) -> Result<Comparison, StoreError> {
    let stored = Stored { table: "comparisons", row };
    Ok(Comparison {
        sweep: SweepId(stored.value("sweep")?),
        baseline: stored.escaped("baseline")?,
        of: SweepId(stored.value("of_sweep")?),
        revision: stored.number("revision")?,
        anchors: stored.value::<Option<i64>>("anchors")?.map(SweepId),
    })
}
