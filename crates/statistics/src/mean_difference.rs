//! Contrasts of means: what changed between two conditions, prompt by prompt.

use crate::caution::Caution;
use crate::difference::{Pair, Quad, Test};
use crate::interval::Interval;
use crate::mean::{ROUNDING, Sum, has_spread, largest, sum_up, t_interval};
use crate::paired::{Counted as _, Sides, complete, difference};
use crate::power::detectable;
use crate::sign_flip::sign_flip;

/// A contrast of means with its 95% interval and its p-value, in the unit of the values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanDifference {
    /// The mean over paired prompts of each prompt's difference of means.
    pub value: f64,
    /// 95%. `None` where no spread was seen: one prompt, or the same difference in all of them.
    pub interval: Option<Interval>,
    /// Two-sided, in `(0, 1]`, not adjusted for a family.
    pub p: f64,
    pub test: Test,
    /// Prompts with a number on every side: the n of `value`, `interval` and `p`.
    pub prompts: u64,
    /// (total, of) over all sums of the `from` side, paired or not; of the minuend, in a difference
    /// of differences.
    pub from: (f64, u64),
    /// (total, of) over all sums of the `to` side, as for `from`.
    pub to: (f64, u64),
    /// (total, of) of the subtrahend's `from` and `to` sides; only in a difference of differences.
    pub subtrahend: Option<((f64, u64), (f64, u64))>,
    /// By prompt; `None` as for the interval.
    pub standard_error: Option<f64>,
    /// The true difference that would be found with 80% power at two-sided 5%, with this n and this
    /// variance; `None` as for the interval.
    pub detectable: Option<f64>,
    /// The same difference over all sums, unpaired.
    pub pooled: f64,
    /// Set where the interval does not hold: neither it nor `p` is to be printed.
    pub caution: Option<Caution>,
}

/// The difference of means `to − from`, paired by prompt.
///
/// Value: the mean of the prompts' differences, each prompt with equal weight. Interval: Student's
/// paired t, with `prompts - 1` degrees of freedom. There are no pseudo-prompts as for rates: the
/// values have no unit in which one of them would be small. Where it does not hold, `caution` is set,
/// as for a [`mean`](crate::mean()). p: a sign flip over prompts, as for rates. Assumes prompts drawn
/// independently. `None` when no pair has both sides, and where a sum is not finite.
pub fn mean_difference(pairs: &[Pair<Sum>], seed: u64) -> Option<MeanDifference> {
    let (from, to) = totals(pairs.iter().copied());
    let sides: Vec<Sides<2, Sum>> = pairs.iter().map(|pair| pair.sides()).collect();
    contrast(&complete(&sides), &Totals { from, to, subtrahend: None }, seed)
}

/// How much more `to − from` is in the minuend than in the subtrahend, paired by prompt over all
/// four cells, by the method of [`mean_difference`].
pub fn mean_difference_of_differences(quads: &[Quad<Sum>], seed: u64) -> Option<MeanDifference> {
    let (from, to) = totals(quads.iter().map(|quad| quad.minuend));
    let subtrahend = Some(totals(quads.iter().map(|quad| quad.subtrahend)));
    let sides: Vec<Sides<4, Sum>> = quads.iter().map(|quad| quad.sides()).collect();
    contrast(&complete(&sides), &Totals { from, to, subtrahend }, seed)
}

/// The mean of the differences, and what is known about its error.
pub(crate) struct Estimate {
    pub(crate) value: f64,
    standard_error: Option<f64>,
    pub(crate) interval: Option<Interval>,
}

/// The difference of each complete prompt, and how large the means are that they come from.
pub(crate) struct Differences {
    pub(crate) values: Vec<f64>,
    largest: f64,
}

impl Differences {
    /// What is left of sides that are equal but for the rounding of their sums is no difference: flipped,
    /// its sign would make a p-value of nothing. `None` where a mean is not finite.
    pub(crate) fn of<const N: usize>(paired: &[Sides<N, Sum>]) -> Option<Self> {
        let means = |sides: &Sides<N, Sum>| sides.map(|(_, sum)| sum.mean()).into_iter();
        let round = |sides: &Sides<N, Sum>| {
            let difference = difference(sides);
            if difference.abs() <= ROUNDING * largest(means(sides)) { 0.0 } else { difference }
        };
        let is_finite = paired.iter().flat_map(means).all(f64::is_finite);
        let largest = largest(paired.iter().flat_map(means));
        is_finite.then(|| Self { values: paired.iter().map(round).collect(), largest })
    }
}

/// Student's one-sample t over the prompts' differences; `None` when there are none. Differences that
/// are apart by no more than the rounding of the means have no spread.
pub(crate) fn estimate(differences: &Differences) -> Option<Estimate> {
    let Differences { values, largest } = differences;
    if values.is_empty() {
        return None;
    }
    let n = values.len() as f64;
    let value = values.iter().sum::<f64>() / n;
    let standard_error = has_spread(values.iter().copied(), *largest).then(|| {
        let squares: f64 = values.iter().map(|d| (d - value).powi(2)).sum();
        (squares / (n - 1.0) / n).sqrt()
    });
    let interval = standard_error.map(|error| t_interval(value, error, n - 1.0));
    Some(Estimate { value, standard_error, interval })
}

/// (total, of) of every side over all sums, paired or not.
struct Totals {
    from: (f64, u64),
    to: (f64, u64),
    subtrahend: Option<((f64, u64), (f64, u64))>,
}

impl Totals {
    fn pooled(&self) -> f64 {
        let mean = |(total, of): (f64, u64)| total / of as f64;
        let change = |from, to| mean(to) - mean(from);
        change(self.from, self.to) - self.subtrahend.map_or(0.0, |(from, to)| change(from, to))
    }
}

fn contrast<const N: usize>(
    paired: &[Sides<N, Sum>],
    totals: &Totals,
    seed: u64,
) -> Option<MeanDifference> {
    let differences = Differences::of(paired)?;
    let Estimate { value, standard_error, interval } = estimate(&differences)?;
    let residuals: Vec<f64> = differences.values.iter().map(|d| d - value).collect();
    let (p, flips) = sign_flip(&differences.values, None, seed);
    Some(MeanDifference {
        value,
        interval,
        p,
        test: Test::SignFlip { flips },
        prompts: paired.len() as u64,
        from: totals.from,
        to: totals.to,
        subtrahend: totals.subtrahend,
        standard_error,
        detectable: standard_error.map(detectable),
        pooled: totals.pooled(),
        caution: Caution::on_mean(&residuals),
    })
}

fn totals(pairs: impl Iterator<Item = Pair<Sum>> + Clone) -> ((f64, u64), (f64, u64)) {
    (sum_up(pairs.clone().map(|pair| pair.from)), sum_up(pairs.map(|pair| pair.to)))
}
