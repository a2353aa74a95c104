//! The machinery of a contrast: one signed sum of proportions for each prompt.
//!
//! A pair is `to − from`; a difference of differences has four sides. Both are a list of sides
//! with a sign, so that the estimate, its interval and its p-value are written once.

use crate::interval::{CONFIDENCE, Interval};
use crate::quantile::{t_p, t_quantile};
use crate::tally::{Tally, share_of, sum};

/// The sides of one prompt, each with the sign it has in the contrast.
pub(crate) type Sides<const N: usize, T = Tally> = [(Sign, T); N];

/// What one prompt came to on one side: yes among repeats, or a sum over repeats.
pub(crate) trait Counted: Copy {
    /// Whether no repeat counted.
    fn is_empty(self) -> bool;
    /// The mean over its repeats; NaN when nothing was counted.
    fn mean(self) -> f64;
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    Plus,
    Minus,
}

impl Sign {
    pub(crate) fn times(self, value: f64) -> f64 {
        match self {
            Self::Plus => value,
            Self::Minus => -value,
        }
    }

    fn times_whole(self, value: i64) -> i64 {
        match self {
            Self::Plus => value,
            Self::Minus => -value,
        }
    }
}

/// The mean over prompts of the differences, and what is known about its error.
#[derive(Clone, Copy)]
pub(crate) struct Estimate {
    pub(crate) value: f64,
    pub(crate) interval: Interval,
    pub(crate) standard_error: f64,
    /// What [`share_left_by_repeats`] says.
    pub(crate) share_left: f64,
    freedom: f64,
}

impl Estimate {
    /// Two-sided, below 5% exactly where the interval leaves zero out.
    pub(crate) fn p(&self) -> f64 {
        t_p(self.value / self.standard_error, self.freedom).clamp(f64::MIN_POSITIVE, 1.0)
    }
}

/// The prompts that have an answer on every side; the others cannot be paired.
pub(crate) fn complete<const N: usize, T: Counted>(prompts: &[Sides<N, T>]) -> Vec<Sides<N, T>> {
    prompts.iter().filter(|sides| sides.iter().all(|(_, t)| !t.is_empty())).copied().collect()
}

/// The difference of one complete prompt.
pub(crate) fn difference<const N: usize, T: Counted>(sides: &Sides<N, T>) -> f64 {
    sides.iter().map(|(sign, side)| sign.times(side.mean())).sum()
}

/// The differences of complete prompts as whole multiples of one unit, or `None` when their common
/// denominator is too large for that to be of use.
pub(crate) fn whole_differences<const N: usize>(prompts: &[Sides<N>]) -> Option<Vec<i64>> {
    let unit = common_denominator(prompts)?;
    let whole = |tally: Tally| i64::from(tally.yes) * (unit / i64::from(tally.of));
    Some(
        prompts
            .iter()
            .map(|sides| sides.iter().map(|(sign, tally)| sign.times_whole(whole(*tally))).sum())
            .collect(),
    )
}

/// The mean difference with a 95% t interval over prompts, corrected for small counts.
///
/// Two pseudo-prompts, as far above the mean as below it, join the m real ones (the paired kin of
/// Agresti and Caffo 2000, and of Bonett and Price 2012, but without pulling the mean towards zero):
/// with d a prompt's difference and c how far out they lie, the standard error is
/// `√((Σ(d − d̄)² + 2c²) / ((m + 2)(m + 1)))`, at m + 1 degrees of freedom. Rare answers would otherwise
/// give intervals of zero width. [`pseudo_square`] is c². `prompts` are complete; `None` when there
/// are none.
pub(crate) fn estimate<const N: usize>(prompts: &[Sides<N>]) -> Option<Estimate> {
    if prompts.is_empty() {
        return None;
    }
    let differences: Vec<f64> = prompts.iter().map(difference).collect();
    let value = differences.iter().sum::<f64>() / differences.len() as f64;
    let n = differences.len() as f64 + 2.0;
    let share_left = share_left_by_repeats(prompts);
    let squares = differences.iter().map(|d| (d - value).powi(2)).sum::<f64>()
        + 2.0 * pseudo_square::<N>(share_left);
    let standard_error = (squares / (n - 1.0) / n).sqrt();
    let half = t_quantile((1.0 + CONFIDENCE) / 2.0, n - 1.0) * standard_error;

    let reach = N as f64 / 2.0;
    Some(Estimate {
        value,
        interval: Interval { low: value - half, high: value + half }.clamp(-reach, reach),
        standard_error,
        share_left,
        freedom: n - 1.0,
    })
}

