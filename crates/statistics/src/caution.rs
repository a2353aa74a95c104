//! Where no interval holds, and the sentence that is printed in its place.
//!
//! Rates and their differences need none: as simulated, their intervals hold from one prompt on. A
//! mean has no such luck. Its t interval trusts the spread that was seen, and where most of the
//! spread hangs on a few prompts it covers 79% and less.

use std::fmt;

/// Why an interval is not to be printed, nor a p-value: in this region the method was simulated and
/// did not cover. Display gives the sentence for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caution {
    /// Too few prompts to see of what shape the values are.
    FewPrompts { fewer_than: u32 },
    /// There are only two values, so that their mean moves in steps that t does not know.
    TwoValues,
    /// A few prompts far to one side carry the mean.
    Lopsided,
}

/// Among 5 to 8 values that are exponential or more lopsided, 82 to 90% of the t intervals cover,
/// and their lopsidedness cannot be seen in so few.
const PROMPTS_MIN: u32 = 10;
/// Up to here every setting of the README's table covers; at 0.25, lognormal values still miss by 3.
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
        } else if lopsided > LOPSIDED_MAX {
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
            Self::TwoValues => {
                f.write_str("only two different values: no interval holds, a rate would have one")
            }
            Self::Lopsided => f.write_str("a few prompts carry the mean: no interval holds"),
        }
    }
}

fn has_two_values(values: &[f64]) -> bool {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let same = ROUNDING * (high - low);
    low < high && values.iter().all(|v| v - low <= same || high - v <= same)
}
