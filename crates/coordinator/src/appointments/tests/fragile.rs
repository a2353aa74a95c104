//! A store behind which something goes wrong, before a verb or after it: the process dies there, or is told
//! that the store cannot be reached.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use iago_store::{
    Access, Act, Appended, Audited, Baseline, Begun, Change, Changed, Comparison, Dates, DueKey,
    MemoryStore, NewBaseline, NewComparison, NewNight, NewRevision, NewSweep, NewToken, Nights,
    Notice, NoticeEnd, Recovered, RunRow, State, Store, StoreError, StoredRun, SweepHead, Token,
    Totals,
};
use iago_sweep::{
    AttemptFact, Digest, Fact, FailureFact, Frontier, JobId, PoolUse, ReadingFact, ResultFact,
    SweepId, Text,
};
use tokio_util::sync::CancellationToken;

/// A store as one process sees it, to which something happens after so many steps.
pub(super) struct Fragile {
    store: Arc<MemoryStore>,
    left: AtomicUsize,
    trouble: Trouble,
    /// Cancelled once it has happened.
    pub(super) dead: CancellationToken,
    /// The verbs that were asked, in their order.
    asked: Mutex<Vec<&'static str>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// The process ends, for good.
    Death,
    /// It is told once that the store is out of reach, whether or not its verb was done.
    Outage,
}

impl Fragile {
    /// Behind this one the process dies.
    pub(super) fn new(store: &Arc<MemoryStore>, steps: usize) -> Self {
        Self::with(store, steps, Trouble::Death)
    }

    /// This one is out of reach once.
    pub(super) fn failing(store: &Arc<MemoryStore>, steps: usize) -> Self {
        Self::with(store, steps, Trouble::Outage)
    }

    fn with(store: &Arc<MemoryStore>, steps: usize, trouble: Trouble) -> Self {
        let (left, dead, asked) =
            (AtomicUsize::new(steps), CancellationToken::new(), <_>::default());
        Self { store: Arc::clone(store), left, trouble, dead, asked }
    }

    /// How often a verb was asked.
    pub(super) fn count(&self, verb: &str) -> usize {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.iter().filter(|other| **other == verb).count()
    }

    fn note_verb(&self, verb: &'static str) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(verb);
    }

    /// Others have their turn here; and it may be the step at which it happens.
    async fn step(&self) -> Result<(), StoreError> {
        tokio::task::yield_now().await;
        let left = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
        if left.is_ok() || (self.trouble == Trouble::Outage && self.dead.is_cancelled()) {
            return Ok(());
        }
        self.dead.cancel();
        match self.trouble {
            Trouble::Death => std::future::pending().await,
            Trouble::Outage => Err(StoreError::Unavailable { reason: "out of reach".to_owned() }),
        }
    }
}

macro_rules! through {
    ($($verb:ident($($arg:ident: $of:ty),*) -> $gives:ty;)*) => {
        $(async fn $verb(&self, $($arg: $of),*) -> Result<$gives, StoreError> {
            self.note_verb(stringify!($verb));
            self.step().await?;
            let done = self.store.$verb($($arg),*).await;
            self.step().await?;
            done
        })*
    };
}

impl Store for Fragile {
    through! {
        submit(term: u64, new: NewSweep) -> SweepId;
        revise(term: u64, sweep: SweepId, revision: NewRevision) -> ();
        control(term: u64, sweep: SweepId, state: State) -> ();
        retry(term: u64, sweep: SweepId) -> u32;
        sweeps() -> Vec<SweepHead>;
        plan(sweep: SweepId, revision: u32) -> Vec<u8>;
        append(sweep: SweepId, term: u64, facts: Vec<Fact>) -> Vec<Appended>;
        recover(sweep: SweepId, after: Option<i64>, limit: usize) -> Vec<Recovered>;
        results(sweep: SweepId, after: Option<i64>, limit: usize) -> Vec<ResultFact>;
        failures(sweep: SweepId) -> Vec<FailureFact>;
        attempts(sweep: SweepId) -> Vec<AttemptFact>;
        frontiers(sweep: SweepId) -> Vec<Frontier>;
        read(sweep: SweepId, jobs: &[JobId]) -> Vec<(JobId, Text)>;
        keep_readings(sweep: SweepId, term: u64, readings: Vec<ReadingFact>) -> ();
        readings(sweep: SweepId, grammar: Digest, after: Option<i64>, limit: usize) -> Vec<ReadingFact>;
        totals(sweep: SweepId) -> Totals;
        note_use(term: u64, uses: Vec<PoolUse>) -> ();
        recent_use(since_ms: i64) -> Vec<PoolUse>;
        lead(holder: &str, hold: Duration) -> u64;
        renew(term: u64, hold: Duration) -> ();
        resign(term: u64) -> ();
    }
}

impl Access for Fragile {
    through! {
        grant(token: NewToken) -> ();
        tokens() -> Vec<Token>;
        revoke(name: &str) -> ();
        note(who: &str, act: Act, sweep: Option<SweepId>, detail: &str) -> ();
        audit(limit: usize) -> Vec<Audited>;
    }
}

impl Nights for Fragile {
    through! {
        set_baseline(baseline: NewBaseline) -> Baseline;
        drop_baseline(name: &str) -> ();
        baselines() -> Vec<Baseline>;
        keep_files(term: u64, content: Digest, files: Vec<(String, Vec<u8>)>) -> ();
        files(content: Digest) -> Vec<(String, Vec<u8>)>;
        version(name: &str, version: Digest) -> Option<Vec<u8>>;
        dates() -> Dates;
        change(term: u64, changes: Vec<Change>) -> Vec<Changed>;
        begin(term: u64, row: RunRow, was: Vec<u8>, night: NewNight) -> Begun;
        compare(term: u64, sweep: SweepId, with: NewComparison) -> Comparison;
        comparisons(sweep: SweepId) -> Vec<Comparison>;
        runs(schedule: &str, before_s: Option<i64>, limit: usize) -> Vec<StoredRun>;
        run_of(sweep: SweepId) -> Option<StoredRun>;
        open_notices(limit: usize) -> Vec<Notice>;
        end_notice(term: u64, id: &str, end: NoticeEnd) -> ();
        notices(key: &DueKey) -> Vec<Notice>;
    }
}
