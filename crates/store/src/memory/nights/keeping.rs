//! What is kept of nights, and how one change after another is made to it.

use std::collections::BTreeMap;

use iago_sweep::{Digest, SweepId};

use crate::memory::access::now_ms;
use crate::memory::{Kept, check_next};
use crate::{
    Baseline, Begun, Change, Changed, Comparison, Dates, DueKey, NewBaseline, NewComparison,
    NewNight, NewNotice, Night, Notice, Recording, RunRow, State, StoreError, StoredRun,
};

/// Everything that is kept of nights.
#[derive(Debug, Default)]
pub(in crate::memory) struct Keeping {
    /// By name.
    pub(super) baselines: BTreeMap<String, Baseline>,
    /// By the digest of all files, and path.
    pub(super) files: BTreeMap<Digest, BTreeMap<String, Vec<u8>>>,
    /// By the name of the schedule.
    pub(super) versions: BTreeMap<(String, Digest), Vec<u8>>,
    /// By the name of the schedule.
    standings: BTreeMap<String, Vec<u8>>,
    runs: BTreeMap<DueKey, Held>,
    /// By the sweep that is compared, and the name of the baseline.
    pub(super) comparisons: BTreeMap<(SweepId, String), Comparison>,
    /// In the order they were stored.
    pub(super) notices: Vec<Notice>,
}

#[derive(Debug)]
struct Held {
    run: StoredRun,
    /// The name of the baseline that it was begun with.
    against: Option<String>,
}

impl Keeping {
    pub(super) fn dates(&self) -> Dates {
        let open = self.runs.values().filter(|held| !held.run.row.is_over);
        Dates {
            schedules: self.standings.values().cloned().collect(),
            runs: open.map(|held| held.run.clone()).collect(),
        }
    }

    pub(super) fn page(
        &self,
        schedule: &str,
        before_s: Option<i64>,
        limit: usize,
    ) -> Vec<StoredRun> {
        let latest = self.runs.values().rev().map(|held| &held.run);
        let asked = latest.filter(|run| {
            let key = &run.row.key;
            key.schedule == schedule && before_s.is_none_or(|before| key.due_s < before)
        });
        asked.take(limit).cloned().collect()
    }

    pub(super) fn run_of(&self, sweep: SweepId) -> Option<StoredRun> {
        let mut runs = self.runs.values().map(|held| &held.run);
        runs.find(|run| run.sweep == Some(sweep)).cloned()
    }

    fn keep(&mut self, name: String, version: Digest, schedule: Vec<u8>, standing: Vec<u8>) {
        self.versions.entry((name.clone(), version)).or_insert(schedule);
        self.standings.insert(name, standing);
    }

    /// What stands in the way of a record: something else than what is believed to be there.
    fn obstacle(&self, key: &DueKey, was: Option<&[u8]>) -> Option<Changed> {
        match (self.runs.get(key), was) {
            (None, None) => None,
            (None, Some(_)) => Some(Changed::Absent),
            (Some(held), Some(was)) if held.run.row.state == was => None,
            (Some(held), _) => Some(Changed::Found(Box::new(held.run.row.clone()))),
        }
    }

    fn write(&mut self, row: RunRow, verdict: Option<Vec<u8>>) {
        match self.runs.get_mut(&row.key) {
            None => {
                let run = StoredRun { row, sweep: None, verdict };
                self.runs.insert(run.row.key.clone(), Held { run, against: None });
            }
            Some(held) => {
                held.run.row = row;
                held.run.verdict = verdict.or(held.run.verdict.take());
            }
        }
    }

    fn tell(&mut self, key: &DueKey, new: NewNotice) {
        if self.notices.iter().any(|notice| notice.new.id == new.id) {
            return;
        }
        self.notices.push(Notice { new, key: key.clone(), since_ms: now_ms(), end: None });
    }

    /// The sweeps of a run: itself and those in which its baselines are judged again.
    fn sweeps_of(&self, key: &DueKey) -> Vec<SweepId> {
        let Some(sweep) = self.runs.get(key).and_then(|held| held.run.sweep) else {
            return Vec::new();
        };
        let with = self.comparisons.values().filter(|comparison| comparison.sweep == sweep);
        with.filter_map(|comparison| comparison.anchors).chain([sweep]).collect()
    }

