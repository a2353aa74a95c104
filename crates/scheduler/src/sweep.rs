//! One sweep in the scheduler: what has ended, what is out, what it has cost.

mod resting;
mod settling;
mod spending;
mod step;
mod upcoming;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use iago_sweep::{FailureClass, JobId, Money};

use crate::RouteId;
use crate::bits::Grid;
use crate::course::Course;
use crate::estimates::Estimates;
use crate::events::{Leased, Start};
use crate::known::{Known, StageCount, children};
use crate::shape::Shape;
use crate::tally::Tallies;
use crate::walk::Walk;

pub(crate) use resting::Rest;
use step::Step;

/// A sweep at work.
#[derive(Debug)]
pub(crate) struct Sweep {
    pub(crate) known: Known,
    pub(crate) course: Course,
    /// Jobs that are out, each under one lease, with what is reserved for them.
    out: BTreeMap<JobId, Money>,
    reserved: Money,
    walks: BTreeMap<RouteId, Walk>,
    /// Cells with open jobs, later stages first: what is begun is ended first.
    open_cells: BTreeSet<(RouteId, Reverse<u32>, u32)>,
    /// Jobs that came back unfinished.
    returned: BTreeMap<RouteId, BTreeSet<JobId>>,
    /// Jobs that are out although what was to open them is read in another way by now: they do not go
    /// out again.
    shut: BTreeSet<JobId>,
    /// Of jobs that came back or failed, the number of their last execution. Outlives a new
    /// loading, for within a term no number may name two executions.
    executions: BTreeMap<JobId, u32>,
    /// Numbers up to this one may have been used for any job, before the sweep was forgotten.
    executions_before: u32,
    /// Workers lost on jobs that have not ended.
    strikes: BTreeMap<JobId, u32>,
    tallies: Tallies,
    /// What jobs will take, by those that have ended.
    pub(crate) estimates: Estimates,
    held_back: Option<HeldBack>,
    step: Step,
}

/// What may be in flight since an earlier term.
#[derive(Debug)]
struct HeldBack {
    /// Jobs beside the walks that were open at loading.
    ready: Grid,
    /// The most that all that may be in flight can cost. What is adopted is reserved beside it,
    /// so that this errs on the careful side.
    worth: Money,
}

impl Sweep {
    pub(crate) fn new(known: Known, start: Start, in_grace: bool) -> Self {
        let frontier = |route| known.frontiers.get(&route).copied().unwrap_or(0);
        let routes = known.shape.routes().into_iter();
        let walks = routes.map(|route| (route, Walk::new(&known.shape, route, frontier(route))));
        let mut sweep = Self {
            walks: walks.collect(),
            course: if start == Start::AtRest { Course::Paused } else { Course::Running },
            out: BTreeMap::new(),
            reserved: Money::ZERO,
            open_cells: BTreeSet::new(),
            returned: BTreeMap::new(),
            shut: BTreeSet::new(),
            executions: BTreeMap::new(),
            executions_before: 0,
            strikes: BTreeMap::new(),
            tallies: Tallies::default(),
            estimates: Estimates::default(),
            held_back: None,
            step: Step::default(),
            known,
        };
        if in_grace && start != Start::Now {
            sweep.hold_back();
        }
        sweep.index_open_cells();
        sweep
    }

    /// The sweep as it was loaded anew, with what this machine knows beyond the store: what is
    /// out, what came back, and how often each was executed.
    pub(crate) fn replaced(self, mut known: Known, start: Start, in_grace: bool) -> Self {
        // What may be in flight since an earlier term stays so until the grace is over; in another
        // order, nobody knows where.
        let holds_back = self.held_back.is_some();
        let other_order = known.shape.revision != self.shape().revision;
        known.everything_may_be_out |=
            holds_back && (other_order || self.known.everything_may_be_out);
        known.priority = known.priority.or(self.known.priority);
        known.in_step_with = known.in_step_with.or(self.known.in_step_with);
        let start = if holds_back && start == Start::Now { Start::AfterGrace } else { start };
        let away = self.out.keys().chain(self.returned.values().flatten());
        let shut = away.filter(|job| known.is_shut(**job)).copied().collect();
        let mut sweep = Self::new(known, start, in_grace);
        sweep.shut = shut;
        for job in self.out.keys() {
            sweep.close(*job);
        }
        (sweep.out, sweep.reserved) = (self.out, self.reserved);
        (sweep.executions, sweep.strikes) = (self.executions, self.strikes);
        (sweep.executions_before, sweep.estimates) = (self.executions_before, self.estimates);
        self.returned.into_values().flatten().for_each(|job| sweep.put_back(job));
        sweep
    }

    pub(crate) fn shape(&self) -> &Shape {
        &self.known.shape
    }

    /// Before whom it goes where several want the same room.
    pub(crate) fn priority(&self) -> i8 {
        self.known.priority.unwrap_or_default()
    }

