//! Rates corrected for the errors of the judge, from labels of people.
//!
//! People labelled a random part of this sweep's own transcripts. The judge's rate over all of them,
//! plus the mean over the labelled ones of (people − judge), is then right on average whatever the
//! judge's errors are, and needs no sensitivity or specificity from elsewhere.

use crate::caution::Caution;
use crate::difference::Pair;
use crate::interval::{CONFIDENCE, Interval};
use crate::judge_error::Confusion;
use crate::quantile::t_quantile;
use crate::tally::Tally;

/// Weight of each of the two pseudo-prompts that join the judge's part, as a fraction of a prompt.
const PSEUDO_WEIGHT: f64 = 0.5;

/// One prompt in one cell: what the judge said of all its transcripts, and how that compares with
/// people on those that they labelled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Audited {
    /// `of` counts every transcript that could be asked, also those on which the judge abstained: they
    /// count as its no, so that the correction covers abstentions too.
    pub judged: Tally,
    /// A random part of the same transcripts. People's yes where the judge abstained is a `false_no`.
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
/// Value: the judge's rate over all transcripts plus the mean over labelled ones of (people − judge);
/// whatever the judge's errors are, that is right on average (the difference estimator, Cochran 1977,
/// chapter 12). Interval: t with one degree of freedom less than there are prompts with labels, and the
/// variance of both parts and of what they share, by prompt: prompt i moves the estimate by
/// `(yᵢ − p nᵢ)/N + (dᵢ − δ gᵢ)/G`, where it has nᵢ of the N transcripts, yᵢ yes of the judge, gᵢ of the
/// G labels, and dᵢ false no less false yes; p is the judge's rate and δ the mean error. All are cut to
/// `0..=1`.
///
/// Small counts: two pseudo-labels, one for each kind of error, join the labels, each with the weight of
/// the labels of a typical labelled prompt, so that a sample in which no error was seen does not pretend
/// that there is none; and two pseudo-prompts of half weight, one all yes and one all no, join the
/// judge's part, as in [`rate`](crate::rate()).
///
/// Assumes prompts drawn independently, and labels drawn at random from exactly these transcripts, never
/// where judges disagree. Coverage (simulated, 20,000 cells each: 20 to 1,000 prompts, 1 to 10 repeats,
/// correlation 0 to 0.6, truth 0.1 to 78%, sensitivity and specificity from .39 and .85 up, 50 to 500
/// labels): at least 95% within error, and with 5 to 30 labels honestly wide. `None` when nothing was
/// labelled.
pub fn corrected_rate(prompts: &[Audited]) -> Option<Corrected> {
    let asked = prompts.iter().filter(|prompt| prompt.judged.of > 0);
    let side = Side::over(&asked.clone().copied())?;
    let influences = asked.clone().map(|prompt| side.influence(*prompt));
    let standard_error = standard_error(influences, side.pseudo_variance());
    let (value, centre) = (side.value().clamp(0.0, 1.0), side.centre().clamp(0.0, 1.0));
    Some(Corrected {
        value,
        interval: interval(value, centre, standard_error, side.freedom()).clamp(0.0, 1.0),
        standard_error,
        labels: side.label_count,
        prompts: asked.count() as u64,
        caution: None,
    })
}

/// The difference `to − from` of two corrected rates.
///
/// Each side is corrected by labels of its own: the judge need not err equally on both. The variance is
/// that of [`corrected_rate`], from what each prompt moves the two sides by, one minus the other; so
/// prompts asked on both sides are paired. Prompts asked on one side only count there. `None` when
/// nothing was labelled on a side.
pub fn corrected_difference(pairs: &[Pair<Audited>]) -> Option<CorrectedDifference> {
    let asked = pairs.iter().filter(|pair| pair.from.judged.of > 0 || pair.to.judged.of > 0);
    let from = Side::over(&asked.clone().map(|pair| pair.from))?;
    let to = Side::over(&asked.clone().map(|pair| pair.to))?;
    let influences = asked.map(|pair| to.influence(pair.to) - from.influence(pair.from));
    let standard_error = standard_error(influences, from.pseudo_variance() + to.pseudo_variance());
    let value = (to.value() - from.value()).clamp(-1.0, 1.0);
    let centre = (to.centre() - from.centre()).clamp(-1.0, 1.0);
    let freedom = from.freedom().min(to.freedom());
    let interval = interval(value, centre, standard_error, freedom);
    Some(CorrectedDifference {
        value,
        interval: interval.clamp(-1.0, 1.0),
        standard_error,
        from_labels: from.label_count,
        to_labels: to.label_count,
        caution: None,
    })
}

