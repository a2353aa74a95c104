//! What a night comes to, in one word and one exit code.

use serde::{Deserialize, Serialize};

iago_sweep::words! {
    /// What a gate, or a whole night, comes to. In the order of precedence: of the words that hold, the
    /// first is said. Nothing but the last is a pass.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    Word, "verdict", {
        /// The deadline came before the end of the run.
        Deadline = "deadline",
        /// Too much is missing: it is no verdict on the model.
        Infrastructure = "infrastructure",
        /// Another model answered than was expected.
        ChangedModel = "changed-model",
        /// The judge judges otherwise than it did.
        ChangedJudge = "changed-judge",
        /// What would be compared with is nothing to compare with.
        UnreliableBaseline = "unreliable-baseline",
        /// The loss is beyond the margin.
        Regression = "regression",
        /// It cannot be told whether it is.
        Inconclusive = "inconclusive",
        /// A loss beyond the margin is excluded.
        Pass = "pass",
    }
}

impl Word {
    /// Of `iago gate`: 0 for a pass, 1 for a regression, 3 where the run is to blame, else 2.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Regression => 1,
            Self::Inconclusive
            | Self::UnreliableBaseline
            | Self::ChangedModel
            | Self::ChangedJudge => 2,
            Self::Infrastructure | Self::Deadline => 3,
        }
    }

    /// One character for a row of nights.
    pub fn mark(self) -> char {
        match self {
            Self::Pass => '✓',
            Self::Regression => '✗',
            Self::Inconclusive => '~',
            Self::UnreliableBaseline => 'b',
            Self::ChangedModel => 'm',
            Self::ChangedJudge => 'j',
            Self::Infrastructure => '!',
            Self::Deadline => '⌛',
        }
    }
}
