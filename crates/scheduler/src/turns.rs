//! Whose turn it is on a route: those of the highest priority that have something to hand out, which
//! share it by weight, in tokens.
//!
//! Each sweep has a virtual time, which is the tokens that it has taken over its weight, and the
//! earliest is next (start-time fair queueing: Goyal, Vin and Cheng, SIGCOMM 1996). What a job takes
//! is estimated when it is handed out, and put right when it ends. Times are compared within one
//! priority only: what is taken above or below it neither costs nor earns anything.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use iago_sweep::SweepId;

/// Steps of virtual time for one token at weight 1: no weight within it rounds a token away.
const STEPS_PER_TOKEN: i128 = 1 << 32;

/// The turns of one route.
#[derive(Clone, Debug, Default)]
pub(crate) struct Turns {
    clocks: BTreeMap<SweepId, Clock>,
    /// The last lease that was given on the route.
    pub(crate) last_lease: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Clock {
    priority: i8,
    time: i128,
    /// It has something to hand out.
    wants: bool,
}

impl Turns {
    /// Says whether a sweep has something to hand out. One that comes, comes back or changes its
    /// priority begins where the others of that are, so that there is no credit for having been idle.
    pub(crate) fn note(&mut self, sweep: SweepId, priority: i8, wants: bool) {
        let start = self.start(priority);
        let clock = self.clocks.entry(sweep).or_default();
        if clock.priority != priority {
            (clock.priority, clock.time) = (priority, start);
        } else if wants && !clock.wants {
            clock.time = clock.time.max(start);
        }
        clock.wants = wants;
    }

    /// Whose turn it is.
    pub(crate) fn next(&self) -> Option<SweepId> {
        self.first().map(|(sweep, _)| sweep)
    }

    /// The priority of whose turn it is.
    pub(crate) fn priority(&self) -> Option<i8> {
        self.first().map(|(_, clock)| clock.priority)
    }

    /// A sweep turned out to have nothing to hand out.
    pub(crate) fn pass(&mut self, sweep: SweepId) {
        if let Some(clock) = self.clocks.get_mut(&sweep) {
            clock.wants = false;
        }
    }

    /// A sweep had its turn, with a job that is expected to take so many tokens.
    pub(crate) fn take(&mut self, sweep: SweepId, weight: u32, tokens: u64) {
        if let Some(clock) = self.clocks.get_mut(&sweep) {
            clock.time = clock.time.saturating_add(steps(tokens, weight));
        }
    }

    /// A job has ended that was expected to take so many tokens, and took so many.
    pub(crate) fn settle(&mut self, sweep: SweepId, weight: u32, expected: u64, took: u64) {
        if let Some(clock) = self.clocks.get_mut(&sweep) {
            let more = steps(took, weight) - steps(expected, weight);
            clock.time = clock.time.saturating_add(more);
        }
    }

    /// A sweep is no more.
    pub(crate) fn forget(&mut self, sweep: SweepId) {
        self.clocks.remove(&sweep);
    }

    fn first(&self) -> Option<(SweepId, &Clock)> {
        let wanting = self.clocks.iter().filter(|(_, clock)| clock.wants);
        let first = wanting.min_by_key(|(_, clock)| (Reverse(clock.priority), clock.time));
        first.map(|(sweep, clock)| (*sweep, clock))
    }

    /// The least virtual time of those of a priority that are at work; where nobody is, the latest that
    /// there was.
    fn start(&self, priority: i8) -> i128 {
        let times = |wants| {
            let clocks = self.clocks.values();
            let clocks = clocks.filter(move |of| of.priority == priority && of.wants == wants);
            clocks.map(|clock| clock.time)
        };
        times(true).min().or_else(|| times(false).max()).unwrap_or_default()
    }
}

fn steps(tokens: u64, weight: u32) -> i128 {
    i128::from(tokens) * STEPS_PER_TOKEN / i128::from(weight.max(1))
}
