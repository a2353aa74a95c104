//! The one task that writes.
//!
//! Callers may stop waiting at any moment (a timeout, a shutdown). A transaction that ran in their
//! future would then be left open on the connection; here it runs to its end.

#[cfg(test)]
mod full_disk;
mod nights;

use std::path::PathBuf;
use std::time::Duration;

use iago_store::{Appended, Hold, NewRevision, NewSweep, NewToken, State, StoreError};
use iago_sweep::{Fact, PoolUse, ReadingFact, SweepId};
use sqlx::SqliteConnection;
use tokio::sync::{mpsc, oneshot};

use crate::access::{self, Note};
use crate::append::append;
use crate::connect;
use crate::fault::Fault;
use crate::leadership::{self, require_term};
use crate::lock::StoreLock;
use crate::{pool_use, reading, sweep};

pub(crate) use nights::NightWrite;

/// Writes that wait for their turn; whoever comes after waits to put theirs in.
pub(crate) const WAITING_MAX: usize = 64;

/// Where the outcome of a write goes. Nobody may be waiting for it any more.
pub(crate) type Answer<T> = oneshot::Sender<Result<T, StoreError>>;

/// Something to be written.
#[derive(Debug)]
pub(crate) enum Write {
    Submit(u64, NewSweep, Answer<SweepId>),
    Revise(u64, SweepId, NewRevision, Answer<()>),
    Control(u64, SweepId, State, Answer<()>),
    Retry(u64, SweepId, Answer<u32>),
    Append(SweepId, u64, Vec<Fact>, Answer<Vec<Appended>>),
    Keep(SweepId, u64, Vec<ReadingFact>, Answer<()>),
    Use(u64, Vec<PoolUse>, Answer<()>),
    Lead(String, Duration, Answer<u64>),
    Renew(u64, Duration, Answer<()>),
    Resign(u64, Answer<()>),
    Grant(NewToken, Answer<()>),
    Revoke(String, Answer<()>),
    Note(Note, Answer<()>),
    Night(NightWrite),
    Settle(Answer<()>),
}

/// Owns the connection that writes, and the right to the store.
#[derive(Debug)]
pub(crate) struct Writer {
    connection: SqliteConnection,
    path: PathBuf,
    /// Of the latest term, unless it was given up or before this opening.
    hold: Option<Hold>,
    // Declared last, so that it is given back after the connection is gone.
    _lock: StoreLock,
}

impl Writer {
    pub(crate) async fn open(path: PathBuf) -> Result<Self, StoreError> {
        let lock = StoreLock::take(&path)?;
        let connection = connect::open_writer(&path).await.map_err(|fault| fault.at(&path))?;
        Ok(Self { connection, path, hold: None, _lock: lock })
    }

    /// Serves until nobody can ask any more, and closes the database.
    pub(crate) async fn run(mut self, mut inbox: mpsc::Receiver<Write>) -> Result<(), StoreError> {
        while let Some(write) = inbox.recv().await {
            self.serve(write).await;
        }
        let Self { connection, path, _lock, .. } = self;
        connect::close(connection).await.map_err(|fault| fault.at(&path))
    }

    async fn serve(&mut self, write: Write) {
        match write {
            Write::Submit(term, new, answer) => send(answer, self.submit(term, &new).await),
            Write::Revise(term, sweep, revision, answer) => {
                send(answer, self.revise(term, sweep, &revision).await);
            }
            Write::Control(term, sweep, state, answer) => {
                send(answer, self.control(term, sweep, &state).await);
            }
            Write::Retry(term, sweep, answer) => send(answer, self.retry(term, sweep).await),
            Write::Append(sweep, term, facts, answer) => {
                send(answer, self.append(sweep, term, facts).await);
            }
            Write::Keep(sweep, term, readings, answer) => {
                send(answer, self.keep(sweep, term, &readings).await);
            }
            Write::Use(term, uses, answer) => send(answer, self.note_use(term, &uses).await),
            Write::Lead(holder, hold, answer) => send(answer, self.lead(holder, hold).await),
            Write::Renew(term, hold, answer) => send(answer, self.renew(term, hold).await),
            Write::Resign(term, answer) => send(answer, self.resign(term).await),
            Write::Grant(token, answer) => send(answer, self.grant(&token).await),
            Write::Revoke(name, answer) => send(answer, self.revoke(&name).await),
            Write::Note(note, answer) => send(answer, self.note(&note).await),
            Write::Night(write) => self.serve_night(write).await,
            Write::Settle(answer) => send(answer, self.settle().await),
        }
    }

    async fn submit(&mut self, term: u64, new: &NewSweep) -> Result<SweepId, StoreError> {
        self.begin().await?;
        let outcome = sweep::submit(&mut self.connection, term, new).await;
        self.end(outcome).await
    }

