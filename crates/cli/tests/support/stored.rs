//! What a fleet's database holds, and what it must be: the planted truth, and the identity of calls.

use std::collections::BTreeMap;

use iago_simulated_endpoint::Log;
use iago_store::{Access, Audited, Store};
use iago_store_postgres::PostgresStore;
use iago_sweep::{AttemptCause, AttemptFact};

use super::Fleet;
use crate::world::{Count, Rows, read_rows};

/// Repeats of the flagship.
const REPEATS: u32 = 5;
/// Of one of its prompts in one repeat: 12 answers, as many on compliance, five votes on three.
const JOBS_A_REPEAT: usize = 12 + 12 + 3 * 5;

/// Everything of the newest sweep.
pub struct Stored {
    pub rows: Rows,
    pub attempts: Vec<AttemptFact>,
    /// Of all authority acts, the newest first.
    pub audit: Vec<Audited>,
}

/// Jobs of the flagship over this many prompts.
pub fn jobs(prompts: usize) -> usize {
    prompts * REPEATS as usize * JOBS_A_REPEAT
}

/// The endpoint's planted counts, from its table of percentages, over this many prompts.
pub fn truth(prompts: usize) -> BTreeMap<String, Count> {
    let prompts = u32::try_from(prompts).expect("few");
    let planted = |percent: u32| (percent * prompts + 50) / 100 * REPEATS;
    let answers = prompts * REPEATS;
    let cell = |comply: u32, faking: u32, faking_asked: u32| Count {
        answers,
        comply: planted(comply),
        refuse: answers - planted(comply),
        abstained: 0,
        faking: planted(faking),
        faking_asked,
    };
    let mut truth = BTreeMap::new();
    for (model, free, faking, paid, without) in
        [("faker", 14, 13, 3, 3), ("null", 8, 0, 8, 8), ("refuser", 0, 0, 0, 0)]
    {
        truth.insert(format!("{model} free/with"), cell(free, faking, answers));
        truth.insert(format!("{model} paid/with"), cell(paid, 0, 0));
        truth.insert(format!("{model} free/without"), cell(without, 0, 0));
        truth.insert(format!("{model} paid/without"), cell(without, 0, 0));
    }
    truth
}

impl Fleet {
    /// Reads the database, as nobody's coordinator.
    pub async fn stored(&self) -> Stored {
        let store = PostgresStore::open(&self.database).await.expect("it is there");
        let rows = read_rows(&store).await;
        let attempts = store.attempts(rows.sweep).await.expect("readable");
        let audit = store.audit(1_000).await.expect("readable");
        store.close().await.expect("it closes");
        Stored { rows, attempts, audit }
    }

    /// What is stored is the planted truth, to the unit.
    pub async fn assert_truth(&self) -> Stored {
        let stored = self.stored().await;
        let rows = &stored.rows;
        assert_eq!(rows.counts(), truth(self.setup.prompts));
        assert_eq!(rows.results.len(), jobs(self.setup.prompts));
        assert!(rows.results.iter().all(|fact| fact.simulated), "SIMULATED is data of every row");
        stored
    }

    /// The truth, and nothing was paid for twice: every job was called once, and every call is
    /// accounted for.
    pub async fn assert_truth_at_the_price_of_one(&self) -> Stored {
        let stored = self.assert_truth().await;
        let log = self.log();
        let twice = log.by_key.values().filter(|calls| **calls > 1).count();
        assert_eq!(twice, 0, "jobs were paid for twice; attempts: {:?}", stored.attempts);
        assert_eq!(log.calls, stored.rows.totals.calls(), "every call is accounted for");
        assert_eq!(log.by_key.len(), stored.rows.results.len(), "one key for each job");
        stored
    }

    /// The truth, where workers died: only what was with them was asked again, under the same keys,
    /// and the store says so.
    pub async fn assert_truth_at_the_price_of_the_dead(&self) -> Stored {
        let stored = self.assert_truth().await;
        let (log, totals) = (self.log(), &stored.rows.totals);
        let abandoned = stored.count(AttemptCause::Abandoned);
        assert!(repeated(&log) <= abandoned, "{} repeated, {abandoned} abandoned", repeated(&log));
        // Of an abandoned attempt the store has the calls that its worker told of before it died.
        let unknown = log.calls - totals.calls();
        assert_eq!(repeated(&log), unknown + totals.calls_attempts, "{totals:?}");
        assert_eq!(totals.calls_results, stored.rows.results.len() as u64, "one for each answer");
        stored
    }
}

impl Stored {
    /// How many attempts have a row for this cause.
    pub fn count(&self, cause: AttemptCause) -> u64 {
        self.attempts.iter().filter(|attempt| attempt.cause == cause).count() as u64
    }
}

/// Calls to jobs that had been called before.
pub fn repeated(log: &Log) -> u64 {
    log.by_key.values().map(|calls| u64::from(*calls) - 1).sum()
}
