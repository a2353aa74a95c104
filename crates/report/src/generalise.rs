//! The statistics of what a sweep's claims generalise over.
//!
//! Over prompts, a prompt is one draw out of many like it. Over the suite, these prompts are all there are, and only the
//! answers within a prompt vary. Means have one method, which takes prompts for draws: over a suite their intervals are
//! wider than they need be.

use iago_statistics::{
    Difference, Interval, Missing, Pair, Quad, Rate, Tally, difference_of_differences,
    difference_of_differences_bounds, paired_difference, paired_difference_bounds, rate,
    rate_bounds, suite_difference, suite_difference_of_differences, suite_rate,
};
use iago_sweep::Generalise;

use crate::counted::Gappy as _;

pub(crate) fn find_rate(over: Generalise, prompts: &[Tally]) -> Option<Rate> {
    match over {
        Generalise::Prompts => rate(prompts),
        Generalise::Suite => suite_rate(prompts),
    }
}

pub(crate) fn find_difference(over: Generalise, pairs: &[Pair], seed: u64) -> Option<Difference> {
    match over {
        Generalise::Prompts => paired_difference(pairs, seed),
        Generalise::Suite => suite_difference(pairs, seed),
    }
}

pub(crate) fn find_difference_of_differences(
    over: Generalise,
    quads: &[Quad],
    seed: u64,
) -> Option<Difference> {
    match over {
        Generalise::Prompts => difference_of_differences(quads, seed),
        Generalise::Suite => suite_difference_of_differences(quads, seed),
    }
}

/// From all that is missing a no to all of it a yes, with the sampling error that the rate has.
pub(crate) fn bound_rate(over: Generalise, prompts: &[Missing]) -> Option<Interval> {
    let interval = |fill: Fill| {
        let tallies: Vec<Tally> = prompts.iter().map(|prompt| fill.of(*prompt)).collect();
        Some(suite_rate(&tallies)?.interval)
    };
    match over {
        Generalise::Prompts => rate_bounds(prompts),
        Generalise::Suite => {
            hull([interval(Fill::No), interval(Fill::LeaveOut), interval(Fill::Yes)])
        }
    }
}

/// Worst cases of a difference both ways, with its sampling error.
pub(crate) fn bound_difference(
    over: Generalise,
    pairs: &[Pair<Missing>],
    seed: u64,
) -> Option<Interval> {
    let interval = |from: Fill, to: Fill| {
        let filled: Vec<Pair> = pairs.iter().map(|pair| fill_pair(*pair, from, to)).collect();
        Some(suite_difference(&filled, seed)?.interval)
    };
    match over {
        Generalise::Prompts => paired_difference_bounds(pairs),
        Generalise::Suite => hull(CASES.map(|(from, to)| interval(from, to))),
    }
}

/// Worst cases of a difference of differences both ways, with its sampling error.
pub(crate) fn bound_difference_of_differences(
    over: Generalise,
    quads: &[Quad<Missing>],
    seed: u64,
) -> Option<Interval> {
    let interval = |less: Fill, more: Fill| {
        let fill = |quad: &Quad<Missing>| Quad {
            minuend: fill_pair(quad.minuend, less, more),
            subtrahend: fill_pair(quad.subtrahend, more, less),
        };
        let filled: Vec<Quad> = quads.iter().map(fill).collect();
        Some(suite_difference_of_differences(&filled, seed)?.interval)
    };
    match over {
        Generalise::Prompts => difference_of_differences_bounds(quads),
        Generalise::Suite => hull(CASES.map(|(less, more)| interval(less, more))),
    }
}

/// What is assumed of the answers that are missing.
#[derive(Clone, Copy)]
enum Fill {
    No,
    Yes,
    LeaveOut,
}

/// The lowest that a difference can be, what was seen of it, and the highest.
const CASES: [(Fill, Fill); 3] =
    [(Fill::Yes, Fill::No), (Fill::LeaveOut, Fill::LeaveOut), (Fill::No, Fill::Yes)];

impl Fill {
    fn of(self, prompt: Missing) -> Tally {
        let Missing { yes, of, missing } = prompt;
        match self {
            Self::No => Tally { yes, of: of + missing },
            Self::Yes => Tally { yes: yes + missing, of: of + missing },
            Self::LeaveOut => prompt.see(),
        }
    }
}

fn fill_pair(pair: Pair<Missing>, from: Fill, to: Fill) -> Pair {
    Pair { from: from.of(pair.from), to: to.of(pair.to) }
}

/// Missing answers never make a report look more certain: what was seen lies within.
fn hull(intervals: [Option<Interval>; 3]) -> Option<Interval> {
    let hull = |one: Interval, other: Interval| Interval {
        low: one.low.min(other.low),
        high: one.high.max(other.high),
    };
    intervals.into_iter().flatten().reduce(hull)
}
