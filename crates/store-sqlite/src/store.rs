//! The adapter: writes go to the writer's task, reads to the readers.

use std::path::Path;
use std::time::Duration;

use iago_store::{
    Access, Act, Appended, Audited, NewRevision, NewSweep, NewToken, Recovered, State, Store,
    StoreError, SweepHead, Token, Totals,
};
use iago_sweep::{
    AttemptFact, Digest, Fact, FailureFact, Frontier, JobId, PoolUse, ReadingFact, ResultFact,
    SweepId, Text,
};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::access::Note;
use crate::connect;
use crate::fault::refuse;
use crate::reader::Reader;
use crate::writer::{Answer, WAITING_MAX, Write, Writer};

/// A store in one SQLite file.
#[derive(Debug)]
pub struct SqliteStore {
    writes: mpsc::Sender<Write>,
    writer: JoinHandle<Result<(), StoreError>>,
    pub(crate) reader: Reader,
}

impl SqliteStore {
    /// Opens the store at `path`, made with its directories if it is not there.
    ///
    /// No other process can open it until this one has closed it or ended: a second one gets
    /// [`StoreError::Locked`]. A file that is not ours or of a later version is left as it is.
    ///
    /// Must be called within a tokio runtime.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        // SQLite gives a meaning to some relative names (`:memory:`, `file:`), but to no absolute.
        let path = std::path::absolute(path).map_err(|error| refuse(path, error))?;
        let writer = Writer::open(path.clone()).await?;
        let reader = Reader { pool: connect::open_readers(&path), path };
        let (writes, inbox) = mpsc::channel(WAITING_MAX);
        Ok(Self { writes, writer: tokio::spawn(writer.run(inbox)), reader })
    }

    /// Finishes what is being written, moves the write-ahead log into the database, and lets the
    /// next process in. Nothing is lost without it; the next opening only takes longer.
    pub async fn close(self) -> Result<(), StoreError> {
        // Readers first: one that is open keeps the log from being moved.
        self.reader.pool.close().await;
        drop(self.writes);
        self.writer.await.unwrap_or_else(|error| Err(stopped(error)))
    }

    /// Moves the write-ahead log into the database, so that a copy of the one file is a copy of the
    /// store, as far as nobody reads at this moment. For an orderly end where others still hold the
    /// store, so that nobody can [close](Self::close) it.
    pub async fn settle(&self) -> Result<(), StoreError> {
        self.write(Write::Settle).await
    }

    pub(crate) async fn write<T>(
        &self,
        write: impl FnOnce(Answer<T>) -> Write,
    ) -> Result<T, StoreError> {
        let (answer, outcome) = oneshot::channel();
        self.writes.send(write(answer)).await.map_err(stopped)?;
        outcome.await.map_err(stopped)?
    }
}

impl Store for SqliteStore {
    async fn submit(&self, term: u64, new: NewSweep) -> Result<SweepId, StoreError> {
        self.write(|answer| Write::Submit(term, new, answer)).await
    }

    async fn revise(
        &self,
        term: u64,
        sweep: SweepId,
        revision: NewRevision,
    ) -> Result<(), StoreError> {
        self.write(|answer| Write::Revise(term, sweep, revision, answer)).await
    }

    async fn control(&self, term: u64, sweep: SweepId, state: State) -> Result<(), StoreError> {
        self.write(|answer| Write::Control(term, sweep, state, answer)).await
    }

    async fn retry(&self, term: u64, sweep: SweepId) -> Result<u32, StoreError> {
        self.write(|answer| Write::Retry(term, sweep, answer)).await
    }

    async fn sweeps(&self) -> Result<Vec<SweepHead>, StoreError> {
        self.reader.sweeps().await
    }

    async fn plan(&self, sweep: SweepId, revision: u32) -> Result<Vec<u8>, StoreError> {
        self.reader.plan(sweep, revision).await
    }

    async fn append(
        &self,
        sweep: SweepId,
        term: u64,
        facts: Vec<Fact>,
    ) -> Result<Vec<Appended>, StoreError> {
        self.write(|answer| Write::Append(sweep, term, facts, answer)).await
    }

    async fn recover(
        &self,
        sweep: SweepId,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Vec<Recovered>, StoreError> {
        self.reader.recover(sweep, after, limit).await
    }

    async fn results(
        &self,
        sweep: SweepId,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Vec<ResultFact>, StoreError> {
        self.reader.results(sweep, after, limit).await
    }

    async fn failures(&self, sweep: SweepId) -> Result<Vec<FailureFact>, StoreError> {
        self.reader.failures(sweep).await
    }

    async fn attempts(&self, sweep: SweepId) -> Result<Vec<AttemptFact>, StoreError> {
        self.reader.attempts(sweep).await
    }

    async fn frontiers(&self, sweep: SweepId) -> Result<Vec<Frontier>, StoreError> {
        self.reader.frontiers(sweep).await
    }

    async fn read(&self, sweep: SweepId, jobs: &[JobId]) -> Result<Vec<(JobId, Text)>, StoreError> {
        self.reader.read(sweep, jobs).await
    }

    async fn keep_readings(
        &self,
        sweep: SweepId,
        term: u64,
        readings: Vec<ReadingFact>,
    ) -> Result<(), StoreError> {
        self.write(|answer| Write::Keep(sweep, term, readings, answer)).await
    }

    async fn readings(
        &self,
        sweep: SweepId,
        grammar: Digest,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Vec<ReadingFact>, StoreError> {
        self.reader.readings(sweep, grammar, after, limit).await
    }

    async fn totals(&self, sweep: SweepId) -> Result<Totals, StoreError> {
        self.reader.totals(sweep).await
    }

    async fn note_use(&self, term: u64, uses: Vec<PoolUse>) -> Result<(), StoreError> {
        self.write(|answer| Write::Use(term, uses, answer)).await
    }

    async fn recent_use(&self, since_ms: i64) -> Result<Vec<PoolUse>, StoreError> {
        self.reader.recent_use(since_ms).await
    }

    async fn lead(&self, holder: &str, hold: Duration) -> Result<u64, StoreError> {
        self.write(|answer| Write::Lead(holder.to_owned(), hold, answer)).await
    }

    async fn renew(&self, term: u64, hold: Duration) -> Result<(), StoreError> {
        self.write(|answer| Write::Renew(term, hold, answer)).await
    }

    async fn resign(&self, term: u64) -> Result<(), StoreError> {
        self.write(|answer| Write::Resign(term, answer)).await
    }
}

impl Access for SqliteStore {
    async fn grant(&self, token: NewToken) -> Result<(), StoreError> {
        self.write(|answer| Write::Grant(token, answer)).await
    }

    async fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        self.reader.tokens().await
    }

    async fn revoke(&self, name: &str) -> Result<(), StoreError> {
        self.write(|answer| Write::Revoke(name.to_owned(), answer)).await
    }

    async fn note(
        &self,
        who: &str,
        act: Act,
        sweep: Option<SweepId>,
        detail: &str,
    ) -> Result<(), StoreError> {
        let note = Note { who: who.to_owned(), act, sweep, detail: detail.to_owned() };
        self.write(|answer| Write::Note(note, answer)).await
    }

    async fn audit(&self, limit: usize) -> Result<Vec<Audited>, StoreError> {
        self.reader.audit(limit).await
    }
}

fn stopped(error: impl std::fmt::Display) -> StoreError {
    StoreError::Unavailable { reason: format!("its writer has stopped: {error}") }
}
