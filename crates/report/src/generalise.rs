//! The statistics of what a sweep's claims generalise over.
//!
//! Over prompts, a prompt is one draw out of many like it. Over the suite, these prompts are all there are, and only the
//! answers within a prompt vary. Means have one method, which takes prompts for draws: over a suite their intervals are
//! wider than they need be.

use iago_statistics::{
    Difference, Interval, Missing, Pair, Quad, Rate, Tally, difference_of_differences,
    difference_of_differences_bounds, paired_difference, paired_difference_bounds, rate,
    rate_bounds, suite_difference, suite_difference_bounds, suite_difference_of_differences,
    suite_difference_of_differences_bounds, suite_rate, suite_rate_bounds,
};
use iago_sweep::Generalise;

pub(crate) fn find_rate(over: Generalise, prompts: &[Tally]) -> Option<Rate> {
    match over {
        Generalise::Prompts => rate(prompts),
        Generalise::Suite => suite_rate(prompts),
    }
}

pub(crate) fn find_difference(over: Generalise, pairs: &[Pair], seed: u64) -> Option<Difference> {
    match over {
        Generalise::Prompts => paired_difference(pairs, seed),
        Generalise::Suite => suite_difference(pairs),
    }
}

pub(crate) fn find_difference_of_differences(
    over: Generalise,
    quads: &[Quad],
    seed: u64,
) -> Option<Difference> {
    match over {
        Generalise::Prompts => difference_of_differences(quads, seed),
        Generalise::Suite => suite_difference_of_differences(quads),
    }
}

/// From all that is missing a no to all of it a yes, with the sampling error that the rate has.
pub(crate) fn bound_rate(over: Generalise, prompts: &[Missing]) -> Option<Interval> {
    match over {
        Generalise::Prompts => rate_bounds(prompts),
        Generalise::Suite => suite_rate_bounds(prompts),
    }
}

/// Worst cases of a difference both ways, with its sampling error.
pub(crate) fn bound_difference(over: Generalise, pairs: &[Pair<Missing>]) -> Option<Interval> {
    match over {
        Generalise::Prompts => paired_difference_bounds(pairs),
        Generalise::Suite => suite_difference_bounds(pairs),
    }
}

/// Worst cases of a difference of differences both ways, with its sampling error.
pub(crate) fn bound_difference_of_differences(
    over: Generalise,
    quads: &[Quad<Missing>],
) -> Option<Interval> {
    match over {
        Generalise::Prompts => difference_of_differences_bounds(quads),
        Generalise::Suite => suite_difference_of_differences_bounds(quads),
    }
}
