//! What the numbers are numbers of, as data.

use iago_sweep::{Better, FigureKind, Generalise, Margin, Tier};
use serde::Serialize;

use super::cell::Kind;

/// What the numbers are numbers of.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Definitions {
    /// Classes of transcripts, in file order: the first that holds wins.
    pub outcomes: Vec<OutcomeDefinition>,
    /// Rates and means, in file order.
    pub measures: Vec<MeasureDefinition>,
    /// The judges.
    pub judges: Vec<JudgeDefinition>,
    /// The stages that score by code.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<ScoreDefinition>,
    /// The models under test.
    pub models: Vec<ModelDefinition>,
    /// The cells that ask less than the rest, or in another way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<CellDefinition>,
    /// The texts that are edits of another one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub texts: Vec<TextDefinition>,
    /// The figures that the sweep asks for; without any, the report chooses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub figures: Vec<FigureDefinition>,
    /// What measures are held to. Gates are judged against a baseline, which a report does not have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<GateDefinition>,
    /// Over what the sweep's claims generalise.
    pub generalise: Generalise,
}

/// A class of transcripts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OutcomeDefinition {
    /// Its name.
    pub name: String,
    /// The expression.
    pub when: String,
    /// How figures draw it.
    pub style: Option<String>,
}

/// A rate or a mean.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MeasureDefinition {
    /// Its name.
    pub name: String,
    /// Which of the two.
    pub kind: Kind,
    /// The numerator's expression, or that of the number which is averaged.
    pub of: String,
    /// The denominator's; all answered transcripts where absent.
    pub given: Option<String>,
    /// Which transcripts it speaks of; all where absent.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// Where this is false, the number counts as 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zero_unless: Option<String>,
}

/// A judge.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct JudgeDefinition {
    /// The name that the sweep gives it.
    pub name: String,
    /// The name that its endpoint knows it by.
    pub id: String,
    /// Hash of all that it is asked with: model, parameters, texts, questions and votes.
    pub hash: String,
    /// The stages that it judges, or helps with.
    pub stages: Vec<String>,
    /// The model ids that its endpoint says have answered, with how often.
    pub echoed: Vec<(String, u64)>,
}

/// A score.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScoreDefinition {
    /// The stage.
    pub name: String,
    /// The stage whose answer it scores.
    pub of: String,
    /// How: `exact`, `contains`, … or `external`.
    pub kind: String,
    /// The field that it looks at; a program has none.
    pub field: Option<String>,
    /// What is expected of the field, or the program that is run.
    pub expected: String,
    /// The versions that a program told of itself, with how often.
    pub versions: Vec<(String, u64)>,
}

/// A model under test.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModelDefinition {
    /// The name that the sweep gives it.
    pub name: String,
    /// The name that its endpoint knows it by.
    pub id: String,
    /// The training run that it is a checkpoint of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// Which step of the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<u64>,
    /// The model that the run started from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The id that should answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
    /// Its own values of template variables: name and text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<(String, String)>,
    /// The model ids that its endpoint says have answered, with how often.
    pub echoed: Vec<(String, u64)>,
}

/// A cell that asks less than the rest, or in another way.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CellDefinition {
    /// The model's name.
    pub model: String,
    /// The condition's.
    pub condition: String,
    /// How many prompts it asks at most.
    pub prompts_max: Option<u32>,
    /// How many repeats it asks at most.
    pub repeats_max: Option<u32>,
    /// Its own output limit in tokens.
    pub max_output_tokens: Option<u32>,
    /// Its own temperature.
    pub temperature: Option<f64>,
}

/// A text that is another one with edits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TextDefinition {
    /// Its name.
    pub name: String,
    /// The text that it is an edit of.
    pub of: String,
    /// What the edits change, as a unified diff.
    pub diff: String,
}

/// A figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FigureDefinition {
    /// How it is drawn.
    pub kind: FigureKind,
    /// The run whose models are drawn.
    pub run: Option<String>,
    /// One panel for each level of this factor.
    pub panels: Option<String>,
    /// The outcomes, from the bottom up; all of them where empty.
    pub bands: Vec<String>,
}

/// What a measure is held to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GateDefinition {
    /// The measure.
    pub measure: String,
    /// Which direction is good.
    pub better: Better,
    /// How much worse than the baseline still passes.
    pub margin: Margin,
    /// What a miss means.
    pub tier: Tier,
}
