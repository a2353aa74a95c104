//! What the numbers that are missing could have changed, where a number has limits.
//!
//! As for rates: each end is the end of the interval of the most extreme completion, and the bounds
//! always hold the interval of what was seen. A number without limits has no bounds. Where a mean or a
//! difference has a caution, its bounds hold no better than its interval.

use crate::bounds::widest;
use crate::difference::{Pair, Quad};
use crate::interval::Interval;
use crate::mean::{ROUNDING, Sum, mean};
use crate::mean_difference::{Differences, estimate};
use crate::paired::{Sides, complete};

/// One prompt in one cell with what is unknown about it: `of` repeats add up to `total`, and
/// `missing` more have no number.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MissingSum {
    pub total: f64,
    pub of: u32,
    pub missing: u32,
}

/// From all missing values the lowest to all of them the highest, with sampling error. `limits` are
/// the lowest and the highest value that there can be. `None` when there is neither a value nor a gap,
/// where a sum is not finite, and where a completion shows no spread between prompts: that is no
/// certainty, unless all of it lies at a limit.
pub fn mean_bounds(prompts: &[MissingSum], limits: Interval) -> Option<Interval> {
    let interval = |fill: Fill| {
        let sums: Vec<Sum> = prompts.iter().map(|prompt| prompt.fill(fill, limits)).collect();
        let found = mean(&sums)?;
        found.interval.or_else(|| at_limit(found.value, limits))
    };
    let bounds = widest(interval(Fill::Low)?, interval(Fill::LeaveOut), interval(Fill::High)?);
    Some(bounds.clamp(limits.low, limits.high))
}

/// Worst cases of a paired difference of means both ways, with sampling error. `None` when no prompt
/// could be paired even then, and as for [`mean_bounds`].
pub fn mean_difference_bounds(pairs: &[Pair<MissingSum>], limits: Interval) -> Option<Interval> {
    let reach = limits.width();
    let interval = |from: Fill, to: Fill| {
        paired_interval(pairs.iter().map(|pair| pair.fill(from, to, limits).sides()), reach)
    };
    let bounds = widest(
        interval(Fill::High, Fill::Low)?,
        interval(Fill::LeaveOut, Fill::LeaveOut),
        interval(Fill::Low, Fill::High)?,
    );
    Some(bounds.clamp(-reach, reach))
}

/// Worst cases of a difference of differences of means both ways, as [`mean_difference_bounds`].
pub fn mean_difference_of_differences_bounds(
    quads: &[Quad<MissingSum>],
    limits: Interval,
) -> Option<Interval> {
    let reach = 2.0 * limits.width();
    let interval = |less: Fill, more: Fill| {
        let sides = quads.iter().map(|quad| {
            let minuend = quad.minuend.fill(less, more, limits);
            Quad { minuend, subtrahend: quad.subtrahend.fill(more, less, limits) }.sides()
        });
        paired_interval(sides, reach)
    };
    let bounds = widest(
        interval(Fill::High, Fill::Low)?,
        interval(Fill::LeaveOut, Fill::LeaveOut),
        interval(Fill::Low, Fill::High)?,
    );
    Some(bounds.clamp(-reach, reach))
}

/// What is assumed of the values that are missing.
#[derive(Clone, Copy)]
enum Fill {
    Low,
    High,
    LeaveOut,
}

impl MissingSum {
    fn fill(self, fill: Fill, limits: Interval) -> Sum {
        let Self { total, of, missing } = self;
        // More values than can be counted are as many as can be.
        let missing = missing.min(u32::MAX - of);
        let filled =
            |value: f64| Sum { total: total + value * f64::from(missing), of: of + missing };
        match fill {
            Fill::Low => filled(limits.low),
            Fill::High => filled(limits.high),
            Fill::LeaveOut => Sum { total, of },
        }
    }
}

impl Pair<MissingSum> {
    fn fill(self, from: Fill, to: Fill, limits: Interval) -> Pair<Sum> {
        Pair { from: self.from.fill(from, limits), to: self.to.fill(to, limits) }
    }
}

fn paired_interval<const N: usize>(
    prompts: impl Iterator<Item = Sides<N, Sum>>,
    reach: f64,
) -> Option<Interval> {
    let paired = complete(&prompts.collect::<Vec<_>>());
    let found = estimate(&Differences::of(&paired)?)?;
    found.interval.or_else(|| at_limit(found.value, Interval { low: -reach, high: reach }))
}

/// Where no spread can be seen, the value is all that is known, and that is enough only at the end of
/// what there can be.
fn at_limit(value: f64, limits: Interval) -> Option<Interval> {
    let close = |limit: f64| (value - limit).abs() <= ROUNDING * limits.width();
    (close(limits.low) || close(limits.high)).then_some(Interval { low: value, high: value })
}
