//! What became of due times.

use iago_store::{Begun, Dates, DueKey, NewNight, Night, RunRow, StoreError, StoredRun};
use iago_sweep::{SweepId, escape};
use sqlx::PgConnection;
use sqlx::postgres::PgRow;

use crate::column::Stored;
use crate::fault::Fault;
use crate::leadership::fence_new;
use crate::transaction;
use crate::{comparison, sweep};

/// Stores the sweeps of a run with its next state, or finds those that it has.
pub(crate) async fn begin(
    connection: &mut PgConnection,
    term: u64,
    row: &RunRow,
    was: &[u8],
    night: &NewNight,
) -> Result<Begun, Fault> {
    let mut transaction = transaction::begin(connection).await?;
    let outcome = begin_within(&mut transaction, term, row, was, night).await;
    transaction::end(transaction, outcome).await
}

async fn begin_within(
    connection: &mut PgConnection,
    term: u64,
    row: &RunRow,
    was: &[u8],
    night: &NewNight,
) -> Result<Begun, Fault> {
    fence_new(connection, term).await?;
    let Some(found) = find_and_lock(connection, &row.key).await? else {
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
    replace(connection, row, was).await?;
    name_sweep(connection, &row.key, &night).await?;
    Ok(Begun::Night(night))
}

async fn store_night(connection: &mut PgConnection, night: &NewNight) -> Result<Night, Fault> {
    let sweep = sweep::insert(connection, &night.sweep).await?;
    let against = match &night.against {
        Some(with) => Some(comparison::insert(connection, sweep, with).await?),
        None => None,
    };
    Ok(Night { sweep, against })
}

/// Whether it was written: there was no run of its key.
pub(crate) async fn insert(connection: &mut PgConnection, row: &RunRow) -> Result<bool, Fault> {
    let done = sqlx::query(
        "INSERT INTO runs (schedule, due_s, run, state, is_over) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING",
    )
    .bind(escape(&row.key.schedule))
    .bind(row.key.due_s)
    .bind(&row.run)
    .bind(&row.state)
    .bind(row.is_over)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether it was written: there was a run of its key, in this state.
pub(crate) async fn replace(
    connection: &mut PgConnection,
    row: &RunRow,
    was: &[u8],
) -> Result<bool, Fault> {
    let done = sqlx::query(
        "UPDATE runs SET run = $3, state = $4, is_over = $5
         WHERE schedule = $1 AND due_s = $2 AND state = $6",
    )
    .bind(escape(&row.key.schedule))
    .bind(row.key.due_s)
    .bind(&row.run)
    .bind(&row.state)
    .bind(row.is_over)
    .bind(was)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Sets what a run came to.
pub(crate) async fn keep_verdict(
    connection: &mut PgConnection,
    key: &DueKey,
    verdict: &[u8],
) -> Result<(), Fault> {
    sqlx::query(
        "INSERT INTO verdicts (schedule, due_s, verdict) VALUES ($1, $2, $3)
         ON CONFLICT (schedule, due_s) DO UPDATE SET verdict = excluded.verdict",
    )
    .bind(escape(&key.schedule))
    .bind(key.due_s)
    .bind(verdict)
    .execute(connection)
    .await?;
    Ok(())
}

/// Cancels the sweep of a run, and those of its anchors.
pub(crate) async fn cancel(connection: &mut PgConnection, key: &DueKey) -> Result<(), Fault> {
    sqlx::query(
        "WITH run AS (SELECT sweep FROM runs WHERE schedule = $1 AND due_s = $2)
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

/// What is stored of one run.
pub(crate) async fn find(
    connection: &mut PgConnection,
    key: &DueKey,
) -> Result<Option<StoredRun>, Fault> {
    one(connection, key, ONE).await
}

/// The same; who else begins it waits, and then sees what was written.
async fn find_and_lock(
    connection: &mut PgConnection,
    key: &DueKey,
) -> Result<Option<StoredRun>, Fault> {
    one(connection, key, ONE_LOCKED).await
}

async fn one(
    connection: &mut PgConnection,
    key: &DueKey,
    statement: &'static str,
) -> Result<Option<StoredRun>, Fault> {
    let row = sqlx::query(statement)
        .bind(escape(&key.schedule))
        .bind(key.due_s)
        .fetch_optional(connection)
        .await?;
    Ok(row.as_ref().map(run).transpose()?)
}

async fn name_sweep(
    connection: &mut PgConnection,
    key: &DueKey,
    night: &Night,
) -> Result<(), Fault> {
    let update = "UPDATE runs SET sweep = $3, baseline = $4 WHERE schedule = $1 AND due_s = $2";
    sqlx::query(update)
        .bind(escape(&key.schedule))
        .bind(key.due_s)
        .bind(night.sweep.0)
        .bind(night.against.as_ref().map(|with| escape(&with.baseline)))
        .execute(connection)
        .await?;
    Ok(())
}

/// One page of a schedule, the latest first.
pub(crate) async fn page(
    connection: &mut PgConnection,
    schedule: &str,
    before_s: Option<i64>,
    limit: usize,
) -> Result<Vec<StoredRun>, Fault> {
    let rows = sqlx::query(RUNS)
        .bind(escape(schedule))
        .bind(before_s)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(connection)
        .await?;
    Ok(rows.iter().map(run).collect::<Result<_, _>>()?)
}

/// The run that a sweep is.
pub(crate) async fn of_sweep(
    connection: &mut PgConnection,
    sweep: SweepId,
) -> Result<Option<StoredRun>, Fault> {
    let row = sqlx::query(OF_SWEEP).bind(sweep.0).fetch_optional(connection).await?;
    Ok(row.as_ref().map(run).transpose()?)
}

/// The schedules in force and the runs that are not over, by name.
pub(crate) async fn dates(connection: &mut PgConnection) -> Result<Dates, Fault> {
    let (mut schedules, mut runs) = (Vec::new(), Vec::new());
    for row in &sqlx::query(DATES).fetch_all(connection).await? {
        let stored = Stored { table: "schedules", row };
        if stored.value("is_schedule")? {
            schedules.push((stored.escaped("schedule")?, stored.value::<Vec<u8>>("run")?));
        } else {
            runs.push(run(row)?);
        }
    }
    // Escaped names have another order than the names.
    schedules.sort_unstable();
    runs.sort_unstable_by(|one, other| one.row.key.cmp(&other.row.key));
    let schedules = schedules.into_iter().map(|(_, standing)| standing).collect();
    Ok(Dates { schedules, runs })
}

const ONE: &str = "SELECT schedule, due_s, run, state, is_over, sweep, NULL::bytea AS verdict
     FROM runs WHERE schedule = $1 AND due_s = $2";

const ONE_LOCKED: &str =
    "SELECT schedule, due_s, run, state, is_over, sweep, NULL::bytea AS verdict
     FROM runs WHERE schedule = $1 AND due_s = $2 FOR NO KEY UPDATE";

const RUNS: &str = "SELECT schedule, due_s, run, state, is_over, sweep, verdict
     FROM runs LEFT JOIN verdicts USING (schedule, due_s)
     WHERE schedule = $1 AND ($2::bigint IS NULL OR due_s < $2) ORDER BY due_s DESC LIMIT $3";

/// No index has it: there is a row for each due time, which is little to look through for somebody who asks
/// now and then.
const OF_SWEEP: &str = "SELECT schedule, due_s, run, state, is_over, sweep, verdict
     FROM runs LEFT JOIN verdicts USING (schedule, due_s) WHERE sweep = $1";

/// One statement: all of it is of one instant.
const DATES: &str = "SELECT true AS is_schedule, name AS schedule, 0::bigint AS due_s,
         standing AS run, ''::bytea AS state, false AS is_over, NULL::bigint AS sweep,
         NULL::bytea AS verdict FROM schedules
     UNION ALL
     SELECT false, schedule, due_s, run, state, is_over, sweep, verdict
     FROM runs LEFT JOIN verdicts USING (schedule, due_s) WHERE NOT is_over";

fn run(row: &PgRow) -> Result<StoredRun, StoreError> {
    let stored = Stored { table: "runs", row };
    let key = DueKey { schedule: stored.escaped("schedule")?, due_s: stored.value("due_s")? };
    let (run, state) = (stored.value("run")?, stored.value("state")?);
    Ok(StoredRun {
        row: RunRow { key, run, state, is_over: stored.value("is_over")? },
        sweep: stored.value::<Option<i64>>("sweep")?.map(SweepId),
        verdict: stored.value("verdict")?,
    })
}
