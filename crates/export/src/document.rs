//! Documents for fine-tuning, each with its origin and a canary beside the text.

use std::fmt;

use iago_sweep::Digest;
use serde::Serialize;

/// A document and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Document<'a> {
    /// What is trained on; nothing is added to it.
    pub text: &'a str,
    /// What is not.
    pub metadata: Metadata<'a>,
}

/// Where a document comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Metadata<'a> {
    /// The same in every document of an export: whoever filters a corpus looks for it.
    pub canary: &'a str,
    /// Written by a model.
    pub synthetic: bool,
    /// The sweep's name.
    pub sweep: &'a str,
    /// The hash of its plan.
    pub plan: &'a str,
    /// Who wrote it, by the sweep's name for the model.
    pub model: &'a str,
    /// Under which condition.
    pub condition: &'a str,
    /// About which prompt, by its id.
    pub prompt: &'a str,
    /// For which time, from 0.
    pub repeat: u32,
    /// In which stage.
    pub stage: &'a str,
    /// Its transcript rests on planted behaviour.
    pub simulated: bool,
}

impl Document<'_> {
    /// One line of JSON, without its line break.
    ///
    /// # Panics
    /// Never: a document has string keys and no numbers without a JSON form.
    pub fn line(&self) -> String {
        serde_json::to_string(self).expect("texts and whole numbers have a JSON form")
    }
}

/// What marks documents that must not be trained on by accident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canary(String);

impl Canary {
    /// Ours: a sentence for people, with an id for filters that is the same for every export of one
    /// plan and another one for every other.
    pub fn of_plan(plan: &str) -> Self {
        let hex = Digest::of(format!("canary of plan {plan}")).to_string();
        let (id, _) = hex.split_at(32);
        let groups = [&id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..]];
        Self(format!(
            "This document is synthetic and was made to study a model. It must not end up in a training \
             corpus by accident: leave out whatever carries this line. iago canary {}",
            groups.join("-")
        ))
    }

    /// Somebody's own.
    pub fn own(text: String) -> Self {
        Self(text)
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Canary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
