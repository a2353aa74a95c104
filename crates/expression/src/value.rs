//! What a name stands for in one transcript.

use crate::truth::Truth;

/// The answer of a lookup, or one side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A word: a level of a factor, a label of a judge, a column of the prompt set.
    Text(String),
    /// A number. One that is not finite is read as unknown.
    Number(f64),
    /// A fact that holds or does not.
    Bool(bool),
    /// The stage was skipped by its `when`: there is no answer, and none is missing.
    NotAsked,
    /// There should be an answer, and there is none: a judge abstained, votes are undecided, a job failed.
    Unknown,
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Value {
    fn from(holds: bool) -> Self {
        Self::Bool(holds)
    }
}

impl From<Truth> for Value {
    fn from(truth: Truth) -> Self {
        truth.known().map_or(Self::Unknown, Self::Bool)
    }
}
