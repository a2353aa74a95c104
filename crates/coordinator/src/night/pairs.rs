//! Which prompts both nights have: the same id, with the same content.

use std::collections::{BTreeMap, BTreeSet};

use iago_sweep::{Plan, Prompt};
use serde_json::Value;

use super::side::Side;

/// The prompts of two plans, by their numbers (then, now).
pub(super) struct Pairs {
    pub(super) both: Vec<(usize, usize)>,
    /// Ids of those that only one side asks, or that it asks with other content.
    pub(super) differ: BTreeSet<String>,
}

impl Pairs {
    pub(super) fn of(then: &Side, now: &Side) -> Self {
        let numbers = |plan: &Plan| -> BTreeMap<String, usize> {
            plan.prompts.iter().map(|prompt| prompt.id.clone()).zip(0..).collect()
        };
        let (mut earlier, later) = (numbers(&then.plan), numbers(&now.plan));
        let read = list_words(&then.plan).union(&list_words(&now.plan)).cloned().collect();
        let cells = shared_cells(then, now);
        let mut pairs = Self { both: Vec::new(), differ: BTreeSet::new() };
        for (id, now_at) in later {
            let found = earlier.remove(&id).filter(|then_at| {
                is_same(&then.plan.prompts[*then_at], &now.plan.prompts[now_at], &read)
            });
            // Cells may have caps.
            let asks_alike = |then_at: usize| {
                cells.iter().all(|(earlier, cell)| {
                    then.material.asks(*earlier, then_at, 0) == now.material.asks(*cell, now_at, 0)
                })
            };
            match found {
                Some(then_at) if asks_alike(then_at) => pairs.both.push((then_at, now_at)),
                Some(_) | None => drop(pairs.differ.insert(id)),
            }
        }
        pairs.differ.extend(earlier.into_keys());
        pairs
    }
}

/// The cells that both have, by their numbers (then, now).
fn shared_cells(then: &Side, now: &Side) -> Vec<(usize, usize)> {
    let cells = now.plan.cells.iter().enumerate();
    cells.filter_map(|(at, of)| Some((then.cell(&of.model, &of.condition)?, at))).collect()
}

/// Whether a prompt says the same. Columns that nothing names are no part of it, such as its licence.
fn is_same(then: &Prompt, now: &Prompt, read: &BTreeSet<String>) -> bool {
    let content = |prompt: &Prompt| -> BTreeMap<String, String> {
        let columns = prompt.notes.iter().chain(&prompt.fields);
        let named = columns.filter(|(name, _)| read.contains(*name));
        named.map(|(name, text)| (name.clone(), text.clone())).collect()
    };
    content(then) == content(now)
}

/// Every word of what a plan sends and counts by: more than the names that it reads, and all of them.
fn list_words(plan: &Plan) -> BTreeSet<String> {
    let written = serde_json::to_value((&plan.stages, &plan.outcomes, &plan.measures));
    let mut words = BTreeSet::new();
    add_words(&written.unwrap_or_default(), &mut words);
    words
}

/// The words of every text in a value. The texts themselves: in JSON a new line is two characters, of which
/// one is a letter.
fn add_words(value: &Value, words: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            let found = text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
            words.extend(found.map(str::to_owned));
        }
        Value::Array(values) => values.iter().for_each(|value| add_words(value, words)),
        Value::Object(named) => named.iter().for_each(|(name, value)| {
            words.insert(name.clone());
            add_words(value, words);
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
