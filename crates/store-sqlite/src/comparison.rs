//! What sweeps are compared with.

use iago_store::{Comparison, DueKey, NewComparison, StoreError};
use iago_sweep::{SweepId, escape};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::column::Stored;
use crate::fault::Fault;
use crate::leadership::require_term;
use crate::sweep;

/// Stores what a sweep is compared with, or finds that it is already.
pub(crate) async fn compare(
    connection: &mut SqliteConnection,
    term: u64,
    sweep: SweepId,
    with: &NewComparison,
) -> Result<Comparison, Fault> {
    require_term(connection, term).await?;
    sweep::require_sweep(&mut *connection, sweep).await?;
    let row = sqlx::query(
        "SELECT sweep, baseline, of_sweep, revision, anchors FROM comparisons
         WHERE sweep = ?1 AND baseline = ?2 AND of_sweep = ?3 AND revision = ?4",
    )
    .bind(sweep.0)
    .bind(escape(&with.baseline))
    .bind(with.of.0)
    .bind(with.revision)
    .fetch_optional(&mut *connection)
    .await?;
    match row {
        Some(row) => Ok(comparison(&row)?),
        None => insert(connection, sweep, with).await,
    }
}

/// Stores what a sweep is compared with, with the sweep of its anchors.
pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    sweep: SweepId,
    with: &NewComparison,
) -> Result<Comparison, Fault> {
    let anchors = match &with.anchors {
        Some(new) => Some(sweep::insert(connection, new).await?),
        None => None,
    };
    let row = sqlx::query(
        "INSERT INTO comparisons (sweep, baseline, of_sweep, revision, anchors)
         VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (sweep, baseline) DO UPDATE SET of_sweep = excluded.of_sweep,
             revision = excluded.revision, anchors = excluded.anchors
         RETURNING sweep, baseline, of_sweep, revision, anchors",
    )
    .bind(sweep.0)
    .bind(escape(&with.baseline))
    .bind(with.of.0)
    .bind(with.revision)
    .bind(anchors.map(|anchors| anchors.0))
    .fetch_one(connection)
    .await?;
    Ok(comparison(&row)?)
}

/// What a run was begun with, as it stands.
pub(crate) async fn of_run(
    connection: &mut SqliteConnection,
    key: &DueKey,
) -> Result<Option<Comparison>, Fault> {
    let row = sqlx::query(
        "SELECT sweep, baseline, of_sweep, revision, anchors
         FROM runs JOIN comparisons USING (sweep, baseline) WHERE schedule = ?1 AND due_s = ?2",
    )
    .bind(escape(&key.schedule))
    .bind(key.due_s)
    .fetch_optional(connection)
    .await?;
    Ok(row.as_ref().map(comparison).transpose()?)
}

/// By either sweep. Their order is the reader's business: escaping changes it.
pub(crate) const COMPARISONS: &str = "SELECT sweep, baseline, of_sweep, revision, anchors
     FROM comparisons WHERE sweep = ?1 OR anchors = ?1";

pub(crate) fn comparison(row: &SqliteRow) -> Result<Comparison, StoreError> {
    let stored = Stored { table: "comparisons", row };
    Ok(Comparison {
        sweep: SweepId(stored.value("sweep")?),
        baseline: stored.escaped("baseline")?,
        of: SweepId(stored.value("of_sweep")?),
        revision: stored.number("revision")?,
        anchors: stored.value::<Option<i64>>("anchors")?.map(SweepId),
    })
}
