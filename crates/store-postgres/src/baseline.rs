//! Runs that people compare with, by name.

use iago_store::{Baseline, NewBaseline, StoreError};
use iago_sweep::{SweepId, escape};
use sqlx::PgConnection;
use sqlx::postgres::PgRow;

use crate::column::Stored;
use crate::fault::Fault;

/// Sets a baseline, or finds that its name stands for the same already.
pub(crate) async fn set(
    connection: &mut PgConnection,
    new: &NewBaseline,
) -> Result<Baseline, Fault> {
    require_revision(connection, new.sweep, new.revision).await?;
    // Each statement by itself: of those who set one name at once the key lets one through.
    let statement = if new.replaces { REPLACE } else { INSERT };
    match write(connection, new, statement).await? {
        Some(set) => Ok(set),
        None => keep(connection, new).await,
    }
}

/// Forgets a baseline.
pub(crate) async fn forget(connection: &mut PgConnection, name: &str) -> Result<(), Fault> {
    let delete = "DELETE FROM baselines WHERE name = $1";
    let done = sqlx::query(delete).bind(escape(name)).execute(connection).await?;
    if done.rows_affected() == 1 {
        return Ok(());
    }
    Err(StoreError::NoBaseline { name: name.to_owned() }.into())
}

/// All of them, by name.
pub(crate) async fn all(connection: &mut PgConnection) -> Result<Vec<Baseline>, Fault> {
    let select = "SELECT name, sweep, revision, set_ms, set_by FROM baselines";
    let rows = sqlx::query(select).fetch_all(connection).await?;
    let mut baselines = rows.iter().map(baseline).collect::<Result<Vec<_>, StoreError>>()?;
    // Escaped names have another order than the names.
    baselines.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    Ok(baselines)
}

async fn require_revision(
    connection: &mut PgConnection,
    sweep: SweepId,
    revision: u32,
) -> Result<(), Fault> {
    let latest: Option<i64> =
        sqlx::query_scalar("SELECT max(number) FROM revisions WHERE sweep = $1")
            .bind(sweep.0)
            .fetch_one(connection)
            .await?;
    match latest {
        None => Err(StoreError::missing(sweep).into()),
        Some(latest) if latest < i64::from(revision) => {
            Err(StoreError::Missing { sweep, revision: Some(revision) }.into())
        }
        Some(_) => Ok(()),
    }
}

const INSERT: &str = "INSERT INTO baselines (name, sweep, revision, set_ms, set_by)
     VALUES ($1, $2, $3, (extract(epoch FROM clock_timestamp()) * 1000)::bigint, $4)
     ON CONFLICT (name) DO NOTHING RETURNING name, sweep, revision, set_ms, set_by";

const REPLACE: &str = "INSERT INTO baselines (name, sweep, revision, set_ms, set_by)
     VALUES ($1, $2, $3, (extract(epoch FROM clock_timestamp()) * 1000)::bigint, $4)
     ON CONFLICT (name) DO UPDATE SET sweep = excluded.sweep, revision = excluded.revision,
         set_ms = excluded.set_ms, set_by = excluded.set_by
     RETURNING name, sweep, revision, set_ms, set_by";

async fn write(
    connection: &mut PgConnection,
    new: &NewBaseline,
    statement: &'static str,
) -> Result<Option<Baseline>, Fault> {
    let row = sqlx::query(statement)
        .bind(escape(&new.name))
        .bind(new.sweep.0)
        .bind(i64::from(new.revision))
        .bind(escape(&new.by))
        .fetch_optional(connection)
        .await?;
    Ok(row.as_ref().map(baseline).transpose()?)
}

/// What stands in the way may be the same, or gone by now.
async fn keep(connection: &mut PgConnection, new: &NewBaseline) -> Result<Baseline, Fault> {
    let select = "SELECT name, sweep, revision, set_ms, set_by FROM baselines WHERE name = $1";
    let row = sqlx::query(select).bind(escape(&new.name)).fetch_optional(connection).await?;
    let found = row.as_ref().map(baseline).transpose()?.ok_or(Fault::Crossed)?;
    if (found.sweep, found.revision) == (new.sweep, new.revision) {
        return Ok(found);
    }
    Err(StoreError::BaselineTaken { name: found.name, sweep: found.sweep }.into())
}

fn baseline(row: &PgRow) -> Result<Baseline, StoreError> {
    let stored = Stored { table: "baselines", row };
    Ok(Baseline {
        name: stored.escaped("name")?,
        sweep: SweepId(stored.value("sweep")?),
        revision: stored.number("revision")?,
        set_ms: stored.value("set_ms")?,
        by: stored.escaped("set_by")?,
    })
}
