//! Where no interval holds, and the sentence that is printed in its place.
//!
//! Rates and their differences need none: as simulated, their intervals hold from one prompt on. A
//! mean has no such luck. Its t interval trusts the spread that was seen, and where most of the
//! spread hangs on a few prompts it covers 79% and less. What is withheld hangs as little as can be on
//! how a sample came out: intervals shown only where a sample looks even miss more often than others.

use std::fmt;

use crate::gap_bounds::Range;

/// Why an interval is not to be printed, nor a p-value: in this region the method was simulated and
/// did not cover. Display gives the sentence for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caution {
    /// Too few prompts to see of what shape the values are.
    FewPrompts { fewer_than: u32 },
    /// All prompts have one and the same value: it cannot be seen how far off their mean is.
    NoSpread,
    /// There are only two values, so that their mean moves in steps that t does not know.
    TwoValues,
    /// Most prompts have one and the same value, and the others lie to one side: they carry the mean.
    Lopsided,
}

/// Of means of lognormal values, 84% of the t intervals cover with 12 prompts and 90% with 50. How
/// lopsided values are cannot be seen in fewer: samples that look even are those without the tail, and
/// of the intervals shown for these, 66% would cover (simulated).
const PROMPTS_MIN: u32 = 50;
/// Where most prompts have one and the same value, the few others carry the mean, unless they balance.
const SAME_MAX: f64 = 0.5;
const LOPSIDED_MAX: f64 = 0.18;
/// Values this much apart, relative to the spread, are one and the same.
const ROUNDING: f64 = 1e-9;

impl Caution {
    /// On the t interval of a mean, from how far each prompt lies from it.
    ///
    /// What t gets wrong first is proportional to the skewness of the mean, `|Σe³| / (Σe²)^(3/2)`
    /// (Johnson 1978): of values that are all the same but for k prompts, `1/√k`.
    pub(crate) fn on_mean(residuals: &[f64]) -> Option<Self> {
        if residuals.len() < PROMPTS_MIN as usize {
            return Some(Self::FewPrompts { fewer_than: PROMPTS_MIN });
        }
        let power = |exponent| residuals.iter().map(|e| e.powi(exponent)).sum::<f64>();
        let lopsided = power(3).abs() / power(2).powf(1.5);
        if has_two_values(residuals) {
            Some(Self::TwoValues)
        } else if lopsided > LOPSIDED_MAX && share_of_commonest(residuals) > SAME_MAX {
            Some(Self::Lopsided)
        } else {
            None
        }
    }

    /// On the mean of any values in these ranges, none of which is more lopsided than `most_lean`: set where
    /// [`on_mean`](Self::on_mean) has one for some of them, so that more of what is missing never takes one
    /// away.
    pub(crate) fn on_any_mean(ranges: &[Range], most_lean: f64) -> Option<Self> {
        let certain = ranges.iter().filter(|range| range.certain).count();
        if certain < PROMPTS_MIN as usize {
            Some(Self::FewPrompts { fewer_than: PROMPTS_MIN })
        } else if could_have_two_values(ranges) {
            Some(Self::TwoValues)
        } else if most_lean > LOPSIDED_MAX && most_in_common(ranges) > SAME_MAX {
            Some(Self::Lopsided)
        } else {
            None
        }
    }
}

impl fmt::Display for Caution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FewPrompts { fewer_than } => {
                write!(f, "fewer than {fewer_than} prompts: no interval holds")
            }
            Self::NoSpread => f.write_str("all prompts have the same value: no interval holds"),
            Self::TwoValues => {
                f.write_str("only two different values: no interval holds, a rate would have one")
            }
            Self::Lopsided => f.write_str("a few prompts carry the mean: no interval holds"),
        }
    }
}

fn has_two_values(values: &[f64]) -> bool {
    let (low, high) = ends(values);
    let same = ROUNDING * (high - low);
    low < high && values.iter().all(|v| v - low <= same || high - v <= same)
}

/// Whether values in these ranges could be two only, or one. Where only one is known, any other could be the
/// second.
fn could_have_two_values(ranges: &[Range]) -> bool {
    let certain = || ranges.iter().filter(|range| range.certain);
    let mut known: Vec<f64> =
        certain().filter(|range| range.low == range.high).map(|range| range.low).collect();
    known.sort_by(f64::total_cmp);
    let same = rounding(ranges);
    known.dedup_by(|next, one| *next - *one <= same);
    let holds =
        |range: &Range, value: &f64| range.low - same <= *value && *value <= range.high + same;
    known.len() < 2
        || known.len() == 2 && certain().all(|range| known.iter().any(|value| holds(range, value)))
}

/// The largest share of the prompts that could have one value: it may be taken to be the lower end of a range.
fn most_in_common(ranges: &[Range]) -> f64 {
    let same = rounding(ranges);
    let share = |value: f64| {
        let holds = |range: &&Range| range.low - same <= value && value <= range.high + same;
        let with = ranges.iter().filter(holds).count() as f64;
        let others = ranges.iter().filter(|range| range.certain && !holds(range)).count() as f64;
        with / (with + others)
    };
    ranges.iter().map(|range| share(range.low)).fold(0.0, f64::max)
}

fn rounding(ranges: &[Range]) -> f64 {
    let (low, _) = ends(&ranges.iter().map(|range| range.low).collect::<Vec<_>>());
    let (_, high) = ends(&ranges.iter().map(|range| range.high).collect::<Vec<_>>());
    ROUNDING * (high - low)
}

/// The share of the prompts that have the commonest value.
fn share_of_commonest(values: &[f64]) -> f64 {
    let (low, high) = ends(values);
    let same = ROUNDING * (high - low);
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let runs = sorted.chunk_by(|one, next| next - one <= same).map(<[f64]>::len);
    runs.max().unwrap_or(0) as f64 / values.len() as f64
}

fn ends(values: &[f64]) -> (f64, f64) {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    (low, values.iter().copied().fold(f64::NEG_INFINITY, f64::max))
}
