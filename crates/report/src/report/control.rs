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
    /// Whether it holds in every group, and there is one; while jobs are open, in every group that was counted.
    pub ok: bool,
    /// One for each combination of what it is split by; of a baseline, one for each estimate of the contrast.
    pub groups: Vec<ControlGroup>,
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
    /// The share of yes, or the difference of a baseline; absent where nothing was counted.
    pub value: Option<f64>,
    /// 95%, by prompt; absent where there is none to be had.
    pub interval: Option<Range>,
    /// Whether it is as it should be.
    pub ok: bool,
}
