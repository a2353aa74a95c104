//! A store that can be out of reach.

use std::sync::Arc;

use iago_store::{
    Baseline, Begun, Change, Changed, Comparison, Dates, DueKey, MemoryStore, NewBaseline,
    NewComparison, NewNight, Nights, Notice, NoticeEnd, RunRow, StoreError, StoredRun,
};
use iago_sweep::{Digest, SweepId};
use tokio::sync::watch;

/// What delivery asks of a store is refused as often as the test says; all else goes through.
pub(crate) struct Away {
    pub(crate) store: Arc<MemoryStore>,
    /// Refusals that are left for each of the two verbs.
    pub(crate) reads: watch::Sender<u32>,
    pub(crate) ends: watch::Sender<u32>,
}

impl Away {
    pub(crate) fn new(store: Arc<MemoryStore>, reads: u32, ends: u32) -> Self {
        Self { store, reads: watch::Sender::new(reads), ends: watch::Sender::new(ends) }
    }
}

fn refuse(left: &watch::Sender<u32>) -> Result<(), StoreError> {
    let refused = left.send_if_modified(|left| {
        let refuses = *left > 0;
        *left = left.saturating_sub(1);
        refuses
    });
    if refused { Err(StoreError::Unavailable { reason: "it is away".to_owned() }) } else { Ok(()) }
}

impl Nights for Away {
    async fn open_notices(&self, limit: usize) -> Result<Vec<Notice>, StoreError> {
        refuse(&self.reads)?;
        self.store.open_notices(limit).await
    }

    async fn end_notice(&self, term: u64, id: &str, end: NoticeEnd) -> Result<(), StoreError> {
        refuse(&self.ends)?;
        self.store.end_notice(term, id, end).await
    }

    async fn set_baseline(&self, baseline: NewBaseline) -> Result<Baseline, StoreError> {
        self.store.set_baseline(baseline).await
    }

    async fn drop_baseline(&self, name: &str) -> Result<(), StoreError> {
        self.store.drop_baseline(name).await
    }

    async fn baselines(&self) -> Result<Vec<Baseline>, StoreError> {
        self.store.baselines().await
    }

    async fn keep_files(
        &self,
        term: u64,
        content: Digest,
        files: Vec<(String, Vec<u8>)>,
    ) -> Result<(), StoreError> {
        self.store.keep_files(term, content, files).await
    }

    async fn files(&self, content: Digest) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        self.store.files(content).await
    }

    async fn version(&self, name: &str, version: Digest) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.version(name, version).await
    }

    async fn dates(&self) -> Result<Dates, StoreError> {
        self.store.dates().await
    }

    async fn change(&self, term: u64, changes: Vec<Change>) -> Result<Vec<Changed>, StoreError> {
        self.store.change(term, changes).await
    }

    async fn begin(
        &self,
        term: u64,
        row: RunRow,
        was: Vec<u8>,
        night: NewNight,
    ) -> Result<Begun, StoreError> {
        self.store.begin(term, row, was, night).await
    }

    async fn compare(
        &self,
        term: u64,
        sweep: SweepId,
        with: NewComparison,
    ) -> Result<Comparison, StoreError> {
        self.store.compare(term, sweep, with).await
    }

    async fn comparisons(&self, sweep: SweepId) -> Result<Vec<Comparison>, StoreError> {
        self.store.comparisons(sweep).await
    }

    async fn runs(
        &self,
        schedule: &str,
        before_s: Option<i64>,
        limit: usize,
    ) -> Result<Vec<StoredRun>, StoreError> {
        self.store.runs(schedule, before_s, limit).await
    }

    async fn run_of(&self, sweep: SweepId) -> Result<Option<StoredRun>, StoreError> {
        self.store.run_of(sweep).await
    }

    async fn notices(&self, key: &DueKey) -> Result<Vec<Notice>, StoreError> {
        self.store.notices(key).await
    }
}
