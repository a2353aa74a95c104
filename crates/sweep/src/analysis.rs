//! What is read from finished transcripts. None of it is part of what was asked, so all of it may
//! change over the same results.

use serde::{Deserialize, Serialize};

use crate::words;

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

/// What is averaged, over what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// Its name.
    pub name: String,
    /// What is counted or averaged.
    #[serde(flatten)]
    pub counts: Counts,
    /// The denominator, as an expression; all answered transcripts where absent.
    pub given: Option<String>,
    /// Which transcripts it speaks of at all, as an expression over factors, the model and prompt fields.
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// Where this expression is false, a mean counts the transcript as 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zero_unless: Option<String>,
}

/// A rate or a mean.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Counts {
    /// How many of the transcripts this expression holds for.
    #[serde(rename = "of")]
    Rate(String),
    /// The mean of this number.
    #[serde(rename = "value")]
    Mean(String),
}

impl Measure {
    /// The numerator of a rate, or the number that is averaged.
    pub fn expression(&self) -> &str {
        match &self.counts {
            Counts::Rate(expression) | Counts::Mean(expression) => expression,
        }
    }

    /// Whether it is a mean of numbers, and no rate.
    pub fn is_mean(&self) -> bool {
        matches!(self.counts, Counts::Mean(_))
    }
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

words! {
    /// Over what a claim generalises.
    #[derive(Default, Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    Generalise, "generalisation", {
        /// To prompts like these.
        #[default]
        Prompts = "prompts",
        /// To these prompts, and no others.
        Suite = "suite",
    }
}

/// A drawing of the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// How it is drawn.
    pub kind: FigureKind,
    /// What stands along its horizontal axis: `step`.
    pub x: Option<String>,
    /// The run whose models are drawn.
    pub run: Option<String>,
    /// One panel for each level of this factor.
    pub panels: Option<String>,
    /// The outcomes, from the bottom up; all of them, in order, where empty.
    pub bands: Vec<String>,
}

words! {
    /// How a figure is drawn.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    FigureKind, "kind of figure", {
        /// A bar for each cell.
        Bar = "bar",
        /// Stacked areas over the steps of a run.
        Area = "area",
    }
}
