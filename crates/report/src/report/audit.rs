//! People's labels beside a judge's, as data.

use serde::Serialize;

use super::cell::{Range, Rate};

/// What people's labels of one stage say of one rate that reads it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Audit {
    /// The judge stage that people labelled too.
    pub stage: String,
    /// The rate.
    pub measure: String,
    /// How the transcripts were drawn: `random`, `where-judges-disagreed` or `by-hand`.
    pub sampled: String,
    /// How many people labelled.
    pub raters: u64,
    /// Fleiss' kappa over the transcripts that two or more people labelled; absent where there are none, and where all
    /// labels are one.
    pub kappa: Option<f64>,
    /// Why these labels correct no rate; absent where they do.
    pub refused: Option<String>,
    /// Labelled transcripts that this report does not have: of a prompt, model, condition or repeat that it does not ask,
    /// still open, dropped, or left without a reading by a judge that nobody labelled.
    pub unmatched: u64,
    /// Labelled transcripts on which people are split evenly: no label.
    pub tied: u64,
    /// One for each cell in which the measure is asked, in the order of [`Report::cells`](crate::Report::cells).
    pub cells: Vec<AuditedCell>,
}

/// People and judge in one cell, in transcripts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AuditedCell {
    /// As [`Cell::labels`](crate::Cell::labels).
    pub labels: Vec<String>,
    /// Both say yes.
    pub both_yes: u64,
    /// The judge says yes and people say no.
    pub false_yes: u64,
    /// People say yes and the judge says no, or abstains.
    pub false_no: u64,
    /// Both say no, or people say no and the judge abstains.
    pub both_no: u64,
    /// The share of yes by the judge among people's yes; absent with too few of them.
    pub sensitivity: Option<Rate>,
    /// The share of no by the judge among people's no; absent with too few of them.
    pub specificity: Option<Rate>,
    /// The judge's rate over all transcripts that could have been labelled, an abstention counted as no: what is
    /// corrected. Absent where nothing was judged.
    pub raw: Option<f64>,
    /// The rate as people would have labelled it.
    pub correction: Correction,
}

/// A rate or a difference of rates as people would have labelled it, or why it is not told.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Correction {
    /// The judge's rate plus the mean over the labelled transcripts of (people's label less the judge's).
    Known {
        /// The corrected rate, from 0 to 1, or the difference of two.
        value: f64,
        /// 95%, by prompt, with the error of both the rate and the labels.
        interval: Range,
        /// Labelled transcripts that it rests on; of the two sides of a difference together.
        labels: u64,
    },
    /// There are not enough labels.
    TooFew {
        /// How many there are; of the side of a difference that has the fewest for what it needs.
        labels: u64,
        /// How many are needed.
        needed: u64,
    },
    /// These labels or these sides allow no correction.
    Refused {
        /// Why not, for people.
        why: String,
    },
}
