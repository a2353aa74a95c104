//! A proportion over prompts that were asked several times.
//!
//! Taken for 500 independent draws, 5 repeats of 100 prompts cover 75% at an intra-prompt
//! correlation of one half. Here the exact interval gets the number of independent draws that
//! would have the same variance.

use crate::caution::Caution;
use crate::interval::{CONFIDENCE, Interval, clopper_pearson_at};
use crate::paired::Counted;
use crate::tally::{Tally, share_of, sum};

/// Weight of each of the two pseudo-prompts in the design effect, as a fraction of a prompt.
///
/// When few prompts say yes, their spread is mostly unseen. Of 100 prompts x 10 of which 2% always say
/// yes and the others do so 2% of the time, 89% of the intervals cover with a quarter, 94% with a half,
/// and 98% with a whole prompt, which is 8 to 10% wider than a quarter (simulated).
const PSEUDO_WEIGHT: f64 = 1.0;

/// A proportion with its counts and its 95% interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Repeats that said yes, over all prompts.
    pub yes: u64,
    /// Repeats counted, over all prompts.
    pub of: u64,
    /// Prompts with at least one counted repeat.
    pub prompts: u64,
    /// `yes / of`.
    pub value: f64,
    /// 95%.
    pub interval: Interval,
    /// The number of independent draws with the same variance: what the interval was computed at.
    pub n_effective: f64,
    /// `of / n_effective`: 1 when repeats are as good as prompts, about the number of repeats when
    /// they repeat themselves.
    pub design_effect: f64,
    pub method: Method,
    /// Set where the interval does not hold and is not to be printed: nowhere, as simulated.
    pub caution: Option<Caution>,
}

/// Where the sample size of the interval came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// One repeat of every prompt: draws are independent as they are.
    Exact,
    /// Several repeats: the effective n of the variance clustered by prompt.
    Clustered,
    /// All no, or all yes, over several repeats: correlation cannot be seen, so n = prompts.
    Zero,
    /// A fixed suite: an interval by the variance within prompts.
    WithinPrompts,
}

/// The rate over prompts, with the 95% interval of Clopper and Pearson at the effective sample size
/// (Korn and Graubard 1998).
///
/// The design effect is the variance of the ratio estimate clustered by prompt (Kish 1965; Liang
/// and Zeger 1986, with the factor m/(m−1)) over the binomial one, computed with two pseudo-prompts,
/// one all yes and one all no, and held between 1 and its value at full
/// correlation, `Σn²/Σn`. So one repeat each gives the exact interval as it is, and a cell that is all
/// no or all yes uses n = prompts: 0 of 500 over 100 prompts ends at 3.6%, and 0 of 173 at 2.1%.
/// Assumes prompts drawn independently from what the claim is about, and answers missing at random
/// inside the cell.
///
/// Coverage: at least 95% within error in every setting of the README's table; it is conservative
/// where answers are rare or prompts few. `caution` is never set. `None` when nothing was counted.
pub fn rate(prompts: &[Tally]) -> Option<Rate> {
    let counted: Vec<Tally> = prompts.iter().copied().filter(|tally| !tally.is_empty()).collect();
    let (yes, of) = sum(counted.iter().copied());
    if of == 0 {
        return None;
    }
    let value = share_of((yes, of));
    let (method, n_effective) = effective_size(&counted, yes, of);
    Some(Rate {
        yes,
        of,
        prompts: counted.len() as u64,
        value,
        interval: clopper_pearson_at(value * n_effective, n_effective, CONFIDENCE),
        n_effective,
        design_effect: of as f64 / n_effective,
        method,
        caution: None,
    })
}

/// The standard error of the rate, clustered by prompt: `√(m/(m−1) · Σ(yᵢ − p nᵢ)²) / Σn` over m
/// prompts (Liang and Zeger 1986). It is the plain sandwich, without the small-count correction of
/// [`rate`], for comparison with other software. `None` with fewer than two prompts.
pub fn clustered_standard_error(prompts: &[Tally]) -> Option<f64> {
    let (yes, of) = sum(prompts.iter().copied());
    let clusters = prompts.iter().filter(|tally| !tally.is_empty()).count() as f64;
    if clusters < 2.0 {
        return None;
    }
    let residuals = squared_residuals(prompts, share_of((yes, of)));
    Some((clusters / (clusters - 1.0) * residuals).sqrt() / of as f64)
}

fn effective_size(counted: &[Tally], yes: u64, of: u64) -> (Method, f64) {
    if counted.iter().all(|tally| tally.of == 1) {
        (Method::Exact, of as f64)
    } else if yes == 0 || yes == of {
        (Method::Zero, counted.len() as f64)
    } else {
        (Method::Clustered, of as f64 / design_effect(counted))
    }
}

fn design_effect(counted: &[Tally]) -> f64 {
    let (yes, of) = sum(counted.iter().copied());
    let (yes, of, prompts) = (yes as f64, of as f64, counted.len() as f64);
    let repeats = of / prompts;
    let clusters = prompts + 2.0 * PSEUDO_WEIGHT;
    let draws = clusters * repeats;
    let p = (yes + PSEUDO_WEIGHT * repeats) / draws;

    let pseudo = PSEUDO_WEIGHT * repeats * repeats * (p * p + (1.0 - p) * (1.0 - p));
    let clustered =
        clusters / (clusters - 1.0) * (squared_residuals(counted, p) + pseudo) / (draws * draws);
    let binomial = p * (1.0 - p) / draws;
    (clustered / binomial).clamp(1.0, full_correlation(counted))
}

/// The design effect when every prompt always answers the same.
fn full_correlation(counted: &[Tally]) -> f64 {
    let squares: f64 = counted.iter().map(|tally| f64::from(tally.of).powi(2)).sum();
    squares / sum(counted.iter().copied()).1 as f64
}

fn squared_residuals(tallies: &[Tally], p: f64) -> f64 {
    tallies.iter().map(|tally| (f64::from(tally.yes) - p * f64::from(tally.of)).powi(2)).sum()
}
