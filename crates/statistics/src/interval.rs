//! Intervals for one proportion, from counts that are independent.

use crate::quantile::{beta_quantile, normal_quantile};

/// The confidence of every interval that this crate chooses itself: 95%, two-sided.
pub const CONFIDENCE: f64 = 0.95;

/// A closed interval: of proportions (`0..=1`), of differences of them (`-1..=1`, for differences of
/// differences `-2..=2`), or of means and their differences, in the unit of the values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

impl Interval {
    pub fn contains(self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    pub fn width(self) -> f64 {
        self.high - self.low
    }

    /// The smallest interval that holds both.
    pub(crate) fn hull(self, other: Self) -> Self {
        Self { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    /// The part of it that lies from `low` to `high`; one of those, where nothing does.
    #[must_use]
    pub fn clamp(self, low: f64, high: f64) -> Self {
        Self { low: self.low.clamp(low, high), high: self.high.clamp(low, high) }
    }
}

/// The score interval of Wilson (1927), without continuity correction.
///
/// With `z` the normal quantile at `(1 + confidence) / 2` and `p = yes / n`:
/// `(p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n)`. Both counts may be fractional, which is
/// how an effective sample size enters. Assumes independent draws; always inside `0..=1`, and
/// always holds `p`. With `n = 0` nothing is known: `0..=1`.
pub fn wilson(yes: f64, n: f64, confidence: f64) -> Interval {
    if n <= 0.0 {
        return Interval { low: 0.0, high: 1.0 };
    }
    let z = normal_quantile((1.0 + confidence) / 2.0);
    let p = yes / n;
    let shrink = 1.0 + z * z / n;
    let centre = (p + z * z / (2.0 * n)) / shrink;
    let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt() / shrink;
    // At p = 0 and p = 1 the bound is exact, which rounding must not spoil.
    Interval { low: (centre - half).min(p), high: (centre + half).max(p) }.clamp(0.0, 1.0)
}

/// The exact interval of Clopper and Pearson (1934), from beta quantiles.
///
/// From the `(1 − confidence)/2` quantile of beta(yes, n − yes + 1) to the `(1 + confidence)/2`
/// quantile of beta(yes + 1, n − yes). Covers at least `confidence` whatever the true proportion is,
/// hence wider than it needs to be on average. Assumes independent draws: not for several repeats of
/// a prompt. With `n = 0` nothing is known: `0..=1`.
pub fn clopper_pearson(yes: u64, n: u64, confidence: f64) -> Interval {
    clopper_pearson_at(yes as f64, n.max(yes) as f64, confidence)
}

/// [`clopper_pearson`] at an effective sample size, where both counts may be fractional (Korn and
/// Graubard 1998).
pub(crate) fn clopper_pearson_at(yes: f64, n: f64, confidence: f64) -> Interval {
    let tail = (1.0 - confidence) / 2.0;
    let no = n - yes;
    let low = if yes <= 0.0 { 0.0 } else { beta_quantile(tail, yes, no + 1.0) };
    let high = if no <= 0.0 { 1.0 } else { beta_quantile(1.0 - tail, yes + 1.0, no) };
    Interval { low, high }
}
