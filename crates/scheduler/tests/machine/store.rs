//! What lasts when a machine does not: a store, as far as the scheduler's laws need one.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use iago_scheduler::{Known, PoolId, Shape};
use iago_sweep::{AttemptCause, Coordinate, Fact, JobId, Money};

/// Committed facts; the first result of a job stays.
#[derive(Default)]
pub(crate) struct Store {
    /// What each answered job opened.
    pub(crate) results: BTreeMap<JobId, u64>,
    pub(crate) failures: BTreeSet<(JobId, u32)>,
    attempts: BTreeSet<(JobId, u64, u32, AttemptCause)>,
    frontiers: BTreeMap<(u32, String), u64>,
    pub(crate) spent: Money,
    pub(crate) round: u32,
}

impl Store {
    pub(crate) fn commit(&mut self, fact: Fact) {
        match fact {
            Fact::Result(fact, _) => {
                if let Entry::Vacant(place) = self.results.entry(fact.job) {
                    place.insert(fact.opens);
                    self.spent += fact.cost.unwrap_or_default();
                }
            }
            Fact::Failure(fact) => {
                self.failures.insert((fact.job, fact.round));
            }
            Fact::Attempt(fact) => {
                if self.attempts.insert((fact.job, fact.term, fact.attempt, fact.cause)) {
                    self.spent += fact.cost.unwrap_or_default();
                }
            }
            Fact::Frontier(fact) => {
                self.frontiers.insert((fact.revision, fact.pool), fact.position);
            }
        }
    }

    /// What a sweep of this shape is loaded with.
    pub(crate) fn known(&self, shape: &Shape) -> Known {
        let mut known = Known::new(shape.clone()).expect("it is small");
        self.results.iter().for_each(|(job, opens)| known.answered(*job, *opens, None));
        known.spent(self.spent);
        known.round(self.round);
        let failed = self.failures.iter().filter(|(_, round)| *round == self.round);
        failed.for_each(|(job, _)| known.failed(*job));
        for ((revision, pool), position) in &self.frontiers {
            if *revision == shape.revision {
                known.frontier(PoolId(u32::from(pool == "b")), *position);
            }
        }
        known
    }

    pub(crate) fn has_ended(&self, job: JobId) -> bool {
        self.results.contains_key(&job) || self.failures.contains(&(job, self.round))
    }

    /// The jobs of a sweep that have not ended, as far as they are known to be wanted.
    pub(crate) fn open(&self, shape: &Shape) -> Vec<JobId> {
        let mut wanted = Vec::new();
        for cell in 0..4 {
            for slot in 0..shape.prompts * shape.repeats {
                let (repeat, prompt) = (slot / shape.prompts, slot % shape.prompts);
                let at = Coordinate { stage: 0, cell, repeat, prompt, vote: 0 };
                let root = JobId::pack(at).expect("it is in range");
                wanted.push(root);
                if self.results.get(&root).is_some_and(|opens| *opens == 2) {
                    let votes = (0..3).map(|vote| Coordinate { stage: 1, vote, ..at });
                    wanted.extend(votes.filter_map(|at| JobId::pack(at).ok()));
                }
            }
        }
        wanted.retain(|job| !self.has_ended(*job));
        wanted
    }
}
