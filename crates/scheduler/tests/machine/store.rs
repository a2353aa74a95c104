//! What lasts when a machine does not: a store, as far as the scheduler's laws need one.

use std::collections::{BTreeMap, BTreeSet};

use iago_scheduler::{Known, PoolId, Shape};
use iago_sweep::{AttemptCause, AttemptFact, Coordinate, Fact, JobId, Money};

/// An execution of a job: the term, and its number in that.
pub(crate) type Execution = (JobId, u64, u32);

/// Committed facts; the first result of a job stays, and what else cost calls is an attempt.
#[derive(Default)]
pub(crate) struct Store {
    /// What each answered job opened, and by which execution.
    results: BTreeMap<JobId, (u64, Execution)>,
    failures: BTreeMap<(JobId, u32), Execution>,
    attempts: BTreeSet<(Execution, AttemptCause)>,
    frontiers: BTreeMap<(u32, String), u64>,
    spent: Money,
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
                    Some((_, first)) if *first == execution => {}
                    Some(_) => self.add_late(execution, fact.calls, fact.cost),
                    None => {
                        self.results.insert(fact.job, (fact.opens, execution));
                        self.count(fact.calls, fact.cost);
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
                    return self.add_late(execution, fact.calls, None);
                }
                self.failures.insert(place, execution);
                self.count(fact.calls, None);
            }
            Fact::Attempt(fact) => self.add_attempt(&fact),
            Fact::Frontier(fact) => {
                self.frontiers.insert((fact.revision, fact.pool), fact.position);
            }
        }
    }

    /// What a sweep of this shape is loaded with.
    pub(crate) fn known(&self, shape: &Shape) -> Known {
        let mut known = Known::new(shape.clone()).expect("it is small");
        self.results.iter().for_each(|(job, (opens, _))| known.answered(*job, *opens, None));
        known.spent(self.spent);
        known.round(self.round);
        for ((job, round), (_, term, attempt)) in &self.failures {
            if *round == self.round {
                known.failed(*job);
            } else {
                known.ended(*job, *term, *attempt);
            }
        }
        let ends = self.attempts.iter().filter(|(_, cause)| *cause != AttemptCause::Abandoned);
        ends.for_each(|((job, term, attempt), _)| known.ended(*job, *term, *attempt));
        for ((revision, pool), position) in &self.frontiers {
            if *revision == shape.revision {
                known.frontier(PoolId(u32::from(pool == "b")), *position);
            }
        }
        known
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
                if self.results.get(&root).is_some_and(|(opens, _)| *opens == 2) {
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
        self.failures.values().any(|stored| *stored == execution)
            || self.attempts.contains(&(execution, AttemptCause::Duplicate))
    }

    fn add_late(&mut self, (job, term, attempt): Execution, calls: u32, cost: Option<Money>) {
        let cause = AttemptCause::Duplicate;
        self.add_attempt(&AttemptFact { job, term, attempt, cause, calls, cost });
    }

    fn add_attempt(&mut self, fact: &AttemptFact) {
        if self.attempts.insert(((fact.job, fact.term, fact.attempt), fact.cause)) {
            self.count(fact.calls, fact.cost);
        }
    }

    fn count(&mut self, calls: u32, cost: Option<Money>) {
        self.calls += u64::from(calls);
        self.spent += cost.unwrap_or_default();
    }
}
