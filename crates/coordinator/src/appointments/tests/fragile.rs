//! A store behind which the process may die at any moment: before a verb and after it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
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

/// A store as one process sees it that dies after so many steps.
pub(super) struct Fragile {
    store: Arc<MemoryStore>,
    left: AtomicUsize,
    pub(super) dead: CancellationToken,
}

impl Fragile {
    pub(super) fn new(store: &Arc<MemoryStore>, steps: usize) -> Self {
        let (left, dead) = (AtomicUsize::new(steps), CancellationToken::new());
        Self { store: Arc::clone(store), left, dead }
    }

    /// Others have their turn here; and the process may end here, for good.
    async fn step(&self) {
        tokio::task::yield_now().await;
        let left = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
        if left.is_err() {
            self.dead.cancel();
            std::future::pending::<()>().await;
        }
    }
}

macro_rules! through {
    ($($verb:ident($($arg:ident: $of:ty),*) -> $gives:ty;)*) => {
        $(async fn $verb(&self, $($arg: $of),*) -> Result<$gives, StoreError> {
            self.step().await;
            let done = self.store.$verb($($arg),*).await;
            self.step().await;
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
