//! A mean of numbers over prompts that were asked several times.
//!
//! A number per transcript (tokens, a score from 1 to 10, the mean of two graders) is no proportion:
//! its spread is not a function of its mean, so it gets a t interval and never Wilson.

use crate::caution::Caution;
use crate::interval::{CONFIDENCE, Interval};
use crate::paired::Counted;
use crate::quantile::t_quantile;

/// Values this much apart, relative to the largest, are equal but for the rounding of their sums.
pub(crate) const ROUNDING: f64 = 1e-12;

/// One prompt in one cell: the sum of a finite number over its counted repeats.
///
/// A sum of nothing (`of == 0`) is legal and means that no repeat of the prompt gave a number.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sum {
    pub total: f64,
    pub of: u32,
}

/// A mean with its 95% interval, in the unit of the values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mean {
    /// The mean over all counted repeats.
    pub value: f64,
    /// Repeats counted, over all prompts.
    pub of: u64,
    /// Prompts with at least one counted repeat.
    pub prompts: u64,
    /// Clustered by prompt. `None` where no spread between prompts was seen: there is one prompt, or
    /// all prompts have the same mean. That is no certainty, so there is no interval of zero width.
    pub standard_error: Option<f64>,
    /// 95%, by t with `prompts - 1` degrees of freedom; `None` as for the standard error. It knows no
    /// limits of the value: see [`Interval::clamp`].
    pub interval: Option<Interval>,
    /// Set where the interval does not hold and is not to be printed.
    pub caution: Option<Caution>,
}

/// The mean over prompts, with a 95% t interval clustered by prompt.
///
/// Every repeat has equal weight: the estimate is the ratio of the prompts' sums to their repeats,
/// and its standard error the linearised one, `√(m/(m−1) · Σ(yᵢ − ȳ nᵢ)²) / Σn` over m prompts
/// (Cochran 1977, section 2.11; Liang and Zeger 1986). With equal repeats that is the standard error of the
/// prompts' means. Assumes prompts drawn independently from what the claim is about.
///
/// It covers 95% where values are spread evenly, and less where a few prompts carry the mean: of the
/// intervals of 50 lognormal values (σ = 1), 90%, and of 300, 93% (simulated). `caution` is set with fewer
/// than 50 prompts, where there are only two values, and where most prompts have the same value and the
/// others lie to one side; of 50 prompts x 5 with 3% ones among zeros, every fifth would have no interval or
/// one that misses. A yes or no is better counted as a [`rate`](crate::rate()). `None` when nothing was
/// counted, and where a sum is not finite.
pub fn mean(prompts: &[Sum]) -> Option<Mean> {
    let counted: Vec<Sum> = prompts.iter().copied().filter(|sum| !sum.is_empty()).collect();
    let (total, of) = sum_up(counted.iter().copied());
    if of == 0 || !total.is_finite() {
        return None;
    }
    let value = total / of as f64;
    let clusters = counted.len() as f64;
    let residuals: Vec<f64> =
        counted.iter().map(|sum| sum.total - value * f64::from(sum.of)).collect();
    let largest = largest(counted.iter().map(|sum| sum.mean()));
    let spread = has_spread(counted.iter().map(|sum| sum.mean()), largest);
    let standard_error = spread.then(|| {
        let squares: f64 = residuals.iter().map(|e| e.powi(2)).sum();
        (clusters / (clusters - 1.0) * squares).sqrt() / of as f64
    });
    Some(Mean {
        value,
        of,
        prompts: counted.len() as u64,
        standard_error,
        interval: standard_error.map(|error| t_interval(value, error, clusters - 1.0)),
        caution: Caution::on_mean(&residuals),
    })
}

impl Counted for Sum {
    fn is_empty(self) -> bool {
        self.of == 0
    }

    fn mean(self) -> f64 {
        self.total / f64::from(self.of)
    }
}

/// 95% around a value.
pub(crate) fn t_interval(value: f64, standard_error: f64, freedom: f64) -> Interval {
    let half = t_quantile((1.0 + CONFIDENCE) / 2.0, freedom) * standard_error;
    Interval { low: value - half, high: value + half }
}

/// Whether there are two values that differ by more than the rounding of numbers as large as `largest`.
pub(crate) fn has_spread(values: impl Iterator<Item = f64>, largest: f64) -> bool {
    let (low, high) =
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    high - low > ROUNDING * largest
}

/// The value that is farthest from zero, without its sign.
pub(crate) fn largest(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.0, |largest, value| value.abs().max(largest))
}

/// (total, of) over all sums.
pub(crate) fn sum_up(sums: impl IntoIterator<Item = Sum>) -> (f64, u64) {
    sums.into_iter().fold((0.0, 0), |(total, of), sum| match sum.of {
        0 => (total, of),
        repeats => (total + sum.total, of + u64::from(repeats)),
    })
}