/// The totals of one cell.
struct Side {
    /// Transcripts that the judge says yes to, and all of them.
    yes: f64,
    of: f64,
    /// Transcripts of a typical prompt.
    repeats: f64,
    /// People's yes minus the judge's, over the labels.
    errors: f64,
    labels: f64,
    label_count: u64,
    /// Prompts with labels, and the labels of the prompt of a typical label.
    labelled_prompts: f64,
    labels_together: f64,
}

impl Side {
    /// `None` when nothing was labelled.
    fn over(prompts: &(impl Iterator<Item = Audited> + Clone)) -> Option<Self> {
        let sum = |read: fn(&Audited) -> f64| prompts.clone().map(|prompt| read(&prompt)).sum();
        let of: f64 = sum(|prompt| f64::from(prompt.judged.of));
        let asked: f64 = sum(|prompt| f64::from(u8::from(prompt.judged.of > 0)));
        let labels: f64 = sum(|prompt| f64::from(prompt.gold.total()));
        let squares: f64 = sum(|prompt| f64::from(prompt.gold.total()).powi(2));
        (labels > 0.0 && of > 0.0).then(|| Self {
            yes: sum(|prompt| f64::from(prompt.judged.yes)),
            of,
            repeats: of / asked,
            errors: sum(|prompt| errors(prompt.gold)),
            labels,
            label_count: prompts.clone().map(|prompt| u64::from(prompt.gold.total())).sum(),
            labelled_prompts: sum(|prompt| f64::from(u8::from(prompt.gold.total() > 0))),
            labels_together: squares / labels,
        })
    }

    fn value(&self) -> f64 {
        self.yes / self.of + self.errors / self.labels
    }

    /// The value with the pseudo-labels, which pull the correction towards none.
    fn centre(&self) -> f64 {
        self.yes / self.of + self.correction()
    }

    fn correction(&self) -> f64 {
        self.errors / (self.labels + 2.0)
    }

    /// The judge's rate with the pseudo-prompts.
    fn smoothed(&self) -> f64 {
        (self.yes + PSEUDO_WEIGHT * self.repeats) / self.transcripts()
    }

    fn transcripts(&self) -> f64 {
        self.of + 2.0 * PSEUDO_WEIGHT * self.repeats
    }

    /// How far one prompt moves the centre.
    fn influence(&self, prompt: Audited) -> f64 {
        let Audited { judged, gold } = prompt;
        let judged = f64::from(judged.yes) - self.smoothed() * f64::from(judged.of);
        let labelled = errors(gold) - self.correction() * f64::from(gold.total());
        judged / self.transcripts() + labelled / (self.labels + 2.0)
    }

    fn pseudo_variance(&self) -> f64 {
        let p = self.smoothed();
        let prompts = PSEUDO_WEIGHT * (p * p + (1.0 - p) * (1.0 - p));
        let labels = 2.0 * (1.0 + self.correction().powi(2)) * self.labels_together;
        prompts * (self.repeats / self.transcripts()).powi(2) + labels / (self.labels + 2.0).powi(2)
    }

    fn freedom(&self) -> f64 {
        (self.labelled_prompts - 1.0).max(1.0)
    }
}

/// People's yes minus the judge's.
fn errors(gold: Confusion) -> f64 {
    f64::from(gold.false_no) - f64::from(gold.false_yes)
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
