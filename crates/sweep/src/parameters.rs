//! How a model is asked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Coordinate, words};

/// Sampling parameters of a model. What is absent is not sent, and is the vendor's default.
///
/// Everything but the first three is absent from JSON where it says nothing, so that a sweep of an
/// earlier version keeps its identity.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Parameters {
    /// Output limit in tokens.
    pub max_output_tokens: u32,
    /// Sampling temperature.
    pub temperature: Option<f64>,
    /// Mark the system message as a cacheable prefix where the protocol has it.
    pub cache_prefix: bool,
    /// Only the most probable tokens that together have this probability.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// Texts at which the answer ends.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stop: Vec<String>,
    /// Seeds the sampling of a job, together with its repeat and vote ([`Parameters::of_job`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Ask for the log probability of each token, and of so many alternatives (0 to 20).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logprobs: Option<u32>,
    /// How much the model reasons before it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<Reasoning>,
    /// The JSON schema that the answer is to follow, as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Further fields of the body, sent as they are.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: BTreeMap<String, Value>,
}

/// How much a model reasons before it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reasoning {
    /// Not at all.
    Off,
    /// As much as the vendor takes this word for.
    Effort(Effort),
    /// At most so many tokens.
    Budget(u32),
}

words! {
    /// The vendors' words for how much a model reasons.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    Effort, "effort", {
        /// The least that is still some.
        Minimal = "minimal",
        /// Little.
        Low = "low",
        /// The usual.
        Medium = "medium",
        /// Much.
        High = "high",
        /// More.
        Xhigh = "xhigh",
        /// The most.
        Max = "max",
    }
}

/// Votes of a repeat have seeds of their own within this many.
const VOTES_APART: u64 = 1 << 16;

impl Parameters {
    /// The parameters of one job: each repeat and each vote has a seed of its own, since equal seeds
    /// would make all of them one.
    #[must_use]
    pub fn of_job(&self, at: Coordinate) -> Self {
        let apart = u64::from(at.repeat) * VOTES_APART + u64::from(at.vote);
        Self { seed: self.seed.map(|seed| seed.wrapping_add(apart)), ..self.clone() }
    }
}
