//! Whose turn it is on a route: sweeps share it by weight, in tokens.
//!
//! Each sweep has a virtual time, which is the tokens that it has taken over its weight, and the
//! earliest is next (start-time fair queueing: Goyal, Vin and Cheng, SIGCOMM 1996). What a job takes
//! is estimated when it is handed out, and put right when it ends.

use std::collections::BTreeMap;

use iago_sweep::SweepId;

/// Steps of virtual time for one token at weight 1: no weight within it rounds a token away.
const STEPS_PER_TOKEN: i128 = 1 << 32;

/// The turns of one route.
#[derive(Clone, Debug, Default)]
pub(crate) struct Turns(BTreeMap<SweepId, Clock>);

#[derive(Clone, Copy, Debug, Default)]
struct Clock {
    time: i128,
    /// It has something to hand out.
    wants: bool,
}

impl Turns {
    /// Says whether a sweep has something to hand out. One that comes, or comes back, begins where the
    /// others are, so that there is no credit for having been idle.
    pub(crate) fn note(&mut self, sweep: SweepId, wants: bool) {
        let start = self.start();
        let clock = self.0.entry(sweep).or_default();
        if wants && !clock.wants {
            clock.time = clock.time.max(start);
        }
        clock.wants = wants;
    }

    /// Whose turn it is.
    pub(crate) fn next(&self) -> Option<SweepId> {
        let wanting = self.0.iter().filter(|(_, clock)| clock.wants);
        wanting.min_by_key(|(_, clock)| clock.time).map(|(sweep, _)| *sweep)
    }

    /// A sweep had its turn, with a job that is expected to take so many tokens.
    pub(crate) fn take(&mut self, sweep: SweepId, weight: u32, tokens: u64) {
        if let Some(clock) = self.0.get_mut(&sweep) {
            clock.time = clock.time.saturating_add(steps(tokens, weight));
        }
    }

    /// A job has ended that was expected to take so many tokens, and took so many.
    pub(crate) fn settle(&mut self, sweep: SweepId, weight: u32, expected: u64, took: u64) {
        if let Some(clock) = self.0.get_mut(&sweep) {
            let more = steps(took, weight) - steps(expected, weight);
            clock.time = clock.time.saturating_add(more);
        }
    }

    /// A sweep is no more.
    pub(crate) fn forget(&mut self, sweep: SweepId) {
        self.0.remove(&sweep);
    }

    /// The least virtual time of those at work; where nobody is, the latest that there was.
    fn start(&self) -> i128 {
        let times = |wants| {
            let clocks = self.0.values().filter(move |clock| clock.wants == wants);
            clocks.map(|clock| clock.time)
        };
        times(true).min().or_else(|| times(false).max()).unwrap_or_default()
    }
}

fn steps(tokens: u64, weight: u32) -> i128 {
    i128::from(tokens) * STEPS_PER_TOKEN / i128::from(weight.max(1))
}
