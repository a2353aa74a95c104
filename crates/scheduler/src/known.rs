//! What a store knows of a sweep, as bits.

use std::collections::BTreeMap;

use iago_sweep::{
    AttemptCause, AttemptFact, Coordinate, FailureClass, FailureFact, JobId, Money, SweepId,
};

use crate::RouteId;
use crate::bits::{Grid, GridError};
use crate::events::Leased;
use crate::executions::Execution;
use crate::shape::Shape;
use crate::spend::{Account, Cost, Purpose, Spend};

/// HTTP statuses from here on say that there is no answer.
const STATUS_REFUSED_MIN: u16 = 400;

/// What a store knows of a sweep; filled fact by fact before work starts.
#[derive(Clone, Debug)]
pub struct Known {
    pub(crate) shape: Shape,
    pub(crate) done: Grid,
    pub(crate) failed: Grid,
    /// Opened, neither ended nor handed out.
    pub(crate) ready: Grid,
    /// What it has cost, and which executions have ended.
    pub(crate) account: Account,
    pub(crate) frontiers: BTreeMap<RouteId, u64>,
    /// Frontiers say nothing on what may be in flight.
    pub(crate) everything_may_be_out: bool,
    /// Failures from here on belong to this retry round.
    pub(crate) round: u32,
    /// Who goes first where several want the same room; `None` where nobody said.
    pub(crate) priority: Option<i8>,
    /// The sweep that it is to be no further than.
    pub(crate) in_step_with: Option<SweepId>,
}

/// Counts of a stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StageCount {
    /// Jobs with a result.
    pub done: u64,
    /// Jobs that failed.
    pub failed: u64,
    /// Jobs known to be wanted so far, the ended ones among them.
    pub known: u64,
}

impl StageCount {
    /// Whether a job of the stage is open.
    pub(crate) fn is_open(&self) -> bool {
        self.open() > 0
    }

    /// How many jobs of the stage are open.
    pub(crate) fn open(&self) -> u64 {
        self.known.saturating_sub(self.done + self.failed)
    }
}

impl Known {
    /// Nothing has happened yet.
    pub fn new(shape: Shape) -> Result<Self, GridError> {
        let empty = Grid::new(&shape)?;
        Ok(Self {
            done: empty.clone(),
            failed: empty.clone(),
            ready: empty,
            account: Account::default(),
            frontiers: BTreeMap::new(),
            everything_may_be_out: false,
            round: 0,
            priority: None,
            in_step_with: None,
            shape,
        })
    }

    /// A job has a result that opened these stages. May be said again of a job, without its cost, where
    /// more is known of what it opens.
    pub fn answered(&mut self, job: JobId, opens: u64, cost: Option<Money>) {
        let is_one = self.shape.contains(job) || cost.is_some();
        if is_one && !self.done.contains(job) {
            let cost = Cost::of(cost, 1, self.shape.reserve(job));
            self.account.add(self.purpose_of_answer(job), cost);
        }
        self.open(job, opens);
    }

    /// The execution that a job's result is of: when it is delivered again, it costs nothing. To be
    /// said of every result.
    pub fn answered_by(&mut self, job: JobId, term: u64, attempt: u32) {
        self.account.end(Execution { job, term, attempt });
    }

    /// A job failed, in the present retry round or in an earlier one: say [`Known::round`] first. A
    /// lease of this execution is over, and what is delivered of it again says nothing of the present
    /// round and costs nothing.
    pub fn failed(&mut self, failure: &FailureFact) {
        let FailureFact { job, round, term, attempt, .. } = *failure;
        self.account.count(
            Execution { job, term, attempt },
            Purpose::Failed,
            cost_of_failure(failure, failure.cost, self.shape.reserve(job)),
        );
        if round == self.round {
            self.fail(job);
        }
    }

    /// Something else that cost money. Unless it was abandoned, when nobody knows its end, a lease of
    /// this execution is over, as if it had failed.
    pub fn spent(&mut self, attempt: &AttemptFact) {
        let AttemptFact { job, term, attempt, cause, calls, cost } = *attempt;
        let execution = Execution { job, term, attempt };
        match cause {
            AttemptCause::Abandoned => self.account.abandon(execution, cost.unwrap_or_default()),
            AttemptCause::Duplicate | AttemptCause::Released => {
                let cost = Cost::of(cost, calls, self.shape.reserve(job));
                self.account.count(execution, Purpose::Late, cost);
            }
        }
    }

    /// Whether there are frontiers, and yet none of a route with jobs that open by themselves: these
    /// may have been walked along another route before.
    pub fn lacks_frontiers(&self) -> bool {
        let has_walk = |route: &RouteId| !self.shape.roots(*route).is_empty();
        let has_none = |route: &RouteId| !self.frontiers.contains_key(route);
        let mut walked = self.shape.routes().into_iter().filter(has_walk);
        !self.frontiers.is_empty() && walked.any(|route| has_none(&route))
    }

    /// Opens a retry round: failures from here on belong to it.
    pub fn round(&mut self, round: u32) {
        self.round = round;
    }

