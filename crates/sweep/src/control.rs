//! Checks of the instrument that a sweep brings along. They are read before any number of it is.

use serde::{Deserialize, Serialize};

use crate::words;

/// A check of the instrument: where it fails, no number of the sweep is to be believed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Control {
    /// What has to hold.
    #[serde(flatten)]
    pub checks: Checks,
    /// It has to hold in each combination of these, `model` or names of factors; over all cells
    /// together where empty. Only a check of a measure has any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<String>,
    /// It was added or loosened, or what it reads was defined anew, once there were results. No file
    /// says so: whoever stores the plan does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub post_hoc: bool,
}

/// What a control holds the sweep to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Checks {
    /// The models understood the setting that they were put into.
    Comprehension {
        /// A rate: who understood it.
        measure: String,
        /// The least share that passes.
        at_least: f64,
    },
    /// What everybody complies with is complied with.
    Positive {
        /// A rate: who complied.
        measure: String,
        /// The least share that passes.
        at_least: f64,
    },
    /// Where nothing should differ, nothing does.
    Baseline {
        /// The contrast that should be nothing.
        contrast: String,
        /// How far from 0 it may be, in the measure's own unit: three points of a rate are 0.03.
        within: f64,
    },
}

words! {
    /// The kinds of controls.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    ControlKind, "kind of control", {
        /// The setting was understood.
        Comprehension = "comprehension",
        /// What everybody complies with is complied with.
        Positive = "positive",
        /// Where nothing should differ, nothing does.
        Baseline = "baseline",
    }
}

impl Control {
    /// Whether whatever passes this one passes the other: the same is read in the same groups, and the
    /// limit is as strict or stricter. When either was made does not matter.
    pub fn is_as_strict_as(&self, other: &Self) -> bool {
        let limits = match (&self.checks, &other.checks) {
            (
                Checks::Comprehension { at_least: one, .. },
                Checks::Comprehension { at_least: other, .. },
            )
            | (Checks::Positive { at_least: one, .. }, Checks::Positive { at_least: other, .. }) => {
                one >= other
            }
            (Checks::Baseline { within: one, .. }, Checks::Baseline { within: other, .. }) => {
                one <= other
            }
            _ => false,
        };
        limits && self.checks.reads() == other.checks.reads() && self.by == other.by
    }
}

impl Checks {
    /// Its kind.
    pub fn kind(&self) -> ControlKind {
        match self {
            Self::Comprehension { .. } => ControlKind::Comprehension,
            Self::Positive { .. } => ControlKind::Positive,
            Self::Baseline { .. } => ControlKind::Baseline,
        }
    }

    /// The name of what it reads: a measure, or the contrast of a baseline.
    pub fn reads(&self) -> &str {
        match self {
            Self::Comprehension { measure, .. } | Self::Positive { measure, .. } => measure,
            Self::Baseline { contrast, .. } => contrast,
        }
    }
}
