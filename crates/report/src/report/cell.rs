//! Counts and rates of one cell, as data.

use serde::Serialize;

use super::Simulated;
use super::audit::Correction;

/// What was counted in one (model, condition). `n + drops + unknown = transcripts`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cell {
    /// The model's name, then the level of each factor, as [`Report::axes`](crate::Report::axes) says.
    pub labels: Vec<String>,
    /// (prompt, repeat)s in this report.
    pub transcripts: u64,
    /// Those with an outcome.
    pub n: u64,
    /// Those without an answer that can be classed, by reason.
    pub drops: Vec<Drop>,
    /// Those whose outcome hangs on something that is unknown.
    pub unknown: u64,
    /// The share of each outcome among the n, in file order.
    pub outcomes: Vec<OutcomeEstimate>,
    /// Each measure, in file order.
    pub measures: Vec<MeasureEstimate>,
    /// Judges that were asked here and gave no label.
    pub abstained: Vec<JudgeMissing>,
    /// How many of the cell's results and failures are planted.
    pub simulated: Simulated,
}

/// Transcripts dropped for one reason.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drop {
    /// `missing`, `unclosed`, `empty`, `truncated` or `refused` for an answer that could not be read; `rejected`,
    /// `exhausted` or `quarantined` for a job that failed.
    pub reason: String,
    /// How many.
    pub transcripts: u64,
}

/// The share of an outcome.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OutcomeEstimate {
    /// The outcome's name.
    pub outcome: String,
    /// Its share.
    #[serde(flatten)]
    pub estimate: Estimate,
}

/// A measure in one cell.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MeasureEstimate {
    /// The measure's name.
    pub measure: String,
    /// Whether it is a share or a mean of numbers.
    pub kind: Kind,
    /// Its value.
    #[serde(flatten)]
    pub estimate: Estimate,
    /// The rate as people would have labelled it; absent where no labels of theirs bear on it.
    pub corrected: Option<Correction>,
}

/// What a measure's numbers are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A share of transcripts, from 0 to 1.
    #[default]
    Rate,
    /// A mean of numbers, in the unit of what is averaged.
    Mean,
}

/// How often a judge or a score left a transcript without a label.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct JudgeMissing {
    /// The judge or score stage.
    pub stage: String,
    /// Whether it is a score, which asks no model.
    pub score: bool,
    /// Transcripts on which it abstained, or had too few valid votes.
    pub abstained: u64,
    /// Transcripts on which its jobs failed.
    pub failed: u64,
    /// Transcripts that it was asked about.
    pub asked: u64,
}

/// A rate or a mean in one cell, or why there is none.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Estimate {
    /// The plan does not ask for it here.
    NotAsked,
    /// Nothing was counted: the denominator is zero.
    Empty {
        /// Transcripts that might have counted.
        missing: u64,
    },
    /// A rate.
    Known(Rate),
    /// A mean; [`Kind`] says which of the two it is.
    #[serde(rename = "known")]
    Mean(Mean),
}

/// A rate with its 95% interval.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rate {
    /// The numerator, in transcripts.
    pub yes: u64,
    /// The denominator, in transcripts.
    pub of: u64,
    /// How many prompts the denominator is spread over.
    pub prompts: u64,
    /// `yes / of`.
    pub value: f64,
    /// One binomial standard error, `√(p(1−p)/n)`, as papers print it. It takes every transcript for independent: for
    /// comparison with them, and no claim.
    pub standard_error: f64,
    /// 95%, by prompt; absent where `caution` says why.
    pub interval: Option<Range>,
    /// Why no interval is told.
    pub caution: Option<String>,
    /// Transcripts that should count and do not: dropped or unknown.
    pub missing: u64,
    /// From all that is missing a no to all of it a yes, with sampling error; absent with nothing missing, and where
    /// `caution` says why.
    pub bounds: Option<Range>,
}

/// A mean with its 95% interval, in the unit of the values.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Mean {
    /// The mean over transcripts.
    pub value: f64,
    /// How many transcripts have a number.
    pub of: u64,
    /// How many prompts they are spread over.
    pub prompts: u64,
    /// 95%, by prompt; absent where no spread between prompts was seen (one prompt, or all alike), and where `caution`
    /// says why.
    pub interval: Option<Range>,
    /// Why no interval is told although there is a spread.
    pub caution: Option<String>,
    /// Transcripts that should count and do not: dropped or unknown.
    pub missing: u64,
    /// From all that is missing at the lowest that the number can be to all of it at the highest, with sampling error;
    /// absent with nothing missing, where the number has no limits, and where `caution` says why.
    pub bounds: Option<Range>,
}

/// From one value to another.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Range {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Kind {
    /// What a measure of the plan is.
    pub(crate) fn of(measure: &iago_sweep::Measure) -> Self {
        if measure.is_mean() { Self::Mean } else { Self::Rate }
    }
}

impl Cell {
    /// Transcripts that were dropped, for whatever reason.
    pub fn dropped(&self) -> u64 {
        self.drops.iter().map(|drop| drop.transcripts).sum()
    }

    /// Transcripts without an outcome.
    pub fn missing(&self) -> u64 {
        self.dropped() + self.unknown
    }
}
