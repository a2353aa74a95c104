//! A stream of Anthropic Messages as the reply that it would have been.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::events::Event;
use crate::said::{CUT_OFF, NoAnswer, append, overwrite};

/// The reply that the events add up to. Without a reason why it stopped the answer is not over.
pub(crate) fn assemble(events: &[Event]) -> Result<Value, NoAnswer> {
    let mut message = Map::new();
    let mut blocks = BTreeMap::new();
    for Event { data, .. } in events {
        match data.get("type").and_then(Value::as_str) {
            Some("message_start") => overwrite(&mut message, data.get("message")),
            Some("content_block_start") => start(&mut blocks, data),
            Some("content_block_delta") => extend(&mut blocks, data),
            Some("message_delta") => end(&mut message, data),
            Some(_) | None => {}
        }
    }
    if message.get("stop_reason").is_none_or(Value::is_null) {
        return Err(CUT_OFF);
    }
    message.insert("content".to_owned(), blocks.into_values().collect());
    Ok(Value::Object(message))
}

type Blocks = BTreeMap<u64, Value>;

fn start(blocks: &mut Blocks, data: &Value) {
    if let Some(block) = data.get("content_block").filter(|block| block.is_object()) {
        blocks.insert(index(data), block.clone());
    }
}

/// A block whose beginning was never told is of the kind that its pieces say.
fn extend(blocks: &mut Blocks, data: &Value) {
    let piece = |kind: &str| data.pointer(&format!("/delta/{kind}")).and_then(Value::as_str);
    for kind in ["text", "thinking"] {
        if let Some(text) = piece(kind) {
            let block = blocks.entry(index(data)).or_insert_with(|| {
                Value::Object(Map::from_iter([("type".to_owned(), Value::from(kind))]))
            });
            append(block, kind, text);
        }
    }
}

fn index(data: &Value) -> u64 {
    data.get("index").and_then(Value::as_u64).unwrap_or(0)
}

/// Counts in it are those of the whole message, and replace the earlier ones.
fn end(message: &mut Map<String, Value>, data: &Value) {
    overwrite(message, data.get("delta"));
    if let Some(Value::Object(usage)) = message.get_mut("usage") {
        overwrite(usage, data.get("usage"));
    } else if let Some(usage) = data.get("usage") {
        message.insert("usage".to_owned(), usage.clone());
    }
}
