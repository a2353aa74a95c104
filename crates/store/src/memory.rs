//! The store for tests and simulations: the same promises, except that it ends with its process.

mod access;
mod nights;

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use iago_sweep::{
    AttemptCause, AttemptFact, Digest, Fact, FailureFact, Frontier, JobId, PoolUse, ReadingFact,
    ResultFact, SweepId, Text,
};

use crate::{
    Appended, Arrival, Audited, Execution, Held, Hold, Kind, NewRevision, NewSweep, READ_MAX,
    Recovered, State, Store, StoreError, SweepHead, Token, Totals,
};

/// Keeps facts in memory.
#[derive(Debug, Default)]
pub struct MemoryStore {
    // No verb awaits anything, so a plain mutex is never held across a suspension.
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// The sweep with number n stands at n - 1.
    sweeps: Vec<Sweep>,
    term: u64,
    holder: Option<String>,
    hold: Option<Hold>,
    /// In the order they were noted.
    uses: Vec<PoolUse>,
    /// By name. What is left of them is worked out when they are read.
    tokens: BTreeMap<String, Token>,
    /// The oldest first.
    audit: Vec<Audited>,
    nights: nights::Keeping,
}

#[derive(Debug)]
struct Sweep {
    name: String,
    created_ms: i64,
    kind: Kind,
    state: State,
    round: u32,
    revisions: Vec<NewRevision>,
    held: Held,
    results: BTreeMap<JobId, (ResultFact, Text)>,
    failures: BTreeMap<(JobId, u32), FailureFact>,
    attempts: BTreeMap<(Execution, AttemptCause), AttemptFact>,
    frontiers: BTreeMap<(u32, String), u64>,
    readings: BTreeMap<Digest, BTreeMap<JobId, ReadingFact>>,
}

impl MemoryStore {
    /// Who took leadership last.
    pub fn holder(&self) -> Option<String> {
        self.kept().holder.clone()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().expect("nothing panics while it holds this")
    }
}

impl Store for MemoryStore {
    async fn submit(&self, term: u64, new: NewSweep) -> Result<SweepId, StoreError> {
        let mut kept = self.kept();
        kept.require_term(term)?;
        kept.submit(new)
    }

    async fn revise(
        &self,
        term: u64,
        sweep: SweepId,
        revision: NewRevision,
    ) -> Result<(), StoreError> {
        let mut kept = self.kept();
        kept.require_term(term)?;
        let revisions = &mut kept.sweep_mut(sweep)?.revisions;
        check_next(u32::try_from(revisions.len()).unwrap_or(u32::MAX), revision.number)?;
        revisions.push(revision);
        Ok(())
    }

    async fn control(&self, term: u64, sweep: SweepId, state: State) -> Result<(), StoreError> {
        let mut kept = self.kept();
        kept.require_term(term)?;
        kept.sweep_mut(sweep)?.state = state;
        Ok(())
    }

    async fn retry(&self, term: u64, sweep: SweepId) -> Result<u32, StoreError> {
        let mut kept = self.kept();
        kept.require_term(term)?;
        let round = &mut kept.sweep_mut(sweep)?.round;
        *round += 1;
        Ok(*round)
    }

    async fn sweeps(&self) -> Result<Vec<SweepHead>, StoreError> {
        let kept = self.kept();
        Ok(kept.sweeps.iter().enumerate().rev().map(|(at, sweep)| sweep.head(id_at(at))).collect())
    }

    async fn plan(&self, sweep: SweepId, revision: u32) -> Result<Vec<u8>, StoreError> {
        let kept = self.kept();
        let found = kept.sweep(sweep)?.revisions.get(revision as usize);
        let missing = StoreError::Missing { sweep, revision: Some(revision) };
        found.map(|revision| revision.plan.clone()).ok_or(missing)
    }

    async fn append(
        &self,
        sweep: SweepId,
        term: u64,
        facts: Vec<Fact>,
    ) -> Result<Vec<Appended>, StoreError> {
        let mut kept = self.kept();
        kept.require_term(term)?;
        let sweep = kept.sweep_mut(sweep)?;
        Ok(facts.into_iter().map(|fact| sweep.append(fact)).collect())
    }