    fn night(&self, sweep: SweepId, against: Option<&String>) -> Night {
        let with = against.and_then(|name| self.comparisons.get(&(sweep, name.clone())));
        Night { sweep, against: with.cloned() }
    }
}

impl Kept {
    pub(super) fn set_baseline(&mut self, new: NewBaseline) -> Result<Baseline, StoreError> {
        let NewBaseline { name, sweep, revision, by, replaces } = new;
        if self.sweep(sweep)?.revisions.get(revision as usize).is_none() {
            return Err(StoreError::Missing { sweep, revision: Some(revision) });
        }
        if let Some(found) = self.nights.baselines.get(&name).filter(|_| !replaces) {
            let is_same = (found.sweep, found.revision) == (sweep, revision);
            let taken = StoreError::BaselineTaken { name, sweep: found.sweep };
            return if is_same { Ok(found.clone()) } else { Err(taken) };
        }
        let baseline = Baseline { name: name.clone(), sweep, revision, set_ms: now_ms(), by };
        self.nights.baselines.insert(name, baseline.clone());
        Ok(baseline)
    }

    pub(super) fn change(&mut self, change: Change) -> Changed {
        match change {
            Change::Keep { name, version, schedule, standing } => {
                self.nights.keep(name, version, schedule, standing);
                Changed::Stored
            }
            Change::Forget { name } => {
                self.nights.standings.remove(&name);
                Changed::Stored
            }
            Change::Record(recording) => self.record(*recording),
        }
    }

    fn record(&mut self, recording: Recording) -> Changed {
        let Recording { row, was, cancels, verdict, notices } = recording;
        let key = row.key.clone();
        if let Some(obstacle) = self.nights.obstacle(&key, was.as_deref()) {
            return obstacle;
        }
        self.nights.write(row, verdict);
        if cancels {
            self.cancel(&key);
        }
        notices.into_iter().for_each(|new| self.nights.tell(&key, new));
        Changed::Stored
    }

    fn cancel(&mut self, key: &DueKey) {
        for sweep in self.nights.sweeps_of(key) {
            if let Ok(sweep) = self.sweep_mut(sweep)
                && sweep.state != State::Done
            {
                sweep.state = State::Cancelled;
            }
        }
    }

    pub(super) fn begin(
        &mut self,
        row: RunRow,
        was: &[u8],
        night: NewNight,
    ) -> Result<Begun, StoreError> {
        let Some(held) = self.nights.runs.get(&row.key) else {
            let DueKey { schedule, due_s } = row.key;
            return Err(StoreError::NoRun { schedule, due_s });
        };
        if let Some(sweep) = held.run.sweep {
            return Ok(Begun::Night(self.nights.night(sweep, held.against.as_ref())));
        }
        if held.run.row.state != was {
            return Ok(Begun::Found(Box::new(held.run.row.clone())));
        }
        self.store_night(row, night).map(Begun::Night)
    }

    fn store_night(&mut self, row: RunRow, night: NewNight) -> Result<Night, StoreError> {
        let NewNight { sweep, against } = night;
        let anchors = against.as_ref().and_then(|with| with.anchors.as_ref());
        for new in [Some(&sweep), anchors].into_iter().flatten() {
            check_next(0, new.revision.number)?;
        }
        let sweep = self.submit(sweep)?;
        let with = against.map(|with| self.compare(sweep, with)).transpose()?;
        let key = row.key.clone();
        self.nights.write(row, None);
        if let Some(held) = self.nights.runs.get_mut(&key) {
            held.run.sweep = Some(sweep);
            held.against = with.as_ref().map(|with| with.baseline.clone());
        }
        Ok(Night { sweep, against: with })
    }

    pub(super) fn compare(
        &mut self,
        sweep: SweepId,
        with: NewComparison,
    ) -> Result<Comparison, StoreError> {
        let NewComparison { baseline, of, revision, anchors } = with;
        let key = (sweep, baseline.clone());
        let found = self.nights.comparisons.get(&key);
        if let Some(found) = found.filter(|found| (found.of, found.revision) == (of, revision)) {
            return Ok(found.clone());
        }
        let anchors = anchors.map(|new| self.submit(new)).transpose()?;
        let comparison = Comparison { sweep, baseline, of, revision, anchors };
        self.nights.comparisons.insert(key, comparison.clone());
        Ok(comparison)
    }
}
