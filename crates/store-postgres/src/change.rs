//! Changes of schedules and runs, all of one transaction.

use iago_store::{Change, Changed, Recording};
use sqlx::PgConnection;

use crate::fault::Fault;
use crate::leadership::fence_new;
use crate::transaction::{begin, end};
use crate::{notice, run, schedule};

/// Held while changes are made: those that meet at several runs in different orders would wait for each other
/// in a circle. They are rare, and short.
const LOCK: i64 = i64::from_be_bytes(*b"iago-chg");

/// Makes changes in their order.
pub(crate) async fn change(
    connection: &mut PgConnection,
    term: u64,
    changes: &[Change],
) -> Result<Vec<Changed>, Fault> {
    let mut transaction = begin(connection).await?;
    let outcome = change_within(&mut transaction, term, changes).await;
    end(transaction, outcome).await
}

async fn change_within(
    connection: &mut PgConnection,
    term: u64,
    changes: &[Change],
) -> Result<Vec<Changed>, Fault> {
    fence_new(connection, term).await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *connection).await?;
    let mut changed = Vec::with_capacity(changes.len());
    for change in changes {
        changed.push(change_one(connection, change).await?);
    }
    Ok(changed)
}

async fn change_one(connection: &mut PgConnection, change: &Change) -> Result<Changed, Fault> {
    match change {
        Change::Keep { name, version, schedule, standing } => {
            schedule::keep(connection, name, *version, schedule, standing).await?;
        }
        Change::Forget { name } => schedule::forget(connection, name).await?,
        Change::Record(recording) => return record(connection, recording).await,
    }
    Ok(Changed::Stored)
}

/// Mostly one statement: what is not as believed shows in that it writes nothing.
async fn record(connection: &mut PgConnection, recording: &Recording) -> Result<Changed, Fault> {
    let Recording { row, was, cancels, verdict, notices } = recording;
    let is_written = match was {
        None => run::insert(connection, row).await?,
        Some(was) => run::replace(connection, row, was).await?,
    };
    if !is_written {
        let found = run::find(connection, &row.key).await?;
        return Ok(found.map_or(Changed::Absent, |found| Changed::Found(Box::new(found.row))));
    }
    if let Some(verdict) = verdict {
        run::keep_verdict(connection, &row.key, verdict).await?;
    }
    if *cancels {
        run::cancel(connection, &row.key).await?;
    }
    if !notices.is_empty() {
        notice::keep(connection, &row.key, notices).await?;
    }
    Ok(Changed::Stored)
}
