//! Every name that any expression of a plan may read, and those that its analysis does read.

use std::collections::BTreeSet;

use iago_expression::{Domain, Expression, Scope};
use iago_sweep::Plan;

use crate::axes::MODEL;

/// The words are not checked again: the grader has refused what cannot be parsed, with a stricter scope.
pub(crate) fn name_everything(plan: &Plan) -> Scope {
    let mut scope = Scope::new().with(MODEL, Domain::Text);
    for column in
        plan.prompts.iter().flat_map(|prompt| prompt.fields.keys().chain(prompt.notes.keys()))
    {
        if scope.get(column).is_none() {
            scope.insert(column, Domain::Text);
        }
    }
    for factor in &plan.factors {
        scope.insert(&factor.name, Domain::Text);
    }
    for stage in &plan.stages {
        let label = if stage.says_number() { Domain::Number } else { Domain::Text };
        scope.insert(&stage.name, label);
        for text in ["finish", "parse"] {
            scope.insert(format!("{}.{text}", stage.name), Domain::Text);
        }
        let numbers = ["share", "latency"].into_iter().chain(USAGE);
        for number in numbers {
            scope.insert(format!("{}.{number}", stage.name), Domain::Number);
        }
    }
    scope
}

const USAGE: [&str; 5] =
    ["usage.input", "usage.output", "usage.reasoning", "usage.cached_input", "usage.cache_write"];

/// What outcomes and measures read.
pub(crate) fn list_names_read(plan: &Plan) -> BTreeSet<String> {
    let scope = name_everything(plan);
    let outcomes = plan.outcomes.iter().map(|outcome| outcome.when.as_str());
    let measures = plan.measures.iter().flat_map(|measure| {
        let conditions = [&measure.given, &measure.within, &measure.zero_unless];
        let conditions = conditions.into_iter().filter_map(|source| source.as_deref());
        conditions.chain([measure.expression()])
    });
    let sources = outcomes.chain(measures);
    let read = sources.filter_map(|source| Expression::parse(source, &scope).ok());
    read.flat_map(|expression| expression.names().clone()).collect()
}
