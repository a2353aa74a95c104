//! The third part of the port: baselines, schedules, runs and messages.

use iago_store::{
    Baseline, Begun, Change, Changed, Comparison, Dates, DueKey, NewBaseline, NewComparison,
    NewNight, Nights, Notice, NoticeEnd, RunRow, StoreError, StoredRun,
};
use iago_sweep::{Digest, SweepId};

use crate::store::SqliteStore;
use crate::writer::{Answer, NightWrite, Write};

impl SqliteStore {
    async fn write_night<T>(
        &self,
        write: impl FnOnce(Answer<T>) -> NightWrite,
    ) -> Result<T, StoreError> {
        self.write(|answer| Write::Night(write(answer))).await
    }
}

impl Nights for SqliteStore {
    async fn set_baseline(&self, baseline: NewBaseline) -> Result<Baseline, StoreError> {
        self.write_night(|answer| NightWrite::SetBaseline(baseline, answer)).await
    }

    async fn drop_baseline(&self, name: &str) -> Result<(), StoreError> {
        self.write_night(|answer| NightWrite::DropBaseline(name.to_owned(), answer)).await
    }

    async fn baselines(&self) -> Result<Vec<Baseline>, StoreError> {
        self.reader.baselines().await
    }

    async fn keep_files(
        &self,
        term: u64,
        content: Digest,
        files: Vec<(String, Vec<u8>)>,
    ) -> Result<(), StoreError> {
        self.write_night(|answer| NightWrite::KeepFiles(term, content, files, answer)).await
    }

    async fn files(&self, content: Digest) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        self.reader.files(content).await
    }

    async fn version(&self, name: &str, version: Digest) -> Result<Option<Vec<u8>>, StoreError> {
        self.reader.version(name, version).await
    }

    async fn dates(&self) -> Result<Dates, StoreError> {
        self.reader.dates().await
    }

    async fn change(&self, term: u64, changes: Vec<Change>) -> Result<Vec<Changed>, StoreError> {
        self.write_night(|answer| NightWrite::Change(term, changes, answer)).await
    }

    async fn begin(
        &self,
        term: u64,
        row: RunRow,
        was: Vec<u8>,
        night: NewNight,
    ) -> Result<Begun, StoreError> {
        let night = Box::new(night);
        self.write_night(|answer| NightWrite::Begin(term, row, was, night, answer)).await
    }

    async fn compare(
        &self,
        term: u64,
        sweep: SweepId,
        with: NewComparison,
    ) -> Result<Comparison, StoreError> {
        let with = Box::new(with);
        self.write_night(|answer| NightWrite::Compare(term, sweep, with, answer)).await
    }

    async fn comparisons(&self, sweep: SweepId) -> Result<Vec<Comparison>, StoreError> {
        self.reader.comparisons(sweep).await
    }

    async fn runs(
        &self,
        schedule: &str,
        before_s: Option<i64>,
        limit: usize,
    ) -> Result<Vec<StoredRun>, StoreError> {
        self.reader.runs(schedule, before_s, limit).await
    }

    async fn run_of(&self, sweep: SweepId) -> Result<Option<StoredRun>, StoreError> {
        self.reader.run_of(sweep).await
    }

    async fn open_notices(&self, limit: usize) -> Result<Vec<Notice>, StoreError> {
        self.reader.open_notices(limit).await
    }

    async fn end_notice(&self, term: u64, id: &str, end: NoticeEnd) -> Result<(), StoreError> {
        self.write_night(|answer| NightWrite::EndNotice(term, id.to_owned(), end, answer)).await
    }

    async fn notices(&self, key: &DueKey) -> Result<Vec<Notice>, StoreError> {
        self.reader.notices(key).await
    }
}
