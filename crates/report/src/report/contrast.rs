//! Differences, as data.

use serde::Serialize;

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
    /// 95%, by prompt; absent for a difference of means in which no spread was seen.
    pub interval: Option<Range>,
    /// Two-sided; absent in an interim report.
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
    /// Worst cases of what is missing, both ways, with sampling error; absent with nothing missing, and where the number
    /// has no limits.
    pub bounds: Option<Range>,
}
