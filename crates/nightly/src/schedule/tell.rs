//! Who is told of what comes out.

use std::collections::BTreeSet;

use iago_sweep::words;
use serde::{Deserialize, Serialize};

use super::fault::FaultyTerms;
use super::written::WrittenTell;
use crate::{Morning, Word};

/// One receiver of messages. Stored with each message to it, as it is written in a schedule's file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WrittenTell", into = "WrittenTell")]
pub struct Tell {
    /// The name of the receiver.
    pub webhook: String,
    /// How it wants its messages.
    pub format: MessageFormat,
    /// The environment variable of the coordinator that holds its address. `None`: its settings say.
    pub url_env: Option<String>,
    /// The one that holds the secret which messages to it are signed with. `None`: its settings say.
    pub secret_env: Option<String>,
    /// What it is told of.
    pub on: BTreeSet<TellOn>,
}

words! {
    /// What a message looks like.
    MessageFormat, "format", {
        /// `iago.night.v1`, for programs.
        Json = "json",
        /// What Slack shows, and everything that takes what Slack does.
        Slack = "slack",
    }
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

impl From<Word> for TellOn {
    fn from(word: Word) -> Self {
        match word {
            Word::Pass => Self::Pass,
            Word::Regression => Self::Regression,
            Word::Inconclusive => Self::Inconclusive,
            Word::UnreliableBaseline => Self::UnreliableBaseline,
            Word::ChangedModel => Self::ChangedModel,
            Word::ChangedJudge => Self::ChangedJudge,
            Word::Infrastructure => Self::Infrastructure,
            Word::Deadline => Self::Deadline,
        }
    }
}

impl Morning {
    /// What somebody is told of by it: its word, or that it was missed.
    pub fn occasion(&self) -> TellOn {
        if self.missed { TellOn::Missed } else { self.word.into() }
    }
}

impl MessageFormat {
    /// Of a receiver that says nothing of it.
    pub(super) fn usual(webhook: &str) -> Self {
        if webhook == "slack" { Self::Slack } else { Self::Json }
    }
}

impl TryFrom<WrittenTell> for Tell {
    type Error = FaultyTerms;

    fn try_from(written: WrittenTell) -> Result<Self, FaultyTerms> {
        written.check()
    }
}
