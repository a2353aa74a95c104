//! Whether an edited sweep may meet the results of the one before it.
//!
//! What is sent decides: an old answer is never taken for a new question.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{Digest, Plan, StageKind};

/// How a new plan stands to one that has results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Relation {
    /// Asks the same and reads the same from it.
    Same,
    /// Asks the same; outcomes, measures, contrasts or the seed differ.
    Reanalysed,
    /// Asks all of it and more. The words say what is added.
    Extended(Vec<String>),
    /// Asks something else. The words say what.
    Different(String),
}

/// Compares what two plans ask, then what they read from the answers.
///
/// The budget is no part of either: a raised budget goes on with the same sweep.
pub fn relation(old: &Plan, new: &Plan) -> Relation {
    let (asked, asks) = (Ask::of(old), Ask::of(new));
    if let Some(why) = asked.conflict(&asks) {
        return Relation::Different(why);
    }
    let added = asked.added(&asks);
    if !added.is_empty() {
        return Relation::Extended(added);
    }
    if old.analysis_hash() == new.analysis_hash() { Relation::Same } else { Relation::Reanalysed }
}

impl Plan {
    /// Hash of everything that is sent: messages, parameters, models, judges, prompts, repeats.
    pub fn ask_hash(&self) -> Digest {
        let Ask { prompts, cells, stages, repeats } = Ask::of(self);
        Digest::of_value(&json!([prompts, cells, stages, repeats]))
    }

    /// Hash of everything that is read from the answers.
    pub fn analysis_hash(&self) -> Digest {
        let contrasts: Vec<_> = self
            .contrasts
            .iter()
            .map(|contrast| crate::Contrast { post_hoc: false, ..contrast.clone() })
            .collect();
        Digest::of_value(&json!([self.seed, self.outcomes, self.measures, contrasts]))
    }
}

/// What a plan asks: a digest for each named part.
struct Ask {
    prompts: BTreeMap<String, Digest>,
    cells: BTreeMap<String, Digest>,
    stages: BTreeMap<String, Digest>,
    repeats: u32,
}

impl Ask {
    fn of(plan: &Plan) -> Self {
        Self {
            prompts: plan
                .prompts
                .iter()
                .map(|prompt| (prompt.id.clone(), Digest::of_value(&prompt.fields)))
                .collect(),
            cells: (0..).zip(&plan.cells).map(|(number, _)| cell_ask(plan, number)).collect(),
            stages: plan
                .stages
                .iter()
                .map(|stage| (stage.name.clone(), Digest::of_value(&stage_ask(plan, &stage.kind))))
                .collect(),
            repeats: plan.repeats,
        }
    }

    /// Why results of `self` cannot serve `new`, if they cannot.
    fn conflict(&self, new: &Self) -> Option<String> {
        let parts = [
            ("stage", &self.stages, &new.stages),
            ("cell", &self.cells, &new.cells),
            ("prompt", &self.prompts, &new.prompts),
        ];
        for (noun, old, new) in parts {
            for (name, digest) in old {
                match new.get(name) {
                    None => return Some(format!("{noun} `{name}` is no longer asked")),
                    Some(other) if other != digest => {
                        return Some(format!("{noun} `{name}` asks something else"));
                    }
                    Some(_) => {}
                }
            }
        }
        (new.repeats < self.repeats)
            .then(|| format!("repeats went down from {} to {}", self.repeats, new.repeats))
    }

    /// What `new` asks beyond `self`.
    fn added(&self, new: &Self) -> Vec<String> {
        let mut added = Vec::new();
        if new.repeats > self.repeats {
            added.push(format!("repeats {} to {}", self.repeats, new.repeats));
        }
        let parts = [
            ("stage", &self.stages, &new.stages),
            ("cell", &self.cells, &new.cells),
            ("prompt", &self.prompts, &new.prompts),
        ];
        for (noun, old, new) in parts {
            let fresh: Vec<_> = new.keys().filter(|name| !old.contains_key(*name)).collect();
            match fresh.as_slice() {
                [] => {}
                [one] => added.push(format!("{noun} `{one}`")),
                [first, rest @ ..] => {
                    added.push(format!("{noun} `{first}` and {} more", rest.len()));
                }
            }
        }
        added
    }
}

/// A cell asks with its model, its parameters and its condition's variables.
fn cell_ask(plan: &Plan, number: u32) -> (String, Digest) {
    let (model, condition) = (plan.model_of(number), plan.condition_of(number));
    let variables = condition.map(|condition| plan.variables_of(condition));
    let levels = condition.map(|condition| &condition.levels);
    let sent = model.map(|model| (&model.endpoint, &model.id, &model.parameters));
    let name = plan
        .cells
        .get(number as usize)
        .map_or_else(String::new, |cell| format!("{} {}", cell.model, cell.condition));
    (name, Digest::of_value(&json!([sent, levels, variables])))
}

/// A stage asks with its texts, its grammar (judges see what it finds) and its judge.
fn stage_ask(plan: &Plan, kind: &StageKind) -> Value {
    match kind {
        StageKind::Generate { messages, fields } => json!(["generate", messages, fields]),
        StageKind::Judge { of, judge, when, sees, text, question, votes } => {
            let asked = plan.judges.iter().find(|model| &model.name == judge);
            let sent = asked.map(|model| (&model.endpoint, &model.id, &model.parameters));
            // The wording that asks for the answer is ours, and may change with a version of iago.
            let told = question.instruction();
            json!(["judge", of, sent, when, sees, text, question, told, votes])
        }
    }
}