    async fn recover(
        &self,
        sweep: SweepId,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Vec<Recovered>, StoreError> {
        let kept = self.kept();
        Ok(kept.sweep(sweep)?.page(after, limit).map(Recovered::of).collect())
    }

    async fn results(
        &self,
        sweep: SweepId,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Vec<ResultFact>, StoreError> {
        let kept = self.kept();
        Ok(kept.sweep(sweep)?.page(after, limit).cloned().collect())
    }

    async fn failures(&self, sweep: SweepId) -> Result<Vec<FailureFact>, StoreError> {
        Ok(self.kept().sweep(sweep)?.failures.values().cloned().collect())
    }

    async fn attempts(&self, sweep: SweepId) -> Result<Vec<AttemptFact>, StoreError> {
        Ok(self.kept().sweep(sweep)?.attempts.values().cloned().collect())
    }

    async fn frontiers(&self, sweep: SweepId) -> Result<Vec<Frontier>, StoreError> {
        let kept = self.kept();
        let frontiers = kept.sweep(sweep)?.frontiers.iter();
        Ok(frontiers
            .map(|((revision, pool), position)| Frontier {
                revision: *revision,
                pool: pool.clone(),
                position: *position,
            })
            .collect())
    }

    async fn read(&self, sweep: SweepId, jobs: &[JobId]) -> Result<Vec<(JobId, Text)>, StoreError> {
        if jobs.len() > READ_MAX {
            return Err(StoreError::TooMany { asked: jobs.len(), limit: READ_MAX });
        }
        let kept = self.kept();
        let results = &kept.sweep(sweep)?.results;
        let found = jobs.iter().filter_map(|job| Some((*job, results.get(job)?.1.clone())));
        Ok(found.collect::<BTreeMap<_, _>>().into_iter().collect())
    }

    async fn keep_readings(
        &self,
        sweep: SweepId,
        term: u64,
        readings: Vec<ReadingFact>,
    ) -> Result<(), StoreError> {
        let mut kept = self.kept();
        kept.require_term(term)?;
        let stored = &mut kept.sweep_mut(sweep)?.readings;
        for reading in readings {
            stored.entry(reading.grammar).or_default().entry(reading.job).or_insert(reading);
        }
        Ok(())
    }

    async fn readings(
        &self,
        sweep: SweepId,
        grammar: Digest,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Vec<ReadingFact>, StoreError> {
        let kept = self.kept();
        let found = kept.sweep(sweep)?.readings.get(&grammar);
        Ok(found.into_iter().flat_map(|rows| page(rows, after, limit)).cloned().collect())
    }

    async fn totals(&self, sweep: SweepId) -> Result<Totals, StoreError> {
        Ok(self.kept().sweep(sweep)?.totals())
    }

    async fn note_use(&self, term: u64, uses: Vec<PoolUse>) -> Result<(), StoreError> {
        let mut kept = self.kept();
        kept.require_term(term)?;
        kept.uses.extend(uses);
        Ok(())
    }

    async fn recent_use(&self, since_ms: i64) -> Result<Vec<PoolUse>, StoreError> {
        let kept = self.kept();
        let recent = kept.uses.iter().filter(|used| used.at_ms >= since_ms);
        let mut recent: Vec<PoolUse> = recent.cloned().collect();
        // Stable: those of one moment stay in order.
        recent.sort_by_key(|used| used.at_ms);
        Ok(recent)
    }

    async fn lead(&self, holder: &str, hold: Duration) -> Result<u64, StoreError> {
        let mut kept = self.kept();
        kept.hold.as_ref().map_or(Ok(()), Hold::require_over)?;
        kept.term += 1;
        kept.holder = Some(holder.to_owned());
        kept.hold = Some(Hold::start(holder.to_owned(), hold));
        Ok(kept.term)
    }

    async fn renew(&self, term: u64, hold: Duration) -> Result<(), StoreError> {
        let mut kept = self.kept();
        kept.require_term(term)?;
        kept.hold = kept.holder.clone().map(|holder| Hold::start(holder, hold));
        Ok(())
    }

    async fn resign(&self, term: u64) -> Result<(), StoreError> {
        let mut kept = self.kept();
        if term == kept.term {
            kept.hold = None;
        }
        Ok(())
    }
}

impl Kept {
    fn require_term(&self, term: u64) -> Result<(), StoreError> {
        if term == self.term && term > 0 {
            return Ok(());
        }
        Err(StoreError::Deposed { term, leader: self.term })
    }

    fn submit(&mut self, new: NewSweep) -> Result<SweepId, StoreError> {
        check_next(0, new.revision.number)?;
        self.sweeps.push(Sweep::new(new));
        Ok(id_at(self.sweeps.len() - 1))
    }

    fn sweep(&self, id: SweepId) -> Result<&Sweep, StoreError> {
        position_of(id).and_then(|at| self.sweeps.get(at)).ok_or(StoreError::missing(id))
    }

    fn sweep_mut(&mut self, id: SweepId) -> Result<&mut Sweep, StoreError> {
        position_of(id).and_then(|at| self.sweeps.get_mut(at)).ok_or(StoreError::missing(id))
    }
}

impl Sweep {
    fn new(new: NewSweep) -> Self {
        Self {
            name: new.name,
            created_ms: new.created_ms,
            kind: new.kind,
            state: State::Running,
            round: 0,
            revisions: vec![new.revision],
            held: Held::default(),
            results: BTreeMap::new(),
            failures: BTreeMap::new(),
            attempts: BTreeMap::new(),
            frontiers: BTreeMap::new(),
            readings: BTreeMap::new(),
        }
    }

    fn head(&self, id: SweepId) -> SweepHead {
        let latest = self.revisions.last().expect("a sweep is made with its first revision");
        SweepHead {
            id,
            name: self.name.clone(),
            revision: latest.number,
            ask: latest.ask,
            analysis: latest.analysis,
            note: latest.note.clone(),
            state: self.state.clone(),
            round: self.round,
            created_ms: self.created_ms,
            kind: self.kind,
        }
    }

    fn page(&self, after: Option<i64>, limit: usize) -> impl Iterator<Item = &ResultFact> {
        page(&self.results, after, limit).map(|(result, _)| result)
    }

    fn append(&mut self, fact: Fact) -> Appended {
        let (appended, arrival) = self.held.take(fact);
        match arrival {
            None => {}
            Some(Arrival::Result(result, text)) => {
                self.results.insert(result.job, (*result, text));
            }
            Some(Arrival::Failure(failure)) => {
                self.failures.insert((failure.job, failure.round), failure);
            }
            Some(Arrival::Attempt(attempt, _)) => {
                self.attempts.insert((Execution::of_attempt(&attempt), attempt.cause), attempt);
            }
            Some(Arrival::Frontier(Frontier { revision, pool, position })) => {
                self.frontiers.insert((revision, pool), position);
            }
        }
        appended
    }

    fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        self.results.values().for_each(|(result, _)| totals.add_result(result));
        self.failures.values().for_each(|failure| totals.add_failure(failure));
        let counting = self.attempts.values().filter(|attempt| !self.is_superseded(attempt));
        counting.for_each(|attempt| totals.add_attempt(attempt));
        totals
    }

    /// An estimate of which the exact numbers have arrived.
    fn is_superseded(&self, attempt: &AttemptFact) -> bool {
        let this = Execution::of_attempt(attempt);
        let result = self.results.get(&this.job).map(|(result, _)| Execution::of_result(result));
        let mut failures = self.failures.range((this.job, 0)..=(this.job, u32::MAX));
        let other_causes = [AttemptCause::Duplicate, AttemptCause::Released];
        attempt.cause == AttemptCause::Abandoned
            && (result == Some(this)
                || failures.any(|(_, failure)| Execution::of_failure(failure) == this)
                || other_causes.iter().any(|cause| self.attempts.contains_key(&(this, *cause))))
    }
}

fn page<T>(
    rows: &BTreeMap<JobId, T>,
    after: Option<i64>,
    limit: usize,
) -> impl Iterator<Item = &T> {
    // Every job is above a negative number.
    let after = after.and_then(JobId::from_number).map_or(Bound::Unbounded, Bound::Excluded);
    rows.range((after, Bound::Unbounded)).take(limit).map(|(_, row)| row)
}

fn check_next(expected: u32, found: u32) -> Result<(), StoreError> {
    if expected == found { Ok(()) } else { Err(StoreError::Conflict { expected, found }) }
}

fn id_at(position: usize) -> SweepId {
    SweepId(i64::try_from(position).map_or(i64::MAX, |position| position + 1))
}

fn position_of(id: SweepId) -> Option<usize> {
    usize::try_from(id.0).ok()?.checked_sub(1)
}
