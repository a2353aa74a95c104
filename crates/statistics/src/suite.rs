//! A fixed suite: these prompts and no others.
//!
//! The claim is about exactly these prompts, so that only the draws within a prompt vary, and prompts
//! that differ from each other are no source of error. At temperature 0 hardly anything is left to vary,
//! and another suite may say something else altogether: this is the claim of a regression test, not one
//! about a model.

use statrs::function::erf::erfc;

use crate::difference::{Difference, Pair, Quad, Test, Totals, totals};
use crate::interval::{CONFIDENCE, Interval};
use crate::mantel_haenszel::{mantel_haenszel, mantel_haenszel_exact};
use crate::paired::{Counted as _, Sides, complete, difference, typical_repeats};
use crate::power::detectable;
use crate::quantile::normal_quantile;
use crate::rate::{Method, Rate};
use crate::tally::{Tally, share_of, sum};

/// The variance, in answers, that is added to the one seen: with fewer, cells in which few answers
/// varied cover 93 to 94% (simulated), and cells in which none did would have no error at all.
pub(crate) const PSEUDO_ANSWERS: f64 = 4.0;

/// The rate over these prompts, with a 95% interval for exactly them.
///
/// `value ± z √(W + 4) / Σn`, cut to `0..=1`, where W is the variance of the number of yes within
/// prompts, `Σ y(n − y)/(n − 1)`, and the 4 are four answers more that varied. Prompts that were asked
/// once show no variance; together they get at most that of one common rate (Hoeffding 1956), so with
/// one repeat the interval is conservative. The effective n is that of a binomial with this variance,
/// and above `of` where prompts repeat themselves.
///
/// Coverage (simulated, 20,000 sweeps each, 5 to 100 prompts, 1 to 10 repeats, prompts alike to all
/// different, rates of 0 to 78%): at least 95% within error. `None` when nothing was counted.
pub fn suite_rate(prompts: &[Tally]) -> Option<Rate> {
    let counted: Vec<Tally> = prompts.iter().copied().filter(|tally| !tally.is_empty()).collect();
    let (yes, of) = sum(counted.iter().copied());
    if of == 0 {
        return None;
    }
    let (value, answers) = (share_of((yes, of)), of as f64);
    let variance = within(&counted, |tally| f64::from(tally.of)) + PSEUDO_ANSWERS;
    let smoothed = (yes as f64 + PSEUDO_ANSWERS / 2.0) / (answers + PSEUDO_ANSWERS);
    let design_effect = variance / (answers * smoothed * (1.0 - smoothed));
    Some(Rate {
        yes,
        of,
        prompts: counted.len() as u64,
        value,
        interval: normal_interval(value, variance.sqrt() / answers).clamp(0.0, 1.0),
        n_effective: answers / design_effect,
        design_effect,
        method: Method::WithinPrompts,
        caution: None,
    })
}

/// The difference `to − from` over these prompts, with a 95% interval for exactly them.
///
/// Value: the mean of the prompts' differences, each prompt with equal weight. Interval: normal, by the
/// variance within prompts of both sides and four answers more that varied, as in [`suite_rate`]. p: the
/// exact conditional test stratified by prompt ([`mantel_haenszel_exact`]), and where that is out of
/// reach its large-sample form ([`mantel_haenszel`]). Size at most 5% and coverage at least 95% within
/// error, in the settings of [`suite_rate`] (simulated). Nothing is drawn, so there is no seed. `None` when
/// no pair has both sides.
pub fn suite_difference(pairs: &[Pair]) -> Option<Difference> {
    let (from, to) = totals(pairs.iter().copied());
    let paired = complete(&pairs.iter().map(|pair| pair.sides()).collect::<Vec<_>>());
    let (p, exact) =
        mantel_haenszel_exact(pairs).map_or_else(|| (mantel_haenszel(pairs), false), |p| (p, true));
    let (value, standard_error) = estimate(&paired)?;
    let found = (value, standard_error, p, Test::MantelHaenszel { exact });
    Some(contrast(&paired, &Totals { from, to, subtrahend: None }, found))
}

