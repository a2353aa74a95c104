//! What a nightly evaluation is held to. It is checked with the sweep and judged against a baseline.

use serde::{Deserialize, Serialize};

use crate::{Digest, words};

/// A bound on how much worse a measure may be than in the baseline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// The measure.
    pub measure: String,
    /// Which direction is good.
    pub better: Better,
    /// How much worse still passes.
    pub margin: Margin,
    /// What a miss means.
    pub tier: Tier,
}

words! {
    /// Which direction of a measure is good.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    Better, "direction", {
        /// More is better.
        Higher = "higher",
        /// Less is better.
        Lower = "lower",
    }
}

words! {
    /// What a miss of a gate means.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    Tier, "tier of gates", {
        /// It fails the sweep.
        Critical = "critical",
        /// It is told.
        Advisory = "advisory",
    }
}

/// How much worse still passes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Margin {
    /// In the measure's own unit.
    Absolute(f64),
    /// As a share of the baseline's value.
    Relative(f64),
}

/// How all gates of a sweep are judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gating {
    /// Of the two-sided interval of each gate.
    pub alpha: f64,
    /// How what is missing counts.
    pub missing: MissingAs,
    /// Above this share of missing transcripts it is the infrastructure that failed.
    pub max_missing: Option<f64>,
    /// Repeats that are added while a gate is undecided.
    pub top_up: Option<TopUp>,
    /// The baseline's transcripts are judged again by tonight's judge.
    pub rejudge_baseline: bool,
}

words! {
    /// How what is missing counts in a gate.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    MissingAs, "way to count what is missing", {
        /// As if it were lost.
        WorstCase = "worst-case",
        /// Not at all.
        Dropped = "dropped",
    }
}

/// Repeats that are added while a gate is undecided, with the error that this costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopUp {
    /// Repeats in each step.
    pub repeats: u32,
    /// How often is looked at most.
    pub looks: u32,
    /// How the error is spent over the looks.
    pub spend: Spend,
}

words! {
    /// How the error of a gate is spent over several looks.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    Spend, "way to spend the error", {
        /// The same bound at each look.
        Pocock = "pocock",
        /// Hardly anything at the early looks.
        ObrienFleming = "obrien-fleming",
    }
}

/// People's labels of a judge stage's transcripts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gold {
    /// The judge stage.
    pub stage: String,
    /// Hash of the file of labels.
    pub labels: Digest,
    /// How the transcripts were drawn.
    pub sampled: Sampled,
    /// A cell's rate is corrected by no fewer than twice as many labels, as many as two classes of
    /// this size; sensitivity needs as many that people say yes to, specificity as many that they say
    /// no to. Below that the table of confusions stands alone.
    pub min_per_class: u32,
    /// They are judged again with every run, blind.
    pub anchors: bool,
    /// The lines of the file of labels, in its order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ratings: Vec<Rating>,
}

/// What one person called one transcript.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rating {
    /// The id of the transcript's prompt.
    pub prompt: String,
    /// The name of its model.
    pub model: String,
    /// The name of its condition.
    pub condition: String,
    /// Its repeat, from 0.
    pub repeat: u32,
    /// Who said it.
    pub rater: String,
    /// What they called it: one of the judge's labels.
    pub label: String,
    /// The hash of the request that the labelled answer answers, where it was kept. A label of an answer
    /// to another request is none of this transcript. An answer to the same request, asked once more, is
    /// not told apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Digest>,
}

words! {
    /// How the transcripts of a gold set were drawn.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    Sampled, "way to draw a gold set", {
        /// At random; only this may correct a rate.
        Random = "random",
        /// Where judges disagreed.
        WhereJudgesDisagreed = "where-judges-disagreed",
        /// By hand.
        ByHand = "by-hand",
    }
}
