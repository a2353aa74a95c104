//! The third part of the port: baselines, schedules, runs and messages.

use iago_store::{
    Baseline, Begun, Change, Changed, Comparison, Dates, DueKey, NewBaseline, NewComparison,
    NewNight, Nights, Notice, NoticeEnd, RunRow, StoreError, StoredRun,
};
use iago_sweep::{Digest, SweepId};

use crate::store::PostgresStore;
use crate::{baseline, change, comparison, notice, run, schedule};

impl Nights for PostgresStore {
    async fn set_baseline(&self, new: NewBaseline) -> Result<Baseline, StoreError> {
        self.lanes
            .writing
            .run(move |connection| Box::pin(async move { baseline::set(connection, &new).await }))
            .await
    }

    async fn drop_baseline(&self, name: &str) -> Result<(), StoreError> {
        let name = name.to_owned();
        self.lanes
            .writing
            .run(move |connection| {
                Box::pin(async move { baseline::forget(connection, &name).await })
            })
            .await
    }

    async fn baselines(&self) -> Result<Vec<Baseline>, StoreError> {
        self.lanes.reading.run(|connection| Box::pin(baseline::all(connection))).await
    }

    async fn keep_files(
        &self,
        term: u64,
        content: Digest,
        files: Vec<(String, Vec<u8>)>,
    ) -> Result<(), StoreError> {
        self.lanes
            .writing
            .run(move |connection| Box::pin(schedule::keep_files(connection, term, content, files)))
            .await
    }

    async fn files(&self, content: Digest) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        self.lanes
            .reading
            .run(move |connection| Box::pin(schedule::files(connection, content)))
            .await
    }

    async fn version(&self, name: &str, version: Digest) -> Result<Option<Vec<u8>>, StoreError> {
        let name = name.to_owned();
        self.lanes
            .reading
            .run(move |connection| {
                Box::pin(async move { schedule::version(connection, &name, version).await })
            })
            .await
    }

    async fn dates(&self) -> Result<Dates, StoreError> {
        self.lanes.reading.run(|connection| Box::pin(run::dates(connection))).await
    }

    async fn change(&self, term: u64, changes: Vec<Change>) -> Result<Vec<Changed>, StoreError> {
        self.lanes
            .writing
            .run(move |connection| {
                Box::pin(async move { change::change(connection, term, &changes).await })
            })
            .await
    }

    async fn begin(
        &self,
        term: u64,
        row: RunRow,
        was: Vec<u8>,
        night: NewNight,
    ) -> Result<Begun, StoreError> {
        self.lanes
            .writing
            .run(move |connection| {
                Box::pin(async move { run::begin(connection, term, &row, &was, &night).await })
            })
            .await
    }

    async fn compare(
        &self,
        term: u64,
        sweep: SweepId,
        with: NewComparison,
    ) -> Result<Comparison, StoreError> {
        self.lanes
            .writing
            .run(move |connection| {
                Box::pin(async move { comparison::compare(connection, term, sweep, &with).await })
            })
            .await
    }

    async fn comparisons(&self, sweep: SweepId) -> Result<Vec<Comparison>, StoreError> {
        self.lanes
            .reading
            .run(move |connection| Box::pin(comparison::of_sweep(connection, sweep)))
            .await
    }

    async fn runs(
        &self,
        schedule: &str,
        before_s: Option<i64>,
        limit: usize,
    ) -> Result<Vec<StoredRun>, StoreError> {
        let schedule = schedule.to_owned();
        self.lanes
            .reading
            .run(move |connection| {
                Box::pin(async move { run::page(connection, &schedule, before_s, limit).await })
            })
            .await
    }

    async fn run_of(&self, sweep: SweepId) -> Result<Option<StoredRun>, StoreError> {
        self.lanes.reading.run(move |connection| Box::pin(run::of_sweep(connection, sweep))).await
    }

    async fn open_notices(&self, limit: usize) -> Result<Vec<Notice>, StoreError> {
        self.lanes.reading.run(move |connection| Box::pin(notice::open(connection, limit))).await
    }

    async fn end_notice(&self, term: u64, id: &str, end: NoticeEnd) -> Result<(), StoreError> {
        let id = id.to_owned();
        self.lanes
            .writing
            .run(move |connection| {
                Box::pin(async move { notice::end(connection, term, &id, &end).await })
            })
            .await
    }

    async fn notices(&self, key: &DueKey) -> Result<Vec<Notice>, StoreError> {
        let key = key.clone();
        self.lanes
            .reading
            .run(move |connection| Box::pin(async move { notice::of_run(connection, &key).await }))
            .await
    }
}