/// How much more `to − from` is in the minuend than in the subtrahend over these prompts, by the method
/// of [`suite_difference`]; p is two-sided normal, from the same standard error as the interval.
pub fn suite_difference_of_differences(quads: &[Quad]) -> Option<Difference> {
    let (from, to) = totals(quads.iter().map(|quad| quad.minuend));
    let subtrahend = Some(totals(quads.iter().map(|quad| quad.subtrahend)));
    let paired = complete(&quads.iter().map(|quad| quad.sides()).collect::<Vec<_>>());
    let (value, standard_error) = estimate(&paired)?;
    let z = value.abs() / standard_error;
    let p = erfc(z / std::f64::consts::SQRT_2).clamp(f64::MIN_POSITIVE, 1.0);
    let found = (value, standard_error, p, Test::WithinPrompts);
    Some(contrast(&paired, &Totals { from, to, subtrahend }, found))
}

fn contrast<const N: usize>(
    paired: &[Sides<N>],
    totals: &Totals,
    (value, standard_error, p, test): (f64, f64, f64, Test),
) -> Difference {
    Difference {
        value,
        interval: interval::<N>(value, standard_error),
        p,
        test,
        prompts: paired.len() as u64,
        from: totals.from,
        to: totals.to,
        subtrahend: totals.subtrahend,
        standard_error,
        detectable: detectable(standard_error),
        pooled: totals.pooled(),
        caution: None,
    }
}

/// The interval of complete prompts alone, without the test, which costs far more.
pub(crate) fn suite_interval<const N: usize>(paired: &[Sides<N>]) -> Option<Interval> {
    estimate(paired).map(|(value, standard_error)| interval::<N>(value, standard_error))
}

fn interval<const N: usize>(value: f64, standard_error: f64) -> Interval {
    let reach = N as f64 / 2.0;
    normal_interval(value, standard_error).clamp(-reach, reach)
}

/// The mean difference of complete prompts and its standard error; `None` when there are none.
fn estimate<const N: usize>(paired: &[Sides<N>]) -> Option<(f64, f64)> {
    if paired.is_empty() {
        return None;
    }
    let prompts = paired.len() as f64;
    let value = paired.iter().map(difference).sum::<f64>() / prompts;
    let pseudo = PSEUDO_ANSWERS / typical_repeats(paired).powi(2);
    let sides = (0..N).map(|side| paired.iter().map(|sides| sides[side].1).collect::<Vec<_>>());
    let variance: f64 = sides.map(|tallies| within(&tallies, |_| 1.0)).sum();
    Some((value, (variance + pseudo).sqrt() / prompts))
}

/// The variance of the sum over prompts of their proportions, each times its weight, where only draws
/// within a prompt vary. Those asked once all have the same weight.
pub(crate) fn within(counted: &[Tally], weight: fn(Tally) -> f64) -> f64 {
    let (once, often): (Vec<Tally>, Vec<Tally>) = counted.iter().partition(|tally| tally.of == 1);
    let seen = |tally: &Tally| {
        let p = tally.mean();
        weight(*tally).powi(2) * p * (1.0 - p) / (f64::from(tally.of) - 1.0)
    };
    often.iter().map(seen).sum::<f64>() + variance_of_once(&once)
}

/// At most the variance of as many draws with one common rate; a single one may have any.
fn variance_of_once(once: &[Tally]) -> f64 {
    let (yes, of) = sum(once.iter().copied());
    let (yes, of) = (yes as f64, of as f64);
    match once.len() {
        0 => 0.0,
        1 => 0.25,
        _ => yes * (of - yes) / (of - 1.0),
    }
}

fn normal_interval(value: f64, standard_error: f64) -> Interval {
    let half = normal_quantile((1.0 + CONFIDENCE) / 2.0) * standard_error;
    Interval { low: value - half, high: value + half }
}
