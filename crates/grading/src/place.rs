//! Which expression of a plan is meant, and what is wrong with it.

use std::fmt;

use iago_expression::ExpressionError;

/// An expression, a regular expression or a schema of a plan. Numbers are indices into the plan's lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// `when` of a message.
    Message {
        /// The stage.
        stage: usize,
        /// The message in it.
        message: usize,
    },
    /// `required` of a field.
    Field {
        /// The stage.
        stage: usize,
        /// The field in it.
        field: usize,
    },
    /// `regex` of a field.
    FieldRegex {
        /// The stage.
        stage: usize,
        /// The field in it.
        field: usize,
    },
    /// `when` of a stage.
    Stage {
        /// The stage.
        stage: usize,
    },
    /// `vote` of a judge stage with criteria.
    Vote {
        /// The stage.
        stage: usize,
    },
    /// `pattern` of a score stage.
    Pattern {
        /// The stage.
        stage: usize,
    },
    /// `schema` of a score stage.
    Schema {
        /// The stage.
        stage: usize,
    },
    /// `when` of an outcome.
    Outcome {
        /// The outcome.
        outcome: usize,
    },
    /// `of` of a measure.
    MeasureOf {
        /// The measure.
        measure: usize,
    },
    /// `value` of a measure.
    MeasureValue {
        /// The measure.
        measure: usize,
    },
    /// `where` of a measure.
    MeasureWhere {
        /// The measure.
        measure: usize,
    },
    /// `zero_unless` of a measure.
    MeasureZeroUnless {
        /// The measure.
        measure: usize,
    },
    /// `given` of a measure.
    MeasureGiven {
        /// The measure.
        measure: usize,
    },
}

impl Place {
    /// The key that the expression stands under in a sweep file.
    pub fn key(self) -> &'static str {
        match self {
            Self::Message { .. } | Self::Stage { .. } | Self::Outcome { .. } => "when",
            Self::Field { .. } => "required",
            Self::FieldRegex { .. } => "regex",
            Self::Vote { .. } => "vote",
            Self::Pattern { .. } => "pattern",
            Self::Schema { .. } => "schema",
            Self::MeasureOf { .. } => "of",
            Self::MeasureValue { .. } => "value",
            Self::MeasureWhere { .. } => "where",
            Self::MeasureZeroUnless { .. } => "zero_unless",
            Self::MeasureGiven { .. } => "given",
        }
    }
}

impl fmt::Display for Place {
    /// Counts from 1, as people do.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` of ", self.key())?;
        match self {
            Self::Message { stage, message } => {
                write!(f, "message {} of stage {}", message + 1, stage + 1)
            }
            Self::Field { stage, field } | Self::FieldRegex { stage, field } => {
                write!(f, "field {} of stage {}", field + 1, stage + 1)
            }
            Self::Stage { stage }
            | Self::Vote { stage }
            | Self::Pattern { stage }
            | Self::Schema { stage } => write!(f, "stage {}", stage + 1),
            Self::Outcome { outcome } => write!(f, "outcome {}", outcome + 1),
            Self::MeasureOf { measure }
            | Self::MeasureValue { measure }
            | Self::MeasureWhere { measure }
            | Self::MeasureZeroUnless { measure }
            | Self::MeasureGiven { measure } => write!(f, "measure {}", measure + 1),
        }
    }
}

/// Something of a plan that cannot be compiled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {error}")]
pub struct GradingError {
    /// Which one.
    pub place: Place,
    /// What is wrong with it.
    pub error: ExpressionError,
}