    pub(crate) fn has_ended(&self, job: JobId) -> bool {
        self.known.done.contains(job) || self.known.failed.contains(job)
    }

    /// How many jobs are out.
    pub(crate) fn out(&self) -> u64 {
        self.out.len() as u64
    }

    /// Counts by stage; jobs that are out, came back or are held back are known as well.
    pub(crate) fn counts(&self) -> Vec<StageCount> {
        let mut counts = self.known.counts();
        let returned = self.returned.values().flatten();
        let away = self.out.keys().chain(returned).filter(|job| !self.has_ended(**job));
        // A root's jobs are all known from the start.
        let is_root = |stage: u32| self.shape().stages[stage as usize].opener.is_none();
        for job in away.filter(|job| self.shape().contains(**job) && !is_root(job.at().stage)) {
            counts[job.at().stage as usize].known += 1;
        }
        if let Some(held_back) = &self.held_back {
            let children = (0..).zip(&mut counts).filter(|(stage, _)| !is_root(*stage));
            children.for_each(|(stage, count)| count.known += held_back.ready.count(stage));
        }
        counts
    }

    /// Counts a job as out that a worker already holds. False if it has ended, is out, or is none,
    /// or if the end of this very lease is stored.
    pub(crate) fn adopt(&mut self, leased: &Leased) -> bool {
        let job = leased.job;
        if self.known.is_over(leased) {
            return false;
        }
        if !self.shape().contains(job) || self.has_ended(job) || self.out.contains_key(&job) {
            return false;
        }
        if self.known.is_shut(job) && !self.is_held_back(job) && !self.has_returned(job) {
            self.shut.insert(job);
        }
        self.close(job);
        self.forget_return(job);
        self.reserve(job);
        true
    }

    /// A job came back unfinished from its nth execution.
    pub(crate) fn reopen(&mut self, job: JobId, attempt: u32) {
        self.note_execution(job, attempt);
        self.put_back(job);
    }

    /// The highest number that an execution which led to no answer has had.
    pub(crate) fn last_execution(&self) -> u32 {
        let last = self.executions.values().copied().max();
        last.unwrap_or(0).max(self.executions_before)
    }

    /// The number of the next execution of a job in this term.
    pub(crate) fn next_execution(&self, job: JobId) -> u32 {
        let last = self.executions.get(&job).copied().unwrap_or(0).max(self.executions_before);
        last.saturating_add(1)
    }

    /// The sweep was in memory before: numbers up to this one were used.
    pub(crate) fn count_on_from(&mut self, last_execution: u32) {
        self.executions_before = last_execution.max(self.executions_before);
    }

    /// A worker was lost on this job; how many have been by now.
    pub(crate) fn strike(&mut self, job: JobId) -> u32 {
        let strikes = self.strikes.entry(job).or_insert(0);
        *strikes += 1;
        *strikes
    }

    fn answered(&mut self, job: JobId, opens: u64) {
        self.end(job);
        self.executions.remove(&job);
        self.known.open(job, opens);
        for child in children(&self.known.shape, job, opens) {
            self.index(child);
        }
        self.tallies.answered(job);
    }

    /// A job failed after its nth execution in a term.
    pub(crate) fn failed(&mut self, job: JobId, attempt: u32, class: FailureClass, why: &str) {
        self.end(job);
        self.note_execution(job, attempt);
        self.known.fail(job);
        if let Some(reason) = self.tallies.failed(job, class, why) {
            self.course.pause(reason);
        }
    }

    fn note_execution(&mut self, job: JobId, attempt: u32) {
        let last = self.executions.entry(job).or_default();
        *last = attempt.max(*last);
    }

    fn put_back(&mut self, job: JobId) {
        let is_shut = self.shut.remove(&job);
        let open = self.shape().contains(job) && !self.has_ended(job) && !is_shut;
        let route = self.shape().route(job);
        if let (true, Some(route)) = (open && !self.out.contains_key(&job), route) {
            self.close(job);
            self.returned.entry(route).or_default().insert(job);
        }
    }

    /// Takes a job that ends out of everything that is open.
    fn end(&mut self, job: JobId) {
        self.close(job);
        self.forget_return(job);
        self.strikes.remove(&job);
        self.shut.remove(&job);
    }

    fn is_held_back(&self, job: JobId) -> bool {
        self.held_back.as_ref().is_some_and(|held_back| held_back.ready.contains(job))
    }

    fn has_returned(&self, job: JobId) -> bool {
        self.returned.values().any(|returned| returned.contains(&job))
    }

    fn forget_return(&mut self, job: JobId) {
        let route = self.shape().route(job);
        if let Some(returned) = route.and_then(|route| self.returned.get_mut(&route)) {
            returned.remove(&job);
        }
    }
}
