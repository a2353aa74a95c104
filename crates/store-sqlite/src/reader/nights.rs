//! What is scheduled and compared. What is asked for by name comes in the order of names: escaping changes
//! it, so it is made here.

use iago_store::{Baseline, Comparison, Dates, DueKey, Notice, StoreError, StoredRun};
use iago_sweep::{Digest, SweepId, escape};

use super::{Reader, rows_max};
use crate::baseline::{BASELINES, baseline};
use crate::comparison::{COMPARISONS, comparison};
use crate::notice::{OF_RUN, OPEN, notice};
use crate::run::{DATES, Date, OF_SWEEP, RUNS, date, run};
use crate::schedule::{FILES, VERSION, file, version};

impl Reader {
    pub(crate) async fn baselines(&self) -> Result<Vec<Baseline>, StoreError> {
        let mut baselines = self.all(sqlx::query(BASELINES), baseline).await?;
        baselines.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        Ok(baselines)
    }

    pub(crate) async fn files(
        &self,
        content: Digest,
    ) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let query = sqlx::query(FILES).bind(content.as_bytes().to_vec());
        let mut files = self.all(query, file).await?;
        files.sort_unstable();
        Ok(files)
    }

    pub(crate) async fn version(
        &self,
        name: &str,
        asked: Digest,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let query = sqlx::query(VERSION).bind(escape(name)).bind(asked.as_bytes().to_vec());
        Ok(self.all(query, version).await?.pop())
    }

    pub(crate) async fn dates(&self) -> Result<Dates, StoreError> {
        let (mut schedules, mut runs) = (Vec::new(), Vec::new());
        for date in self.all(sqlx::query(DATES), date).await? {
            match date {
                Date::Schedule(name, standing) => schedules.push((name, standing)),
                Date::Run(run) => runs.push(run),
            }
        }
        schedules.sort_unstable();
        runs.sort_unstable_by(|one, other| one.row.key.cmp(&other.row.key));
        let schedules = schedules.into_iter().map(|(_, standing)| standing).collect();
        Ok(Dates { schedules, runs })
    }

    pub(crate) async fn comparisons(&self, sweep: SweepId) -> Result<Vec<Comparison>, StoreError> {
        let query = sqlx::query(COMPARISONS).bind(sweep.0);
        let mut comparisons = self.rows(sweep, query, comparison).await?;
        comparisons.sort_unstable_by(|one, other| one.baseline.cmp(&other.baseline));
        Ok(comparisons)
    }

    pub(crate) async fn runs(
        &self,
        schedule: &str,
        before_s: Option<i64>,
        limit: usize,
    ) -> Result<Vec<StoredRun>, StoreError> {
        let query = sqlx::query(RUNS).bind(escape(schedule)).bind(before_s).bind(rows_max(limit));
        self.all(query, run).await
    }

    pub(crate) async fn run_of(&self, sweep: SweepId) -> Result<Option<StoredRun>, StoreError> {
        Ok(self.all(sqlx::query(OF_SWEEP).bind(sweep.0), run).await?.pop())
    }

    pub(crate) async fn open_notices(&self, limit: usize) -> Result<Vec<Notice>, StoreError> {
        self.all(sqlx::query(OPEN).bind(rows_max(limit)), notice).await
    }

    pub(crate) async fn notices(&self, key: &DueKey) -> Result<Vec<Notice>, StoreError> {
        let query = sqlx::query(OF_RUN).bind(escape(&key.schedule)).bind(key.due_s);
        self.all(query, notice).await
    }
}
