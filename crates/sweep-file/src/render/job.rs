//! What one job can be told: the parts of the plan that its coordinate names, and what was said before.

use std::collections::BTreeMap;

use iago_sweep::{Condition, Coordinate, Field, Plan, Prompt, Stage};
use minijinja::Value;

use super::{RenderError, stage_key};
use crate::template::Context;

/// A coordinate, looked up in its plan.
pub(super) struct Job<'p> {
    plan: &'p Plan,
    number: u32,
    pub(super) stage: &'p Stage,
    pub(super) condition: &'p Condition,
    pub(super) model: &'p str,
    prompt: &'p Prompt,
    /// The fields of the answers before it, by name.
    fields: BTreeMap<String, String>,
}

impl<'p> Job<'p> {
    pub(super) fn find(
        plan: &'p Plan,
        at: Coordinate,
        fields: BTreeMap<String, String>,
    ) -> Result<Self, RenderError> {
        let stage = plan.stages.get(at.stage as usize).ok_or(RenderError::Beyond("such stage"))?;
        let prompt =
            plan.prompts.get(at.prompt as usize).ok_or(RenderError::Beyond("such prompt"))?;
        let condition = plan.condition_of(at.cell).ok_or(RenderError::Beyond("such cell"))?;
        let model = plan.cells.get(at.cell as usize).map_or("", |cell| cell.model.as_str());
        Ok(Self { plan, number: at.stage, stage, condition, model, prompt, fields })
    }

    /// What its own templates may read beside the variables of its cell.
    pub(super) fn values(&self) -> impl Iterator<Item = (String, Value)> {
        let known = self.fields.iter().chain(&self.prompt.fields);
        known.map(|(name, text)| (name.clone(), Value::from(text.as_str())))
    }

    /// A part of the answers before it.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    /// Whether a name is one of a part that the answers before it can have.
    pub(super) fn can_have(&self, name: &str) -> bool {
        fields_before(self.plan, self.number).iter().any(|field| field.name == name)
    }

    /// What somebody who grades may look at, and nothing else.
    pub(super) fn show(&self, sees: &[String]) -> Result<BTreeMap<String, String>, RenderError> {
        let find = |name: &String| {
            let text = self.prompt.fields.get(name).or_else(|| self.fields.get(name));
            let text = text.ok_or_else(|| self.lacks(stage_key(self.stage), name))?;
            Ok((name.clone(), text.clone()))
        };
        sees.iter().map(find).collect()
    }

    pub(super) fn lacks(&self, place: String, name: &str) -> RenderError {
        if self.can_have(name) {
            return RenderError::FieldAbsent { place, field: name.to_owned() };
        }
        let condition = self.condition.name.clone();
        RenderError::Undefined { place, variable: name.to_owned(), condition }
    }
}

/// The fields of all answers that a stage hangs on, nearest first.
pub(crate) fn fields_before(plan: &Plan, stage: u32) -> Vec<&Field> {
    let before = plan.ancestors_of(stage).into_iter();
    before.filter_map(|of| plan.stages.get(of as usize)).flat_map(Stage::fields).collect()
}

/// A set of variables, as a template sees it.
pub(super) fn context_of(variables: BTreeMap<String, String>) -> Context {
    variables.into_iter().map(|(name, text)| (name, Value::from(text))).collect()
}
