//! What became of due times.

use iago_store::{
    Begun, Changed, DueKey, NewNight, Night, Recording, RunRow, StoreError, StoredRun,
};
use iago_sweep::{SweepId, escape};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::column::Stored;
use crate::fault::Fault;
use crate::leadership::require_term;
use crate::{comparison, notice, sweep};

/// Records what became of a due time, unless the store has something else than is believed.
pub(crate) async fn record(
    connection: &mut SqliteConnection,
    recording: &Recording,
) -> Result<Changed, Fault> {
    let Recording { row, was, cancels, verdict, notices } = recording;
    match (find(connection, &row.key).await?, was) {
        (None, None) => insert(connection, row).await?,
        (Some(found), Some(was)) if found.row.state == *was => update(connection, row).await?,
        (None, Some(_)) => return Ok(Changed::Absent),
        (Some(found), _) => return Ok(Changed::Found(Box::new(found.row))),
    }
    if let Some(verdict) = verdict {
        keep_verdict(connection, &row.key, verdict).await?;
    }
    if *cancels {
        cancel(connection, &row.key).await?;
    }
    notice::keep(connection, &row.key, notices).await?;
    Ok(Changed::Stored)
}

/// Stores the sweeps of a run with its next state, or finds those that it has.
pub(crate) async fn begin(
    connection: &mut SqliteConnection,
    term: u64,
    row: &RunRow,
    was: &[u8],
    night: &NewNight,
) -> Result<Begun, Fault> {
    require_term(connection, term).await?;
    let Some(found) = find(connection, &row.key).await? else {
        let DueKey { schedule, due_s } = row.key.clone();
        return Err(StoreError::NoRun { schedule, due_s }.into());
    };
    if let Some(sweep) = found.sweep {
        let against = comparison::of_run(connection, &row.key).await?;
        return Ok(Begun::Night(Night { sweep, against }));
    }
    if found.row.state != was {
        return Ok(Begun::Found(Box::new(found.row)));
    }
    let night = store_night(connection, night).await?;
    update(connection, row).await?;
    name_sweep(connection, &row.key, &night).await?;
    Ok(Begun::Night(night))
}

async fn store_night(connection: &mut SqliteConnection, night: &NewNight) -> Result<Night, Fault> {
    let sweep = sweep::insert(connection, &night.sweep).await?;
    let against = match &night.against {
        Some(with) => Some(comparison::insert(connection, sweep, with).await?),
        None => None,
    };
    Ok(Night { sweep, against })
}

async fn find(connection: &mut SqliteConnection, key: &DueKey) -> Result<Option<StoredRun>, Fault> {
    let row = sqlx::query(ONE)
        .bind(escape(&key.schedule))
        .bind(key.due_s)
        .fetch_optional(connection)
        .await?;
    Ok(row.as_ref().map(run).transpose()?)
}

