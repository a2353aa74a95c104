//! Contrasts whose sides are not asked alike, because `[[cells]]` says so of some of them.

use std::collections::{BTreeMap, BTreeSet};

use iago_sweep::{Parameters, Plan, Reasoning};
use serde_json::Value;

use crate::check::{Combination, Grid};

/// How many contrasts a line names: one table can make a thousand.
const NAMED_MAX: usize = 3;

/// A parameter's value, as it is printed.
type Read = fn(&Parameters) -> String;

/// The parameters that `[[cells]]` can say and that change answers. Another seed is another draw, which
/// every repeat is.
const PARAMETERS: [(&str, Read); 7] = [
    ("max_output_tokens", |asked| asked.max_output_tokens.to_string()),
    ("temperature", |asked| show(asked.temperature)),
    ("top_p", |asked| show(asked.top_p)),
    ("stop", |asked| show_stop(&asked.stop)),
    ("reasoning", |asked| show(asked.reasoning.map(show_reasoning))),
    ("schema", |asked| asked.schema.clone().unwrap_or("none".to_owned())),
    ("extra", |asked| Value::from_iter(asked.extra.clone()).to_string()),
];

/// How much of a value a line shows.
const SHOWN_MAX: usize = 60;

/// Such a difference may be one of the parameter. Models that differ in their own tables are compared as
/// they are, and that is said there.
pub(super) fn warn_of_unlike_parameters(plan: &Plan, warnings: &mut Vec<String>) {
    if plan.cells.iter().all(|cell| cell.parameters.is_none()) {
        return;
    }
    let grid = Grid::of(plan);
    let mut found: BTreeMap<(&str, BTreeSet<String>), Vec<&str>> = BTreeMap::new();
    for contrast in &plan.contrasts {
        let combinations = grid.combine(contrast).unwrap_or_default();
        for (parameter, read) in PARAMETERS {
            let mut whole = combinations.iter().filter(|combination| combination.is_whole);
            if let Some(values) = whole.find_map(|cells| find_unlike(plan, cells, read)) {
                found.entry((parameter, values)).or_default().push(&contrast.name);
            }
        }
    }
    for ((parameter, values), contrasts) in found {
        let values: Vec<String> = values.iter().map(|value| shorten(value)).collect();
        warnings.push(format!(
            "{} cells that [[cells]] has asked with different `{parameter}`, such as {}: any difference may come from \
             that; ask them alike",
            name_all(&contrasts),
            values.join(" and ")
        ));
    }
}

/// The values that a parameter has in the cells of one estimate, where `[[cells]]` makes them differ.
fn find_unlike(plan: &Plan, compared: &Combination<'_>, read: Read) -> Option<BTreeSet<String>> {
    let mut values = BTreeSet::new();
    let mut is_of_cells = false;
    for cell in compared.cells().filter_map(|number| plan.cells.get(number)) {
        let own = plan.models.iter().find(|model| model.name == cell.model);
        let own = own.map(|model| &model.parameters);
        let asked = cell.parameters.as_ref().or(own).map(read);
        is_of_cells |= asked != own.map(read);
        values.extend(asked);
    }
    (is_of_cells && values.len() > 1).then_some(values)
}

fn show<T: ToString>(said: Option<T>) -> String {
    said.map_or_else(|| "the vendor's default".to_owned(), |said| said.to_string())
}

fn show_stop(stop: &[String]) -> String {
    if stop.is_empty() { "none".to_owned() } else { format!("{stop:?}") }
}

fn show_reasoning(reasoning: Reasoning) -> String {
    match reasoning {
        Reasoning::Off => "off".to_owned(),
        Reasoning::Effort(effort) => effort.to_string(),
        Reasoning::Budget(tokens) => format!("{tokens} tokens"),
    }
}

fn shorten(value: &str) -> String {
    let shown: String = value.chars().take(SHOWN_MAX).collect();
    if shown.len() < value.len() { format!("{shown}…") } else { shown }
}

fn name_all(contrasts: &[&str]) -> String {
    let named: Vec<String> =
        contrasts.iter().take(NAMED_MAX).map(|name| format!("`{name}`")).collect();
    match (named.as_slice(), contrasts.len() - named.len()) {
        ([only], _) => format!("contrast {only} compares"),
        (_, 0) => format!("contrasts {} compare", named.join(", ")),
        (_, more) => format!("contrasts {} and {more} more compare", named.join(", ")),
    }
}
