//! The one task that writes.
//!
//! Callers may stop waiting at any moment (a timeout, a shutdown). A transaction that ran in their
//! future would then be left open on the connection; here it runs to its end.

#[cfg(test)]
mod full_disk;

use std::path::PathBuf;

use iago_store::{Appended, NewRevision, NewSweep, State, StoreError};
use iago_sweep::{Fact, SweepId};
use sqlx::SqliteConnection;
use tokio::sync::{mpsc, oneshot};

use crate::append::append;
use crate::connect;
use crate::fault::Fault;
use crate::lock::StoreLock;
use crate::sweep;

/// Writes that wait for their turn; whoever comes after waits to put theirs in.
pub(crate) const WAITING_MAX: usize = 64;

/// Where the outcome of a write goes. Nobody may be waiting for it any more.
pub(crate) type Answer<T> = oneshot::Sender<Result<T, StoreError>>;

/// Something to be written.
#[derive(Debug)]
pub(crate) enum Write {
    Submit(NewSweep, Answer<SweepId>),
    Revise(SweepId, NewRevision, Answer<()>),
    Append(SweepId, u64, Vec<Fact>, Answer<Vec<Appended>>),
    Lead(String, Answer<u64>),
    Control(SweepId, State, Answer<()>),
}

/// Owns the connection that writes, and the right to the store.
#[derive(Debug)]
pub(crate) struct Writer {
    connection: SqliteConnection,
    path: PathBuf,
    // Declared last, so that it is given back after the connection is gone.
    _lock: StoreLock,
}

impl Writer {
    pub(crate) async fn open(path: PathBuf) -> Result<Self, StoreError> {
        let lock = StoreLock::take(&path)?;
        let connection = connect::open_writer(&path).await.map_err(|fault| fault.at(&path))?;
        Ok(Self { connection, path, _lock: lock })
    }

    /// Serves until nobody can ask any more, and closes the database.
    pub(crate) async fn run(mut self, mut inbox: mpsc::Receiver<Write>) -> Result<(), StoreError> {
        while let Some(write) = inbox.recv().await {
            self.serve(write).await;
        }
        let Self { connection, path, _lock } = self;
        connect::close(connection).await.map_err(|fault| fault.at(&path))
    }

    async fn serve(&mut self, write: Write) {
        match write {
            Write::Submit(new, answer) => send(answer, self.submit(&new).await),
            Write::Revise(sweep, revision, answer) => {
                send(answer, self.revise(sweep, &revision).await);
            }
            Write::Append(sweep, term, facts, answer) => {
                send(answer, self.append(sweep, term, facts).await);
            }
            Write::Lead(holder, answer) => send(answer, self.lead(&holder).await),
            Write::Control(sweep, state, answer) => send(answer, self.control(sweep, &state).await),
        }
    }

    async fn submit(&mut self, new: &NewSweep) -> Result<SweepId, StoreError> {
        self.begin().await?;
        let outcome = sweep::submit(&mut self.connection, new).await;
        self.end(outcome).await
    }

    async fn revise(&mut self, sweep: SweepId, revision: &NewRevision) -> Result<(), StoreError> {
        self.begin().await?;
        let outcome = sweep::revise(&mut self.connection, sweep, revision).await;
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

    async fn lead(&mut self, holder: &str) -> Result<u64, StoreError> {
        self.begin().await?;
        let outcome = sweep::lead(&mut self.connection, holder).await;
        self.end(outcome).await
    }

    async fn control(&mut self, sweep: SweepId, state: &State) -> Result<(), StoreError> {
        self.begin().await?;
        let outcome = sweep::control(&mut self.connection, sweep, state).await;
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
