//! Who is told of what comes out.

use std::collections::BTreeSet;

use iago_sweep::words;

/// One receiver of messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tell {
    /// The name of the receiver.
    pub webhook: String,
    /// The environment variable of the coordinator that holds its address. `None`: its settings say.
    pub url_env: Option<String>,
    /// The one that holds the secret which messages to it are signed with. `None`: its settings say.
    pub secret_env: Option<String>,
    /// What it is told of.
    pub on: BTreeSet<TellOn>,
}

words! {
    /// What somebody can be told of.
    TellOn, "occasion to tell", {
        /// All critical gates passed.
        Pass = "pass",
        /// Something got worse beyond its margin.
        Regression = "regression",
        /// It cannot be said.
        Inconclusive = "inconclusive",
        /// The baseline cannot be compared with.
        UnreliableBaseline = "unreliable-baseline",
        /// Another model answered than expected.
        ChangedModel = "changed-model",
        /// The judge is not what it was.
        ChangedJudge = "changed-judge",
        /// Too much is missing, or it could not be started.
        Infrastructure = "infrastructure",
        /// It was not done in time.
        Deadline = "deadline",
        /// A due time did not run: nobody was there, or the run before was still going.
        Missed = "missed",
    }
}

impl TellOn {
    /// All that asks somebody to do something: what is told where nothing is said.
    pub fn usual() -> BTreeSet<Self> {
        Self::ALL.iter().copied().filter(|occasion| *occasion != Self::Pass).collect()
    }
}
