//! What lasts when a machine does not: a store, as far as the scheduler's laws need one.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use iago_scheduler::{Known, Shape};
use iago_sweep::{
    AttemptCause, AttemptFact, Coordinate, Fact, FailureFact, JobId, Money, ResultFact,
};

use crate::world::{A, B, BOTH};

/// An execution of a job: the term, and its number in that.
pub(crate) type Execution = (JobId, u64, u32);

/// Committed facts; the first result of a job stays, and what else cost calls is an attempt.
#[derive(Default)]
pub(crate) struct Store {
    results: BTreeMap<JobId, ResultFact>,
    failures: BTreeMap<(JobId, u32), FailureFact>,
    attempts: BTreeMap<(Execution, AttemptCause), AttemptFact>,
    frontiers: BTreeMap<(u32, String), u64>,
    /// Calls of everything that is stored.
    pub(crate) calls: u64,
    /// The retry round in which the sweep is.
    pub(crate) round: u32,
}

impl Store {
    pub(crate) fn commit(&mut self, fact: Fact) {
        match fact {
            Fact::Result(fact, _) => {
                let execution = (fact.job, fact.term, fact.attempt);
                match self.results.get(&fact.job) {
                    Some(first) if (first.job, first.term, first.attempt) == execution => {}
                    Some(_) => self.add_late(execution, fact.calls, fact.cost),
                    None => {
                        self.calls += u64::from(fact.calls);
                        self.results.insert(fact.job, *fact);
                    }
                }
            }
            Fact::Failure(fact) => {
                let execution = (fact.job, fact.term, fact.attempt);
                if self.has_failed(execution) {
                    return;
                }
                let place = (fact.job, fact.round);
                if self.results.contains_key(&fact.job) || self.failures.contains_key(&place) {
                    return self.add_late(execution, fact.calls, fact.cost);
                }
                self.calls += u64::from(fact.calls);
                self.failures.insert(place, fact);
            }
            Fact::Attempt(fact) => self.add_attempt(fact),
            Fact::Frontier(fact) => {
                self.frontiers.insert((fact.revision, fact.pool), fact.position);
            }
        }
    }

    /// What a sweep of this shape is loaded with.
    pub(crate) fn known(&self, shape: &Shape) -> Known {
        let mut known = Known::new(shape.clone()).expect("it is small");
        for fact in self.results.values() {
            known.answered(fact.job, fact.opens, fact.cost);
            known.answered_by(fact.job, fact.term, fact.attempt);
        }
        known.round(self.round);
        self.failures.values().for_each(|failure| known.failed(failure));
        self.attempts.values().for_each(|attempt| known.spent(attempt));
        for ((revision, route), position) in &self.frontiers {
            if *revision == shape.revision {
                let names = ["a", "b", "a+b"].into_iter().zip([A, B, BOTH]);
                let route = names.into_iter().find(|(name, _)| name == route);
                known.frontier(route.expect("there are no others").1, *position);
            }
        }
        known
    }

    /// All that is known to have been spent. What was taken to be the cost of an execution that was
    /// given up does not count beside its end.
    pub(crate) fn spent(&self) -> Money {
        let attempts = self.attempts.iter().filter(|((execution, cause), _)| {
            *cause != AttemptCause::Abandoned || !self.has_an_end(*execution)
        });
        let costs = self.results.values().map(|fact| fact.cost);
        let costs = costs.chain(self.failures.values().map(|fact| fact.cost));
        costs.chain(attempts.map(|(_, fact)| fact.cost)).flatten().sum()
    }

    fn has_an_end(&self, execution: Execution) -> bool {
        let is_result = |fact: &ResultFact| (fact.job, fact.term, fact.attempt) == execution;
        self.results.get(&execution.0).is_some_and(is_result)
            || self.has_failed(execution)
            || self.attempts.contains_key(&(execution, AttemptCause::Released))
            || self.attempts.contains_key(&(execution, AttemptCause::Duplicate))
    }

    pub(crate) fn has_ended(&self, job: JobId) -> bool {
        self.results.contains_key(&job) || self.failures.contains_key(&(job, self.round))
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
                if self.results.get(&root).is_some_and(|fact| fact.opens == 2) {
                    let votes = (0..3).map(|vote| Coordinate { stage: 1, vote, ..at });
                    wanted.extend(votes.filter_map(|at| JobId::pack(at).ok()));
                }
            }
        }
        wanted.retain(|job| !self.has_ended(*job));
        wanted
    }

    /// Whether the failure of an execution is stored, in whichever round, or as an attempt.
    fn has_failed(&self, execution: Execution) -> bool {
        let mut failures = self.failures.values();
        failures.any(|stored| (stored.job, stored.term, stored.attempt) == execution)
            || self.attempts.contains_key(&(execution, AttemptCause::Duplicate))
    }

    fn add_late(&mut self, (job, term, attempt): Execution, calls: u32, cost: Option<Money>) {
        let cause = AttemptCause::Duplicate;
        self.add_attempt(AttemptFact { job, term, attempt, cause, calls, cost });
    }

    fn add_attempt(&mut self, fact: AttemptFact) {
        let key = ((fact.job, fact.term, fact.attempt), fact.cause);
        if let Entry::Vacant(place) = self.attempts.entry(key) {
            self.calls += u64::from(fact.calls);
            place.insert(fact);
        }
    }
}
