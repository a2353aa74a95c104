//! What expressions say, in the words of the sweep file: its keys for the plan's numbers.

use std::collections::BTreeSet;

use iago_grading::{Grader, GradingError, OutcomeFault, Place};
use iago_sweep::{Measure, Plan, Question, Required, Says, Scorer, Stage, StageKind};

use crate::fault::Faults;
use crate::render::{messages_key, scorer_key, stage_key};
use crate::tree::item_key;

/// Reports expressions that cannot be used, each with its column and a caret below it.
pub(crate) fn report_expressions(faults: &Faults<'_>, plan: &Plan, errors: &[GradingError]) {
    for GradingError { place, error } in errors {
        let message = format!("{} (column {})\n{}", error.message, error.column, error.caret());
        faults.add(find_key(plan, *place), message);
    }
}

/// Reports outcomes that cannot happen, what has no outcome, and labels that decide nothing.
pub(crate) fn check_outcomes(faults: &Faults<'_>, plan: &Plan, grader: &Grader) {
    for fault in iago_grading::check_outcomes(plan, grader) {
        match fault {
            OutcomeFault::Unreachable { outcome } => {
                let name = plan.outcomes.get(outcome).map_or("", |outcome| &*outcome.name);
                let message = format!(
                    "`{name}` can never happen: its condition contradicts itself, or an earlier outcome takes all of it; \
                     change the condition, or move it up"
                );
                faults.add(find_key(plan, Place::Outcome { outcome }), message);
            }
            OutcomeFault::Gap { example } => {
                let message =
                    format!("leave out a transcript where {example}; add an outcome that takes it");
                faults.add("outcomes", message);
            }
            OutcomeFault::Unmentioned { stage, label } => {
                let message = format!(
                    "no outcome and no measure mentions `{label}`; use it in one, or do not ask for it"
                );
                faults.add(find_labels_key(plan, &stage), message);
            }
            OutcomeFault::TooMany { limit } => {
                let message = format!(
                    "read so much that the {limit} combinations gone through are not all; split \
                    the sweep, or read less"
                );
                faults.add("outcomes", message);
            }
        }
    }
}

/// The names that the plan's expressions read; of `response.finish` the part before the dot.
pub(super) fn collect_names(plan: &Plan) -> BTreeSet<&str> {
    let of_stages = plan.stages.iter().flat_map(list_expressions);
    let of_outcomes = plan.outcomes.iter().map(|outcome| outcome.when.as_str());
    let of_measures = plan.measures.iter().flat_map(expressions_of);
    of_stages.chain(of_outcomes).chain(of_measures).flat_map(names_in).collect()
}

/// The expressions of a measure.
pub(crate) fn expressions_of(measure: &Measure) -> impl Iterator<Item = &str> {
    let others = [&measure.given, &measure.within, &measure.zero_unless];
    let others = others.into_iter().filter_map(|expression| expression.as_deref());
    std::iter::once(measure.expression()).chain(others)
}

/// The expressions of a stage but for a judge's `vote`, which reads nothing but its criteria.
fn list_expressions(stage: &Stage) -> Vec<&str> {
    let mut sources: Vec<&str> = stage.when().into_iter().collect();
    if let StageKind::Generate { messages, .. } = &stage.kind {
        sources.extend(messages.iter().filter_map(|message| message.when.as_deref()));
    }
    sources.extend(stage.fields().iter().filter_map(|field| match &field.required {
        Required::When(expression) => Some(expression.as_str()),
        Required::Always | Required::Never => None,
    }));
    sources
}

/// What an expression reads; of `response.finish` the part before the dot.
pub(crate) fn names_in(expression: &str) -> BTreeSet<&str> {
    paths_in(expression).into_iter().filter_map(|path| path.split('.').next()).collect()
}

/// The words of an expression outside its quotes, `response.finish` as one. Operators are among them,
/// and harmless: they are reserved, so nothing is called so.
pub(crate) fn paths_in(expression: &str) -> BTreeSet<&str> {
    let mut paths = BTreeSet::new();
    let mut rest = expression;
    while let Some(at) = rest.find(|c: char| is_part(c) || is_quote(c)) {
        rest = &rest[at..];
        if rest.starts_with(is_quote) {
            rest = skip_quoted(rest);
        } else {
            let end = rest.find(|c: char| !is_part(c) && c != '.').unwrap_or(rest.len());
            paths.insert(&rest[..end]);
            rest = &rest[end..];
        }
    }
    paths
}

fn is_part(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

fn is_quote(character: char) -> bool {
    matches!(character, '\'' | '"')
}

/// What follows the quoted text that `rest` begins with.
fn skip_quoted(rest: &str) -> &str {
    let mut characters = rest.char_indices();
    let quote = characters.next().map(|(_, quote)| quote);
    while let Some((at, character)) = characters.next() {
        if character == '\\' {
            characters.next();
        } else if Some(character) == quote {
            return &rest[at + character.len_utf8()..];
        }
    }
    ""
}

fn find_key(plan: &Plan, place: Place) -> String {
    let table = match place {
        Place::Message { stage, message } => {
            plan.stages.get(stage).map(|stage| item_key(&messages_key(stage), message))
        }
        Place::Field { stage, field } | Place::FieldRegex { stage, field } => {
            plan.stages.get(stage).map(|stage| {
                let name = stage.fields().get(field).map_or("", |field| &*field.name);
                format!("{}.fields.{name}", stage_key(stage))
            })
        }
        Place::Stage { stage } | Place::Vote { stage } => plan.stages.get(stage).map(stage_key),
        Place::Pattern { stage } | Place::Schema { stage } => {
            plan.stages.get(stage).map(find_scorer_key)
        }
        Place::Outcome { outcome } => Some(item_key("outcomes", outcome)),
        Place::MeasureOf { measure }
        | Place::MeasureValue { measure }
        | Place::MeasureWhere { measure }
        | Place::MeasureZeroUnless { measure }
        | Place::MeasureGiven { measure } => Some(item_key("measures", measure)),
    };
    format!("{}.{}", table.unwrap_or_default(), place.key())
}

fn find_scorer_key(stage: &Stage) -> String {
    match &stage.kind {
        StageKind::Score { scorer, .. } => scorer_key(stage, scorer),
        StageKind::Generate { .. } | StageKind::Judge { .. } => stage_key(stage),
    }
}

/// Where the labels of a stage come from: the key that lists them, or the one that makes them.
fn find_labels_key(plan: &Plan, name: &str) -> String {
    let Some(stage) = plan.stages.iter().find(|candidate| candidate.name == name) else {
        return format!("stages.{name}");
    };
    match &stage.kind {
        StageKind::Judge { question, .. } => {
            let key = match question {
                Question::Labels(_) => "labels",
                Question::Criteria { .. } => "vote",
                Question::Scale(_) => "scale",
            };
            format!("{}.{key}", stage_key(stage))
        }
        StageKind::Score { scorer: scorer @ Scorer::External { says, .. }, .. } => {
            let key = match says {
                Says::Labels(_) => "labels",
                Says::Number => "number",
            };
            format!("{}.{key}", scorer_key(stage, scorer))
        }
        StageKind::Score { .. } | StageKind::Generate { .. } => find_scorer_key(stage),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_outside_of_quotes() {
        let names = names_in(r#"tier == 'free \' kind' and(a.finish in ["b"]) or -c >= 0.5"#);
        let expected = ["0", "a", "and", "c", "in", "or", "tier"];
        assert_eq!(names.into_iter().collect::<Vec<_>>(), expected);
        assert_eq!(names_in("'open"), BTreeSet::new());
    }
}