/// The squared difference of a pseudo-prompt: `(N/2)² · (1/r + (1 − 1/r) ρ)` for N sides, r repeats
/// and an intra-prompt correlation of ρ.
///
/// At one repeat it is as large as a difference can be, and with more it is as much smaller as the
/// variance of a prompt's mean is. Without ρ, 86% of the sweeps of 20 prompts x 10 at correlation 0.6
/// cover a gap from 0.1 to 6% (simulated).
pub(crate) fn pseudo_square<const N: usize>(share_left: f64) -> f64 {
    let reach = N as f64 / 2.0;
    reach * reach * share_left
}

/// `1/r + (1 − 1/r) ρ`: what the repeats leave of a single answer's variance. ρ is that of the side where
/// repeats resemble each other most: pooled, a side without correlation would halve it, and 94% of the
/// intervals would cover (simulated).
pub(crate) fn share_left_by_repeats<const N: usize>(prompts: &[Sides<N>]) -> f64 {
    let repeats = typical_repeats(prompts);
    let side = |side: usize| prompts.iter().map(move |sides| sides[side].1);
    let largest = (0..N).map(|at| correlation(side(at), repeats)).fold(0.0, f64::max);
    1.0 / repeats + (1.0 - 1.0 / repeats) * largest
}

/// The correlation of two repeats of a prompt on one side: the products of the residuals of all pairs of
/// repeats, over their expectation at full correlation (the moment estimate for binary data, Ridout,
/// Demétrio and Firth 1999), held between 0 and 1.
///
/// Rare answers hardly show it, and a few prompts that always say yes may all be missing, so it starts from
/// a correlation of 0.6 seen in twenty prompts that said yes half of the time. From 0.3 in four, 91% cover
/// where 2% of 100 prompts x 10 always say yes; from 0.6 in twelve, 93% do with 20 repeats (simulated).
fn correlation(side: impl Iterator<Item = Tally> + Clone, repeats: f64) -> f64 {
    const PRIOR: f64 = 0.6;
    const PRIOR_PROMPTS: f64 = 20.0;
    let prior = PRIOR_PROMPTS * repeats * (repeats - 1.0) / 4.0;
    let (mut products, mut largest) = (PRIOR * prior, prior);
    let p = share_of(sum(side.clone()));
    for Tally { yes, of } in side {
        let (yes, no) = (f64::from(yes), f64::from(of - yes));
        let total = yes * (1.0 - p) - no * p;
        products += total * total - yes * (1.0 - p).powi(2) - no * p * p;
        largest += (yes + no) * (yes + no - 1.0) * p * (1.0 - p);
    }
    if largest > 0.0 { (products / largest).clamp(0.0, 1.0) } else { 0.0 }
}

/// The harmonic mean of the repeats over all sides: drops make the correction larger, not smaller.
pub(crate) fn typical_repeats<const N: usize>(prompts: &[Sides<N>]) -> f64 {
    let sides = prompts.iter().flatten();
    let inverse: f64 = sides.clone().map(|(_, tally)| 1.0 / f64::from(tally.of)).sum();
    sides.count() as f64 / inverse
}

fn common_denominator<const N: usize>(prompts: &[Sides<N>]) -> Option<i64> {
    /// Beyond this no exact distribution fits the bounds of the sign flip anyway.
    const DENOMINATOR_MAX: i64 = 1 << 24;
    prompts.iter().flatten().map(|(_, tally)| i64::from(tally.of)).try_fold(1, |unit, of| {
        let unit = unit / greatest_common_divisor(unit, of) * of;
        (unit <= DENOMINATOR_MAX).then_some(unit)
    })
}

pub(crate) fn greatest_common_divisor(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}
