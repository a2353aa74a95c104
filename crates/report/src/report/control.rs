//! What came of a sweep's controls, as data.

use serde::Serialize;

use super::cell::Range;

/// One control of the sweep.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ControlFound {
    /// `comprehension`, `positive` or `baseline`.
    pub kind: String,
    /// The measure that it reads; of a baseline, the contrast.
    pub name: String,
    /// The least share that passes; of a baseline, how far from 0 it may be, in the measure's own unit.
    pub limit: f64,
    /// Whether it was added or loosened, or what it reads was defined anew, once there were results.
    pub post_hoc: bool,
    /// Of all groups together: it fails where one does, and is undecided where none fails and one is undecided.
    pub state: ControlState,
    /// Whether it does not fail.
    pub ok: bool,
    /// One for each combination of what it is split by; of a baseline, one for each estimate of the contrast.
    pub groups: Vec<ControlGroup>,
}

/// Whether what has to hold does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ControlState {
    /// It does.
    Holds,
    /// It does not, or nothing was counted.
    Fails,
    /// There is too little to tell.
    Undecided,
}

/// One group of a control.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ControlGroup {
    /// The levels that the group is of; none where there is one group. Of a baseline, the labels of the estimate.
    pub labels: Vec<String>,
    /// Transcripts that count as yes; of a baseline, on the side that is subtracted from.
    pub yes: u64,
    /// Transcripts counted; of a baseline, on both sides together.
    pub of: u64,
    /// Transcripts that should count and do not. In a share they are held against it, as if all of them were no.
    pub missing: u64,
    /// How many prompts, which are requests, these are spread over.
    pub prompts: u64,
    /// `yes / (of + missing)`, or the difference of a baseline; absent where nothing was asked.
    pub value: Option<f64>,
    /// 95%, by prompt; absent where there is none to be had.
    pub interval: Option<Range>,
    /// Whether it is as it should be.
    pub state: ControlState,
    /// Whether it does not fail.
    pub ok: bool,
}
