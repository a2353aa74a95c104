//! What differs between two versions of a schedule, in lines for people.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Schedule;

/// One line for each key that differs, in the order of the file: `cron: 0 2 * * * → 30 1 * * *`. Empty
/// where nothing does.
pub fn diff(old: &Schedule, new: &Schedule) -> Vec<String> {
    let mut lines = Vec::new();
    if old.content != new.content {
        let (from, to) = (old.content.short(), new.content.short());
        lines.push(format!("content of the sweep: {from} → {to}"));
    }
    let (before, after) = (flatten(old), flatten(new));
    let keys: std::collections::BTreeSet<_> = before.keys().chain(after.keys()).collect();
    for key in keys {
        let (from, to) = (before.get(key), after.get(key));
        if from != to {
            lines.push(format!("{key}: {} → {}", show(from), show(to)));
        }
    }
    lines
}

/// Every value of the terms by its key, those in tables with the table's before it.
fn flatten(schedule: &Schedule) -> BTreeMap<String, Value> {
    let value = serde_json::to_value(&schedule.terms).unwrap_or_default();
    let mut flat = BTreeMap::new();
    flatten_into(&mut flat, "", value);
    flat
}

fn flatten_into(flat: &mut BTreeMap<String, Value>, key: &str, value: Value) {
    let Value::Object(table) = value else {
        flat.insert(key.to_owned(), value);
        return;
    };
    for (inner, value) in table {
        let key = if key.is_empty() { inner } else { format!("{key}.{inner}") };
        flatten_into(flat, &key, value);
    }
}

fn show(value: Option<&Value>) -> String {
    match value {
        None => "not set".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
