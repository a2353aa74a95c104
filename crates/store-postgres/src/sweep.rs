//! Sweeps and their revisions.

use iago_store::{NewRevision, NewSweep, State, StoreError, SweepHead};
use iago_sweep::{Digest, SweepId, escape};
use sqlx::PgConnection;
use sqlx::postgres::PgRow;

use crate::column::Stored;
use crate::fault::Fault;
use crate::leadership::{fence, fence_new};
use crate::transaction::{begin, end};
use crate::{names, partition};

/// Stores a sweep with its first revision.
pub(crate) async fn submit(
    connection: &mut PgConnection,
    term: u64,
    new: &NewSweep,
) -> Result<SweepId, Fault> {
    let mut transaction = begin(connection).await?;
    let outcome = submit_within(&mut transaction, term, new).await;
    end(transaction, outcome).await
}

/// Stores the next revision of a sweep.
pub(crate) async fn revise(
    connection: &mut PgConnection,
    term: u64,
    sweep: SweepId,
    revision: &NewRevision,
) -> Result<(), Fault> {
    let mut transaction = begin(connection).await?;
    let outcome = revise_within(&mut transaction, term, sweep, revision).await;
    end(transaction, outcome).await
}

/// Sets whether work on a sweep goes on.
pub(crate) async fn control(
    connection: &mut PgConnection,
    term: u64,
    sweep: SweepId,
    state: &State,
) -> Result<(), Fault> {
    let mut transaction = begin(connection).await?;
    let outcome = control_within(&mut transaction, term, sweep, state).await;
    end(transaction, outcome).await
}

/// Begins the next retry round of a sweep, and says which.
pub(crate) async fn retry(
    connection: &mut PgConnection,
    term: u64,
    sweep: SweepId,
) -> Result<u32, Fault> {
    let mut transaction = begin(connection).await?;
    let outcome = retry_within(&mut transaction, term, sweep).await;
    end(transaction, outcome).await
}

/// Fails where there is no such sweep.
pub(crate) async fn require_sweep(
    connection: &mut PgConnection,
    sweep: SweepId,
) -> Result<(), Fault> {
    let found: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM sweeps WHERE id = $1)")
        .bind(sweep.0)
        .fetch_one(connection)
        .await?;
    if found { Ok(()) } else { Err(StoreError::missing(sweep).into()) }
}

async fn submit_within(
    connection: &mut PgConnection,
    term: u64,
    new: &NewSweep,
) -> Result<SweepId, Fault> {
    fence_new(connection, term).await?;
    insert(connection, new).await
}

/// The same, for whoever has looked at the term in this transaction.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    new: &NewSweep,
) -> Result<SweepId, Fault> {
    check_next(0, new.revision.number)?;
    let insert = "INSERT INTO sweeps (name, created_ms, kind) VALUES ($1, $2, $3) RETURNING id";
    let id: i64 = sqlx::query_scalar(insert)
        .bind(escape(&new.name))
        .bind(new.created_ms)
        .bind(new.kind.word())
        .fetch_one(&mut *connection)
        .await?;
    partition::ensure(connection, SweepId(id)).await?;
    insert_revision(connection, SweepId(id), &new.revision).await?;
    Ok(SweepId(id))
}

async fn revise_within(
    connection: &mut PgConnection,
    term: u64,
    sweep: SweepId,
    revision: &NewRevision,
) -> Result<(), Fault> {
    fence(connection, term, sweep).await?;
    // Who else revises it waits here, and then sees this revision.
    sqlx::query("SELECT FROM sweeps WHERE id = $1 FOR UPDATE")
        .bind(sweep.0)
        .execute(&mut *connection)
        .await?;
    let next: i64 = sqlx::query_scalar("SELECT count(*) FROM revisions WHERE sweep = $1")
        .bind(sweep.0)
        .fetch_one(&mut *connection)
        .await?;
    check_next(u32::try_from(next).unwrap_or(u32::MAX), revision.number)?;
    insert_revision(connection, sweep, revision).await
}

async fn control_within(
    connection: &mut PgConnection,
    term: u64,
    sweep: SweepId,
    state: &State,
) -> Result<(), Fault> {
    fence(connection, term, sweep).await?;
    let (word, reason) = match state {
        State::Running => ("running", None),
        State::Paused(reason) => ("paused", Some(escape(reason))),
        State::Done => ("done", None),
        State::Cancelled => ("cancelled", None),
    };
    sqlx::query("UPDATE sweeps SET state = $2, reason = $3 WHERE id = $1")
        .bind(sweep.0)
        .bind(word)
        .bind(reason)
        .execute(connection)
        .await?;
    Ok(())
}

async fn retry_within(
    connection: &mut PgConnection,
    term: u64,
    sweep: SweepId,
) -> Result<u32, Fault> {
    fence(connection, term, sweep).await?;
    let row = sqlx::query("UPDATE sweeps SET round = round + 1 WHERE id = $1 RETURNING id, round")
        .bind(sweep.0)
        .fetch_one(connection)
        .await?;
    Ok(Stored { table: "sweeps", row: &row }.number("round")?)
}

/// Every sweep at its latest revision, the newest first.
pub(crate) const HEADS: &str =
    "SELECT id, name, created_ms, kind, state, reason, round, number, ask, analysis, note
     FROM sweeps CROSS JOIN LATERAL (SELECT number, ask, analysis, note FROM revisions
         WHERE sweep = id ORDER BY number DESC LIMIT 1) AS latest
     ORDER BY id DESC";

pub(crate) fn head(row: &PgRow) -> Result<SweepHead, StoreError> {
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
    connection: &mut PgConnection,
    sweep: SweepId,
    revision: &NewRevision,
) -> Result<(), Fault> {
    let digest = Digest::of(&revision.plan);
    sqlx::query("INSERT INTO blobs (digest, content) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(digest.as_bytes().as_slice())
        .bind(&revision.plan)
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "INSERT INTO revisions (sweep, number, plan, ask, analysis, note)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(sweep.0)
    .bind(i64::from(revision.number))
    .bind(digest.as_bytes().as_slice())
    .bind(revision.ask.as_bytes().as_slice())
    .bind(revision.analysis.as_bytes().as_slice())
    .bind(escape(&revision.note))
    .execute(&mut *connection)
    .await?;
    names::keep(connection, sweep, &revision.names).await
}
