//! What is read from finished transcripts. None of it is part of what was asked, so all of it may
//! change over the same results.

use serde::{Deserialize, Serialize};

/// A class of transcripts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Its name.
    pub name: String,
    /// An expression over everything that a transcript has.
    pub when: String,
    /// How figures draw it: an outcome's name or `+hatch`, `+dots` after one.
    pub style: Option<String>,
}

/// A rate: how many of the transcripts for which `given` holds have `of`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// Its name.
    pub name: String,
    /// The numerator.
    pub of: String,
    /// The denominator; all answered transcripts where absent.
    pub given: Option<String>,
}

/// A difference of a measure between two levels of a factor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contrast {
    /// Its name.
    pub name: String,
    /// The measure compared.
    pub measure: String,
    /// The factor whose levels are compared.
    pub factor: String,
    /// The level that is subtracted.
    pub from: String,
    /// The level that it is subtracted from.
    pub to: String,
    /// The same difference under another level is subtracted again: a difference of differences.
    pub minus: Option<Minus>,
    /// One estimate for each combination of these: `model`, or names of factors.
    pub by: Vec<String>,
    /// Estimates of one family are corrected together (Holm).
    pub family: Option<String>,
    /// Named before the first call.
    pub primary: bool,
    /// Added or changed after the first result was in.
    #[serde(default)]
    pub post_hoc: bool,
}

/// The second factor of a difference of differences: the difference at `to` less that at `from`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Minus {
    /// The factor.
    pub factor: String,
    /// The level whose difference is subtracted.
    pub from: String,
    /// The level whose difference it is subtracted from.
    pub to: String,
}
