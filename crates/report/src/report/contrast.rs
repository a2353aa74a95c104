//! Differences, as data.

use serde::Serialize;

use super::audit::Correction;
use super::cell::{Kind, Range};

/// A comparison with all its estimates.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Contrast {
    /// Its name.
    pub name: String,
    /// The measure compared.
    pub measure: String,
    /// Whether the differences are of shares or of means.
    pub kind: Kind,
    /// Along what: `model` or a factor.
    pub factor: String,
    /// The level subtracted.
    pub from: String,
    /// The level that it is subtracted from.
    pub to: String,
    /// The second factor of a difference of differences.
    pub minus: Option<Minus>,
    /// Fixed before the first call.
    pub primary: bool,
    /// Added or changed after the first result was in.
    pub post_hoc: bool,
    /// Estimates of one family are corrected together.
    pub family: String,
    /// How many estimates the family has.
    pub family_size: u64,
    /// How often the data were looked at: 1, and once more for each time that the sweep was extended by repeats or prompts
    /// after results were in. No p-value is corrected for it.
    pub looks: u64,
    /// What labels an estimate, in the order of [`ContrastEstimate::labels`].
    pub by: Vec<String>,
    /// One for each combination of `by` that has cells on every side.
    pub estimates: Vec<ContrastEstimate>,
    /// The combinations of `by` whose grid has no cell on some side: nothing is estimated there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub without_cells: Vec<Vec<String>>,
}

/// The second factor of a difference of differences: the difference at `to` less that at `from`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Minus {
    /// Along what.
    pub factor: String,
    /// The level whose difference is subtracted.
    pub from: String,
    /// The level whose difference it is subtracted from.
    pub to: String,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ContrastEstimate {
    /// The level of each of [`Contrast::by`].
    pub labels: Vec<String>,
    /// The difference.
    #[serde(flatten)]
    pub gap: Gap,
    /// Whether any result that it touches is planted.
    pub simulated: bool,
}

/// A difference, or why there is none.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Gap {
    /// The plan does not ask for the measure on one of the sides.
    NotAsked,
    /// No prompt has an answer on every side.
    Unpaired {
        /// What was counted on the subtracted side.
        from: Side,
        /// What was counted on the other side.
        to: Side,
    },
    /// The two sides cannot be compared.
    Refused {
        /// Why not, and the way out, for people.
        why: String,
    },
    /// A difference.
    Known(Box<GapEstimate>),
}

/// What was counted on one side of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Side {
    /// Of a rate.
    Count(Count),
    /// Of a mean.
    Mean(SideMean),
}

/// A mean and what it is over.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SideMean {
    /// Over all transcripts, paired or not; absent where there are none.
    pub mean: Option<f64>,
    /// How many transcripts have a number.
    pub of: u64,
}

/// A numerator and its denominator, in transcripts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// The numerator.
    pub yes: u64,
    /// The denominator.
    pub of: u64,
}

/// A difference `to - from`, paired by prompt.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GapEstimate {
    /// The subtracted side; of the minuend in a difference of differences.
    pub from: Side,
    /// The other side.
    pub to: Side,
    /// Both sides of the difference that is subtracted again: `from`, then `to`.
    pub subtrahend: Option<(Side, Side)>,
    /// Prompts with an answer on every side.
    pub prompts: u64,
    /// The mean of the prompts' differences.
    pub value: f64,
    /// 95%, by prompt; absent for a difference of means in which no spread was seen, and where `caution` says why.
    pub interval: Option<Range>,
    /// Why there is no interval and no p.
    pub caution: Option<String>,
    /// Two-sided; absent in an interim report, and where `caution` says why.
    pub p: Option<f64>,
    /// `p` corrected for its family (Holm).
    pub p_adjusted: Option<f64>,
    /// Which test `p` comes from.
    pub test: String,
    /// The true difference that would be found with 80% power at this n and this spread; absent as the interval is.
    pub detectable: Option<f64>,
    /// The difference over all transcripts, unpaired.
    pub pooled: f64,
    /// Transcripts that should count on either side and do not.
    pub missing: u64,
    /// Worst cases of what is missing, both ways, with sampling error; absent with nothing missing, where the number has no
    /// limits, and where `caution` says why.
    pub bounds: Option<Range>,
    /// The difference with one standard error, as papers print it; rates only, and no difference of differences.
    pub unpaired: Option<Unpaired>,
    /// How many times the rate of `from` the rate of `to` is; rates only, and no difference of differences.
    pub ratio: Option<RatioEstimate>,
    /// The difference as people would have labelled it; absent where no labels of theirs bear on it.
    pub corrected: Option<Correction>,
}

/// A difference of two rates over all transcripts, without regard to prompts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Unpaired {
    /// `to - from`.
    pub value: f64,
    /// One standard error: binomial on either side, added in quadrature. It takes every transcript for independent.
    pub standard_error: f64,
}

/// A ratio of two rates, over the prompts that have both.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RatioEstimate {
    /// The rate of `to` over that of `from`; absent over zero.
    pub value: Option<f64>,
    /// The lower end of the 95% interval (Fieller, by prompt); absent where there is none.
    pub low: Option<f64>,
    /// The upper end; absent where there is none.
    pub high: Option<f64>,
}
