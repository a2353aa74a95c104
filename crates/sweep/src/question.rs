//! What a judge must answer, and how its answers are counted.

use serde::{Deserialize, Serialize};

/// What a judge must answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Question {
    /// One of these words.
    Labels(Vec<String>),
    /// Yes or no to each criterion; the answer is `yes` where `vote` holds over them.
    Criteria {
        /// The questions.
        criteria: Vec<Criterion>,
        /// An expression over the criteria's names.
        vote: String,
    },
    /// One of these whole numbers, in order; expressions read the answer as a number.
    Scale(Vec<String>),
}

/// A yes/no question to a judge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Criterion {
    /// Its name, a Boolean in `vote`.
    pub name: String,
    /// The question.
    pub ask: String,
}

/// How independent votes become one label.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Votes {
    /// How many are asked for.
    pub count: u32,
    /// With fewer valid votes the judge abstains.
    pub quorum: u32,
    /// `yes` needs at least this share of the valid votes.
    pub threshold: f64,
}

/// Votes that cannot work.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum VotesError {
    /// A quorum that can never be met, or that is none.
    #[error("quorum {quorum} must be from 1 to the number of votes, {count}")]
    Quorum {
        /// As given.
        quorum: u32,
        /// As given.
        count: u32,
    },
    /// A threshold that is no share.
    #[error("threshold {0} must be above 0 and at most 1: it is a share of the valid votes")]
    Threshold(f64),
}

impl Votes {
    /// Checks the three numbers against each other.
    pub fn new(count: u32, quorum: u32, threshold: f64) -> Result<Self, VotesError> {
        if quorum == 0 || quorum > count {
            return Err(VotesError::Quorum { quorum, count });
        }
        if !(threshold > 0.0 && threshold <= 1.0) {
            return Err(VotesError::Threshold(threshold));
        }
        Ok(Self { count, quorum, threshold })
    }
}

impl Question {
    /// The words that a valid answer can come to.
    pub fn labels(&self) -> Vec<&str> {
        match self {
            Self::Labels(labels) | Self::Scale(labels) => {
                labels.iter().map(String::as_str).collect()
            }
            Self::Criteria { .. } => vec!["yes", "no"],
        }
    }
}
