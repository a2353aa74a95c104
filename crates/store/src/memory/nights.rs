//! Baselines, schedules, runs and messages in memory.

mod keeping;

use iago_sweep::{Digest, SweepId};

use super::MemoryStore;
use crate::{
    Baseline, Begun, Change, Changed, Comparison, Dates, DueKey, NewBaseline, NewComparison,
    NewNight, Nights, Notice, NoticeEnd, RunRow, StoreError, StoredRun,
};
pub(super) use keeping::Keeping;

impl Nights for MemoryStore {
    async fn set_baseline(&self, baseline: NewBaseline) -> Result<Baseline, StoreError> {
        self.kept().set_baseline(baseline)
    }

    async fn drop_baseline(&self, name: &str) -> Result<(), StoreError> {
        let dropped = self.kept().nights.baselines.remove(name).map(drop);
        dropped.ok_or_else(|| StoreError::NoBaseline { name: name.to_owned() })
    }

    async fn baselines(&self) -> Result<Vec<Baseline>, StoreError> {
        Ok(self.kept().nights.baselines.values().cloned().collect())
    }

    async fn keep_files(
        &self,
        term: u64,
        content: Digest,
        files: Vec<(String, Vec<u8>)>,
    ) -> Result<(), StoreError> {
        let mut kept = self.kept();
        kept.require_term(term)?;
        let stored = kept.nights.files.entry(content).or_default();
        for (path, bytes) in files {
            stored.entry(path).or_insert(bytes);
        }
        Ok(())
    }

    async fn files(&self, content: Digest) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let kept = self.kept();
        let files = kept.nights.files.get(&content);
        Ok(files.into_iter().flatten().map(|(path, bytes)| (path.clone(), bytes.clone())).collect())
    }

    async fn version(&self, name: &str, version: Digest) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.kept().nights.versions.get(&(name.to_owned(), version)).cloned())
    }

    async fn dates(&self) -> Result<Dates, StoreError> {
        Ok(self.kept().nights.dates())
    }

    async fn change(&self, term: u64, changes: Vec<Change>) -> Result<Vec<Changed>, StoreError> {
        let mut kept = self.kept();
        kept.require_term(term)?;
        Ok(changes.into_iter().map(|change| kept.change(change)).collect())
    }

    async fn begin(
        &self,
        term: u64,
        row: RunRow,
        was: Vec<u8>,
        night: NewNight,
    ) -> Result<Begun, StoreError> {
        let mut kept = self.kept();
        kept.require_term(term)?;
        kept.begin(row, &was, night)
    }

    async fn compare(
        &self,
        term: u64,
        sweep: SweepId,
        with: NewComparison,
    ) -> Result<Comparison, StoreError> {
        let mut kept = self.kept();
        kept.require_term(term)?;
        kept.sweep(sweep)?;
        kept.compare(sweep, with)
    }

    async fn comparisons(&self, sweep: SweepId) -> Result<Vec<Comparison>, StoreError> {
        let kept = self.kept();
        kept.sweep(sweep)?;
        let all = kept.nights.comparisons.values();
        let about = |found: &&Comparison| found.sweep == sweep || found.anchors == Some(sweep);
        Ok(all.filter(about).cloned().collect())
    }

    async fn runs(
        &self,
        schedule: &str,
        before_s: Option<i64>,
        limit: usize,
    ) -> Result<Vec<StoredRun>, StoreError> {
        Ok(self.kept().nights.page(schedule, before_s, limit))
    }

    async fn run_of(&self, sweep: SweepId) -> Result<Option<StoredRun>, StoreError> {
        Ok(self.kept().nights.run_of(sweep))
    }

    async fn open_notices(&self, limit: usize) -> Result<Vec<Notice>, StoreError> {
        let kept = self.kept();
        let open = kept.nights.notices.iter().filter(|notice| notice.end.is_none());
        Ok(open.take(limit).cloned().collect())
    }

    async fn end_notice(&self, term: u64, id: &str, end: NoticeEnd) -> Result<(), StoreError> {
        let mut kept = self.kept();
        kept.require_term(term)?;
        if let Some(notice) = kept.nights.notices.iter_mut().find(|notice| notice.new.id == id) {
            notice.end.get_or_insert(end);
        }
        Ok(())
    }

    async fn notices(&self, key: &DueKey) -> Result<Vec<Notice>, StoreError> {
        let kept = self.kept();
        Ok(kept.nights.notices.iter().filter(|notice| notice.key == *key).cloned().collect())
    }
}