    async fn revise(
        &mut self,
        term: u64,
        sweep: SweepId,
        revision: &NewRevision,
    ) -> Result<(), StoreError> {
        self.begin().await?;
        let outcome = sweep::revise(&mut self.connection, term, sweep, revision).await;
        self.end(outcome).await
    }

    async fn control(
        &mut self,
        term: u64,
        sweep: SweepId,
        state: &State,
    ) -> Result<(), StoreError> {
        self.begin().await?;
        let outcome = sweep::control(&mut self.connection, term, sweep, state).await;
        self.end(outcome).await
    }

    async fn retry(&mut self, term: u64, sweep: SweepId) -> Result<u32, StoreError> {
        self.begin().await?;
        let outcome = sweep::retry(&mut self.connection, term, sweep).await;
        self.end(outcome).await
    }

    async fn append(
        &mut self,
        sweep: SweepId,
        term: u64,
        facts: Vec<Fact>,
    ) -> Result<Vec<Appended>, StoreError> {
        self.begin().await?;
        let outcome = append(&mut self.connection, sweep, term, facts).await;
        self.end(outcome).await
    }

    async fn keep(
        &mut self,
        sweep: SweepId,
        term: u64,
        readings: &[ReadingFact],
    ) -> Result<(), StoreError> {
        self.begin().await?;
        let outcome = reading::keep(&mut self.connection, sweep, term, readings).await;
        self.end(outcome).await
    }

    async fn note_use(&mut self, term: u64, uses: &[PoolUse]) -> Result<(), StoreError> {
        self.begin().await?;
        let outcome = pool_use::note(&mut self.connection, term, uses).await;
        self.end(outcome).await
    }

    async fn lead(&mut self, holder: String, hold: Duration) -> Result<u64, StoreError> {
        self.hold.as_ref().map_or(Ok(()), Hold::require_over)?;
        self.begin().await?;
        let outcome = leadership::lead(&mut self.connection, &holder).await;
        let term = self.end(outcome).await?;
        self.hold = Some(Hold::start(holder, hold));
        Ok(term)
    }

    async fn renew(&mut self, term: u64, hold: Duration) -> Result<(), StoreError> {
        let holder = require_term(&mut self.connection, term).await;
        let holder = holder.map_err(|fault| fault.at(&self.path))?;
        self.hold = Some(Hold::start(holder, hold));
        Ok(())
    }

    async fn resign(&mut self, term: u64) -> Result<(), StoreError> {
        match require_term(&mut self.connection, term).await {
            Ok(_) => {
                self.hold = None;
                // Whoever resigns is about to end; and nothing is lost where this fails.
                drop(self.execute("PRAGMA wal_checkpoint(PASSIVE)").await);
            }
            Err(Fault::Store(StoreError::Deposed { .. })) => {}
            Err(fault) => return Err(fault.at(&self.path)),
        }
        Ok(())
    }

    async fn settle(&mut self) -> Result<(), StoreError> {
        connect::settle(&mut self.connection).await.map_err(|fault| fault.at(&self.path))
    }

    async fn grant(&mut self, token: &NewToken) -> Result<(), StoreError> {
        self.begin().await?;
        let outcome = access::grant(&mut self.connection, token).await;
        self.end(outcome).await
    }

    async fn revoke(&mut self, name: &str) -> Result<(), StoreError> {
        self.begin().await?;
        let outcome = access::revoke(&mut self.connection, name).await;
        self.end(outcome).await
    }

    async fn note(&mut self, note: &Note) -> Result<(), StoreError> {
        self.begin().await?;
        let outcome = access::note(&mut self.connection, note).await;
        self.end(outcome).await
    }

    /// Takes the write lock at once: to upgrade a reading transaction later may fail.
    async fn begin(&mut self) -> Result<(), StoreError> {
        self.execute("BEGIN IMMEDIATE").await.map_err(|fault| fault.at(&self.path))
    }

    async fn end<T>(&mut self, outcome: Result<T, Fault>) -> Result<T, StoreError> {
        let outcome = match outcome {
            Ok(done) => self.execute("COMMIT").await.map(|()| done),
            Err(fault) => Err(fault),
        };
        if outcome.is_err() {
            // The first error is the one to tell. This one only says that SQLite has rolled back
            // itself, as it does when the disk is full.
            drop(self.execute("ROLLBACK").await);
        }
        outcome.map_err(|fault| fault.at(&self.path))
    }

    async fn execute(&mut self, sql: &'static str) -> Result<(), Fault> {
        sqlx::query(sql).execute(&mut self.connection).await?;
        Ok(())
    }
}

fn send<T>(answer: Answer<T>, outcome: Result<T, StoreError>) {
    // Whoever asked may be gone; what was written is written.
    drop(answer.send(outcome));
}
