//! A stream of OpenAI-compatible chat as the reply that it would have been.

use serde_json::{Map, Value, json};

use crate::events::Event;
use crate::said::{CUT_OFF, NoAnswer, append, block_texts, overwrite};

/// Parts of a message that come in pieces.
const PIECES: [&str; 4] = ["content", "refusal", "reasoning_content", "reasoning"];

/// The reply that the chunks add up to. `[DONE]` is not asked for: some servers leave it out, and
/// gateways send it after an answer that broke off. The reason why it stopped is.
pub(crate) fn assemble(events: &[Event]) -> Result<Value, NoAnswer> {
    let mut reply = Map::new();
    let mut choice = json!({"message": {}});
    for Event { data, .. } in events {
        overwrite(&mut reply, Some(data));
        if let Some(usage) = data.pointer("/x_groq/usage") {
            reply.insert("usage".to_owned(), usage.clone());
        }
        if let Some(told) = data.get("choices").and_then(first_choice) {
            extend(&mut choice, told);
        }
    }
    if choice.get("finish_reason").is_none() {
        return Err(CUT_OFF);
    }
    reply.insert("choices".to_owned(), Value::Array(vec![choice]));
    Ok(Value::Object(reply))
}

/// One answer is asked for. Some chunks have none: those that tell usage, or a filter's opinion.
fn first_choice(choices: &Value) -> Option<&Value> {
    let of_first = |choice: &&Value| choice.get("index").is_none_or(|index| *index == 0);
    choices.as_array()?.iter().find(of_first)
}

fn extend(choice: &mut Value, told: &Value) {
    let delta = told.get("delta").or_else(|| told.get("message")).unwrap_or(&Value::Null);
    for piece in PIECES {
        match delta.get(piece) {
            Some(Value::String(text)) => append(&mut choice["message"], piece, text),
            Some(Value::Array(blocks)) => extend_by_blocks(&mut choice["message"], blocks),
            _ => {}
        }
    }
    if let Some(logprobs) = told.get("logprobs").and_then(Value::as_object) {
        add_lists(choice, logprobs);
    }
    if let Some(reason) = told.get("finish_reason").filter(|reason| !reason.is_null()) {
        choice["finish_reason"] = reason.clone();
    }
}

/// Mistral's pieces of text and of thinking.
fn extend_by_blocks(message: &mut Value, blocks: &[Value]) {
    for text in block_texts(blocks, "text", "text") {
        append(message, "content", text);
    }
    let thoughts = blocks.iter().filter_map(|block| block.get("thinking")?.as_array());
    for text in thoughts.flat_map(|thought| block_texts(thought, "text", "text")) {
        append(message, "reasoning_content", text);
    }
}

/// Log probabilities come as lists, a few tokens at a time.
fn add_lists(choice: &mut Value, told: &Map<String, Value>) {
    for (name, value) in told {
        let known = &mut choice["logprobs"][name];
        match (known, value) {
            (Value::Array(known), Value::Array(told)) => known.extend_from_slice(told),
            (known @ Value::Null, told) => *known = told.clone(),
            (_, _) => {}
        }
    }
}
