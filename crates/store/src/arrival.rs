//! What becomes of a fact that arrives, given what is stored: first commit wins, and everything
//! else that cost calls is an attempt.
//!
//! A decision without I/O, for stores that look first and write then within one transaction.

use std::collections::{BTreeMap, BTreeSet};

use iago_sweep::{
    AttemptCause, AttemptFact, Digest, Fact, FailureFact, Frontier, JobId, Money, ResultFact, Text,
};

use crate::Appended;

/// One execution of a job under one lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Execution {
    /// Which job.
    pub job: JobId,
    /// The leadership term of the lease.
    pub term: u64,
    /// Which execution of the job in that term, from 1.
    pub attempt: u32,
}

/// What is stored already of the jobs that a batch is about.
#[derive(Clone, Debug, Default)]
pub struct Held {
    results: BTreeMap<JobId, Execution>,
    failures: BTreeMap<(JobId, u32), Execution>,
    attempts: BTreeSet<(Execution, AttemptCause)>,
    frontiers: BTreeMap<(u32, String), u64>,
}

/// What is to be written for a fact.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrival {
    /// The job's one answer.
    Result(Box<ResultFact>, Text),
    /// The job's failure in its round.
    Failure(FailureFact),
    /// Calls that led to neither; with the hash of the body sent, where it is known.
    Attempt(AttemptFact, Option<Digest>),
    /// A frontier that moved.
    Frontier(Frontier),
}

impl Execution {
    /// The execution that a result is of.
    pub fn of_result(fact: &ResultFact) -> Self {
        Self { job: fact.job, term: fact.term, attempt: fact.attempt }
    }

    /// The execution that a failure is of.
    pub fn of_failure(fact: &FailureFact) -> Self {
        Self { job: fact.job, term: fact.term, attempt: fact.attempt }
    }

    /// The execution that an attempt is of.
    pub fn of_attempt(fact: &AttemptFact) -> Self {
        Self { job: fact.job, term: fact.term, attempt: fact.attempt }
    }
}

impl Held {
    /// Notes a stored result.
    pub fn add_result(&mut self, execution: Execution) {
        self.results.insert(execution.job, execution);
    }

    /// Notes a stored failure.
    pub fn add_failure(&mut self, execution: Execution, round: u32) {
        self.failures.insert((execution.job, round), execution);
    }

    /// Notes a stored attempt.
    pub fn add_attempt(&mut self, execution: Execution, cause: AttemptCause) {
        self.attempts.insert((execution, cause));
    }

    /// Notes a stored frontier.
    pub fn add_frontier(&mut self, frontier: Frontier) {
        self.frontiers.insert((frontier.revision, frontier.pool), frontier.position);
    }

    /// Decides on the next fact of a batch; later facts of the batch meet it as stored.
    pub fn take(&mut self, fact: Fact) -> (Appended, Option<Arrival>) {
        match fact {
            Fact::Result(result, text) => self.take_result(result, text),
            Fact::Failure(failure) => self.take_failure(failure),
            Fact::Attempt(attempt) => self.take_attempt(attempt, None, Appended::Stored),
            Fact::Frontier(frontier) => (Appended::Stored, self.take_frontier(frontier)),
        }
    }

    fn take_result(&mut self, result: Box<ResultFact>, text: Text) -> (Appended, Option<Arrival>) {
        let execution = Execution::of_result(&result);
        match self.results.get(&result.job) {
            Some(held) if *held == execution => (Appended::Repeated, None),
            Some(_) => {
                let late = duplicate(execution, result.calls, result.cost);
                self.take_attempt(late, Some(result.request), Appended::Duplicate)
            }
            None => {
                self.add_result(execution);
                (Appended::Stored, Some(Arrival::Result(result, text)))
            }
        }
    }

    fn take_failure(&mut self, failure: FailureFact) -> (Appended, Option<Arrival>) {
        let execution = Execution::of_failure(&failure);
        if self.has_failed(execution) {
            return (Appended::Repeated, None);
        }
        let has_round = self.failures.contains_key(&(failure.job, failure.round));
        if has_round || self.results.contains_key(&failure.job) {
            let late = duplicate(execution, failure.calls, failure.cost);
            return self.take_attempt(late, None, Appended::Duplicate);
        }
        self.add_failure(execution, failure.round);
        (Appended::Stored, Some(Arrival::Failure(failure)))
    }

    /// Whether the failure of this execution is stored, as one of any round or as an attempt that
    /// came too late. Its message bears the round of the day that it comes: sent again after a
    /// retry, it says another one.
    fn has_failed(&self, execution: Execution) -> bool {
        let job = execution.job;
        let mut rounds = self.failures.range((job, 0)..=(job, u32::MAX));
        rounds.any(|(_, failed)| *failed == execution)
            || self.attempts.contains(&(execution, AttemptCause::Duplicate))
    }

    fn take_attempt(
        &mut self,
        attempt: AttemptFact,
        request: Option<Digest>,
        written: Appended,
    ) -> (Appended, Option<Arrival>) {
        if self.attempts.insert((Execution::of_attempt(&attempt), attempt.cause)) {
            (written, Some(Arrival::Attempt(attempt, request)))
        } else {
            (Appended::Repeated, None)
        }
    }

    fn take_frontier(&mut self, frontier: Frontier) -> Option<Arrival> {
        let key = (frontier.revision, frontier.pool.clone());
        if self.frontiers.get(&key).is_some_and(|held| *held >= frontier.position) {
            return None;
        }
        self.frontiers.insert(key, frontier.position);
        Some(Arrival::Frontier(frontier))
    }
}

fn duplicate(execution: Execution, calls: u32, cost: Option<Money>) -> AttemptFact {
    let Execution { job, term, attempt } = execution;
    AttemptFact { job, term, attempt, cause: AttemptCause::Duplicate, calls, cost }
}
