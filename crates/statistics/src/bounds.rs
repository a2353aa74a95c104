//! What the answers that are missing could have changed.
//!
//! Bounds hold whatever the reason for the gap was. They carry sampling error too: each end is the
//! end of the 95% interval of the most extreme completion, and they always hold the interval of
//! what was seen. With nothing missing, the bounds are the interval.

use crate::difference::{Pair, Quad};
use crate::interval::Interval;
use crate::paired::{Sides, complete, estimate};
use crate::rate::{Rate, rate};
use crate::suite::{suite_interval, suite_rate};
use crate::tally::Tally;

/// One prompt in one cell with what is unknown about it: `of` repeats were counted, `yes` of them
/// said yes, and `missing` more have no answer that counts (dropped, abstained, failed).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    pub yes: u32,
    pub of: u32,
    pub missing: u32,
}

/// One prompt under the two conditions of a contrast, with what is unknown.
pub type PairMissing = Pair<Missing>;

/// One prompt in a difference of differences, with what is unknown.
pub type QuadMissing = Quad<Missing>;

/// From all missing answers no to all missing answers yes: worst-case bounds (Manski 1989) on a
/// rate, with sampling error. `None` when there is neither an answer nor a gap.
pub fn rate_bounds(prompts: &[Missing]) -> Option<Interval> {
    bound_rate(prompts, rate)
}

/// The bounds of [`rate_bounds`] for exactly these prompts, with the error of [`suite_rate`].
pub fn suite_rate_bounds(prompts: &[Missing]) -> Option<Interval> {
    bound_rate(prompts, suite_rate)
}

/// Worst cases of a paired difference both ways, with sampling error: all that is missing `from`
/// says yes and all that is missing `to` says no, and the reverse. `None` when no prompt could be
/// paired even then.
pub fn paired_difference_bounds(pairs: &[PairMissing]) -> Option<Interval> {
    bound_pairs(pairs, over_prompts)
}

/// The bounds of [`paired_difference_bounds`] for exactly these prompts, with the error of
/// [`suite_difference`](crate::suite_difference).
pub fn suite_difference_bounds(pairs: &[PairMissing]) -> Option<Interval> {
    bound_pairs(pairs, suite_interval)
}

/// Worst cases of a difference of differences both ways, as [`paired_difference_bounds`].
pub fn difference_of_differences_bounds(quads: &[QuadMissing]) -> Option<Interval> {
    bound_quads(quads, over_prompts)
}

/// Worst cases of a difference of differences both ways, as [`suite_difference_bounds`].
pub fn suite_difference_of_differences_bounds(quads: &[QuadMissing]) -> Option<Interval> {
    bound_quads(quads, suite_interval)
}

fn bound_rate(prompts: &[Missing], find: fn(&[Tally]) -> Option<Rate>) -> Option<Interval> {
    let interval = |fill: Fill| {
        let tallies: Vec<Tally> = prompts.iter().map(|missing| missing.fill(fill)).collect();
        find(&tallies).map(|rate| rate.interval)
    };
    Some(widest(interval(Fill::No)?, interval(Fill::LeaveOut), interval(Fill::Yes)?))
}

fn bound_pairs(pairs: &[PairMissing], find: Find<2>) -> Option<Interval> {
    let is_complete = pairs.iter().all(|pair| pair.is_complete());
    bound(is_complete, |from, to| {
        find(&complete_all(pairs.iter().map(|pair| pair.fill(from, to).sides())))
    })
}

fn bound_quads(quads: &[QuadMissing], find: Find<4>) -> Option<Interval> {
    let is_complete =
        quads.iter().all(|quad| quad.minuend.is_complete() && quad.subtrahend.is_complete());
    bound(is_complete, |less, more| {
        find(&complete_all(quads.iter().map(|quad| {
            let minuend = quad.minuend.fill(less, more);
            Quad { minuend, subtrahend: quad.subtrahend.fill(more, less) }.sides()
        })))
    })
}

/// From what makes the difference least, through what was seen of it, to what makes it most.
fn bound(is_complete: bool, interval: impl Fn(Fill, Fill) -> Option<Interval>) -> Option<Interval> {
    let seen = interval(Fill::LeaveOut, Fill::LeaveOut);
    if is_complete {
        return seen;
    }
    Some(widest(interval(Fill::Yes, Fill::No)?, seen, interval(Fill::No, Fill::Yes)?))
}

/// The interval of complete prompts.
type Find<const N: usize> = fn(&[Sides<N>]) -> Option<Interval>;

fn over_prompts<const N: usize>(paired: &[Sides<N>]) -> Option<Interval> {
    estimate(paired).map(|estimate| estimate.interval)
}

fn complete_all<const N: usize>(prompts: impl Iterator<Item = Sides<N>>) -> Vec<Sides<N>> {
    complete(&prompts.collect::<Vec<_>>())
}

/// What is assumed of the answers that are missing.
#[derive(Clone, Copy)]
enum Fill {
    No,
    Yes,
    LeaveOut,
}

impl Missing {
    fn fill(self, fill: Fill) -> Tally {
        let Self { yes, of, missing } = self;
        // More answers than can be counted are as many as can be.
        let missing = missing.min(u32::MAX - of);
        match fill {
            Fill::No => Tally { yes, of: of + missing },
            Fill::Yes => Tally { yes: yes + missing, of: of + missing },
            Fill::LeaveOut => Tally { yes, of },
        }
    }
}

impl PairMissing {
    fn is_complete(self) -> bool {
        self.from.missing == 0 && self.to.missing == 0
    }

    fn fill(self, from: Fill, to: Fill) -> Pair {
        Pair { from: self.from.fill(from), to: self.to.fill(to) }
    }
}

/// A completion shrinks the sampling error, so its interval may end inside that of what was seen;
/// missing answers must never make a report look more certain.
pub(crate) fn widest(lowest: Interval, seen: Option<Interval>, highest: Interval) -> Interval {
    let extremes = lowest.hull(highest);
    seen.map_or(extremes, |seen| extremes.hull(seen))
}
