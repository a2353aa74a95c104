//! What the numbers are numbers of, as data.

use serde::Serialize;

/// What the numbers are numbers of.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Definitions {
    /// Classes of transcripts, in file order: the first that holds wins.
    pub outcomes: Vec<OutcomeDefinition>,
    /// Rates, in file order.
    pub measures: Vec<MeasureDefinition>,
    /// The judges.
    pub judges: Vec<JudgeDefinition>,
    /// The models under test.
    pub models: Vec<ModelDefinition>,
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

/// A rate.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MeasureDefinition {
    /// Its name.
    pub name: String,
    /// The numerator's expression.
    pub of: String,
    /// The denominator's; all answered transcripts where absent.
    pub given: Option<String>,
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
    /// The stages that it judges.
    pub stages: Vec<String>,
    /// The model ids that its endpoint says have answered, with how often.
    pub echoed: Vec<(String, u64)>,
}

/// A model under test.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModelDefinition {
    /// The name that the sweep gives it.
    pub name: String,
    /// The name that its endpoint knows it by.
    pub id: String,
    /// The model ids that its endpoint says have answered, with how often.
    pub echoed: Vec<(String, u64)>,
}
