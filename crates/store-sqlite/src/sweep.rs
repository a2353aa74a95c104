//! Sweeps and their revisions.

use iago_store::{NewRevision, NewSweep, State, StoreError, SweepHead};
use iago_sweep::{Digest, SweepId, escape};
use sqlx::sqlite::SqliteRow;
use sqlx::{Sqlite, SqliteConnection, SqliteExecutor};

use crate::column::{Stored, pack};
use crate::fault::Fault;
use crate::leadership::require_term;

/// Stores a sweep with its first revision.
pub(crate) async fn submit(
    connection: &mut SqliteConnection,
    term: u64,
    new: &NewSweep,
) -> Result<SweepId, Fault> {
    require_term(connection, term).await?;
    insert(connection, new).await
}

/// The same, for whoever has looked at the term.
pub(crate) async fn insert(
    connection: &mut SqliteConnection,
    new: &NewSweep,
) -> Result<SweepId, Fault> {
    check_next(0, new.revision.number)?;
    let insert = "INSERT INTO sweeps (name, created_ms, kind) VALUES (?1, ?2, ?3)";
    let done = sqlx::query(insert)
        .bind(escape(&new.name))
        .bind(new.created_ms)
        .bind(new.kind.word())
        .execute(&mut *connection)
        .await?;
    let sweep = SweepId(done.last_insert_rowid());
    insert_revision(connection, sweep, &new.revision).await?;
    Ok(sweep)
}

/// Stores the next revision of a sweep.
pub(crate) async fn revise(
    connection: &mut SqliteConnection,
    term: u64,
    sweep: SweepId,
    revision: &NewRevision,
) -> Result<(), Fault> {
    require_term(connection, term).await?;
    require_sweep(&mut *connection, sweep).await?;
    let next: u32 = sqlx::query_scalar("SELECT count(*) FROM revisions WHERE sweep = ?1")
        .bind(sweep.0)
        .fetch_one(&mut *connection)
        .await?;
    check_next(next, revision.number)?;
    insert_revision(connection, sweep, revision).await
}

/// Sets whether work on a sweep goes on.
pub(crate) async fn control(
    connection: &mut SqliteConnection,
    term: u64,
    sweep: SweepId,
    state: &State,
) -> Result<(), Fault> {
    require_term(connection, term).await?;
    let (word, reason) = match state {
        State::Running => ("running", None),
        State::Paused(reason) => ("paused", Some(escape(reason))),
        State::Done => ("done", None),
        State::Cancelled => ("cancelled", None),
    };
    let update = "UPDATE sweeps SET state = ?2, reason = ?3 WHERE id = ?1";
    let done =
        sqlx::query(update).bind(sweep.0).bind(word).bind(reason).execute(connection).await?;
    if done.rows_affected() == 0 {
        return Err(StoreError::missing(sweep).into());
    }
    Ok(())
}

/// Begins the next retry round of a sweep, and says which.
pub(crate) async fn retry(
    connection: &mut SqliteConnection,
    term: u64,
    sweep: SweepId,
) -> Result<u32, Fault> {
    require_term(connection, term).await?;
    let update = "UPDATE sweeps SET round = round + 1 WHERE id = ?1 RETURNING id, round";
    let row = sqlx::query(update).bind(sweep.0).fetch_optional(connection).await?;
    let row = row.ok_or(StoreError::missing(sweep))?;
    Ok(Stored { table: "sweeps", row: &row }.number("round")?)
}

/// Fails where there is no such sweep.
pub(crate) async fn require_sweep<'c>(
    executor: impl SqliteExecutor<'c>,
    sweep: SweepId,
) -> Result<(), Fault> {
    let found: Option<i64> =
        sqlx::query_scalar::<Sqlite, i64>("SELECT id FROM sweeps WHERE id = ?1")
            .bind(sweep.0)
            .fetch_optional(executor)
            .await?;
    found.map(drop).ok_or(Fault::Store(StoreError::missing(sweep)))
}

/// Every sweep at its latest revision, the newest first.
pub(crate) const HEADS: &str =
    "SELECT id, name, created_ms, kind, state, reason, round, number, ask, analysis, note
     FROM sweeps JOIN revisions ON sweep = id
     WHERE number = (SELECT max(number) FROM revisions WHERE sweep = id)
     ORDER BY id DESC";

pub(crate) fn head(row: &SqliteRow) -> Result<SweepHead, StoreError> {
    let stored = Stored { table: "sweeps", row };
    Ok(SweepHead {
        id: SweepId(stored.value("id")?),
        name: stored.escaped("name")?,
        revision: stored.number("number")?,
        ask: stored.digest("ask")?,
        analysis: stored.digest("analysis")?,
        note: stored.escaped("note")?,
        state: state(&stored)?,
        round: stored.number("round")?,
        created_ms: stored.value("created_ms")?,
        kind: stored.word("kind")?,
    })
}

fn state(stored: &Stored<'_>) -> Result<State, StoreError> {
    let reason = stored.escaped_if_any("reason")?;
    match (stored.value::<String>("state")?.as_str(), reason) {
        ("running", None) => Ok(State::Running),
        ("paused", Some(reason)) => Ok(State::Paused(reason)),
        ("done", None) => Ok(State::Done),
        ("cancelled", None) => Ok(State::Cancelled),
        (word, _) => Err(stored.damage("state", format!("`{word}` with this reason is no state"))),
    }
}

fn check_next(expected: u32, found: u32) -> Result<(), StoreError> {
    if expected == found { Ok(()) } else { Err(StoreError::Conflict { expected, found }) }
}

async fn insert_revision(
    connection: &mut SqliteConnection,
    sweep: SweepId,
    revision: &NewRevision,
) -> Result<(), Fault> {
    let digest = Digest::of(&revision.plan);
    sqlx::query("INSERT INTO blobs (digest, content) VALUES (?1, ?2) ON CONFLICT DO NOTHING")
        .bind(digest.as_bytes().as_slice())
        .bind(pack(&revision.plan))
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "INSERT INTO revisions (sweep, number, plan, ask, analysis, note)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )
    .bind(sweep.0)
    .bind(revision.number)
    .bind(digest.as_bytes().as_slice())
    .bind(revision.ask.as_bytes().as_slice())
    .bind(revision.analysis.as_bytes().as_slice())
    .bind(escape(&revision.note))
    .execute(connection)
    .await?;
    Ok(())
}
