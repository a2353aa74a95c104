//! Where a stage's templates stand in a sweep file. They are compiled under these keys, so that what
//! goes wrong with one is told by the place where it was written.

use iago_sweep::{Scorer, Stage, StageKind};

use crate::tree::item_key;

/// The key of a stage.
pub(crate) fn stage_key(stage: &Stage) -> String {
    format!("stages.{}", stage.name)
}

/// The key of a generate stage's messages.
pub(crate) fn messages_key(stage: &Stage) -> String {
    format!("stages.{}.messages", stage.name)
}

/// The key of a score stage's scorer.
pub(crate) fn scorer_key(stage: &Stage, scorer: &Scorer) -> String {
    format!("stages.{}.{}", stage.name, scorer_word(scorer))
}

/// A stage's templates, each with the key that it is compiled under.
pub(crate) fn list_templates(stage: &Stage) -> Vec<(String, &str)> {
    match &stage.kind {
        StageKind::Generate { messages, .. } => {
            let list = messages_key(stage);
            let templates = messages.iter().map(|message| message.template.as_str()).enumerate();
            templates.map(|(number, template)| (item_key(&list, number), template)).collect()
        }
        StageKind::Judge { text, .. } => vec![(stage_key(stage), text.as_str())],
        StageKind::Score { scorer, .. } => {
            let table = scorer_key(stage, scorer);
            let templates = scorer.templates().into_iter();
            templates.map(|(key, template)| (format!("{table}.{key}"), template)).collect()
        }
    }
}

/// The key that a sweep file writes a template under in place.
pub(crate) fn template_key(stage: &Stage, place: &str) -> String {
    match stage.kind {
        StageKind::Generate { .. } | StageKind::Judge { .. } => format!("{place}.template"),
        StageKind::Score { .. } => place.to_owned(),
    }
}

/// The word that a sweep file has for a way to score.
fn scorer_word(scorer: &Scorer) -> &'static str {
    match scorer {
        Scorer::Exact(_) => "exact",
        Scorer::Contains(_) => "contains",
        Scorer::Prefix(_) => "prefix",
        Scorer::Regex { .. } => "regex",
        Scorer::Choice { .. } => "choice",
        Scorer::Number { .. } => "number",
        Scorer::Overlap { .. } => "overlap",
        Scorer::Schema { .. } => "schema",
        Scorer::External { .. } => "external",
    }
}
