//! Rates corrected for the errors of the judge, from labels of people.
//!
//! People labelled a random part of this sweep's own transcripts. The judge's rate over all of them,
//! plus the mean over the labelled ones of (people − judge), is then right on average whatever the
//! judge's errors are, and needs no sensitivity or specificity from elsewhere.

use crate::caution::Caution;
use crate::corrected_side::Side;
use crate::interval::{CONFIDENCE, Interval};
use crate::judge_error::Confusion;
use crate::quantile::t_quantile;
use crate::tally::Tally;

/// One prompt in one cell: what the judge said of all its transcripts, and how that compares with
/// people on those that they labelled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Audited {
    /// `of` counts every transcript that could be asked, also those on which the judge abstained: they
    /// count as its no, so that the correction covers abstentions too.
    pub judged: Tally,
    /// How many of `judged.of` a labelled judge was asked about; what is known of the rest without any
    /// judge needs no correction. Usually all; no fewer than the labels.
    pub asked: u32,
    /// A random part of what was asked. People's yes where the judge abstained is a `false_no`.
    pub gold: Confusion,
}

/// A rate corrected for the judge's errors, with its 95% interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Corrected {
    /// In `0..=1`.
    pub value: f64,
    /// 95%; holds `value`.
    pub interval: Interval,
    /// By prompt, with the small-count correction.
    pub standard_error: f64,
    /// Transcripts that people labelled.
    pub labels: u64,
    /// Prompts with at least one transcript.
    pub prompts: u64,
    /// Set where the interval does not hold and is not to be printed.
    pub caution: Option<Caution>,
}

/// A difference of two corrected rates, with its 95% interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CorrectedDifference {
    /// In `-1..=1`.
    pub value: f64,
    /// 95%; holds `value`.
    pub interval: Interval,
    /// By prompt, with the small-count correction.
    pub standard_error: f64,
    /// Transcripts that people labelled on the `from` side.
    pub from_labels: u64,
    /// Transcripts that people labelled on the `to` side.
    pub to_labels: u64,
    /// Set where the interval does not hold and is not to be printed.
    pub caution: Option<Caution>,
}

/// The rate that people would have found, had they labelled everything.
///
/// Value: the judge's rate over all transcripts plus, for the share A/N that a labelled judge was asked
/// about, the mean over labelled ones of (people − judge); whatever the judge's errors are, that is right
/// on average (the difference estimator, Cochran 1977, chapter 12). Interval: t with one degree of freedom
/// less than there are prompts with labels, and the variance of all parts and of what they share, by
/// prompt: prompt i moves the estimate by `(yᵢ − p nᵢ)/N + (A/N)(dᵢ − δ gᵢ)/G + δ (aᵢ − (A/N) nᵢ)/N`, where
/// it has nᵢ of the N transcripts, aᵢ of the A asked ones, yᵢ yes of the judge, gᵢ of the G labels, and dᵢ
/// false no less false yes; p is the judge's rate and δ the mean error. All are cut to `0..=1`.
///
/// Small counts: two pseudo-labels, one for each kind of error, join the labels, each with the weight of
/// the labels of a typical labelled prompt, so that a sample in which no error was seen does not pretend
/// that there is none; and two pseudo-prompts of half weight, one all yes and one all no, join the
/// judge's part, as in [`rate`](crate::rate()).
///
/// Assumes prompts drawn independently, and labels drawn at random from exactly the asked transcripts,
/// never where judges disagree. Coverage (simulated, 20,000 cells each: 20 to 1,000 prompts, 1 to 10
/// repeats, correlation 0 to 0.6, truth 0.1 to 78%, sensitivity and specificity from .39 and .85 up, 50
/// to 500 labels): at least 95% within error, and with 5 to 30 labels honestly wide. `None` when nothing
/// was labelled.
pub fn corrected_rate(prompts: &[Audited]) -> Option<Corrected> {
    let cells = [prompts];
    let side = Side::over(&cells)?;
    let asked = || (0..prompts.len()).filter(|&prompt| side.has(prompt));
    let influences = asked().map(|prompt| side.influence(prompt));
    let standard_error = standard_error(influences, side.pseudo_variance());
    let (value, centre) = (side.value().clamp(0.0, 1.0), side.centre().clamp(0.0, 1.0));
    Some(Corrected {
        value,
        interval: interval(value, centre, standard_error, side.freedom()).clamp(0.0, 1.0),
        standard_error,
        labels: side.labels(),
        prompts: asked().count() as u64,
        caution: None,
    })
}

/// The difference `to − from` of two corrected rates.
///
/// Each side is a list of cells that are taken together, and each cell has the same prompts in the same
/// order. Each cell is corrected by labels of its own, for a judge need not err equally in all, and counts
/// by its transcripts, however many of them are labelled. The variance is that of [`corrected_rate`], from
/// what each prompt moves the two sides by, one minus the other; so prompts asked on both sides are paired.
/// Prompts asked on one side only count there. The degrees of freedom are those of the cell with the
/// fewest. `None` when nothing was labelled in a cell, or a side has none.
pub fn corrected_difference(
    from: &[Vec<Audited>],
    to: &[Vec<Audited>],
) -> Option<CorrectedDifference> {
    let prompts = from.iter().chain(to).map(Vec::len).max().unwrap_or(0);
    let (from, to) = (Side::over(from)?, Side::over(to)?);
    let asked = (0..prompts).filter(|&prompt| from.has(prompt) || to.has(prompt));
    let influences = asked.map(|prompt| to.influence(prompt) - from.influence(prompt));
    let standard_error = standard_error(influences, from.pseudo_variance() + to.pseudo_variance());
    let value = (to.value() - from.value()).clamp(-1.0, 1.0);
    let centre = (to.centre() - from.centre()).clamp(-1.0, 1.0);
    let freedom = from.freedom().min(to.freedom());
    let interval = interval(value, centre, standard_error, freedom);
    Some(CorrectedDifference {
        value,
        interval: interval.clamp(-1.0, 1.0),
        standard_error,
        from_labels: from.labels(),
        to_labels: to.labels(),
        caution: None,
    })
}

/// By prompt, with the factor m/(m−1) of Liang and Zeger (1986), pseudo-prompts counted.
fn standard_error(influences: impl Iterator<Item = f64> + Clone, pseudo_variance: f64) -> f64 {
    let prompts = influences.clone().count() as f64 + 2.0;
    let squares: f64 = influences.map(|influence| influence * influence).sum();
    (prompts / (prompts - 1.0) * (squares + pseudo_variance)).sqrt()
}

/// 95% around the centre, and in any case with the value.
///
/// Errors of a few labels can put the centre beyond what a rate can be. Moved back to the nearest that
/// it can, it is nearer to every possible truth: the interval covers no less, and is never empty.
fn interval(value: f64, centre: f64, standard_error: f64, freedom: f64) -> Interval {
    let half = t_quantile((1.0 + CONFIDENCE) / 2.0, freedom) * standard_error;
    Interval { low: (centre - half).min(value), high: (centre + half).max(value) }
}
