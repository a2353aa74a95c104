//! What a sweep would hand out next, and what it holds back.

use std::cmp::Reverse;

use iago_sweep::{JobId, Money};

use super::{HeldBack, Sweep};
use crate::RouteId;

impl Sweep {
    /// The routes of its jobs.
    pub(crate) fn routes(&self) -> Vec<RouteId> {
        self.walks.keys().copied().collect()
    }

    /// Whether it could hand out a job of a route now, if there were room for one.
    pub(crate) fn wants(&mut self, route: RouteId) -> bool {
        let may_go = self.course.is_running() && self.may_step();
        let job = if may_go { self.upcoming(route) } else { None };
        job.is_some_and(|job| !self.is_over_budget(job))
    }

    /// The job of a route that would go out next: what came back, then what is begun, then the walk.
    pub(super) fn upcoming(&mut self, route: RouteId) -> Option<JobId> {
        let returned = self.returned.get(&route).and_then(|returned| returned.first());
        if let Some(job) = returned {
            return Some(*job);
        }
        if let Some((stage, cell)) = self.open_cell_on(route) {
            return self.known.ready.first(stage, cell);
        }
        let (known, out) = (&self.known, &self.out);
        let passed_over = |job| {
            let has_ended = known.done.contains(job) || known.failed.contains(job);
            has_ended || out.contains_key(&job) || !known.shape.contains(job)
        };
        let walk = self.walks.get_mut(&route)?;
        walk.has_next(&known.shape, passed_over).then(|| walk.peek())?
    }

    /// Takes the route's next job, with the number of this execution of it, and the frontier to be
    /// committed before it goes out. `None` if there is none, or the budget or another sweep that it is
    /// in step with holds it back.
    pub(crate) fn next(&mut self, route: RouteId) -> Option<(JobId, u32, Option<u64>)> {
        let job = self.upcoming(route)?;
        if self.is_over_budget(job) || !self.may_step() {
            return None;
        }
        let mut frontier = None;
        let came_back = self.returned.get_mut(&route).is_some_and(|returned| returned.remove(&job));
        if self.known.ready.contains(job) {
            self.close(job);
        } else if !came_back {
            frontier = self.walks.get_mut(&route)?.take()?.1;
        }
        self.reserve(job);
        self.take_step();
        Some((job, self.next_execution(job), frontier))
    }

    /// Holds back what may be in flight since an earlier term.
    pub(super) fn hold_back(&mut self) {
        let Money(price) = self.shape().dearest();
        let jobs = i64::try_from(self.known.possibly_in_flight()).unwrap_or(i64::MAX);
        let worth = Money(price.saturating_mul(jobs));
        let everything = self.known.everything_may_be_out;
        self.walks.values_mut().for_each(|walk| walk.hold_back(everything));
        self.held_back = Some(HeldBack { ready: self.known.ready.take(), worth });
    }

    /// What was held back may go out.
    pub(crate) fn end_grace(&mut self) {
        let Some(held_back) = self.held_back.take() else { return };
        self.known.ready.absorb(held_back.ready);
        self.index_open_cells();
        self.walks.values_mut().for_each(crate::walk::Walk::go_back);
    }

    pub(super) fn index(&mut self, job: JobId) {
        if let (true, Some(route)) = (self.known.ready.contains(job), self.shape().route(job)) {
            self.open_cells.insert((route, Reverse(job.at().stage), job.at().cell));
        }
    }

    pub(super) fn index_open_cells(&mut self) {
        for (stage, cell) in self.known.ready.occupied() {
            if let Some(job) = self.known.ready.first(stage, cell) {
                self.index(job);
            }
        }
    }

    /// Takes a job out of the open ones, and its cell out of the index if it was the last.
    pub(super) fn close(&mut self, job: JobId) {
        if let Some(held_back) = &mut self.held_back {
            held_back.ready.remove(job);
        }
        let at = job.at();
        if !self.known.ready.remove(job) || self.known.ready.first(at.stage, at.cell).is_some() {
            return;
        }
        if let Some(route) = self.shape().route(job) {
            self.open_cells.remove(&(route, Reverse(at.stage), at.cell));
        }
    }

    fn open_cell_on(&self, route: RouteId) -> Option<(u32, u32)> {
        let from = (route, Reverse(u32::MAX), 0);
        let (of, Reverse(stage), cell) = *self.open_cells.range(from..).next()?;
        (of == route).then_some((stage, cell))
    }
}
