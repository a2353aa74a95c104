//! What expressions say, in the words of the sweep file: its keys for the plan's numbers.

use std::collections::BTreeSet;

use iago_grading::{Grader, GradingError, OutcomeFault, Place};
use iago_sweep::{Plan, Required, StageKind};

use crate::fault::Faults;
use crate::render::{messages_key, stage_key};
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
    let mut sources: Vec<&str> = Vec::new();
    for stage in &plan.stages {
        match &stage.kind {
            StageKind::Generate { messages, fields } => {
                sources.extend(messages.iter().filter_map(|message| message.when.as_deref()));
                sources.extend(fields.iter().filter_map(|field| match &field.required {
                    Required::When(expression) => Some(expression.as_str()),
                    Required::Always | Required::Never => None,
                }));
            }
            StageKind::Judge { when, .. } => sources.extend(when.as_deref()),
        }
    }
    sources.extend(plan.outcomes.iter().map(|outcome| outcome.when.as_str()));
    for measure in &plan.measures {
        sources.push(&measure.of);
        sources.extend(measure.given.as_deref());
    }
    sources.into_iter().flat_map(names_in).collect()
}

/// The words of an expression outside its quotes. Operators are among them, and harmless: they are
/// reserved, so nothing is called so.
pub(crate) fn names_in(expression: &str) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    let mut rest = expression;
    while let Some(at) = rest.find(|c: char| is_part(c) || is_quote(c)) {
        rest = &rest[at..];
        if rest.starts_with(is_quote) {
            rest = skip_quoted(rest);
        } else {
            let end = rest.find(|c: char| !is_part(c) && c != '.').unwrap_or(rest.len());
            names.extend(rest[..end].split('.').next());
            rest = &rest[end..];
        }
    }
    names
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
        Place::Field { stage, field } => plan.stages.get(stage).map(|stage| {
            let name = stage.fields().get(field).map_or("", |field| &*field.name);
            format!("{}.fields.{name}", stage_key(stage))
        }),
        Place::Stage { stage } | Place::Vote { stage } => plan.stages.get(stage).map(stage_key),
        Place::Outcome { outcome } => Some(item_key("outcomes", outcome)),
        Place::MeasureOf { measure } | Place::MeasureGiven { measure } => {
            Some(item_key("measures", measure))
        }
    };
    format!("{}.{}", table.unwrap_or_default(), place.key())
}

/// Where a judge's labels come from: `labels`, or the `vote` that makes them.
fn find_labels_key(plan: &Plan, stage: &str) -> String {
    let judge = plan.stages.iter().find(|candidate| candidate.name == stage);
    let by_vote = judge.is_some_and(|judge| {
        matches!(
            &judge.kind,
            StageKind::Judge { question: iago_sweep::Question::Criteria { .. }, .. }
        )
    });
    format!("stages.{stage}.{}", if by_vote { "vote" } else { "labels" })
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
