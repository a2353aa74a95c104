//! Why a plan cannot be reported on. A plan that was checked never fails here; a stored one of another version might.

use iago_grading::GradingError;

/// A plan that no report can be made from.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ReportError {
    /// Expressions of the plan cannot be used.
    #[error("the plan cannot be read: {}", list(.0))]
    Grading(Vec<GradingError>),
    /// A contrast compares a measure that is not in the plan.
    #[error(
        "contrast `{contrast}` compares `{measure}`, which is no measure of the plan: add the measure"
    )]
    NoMeasure {
        /// The contrast's name.
        contrast: String,
        /// As the contrast says.
        measure: String,
    },
    /// A contrast goes along something that is neither `model` nor a factor, or names a level that it has not.
    #[error(
        "contrast `{contrast}` goes by `{axis}` at `{level}`, which the plan does not have: correct the contrast"
    )]
    NoLevel {
        /// The contrast's name.
        contrast: String,
        /// `model` or a factor.
        axis: String,
        /// The level.
        level: String,
    },
    /// A contrast has one estimate for each level of something that the plan does not have.
    #[error(
        "contrast `{contrast}` is `by` `{axis}`, which is neither `model` nor a factor: correct the contrast"
    )]
    NoAxis {
        /// The contrast's name.
        contrast: String,
        /// As the contrast says.
        axis: String,
    },
    /// A judge has more labels than a byte can tell apart.
    #[error(
        "judge stage `{stage}` has {labels} labels, and at most {limit} can be reported: split the question"
    )]
    TooManyLabels {
        /// The stage's name.
        stage: String,
        /// How many it has.
        labels: usize,
        /// How many it may have.
        limit: usize,
    },
    /// The plan asks for more jobs than fit in memory.
    #[error(
        "the plan asks for {transcripts} transcripts, which is more than this machine can hold: split the sweep"
    )]
    TooLarge {
        /// How many.
        transcripts: u64,
    },
}

fn list(errors: &[GradingError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
