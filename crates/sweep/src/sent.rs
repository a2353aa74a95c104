//! Which names a plan's texts read: what nothing reads is no part of a question.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Again, Message, Plan, Required, Scorer, Stage, StageKind};

/// The texts of a plan that decide what is sent and who is asked: templates, what judges and programs
/// see, and conditions. A column or variable that none of them names is not asked about.
pub(crate) struct Sent<'p> {
    texts: Vec<&'p str>,
}

impl<'p> Sent<'p> {
    pub(crate) fn by(plan: &'p Plan) -> Self {
        let mut texts = deciding(plan);
        for stage in &plan.stages {
            match &stage.kind {
                StageKind::Generate { messages, again, .. } => {
                    let until = again.as_ref().and_then(|again| scorer_of(plan, again));
                    texts.extend(asked_by(messages, until));
                }
                StageKind::Judge { sees, text, .. } => {
                    texts.extend(sees.iter().map(String::as_str).chain([text.as_str()]));
                }
                StageKind::Score { scorer, .. } => {
                    texts.extend(scorer.sees().into_iter().flatten().map(String::as_str));
                }
            }
        }
        Self { texts }
    }

    /// The templates of a scorer.
    pub(crate) fn by_scorer(scorer: &'p Scorer) -> Self {
        Self { texts: scorer.templates().into_iter().map(|(_, text)| text).collect() }
    }

    /// The fields and kept columns of prompts that are named: looked up once for all prompts.
    pub(crate) fn of_prompts<'n>(&self, plan: &'n Plan) -> BTreeSet<&'n String> {
        let fields =
            plan.prompts.iter().flat_map(|prompt| prompt.fields.keys().chain(prompt.notes.keys()));
        self.named(fields.collect())
    }

    /// The variables of cells that are named: looked up once for all cells.
    pub(crate) fn of_cells<'n>(&self, plan: &'n Plan) -> BTreeSet<&'n String> {
        let levels = plan.factors.iter().flat_map(|factor| &factor.levels);
        let of_levels = levels.flat_map(|level| level.variables.keys());
        let of_models = plan.models.iter().flat_map(|model| model.set.keys());
        self.named(plan.variables.keys().chain(of_levels).chain(of_models).collect())
    }

    fn named<'n>(&self, all: BTreeSet<&'n String>) -> BTreeSet<&'n String> {
        let names = |name: &&String| self.texts.iter().any(|text| is_named(name, text));
        all.into_iter().filter(names).collect()
    }
}

/// The expressions that decide which jobs there are and which messages are sent.
fn deciding(plan: &Plan) -> Vec<&str> {
    let mut expressions: Vec<&str> = plan.stages.iter().filter_map(Stage::when).collect();
    for stage in &plan.stages {
        if let StageKind::Generate { messages, .. } = &stage.kind {
            expressions.extend(messages.iter().filter_map(|message| message.when.as_deref()));
        }
        expressions.extend(stage.fields().iter().filter_map(|field| match &field.required {
            Required::When(expression) => Some(expression.as_str()),
            Required::Always | Required::Never => None,
        }));
    }
    expressions
}

/// Whether a text has this name as a word. One in quotes counts as well: to take a name for one that
/// is read asks anew, which is never wrong.
pub(crate) fn is_named(name: &str, text: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| {
        !text[..at].ends_with(is_part) && !text[at + name.len()..].starts_with(is_part)
    })
}

/// What a generate stage's messages read, and the score that ends its asking.
pub(crate) fn asked_by<'p>(messages: &'p [Message], until: Option<&'p Scorer>) -> Vec<&'p str> {
    let messages = messages.iter().map(|message| message.template.as_str());
    let templates = until.into_iter().flat_map(Scorer::templates).map(|(_, text)| text);
    messages.chain(templates).chain(until.and_then(Scorer::field)).collect()
}

/// The score that ends a resampling.
pub(crate) fn scorer_of<'p>(plan: &'p Plan, again: &Again) -> Option<&'p Scorer> {
    let Again::Resample { until, .. } = again else { return None };
    plan.stages.iter().find(|stage| &stage.name == until)?.scorer()
}

/// The values under these names.
pub(crate) fn only(
    named: &BTreeSet<&String>,
    values: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let read = values.iter().filter(|(name, _)| named.contains(name));
    read.map(|(name, value)| (name.clone(), value.clone())).collect()
}
