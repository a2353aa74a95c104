//! Runs that people compare with, by name.

use iago_store::{Baseline, NewBaseline, StoreError};
use iago_sweep::{SweepId, escape};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::column::Stored;
use crate::fault::Fault;

/// Sets a baseline, or finds that its name stands for the same already.
pub(crate) async fn set(
    connection: &mut SqliteConnection,
    new: &NewBaseline,
) -> Result<Baseline, Fault> {
    require_revision(connection, new.sweep, new.revision).await?;
    match find(connection, &new.name).await? {
        Some(found) if !new.replaces => keep(found, new),
        _ => insert(connection, new).await,
    }
}

/// Forgets a baseline.
pub(crate) async fn forget(connection: &mut SqliteConnection, name: &str) -> Result<(), Fault> {
    let delete = "DELETE FROM baselines WHERE name = ?1";
    let done = sqlx::query(delete).bind(escape(name)).execute(connection).await?;
    if done.rows_affected() == 0 {
        return Err(StoreError::NoBaseline { name: name.to_owned() }.into());
    }
    Ok(())
}

/// All of them. Their order is the reader's business: escaping changes it.
pub(crate) const BASELINES: &str = "SELECT name, sweep, revision, set_ms, set_by FROM baselines";

pub(crate) fn baseline(row: &SqliteRow) -> Result<Baseline, StoreError> {
    let stored = Stored { table: "baselines", row };
    Ok(Baseline {
        name: stored.escaped("name")?,
        sweep: SweepId(stored.value("sweep")?),
        revision: stored.number("revision")?,
        set_ms: stored.value("set_ms")?,
        by: stored.escaped("set_by")?,
    })
}

async fn require_revision(
    connection: &mut SqliteConnection,
    sweep: SweepId,
    revision: u32,
) -> Result<(), Fault> {
    let latest: Option<u32> =
        sqlx::query_scalar("SELECT max(number) FROM revisions WHERE sweep = ?1")
            .bind(sweep.0)
            .fetch_one(connection)
            .await?;
    match latest {
        None => Err(StoreError::missing(sweep).into()),
        Some(latest) if latest < revision => {
            Err(StoreError::Missing { sweep, revision: Some(revision) }.into())
        }
        Some(_) => Ok(()),
    }
}

async fn find(connection: &mut SqliteConnection, name: &str) -> Result<Option<Baseline>, Fault> {
    let row =
        sqlx::query("SELECT name, sweep, revision, set_ms, set_by FROM baselines WHERE name = ?1")
            .bind(escape(name))
            .fetch_optional(connection)
            .await?;
    Ok(row.as_ref().map(baseline).transpose()?)
}

fn keep(found: Baseline, new: &NewBaseline) -> Result<Baseline, Fault> {
    if (found.sweep, found.revision) == (new.sweep, new.revision) {
        return Ok(found);
    }
    Err(StoreError::BaselineTaken { name: found.name, sweep: found.sweep }.into())
}

async fn insert(connection: &mut SqliteConnection, new: &NewBaseline) -> Result<Baseline, Fault> {
    let row = sqlx::query(
        "INSERT INTO baselines (name, sweep, revision, set_ms, set_by)
         VALUES (?1, ?2, ?3, CAST(round(unixepoch('subsec') * 1000) AS INTEGER), ?4)
         ON CONFLICT (name) DO UPDATE SET sweep = excluded.sweep, revision = excluded.revision,
             set_ms = excluded.set_ms, set_by = excluded.set_by
         RETURNING name, sweep, revision, set_ms, set_by",
    )
    .bind(escape(&new.name))
    .bind(new.sweep.0)
    .bind(new.revision)
    .bind(escape(&new.by))
    .fetch_one(connection)
    .await?;
    Ok(baseline(&row)?)
}