async fn insert(connection: &mut SqliteConnection, row: &RunRow) -> Result<(), Fault> {
    write(
        connection,
        row,
        "INSERT INTO runs (schedule, due_s, run, state, is_over)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )
    .await
}

async fn update(connection: &mut SqliteConnection, row: &RunRow) -> Result<(), Fault> {
    write(
        connection,
        row,
        "UPDATE runs SET run = ?3, state = ?4, is_over = ?5
         WHERE schedule = ?1 AND due_s = ?2",
    )
    .await
}

async fn write(
    connection: &mut SqliteConnection,
    row: &RunRow,
    statement: &'static str,
) -> Result<(), Fault> {
    sqlx::query(statement)
        .bind(escape(&row.key.schedule))
        .bind(row.key.due_s)
        .bind(&row.run)
        .bind(&row.state)
        .bind(row.is_over)
        .execute(connection)
        .await?;
    Ok(())
}

async fn name_sweep(
    connection: &mut SqliteConnection,
    key: &DueKey,
    night: &Night,
) -> Result<(), Fault> {
    let update = "UPDATE runs SET sweep = ?3, baseline = ?4 WHERE schedule = ?1 AND due_s = ?2";
    sqlx::query(update)
        .bind(escape(&key.schedule))
        .bind(key.due_s)
        .bind(night.sweep.0)
        .bind(night.against.as_ref().map(|with| escape(&with.baseline)))
        .execute(connection)
        .await?;
    Ok(())
}

async fn keep_verdict(
    connection: &mut SqliteConnection,
    key: &DueKey,
    verdict: &[u8],
) -> Result<(), Fault> {
    sqlx::query(
        "INSERT INTO verdicts (schedule, due_s, verdict) VALUES (?1, ?2, ?3)
         ON CONFLICT (schedule, due_s) DO UPDATE SET verdict = excluded.verdict",
    )
    .bind(escape(&key.schedule))
    .bind(key.due_s)
    .bind(verdict)
    .execute(connection)
    .await?;
    Ok(())
}

async fn cancel(connection: &mut SqliteConnection, key: &DueKey) -> Result<(), Fault> {
    sqlx::query(
        "WITH run AS (SELECT sweep FROM runs WHERE schedule = ?1 AND due_s = ?2)
         UPDATE sweeps SET state = 'cancelled', reason = NULL
         WHERE state <> 'done' AND (id IN (SELECT sweep FROM run) OR id IN
             (SELECT anchors FROM comparisons WHERE sweep IN (SELECT sweep FROM run)))",
    )
    .bind(escape(&key.schedule))
    .bind(key.due_s)
    .execute(connection)
    .await?;
    Ok(())
}

const ONE: &str = "SELECT schedule, due_s, run, state, is_over, sweep, verdict
     FROM runs LEFT JOIN verdicts USING (schedule, due_s) WHERE schedule = ?1 AND due_s = ?2";

/// One page of a schedule, the latest first.
pub(crate) const RUNS: &str = "SELECT schedule, due_s, run, state, is_over, sweep, verdict
     FROM runs LEFT JOIN verdicts USING (schedule, due_s)
     WHERE schedule = ?1 AND (?2 IS NULL OR due_s < ?2) ORDER BY due_s DESC LIMIT ?3";

/// The run that a sweep is. No index has it: there is a row for each due time, which is little to look through
/// for somebody who asks now and then.
pub(crate) const OF_SWEEP: &str = "SELECT schedule, due_s, run, state, is_over, sweep, verdict
     FROM runs LEFT JOIN verdicts USING (schedule, due_s) WHERE sweep = ?1";

/// The schedules in force, without a due time, and the runs that are not over. One statement: both are of
/// one instant.
pub(crate) const DATES: &str =
    "SELECT name AS schedule, NULL AS due_s, standing AS run, NULL AS state, NULL AS is_over,
         NULL AS sweep, NULL AS verdict FROM schedules
     UNION ALL
     SELECT schedule, due_s, run, state, is_over, sweep, verdict
     FROM runs LEFT JOIN verdicts USING (schedule, due_s) WHERE is_over = 0";

pub(crate) fn run(row: &SqliteRow) -> Result<StoredRun, StoreError> {
    let stored = Stored { table: "runs", row };
    let key = DueKey { schedule: stored.escaped("schedule")?, due_s: stored.value("due_s")? };
    let (run, state) = (stored.value("run")?, stored.value("state")?);
    Ok(StoredRun {
        row: RunRow { key, run, state, is_over: stored.value("is_over")? },
        sweep: stored.value::<Option<i64>>("sweep")?.map(SweepId),
        verdict: stored.value("verdict")?,
    })
}

/// A row of [`DATES`]: the name and standing of a schedule, or a run.
pub(crate) enum Date {
    Schedule(String, Vec<u8>),
    Run(StoredRun),
}

pub(crate) fn date(row: &SqliteRow) -> Result<Date, StoreError> {
    let stored = Stored { table: "schedules", row };
    if stored.value::<Option<i64>>("due_s")?.is_some() {
        return run(row).map(Date::Run);
    }
    Ok(Date::Schedule(stored.escaped("schedule")?, stored.value("run")?))
}