    /// Where a sweep of a higher priority has something to hand out, those of a lower one wait, whatever
    /// their weights. 0 where nobody says; what was said stays until something else is said of a later
    /// loading.
    pub fn priority(&mut self, priority: i8) {
        self.priority = Some(priority);
    }

    /// What it has to hand out is spread evenly over what another sweep has left, so that both end
    /// together. Stays until another sweep is named in a later loading. Holds up nothing while the other
    /// is not loaded or at rest, nor where the other is itself in step with one. The other is to be
    /// loaded first.
    pub fn in_step_with(&mut self, other: SweepId) {
        self.in_step_with = Some(other);
    }

    /// How far an earlier process may have handed out a route's walk.
    pub fn frontier(&mut self, route: RouteId, position: u64) {
        self.frontiers.insert(route, position);
    }

    /// Jobs beyond the frontiers may be in flight as well: they were handed out in the order of an
    /// earlier revision. To be said of every revision but the first, unless nothing of the sweep
    /// can be in flight at all.
    pub fn everything_may_be_out(&mut self) {
        self.everything_may_be_out = true;
    }

    /// A job has its answer, which opened these stages.
    pub(crate) fn open(&mut self, job: JobId, opens: u64) {
        if !self.shape.contains(job) {
            return;
        }
        self.done.insert(job);
        self.failed.remove(job);
        self.ready.remove(job);
        for child in children(&self.shape, job, opens) {
            if !self.done.contains(child) && !self.failed.contains(child) {
                self.ready.insert(child);
            }
        }
    }

    /// A job has failed in the present retry round.
    pub(crate) fn fail(&mut self, job: JobId) {
        if self.shape.contains(job) && !self.done.contains(job) {
            self.failed.insert(job);
            self.ready.remove(job);
        }
    }

    /// What the answer of a job is paid for.
    pub(crate) fn purpose_of_answer(&self, job: JobId) -> Purpose {
        let stage = self.shape.stages.get(job.at().stage as usize);
        if stage.is_some_and(|of| of.grades) { Purpose::Judges } else { Purpose::Answered }
    }

    /// Whether a lease is over because its execution has ended.
    pub(crate) fn is_over(&self, leased: &Leased) -> bool {
        self.account.has_ended(Execution::of(leased))
    }

    /// Whether a job has not ended, and nothing has opened it.
    pub(crate) fn is_shut(&self, job: JobId) -> bool {
        let opener = self.shape.stages.get(job.at().stage as usize).map(|stage| stage.opener);
        let has_ended = self.done.contains(job) || self.failed.contains(job);
        matches!(opener, Some(Some(_))) && !has_ended && !self.ready.contains(job)
    }

    /// Whether no job is open.
    pub fn is_finished(&self) -> bool {
        !self.counts().iter().any(StageCount::is_open)
    }

    /// Counts by stage.
    pub fn counts(&self) -> Vec<StageCount> {
        let transcripts = self.shape.transcripts();
        let stages = (0..).zip(&self.shape.stages);
        let count = stages.map(|(stage, shape)| {
            let (done, failed) = (self.done.count(stage), self.failed.count(stage));
            let known = match shape.opener {
                None => transcripts,
                Some(_) => done + failed + self.ready.count(stage),
            };
            StageCount { done, failed, known }
        });
        count.collect()
    }

    /// What it has cost.
    pub fn spend(&self) -> Spend {
        self.account.spend()
    }

    /// An upper bound for the jobs that were in flight when an earlier process died: what stands
    /// before the frontier and has not ended, and what was open beside the walk.
    pub fn possibly_in_flight(&self) -> u64 {
        if self.everything_may_be_out {
            return self.counts().iter().map(StageCount::open).sum();
        }
        let opened: u64 = self.frontiers.values().sum();
        let (mut jobs, mut ended, mut beside) = (0, 0, 0);
        for (stage, shape) in (0..).zip(&self.shape.stages) {
            if shape.opener.is_some() {
                beside += self.ready.count(stage);
            } else {
                jobs += self.shape.transcripts();
                ended += self.done.count(stage) + self.failed.count(stage);
            }
        }
        opened.min(jobs).saturating_sub(ended) + beside
    }
}

/// What a failure cost: nothing where the endpoint refused, for which nobody is charged.
pub(crate) fn cost_of_failure(
    failure: &FailureFact,
    told: Option<Money>,
    reserve: Option<Money>,
) -> Cost {
    let is_refused = failure.class == FailureClass::Rejected
        || failure.status.is_some_and(|status| status >= STATUS_REFUSED_MIN);
    let told = told.or(is_refused.then_some(Money::ZERO));
    Cost::of(told, failure.calls, reserve)
}

/// The jobs that a result opens: all votes of each opened stage, in the same transcript.
pub(crate) fn children(shape: &Shape, job: JobId, opens: u64) -> Vec<JobId> {
    let at = job.at();
    let stages = (0..).zip(&shape.stages).filter(|(stage, _)| opens >> stage & 1 == 1);
    let jobs = stages.flat_map(|(stage, of)| (0..of.votes).map(move |vote| (stage, vote)));
    jobs.filter_map(|(stage, vote)| JobId::pack(Coordinate { stage, vote, ..at }).ok()).collect()
}
