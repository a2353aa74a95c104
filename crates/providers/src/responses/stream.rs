//! A stream of OpenAI Responses as the reply that it would have been.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::events::Event;
use crate::said::{CUT_OFF, NoAnswer};

/// The reply that the events add up to: the last event has it whole. Servers whose last event has
/// no output told it item by item.
pub(crate) fn assemble(events: &[Event]) -> Result<Value, NoAnswer> {
    let last = events.iter().rev().find(|event| is_last(event)).ok_or(CUT_OFF)?;
    let mut reply = last.data.get("response").cloned().ok_or(CUT_OFF)?;
    let told =
        reply.get("output").and_then(Value::as_array).is_some_and(|output| !output.is_empty());
    if !told && reply.is_object() {
        reply["output"] = items(events);
    }
    Ok(reply)
}

fn is_last(event: &Event) -> bool {
    matches!(event.kind(), Some("response.completed" | "response.incomplete" | "response.failed"))
}

/// Items that were finished, and the texts of those that were only begun.
fn items(events: &[Event]) -> Value {
    let mut items: BTreeMap<u64, Value> = BTreeMap::new();
    for event in events {
        let index = event.data.get("output_index").and_then(Value::as_u64).unwrap_or(0);
        match event.kind() {
            Some("response.output_item.done") => {
                items.insert(index, event.data.get("item").cloned().unwrap_or_default());
            }
            Some("response.output_text.delta") => extend(&mut items, index, "output_text", event),
            Some("response.refusal.delta") => extend(&mut items, index, "refusal", event),
            Some(_) | None => {}
        }
    }
    items.into_values().collect()
}

fn extend(items: &mut BTreeMap<u64, Value>, index: u64, kind: &str, event: &Event) {
    let delta = event.data.get("delta").and_then(Value::as_str).unwrap_or_default();
    let item = items.entry(index).or_insert_with(|| json!({"type": "message", "content": []}));
    let key = if kind == "refusal" { "refusal" } else { "text" };
    if let Some(parts) = item["content"].as_array_mut() {
        parts.push(json!({"type": kind, key: delta}));
    }
}
