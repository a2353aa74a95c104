//! The machinery of a contrast: one signed sum of proportions for each prompt.
//!
//! A pair is `to − from`; a difference of differences has four sides. Both are a list of sides
//! with a sign, so that the estimate, its interval and its p-value are written once.

use crate::interval::{CONFIDENCE, Interval};
use crate::quantile::t_quantile;
use crate::tally::Tally;

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
/// Two pseudo-prompts with differences `±1/√repeats` join the m real ones (the paired kin of
/// Agresti and Caffo 2000, and of Bonett and Price 2012): the interval is centred on the mean of
/// all m + 2, with their standard error and m + 1 degrees of freedom. Rare answers would otherwise
/// give intervals of zero width. `value` is the plain mean; the interval always holds it.
/// `prompts` are complete; `None` when there are none.
pub(crate) fn estimate<const N: usize>(prompts: &[Sides<N>]) -> Option<Estimate> {
    if prompts.is_empty() {
        return None;
    }
    let differences: Vec<f64> = prompts.iter().map(difference).collect();
    let total: f64 = differences.iter().sum();
    let n = differences.len() as f64 + 2.0;
    let centre = total / n;
    let pseudo = 1.0 / typical_repeats(prompts);
    let squares = differences.iter().map(|d| (d - centre).powi(2)).sum::<f64>()
        + 2.0 * (pseudo + centre * centre);
    let standard_error = (squares / (n - 1.0) / n).sqrt();
    let half = t_quantile((1.0 + CONFIDENCE) / 2.0, n - 1.0) * standard_error;

    let reach = N as f64 / 2.0;
    Some(Estimate {
        value: total / differences.len() as f64,
        interval: Interval { low: centre - half, high: centre + half }.clamp(-reach, reach),
        standard_error,
    })
}

/// The harmonic mean of the repeats over all sides: drops make the correction larger, not smaller.
fn typical_repeats<const N: usize>(prompts: &[Sides<N>]) -> f64 {
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
