//! What a vendor's reply says, before the prefill and the headers are added to it.

use iago_sweep::{Finish, Usage};
use serde_json::{Map, Value};

/// No single call comes near this many tokens. A larger count is a server's mistake and is cut to
/// it, so that sums over a sweep cannot overflow.
pub const CALL_TOKENS_MAX: u64 = u32::MAX as u64;

/// The part of a reply that its body alone decides.
pub(crate) struct Said {
    /// The model's words.
    pub text: String,
    /// Its reasoning, where that comes apart.
    pub reasoning: Option<String>,
    /// Log probabilities of its tokens, as JSON.
    pub logprobs: Option<String>,
    /// Why it stopped, before emptiness is looked at.
    pub finish: Finish,
    /// What it took.
    pub usage: Usage,
}

/// Why a body with a good status is no answer.
pub(crate) type NoAnswer = &'static str;

/// A token count below `usage`; zero where it is absent or no count.
pub(crate) fn tokens(usage: &Value, pointer: &str) -> u64 {
    usage.pointer(pointer).and_then(Value::as_u64).unwrap_or(0).min(CALL_TOKENS_MAX)
}

/// The texts under `key` in the blocks of one `type`.
pub(crate) fn block_texts<'a>(
    blocks: &'a [Value],
    kind: &'a str,
    key: &'a str,
) -> impl Iterator<Item = &'a str> {
    blocks
        .iter()
        .filter(move |block| block.get("type").and_then(Value::as_str) == Some(kind))
        .filter_map(move |block| block.get(key)?.as_str())
}

/// Reasoning blocks as one text with blank lines between; none where nothing was told.
pub(crate) fn join_reasoning<'a>(blocks: impl Iterator<Item = &'a str>) -> Option<String> {
    let told: Vec<&str> = blocks.filter(|block| !block.is_empty()).collect();
    (!told.is_empty()).then(|| told.join("\n\n"))
}

/// What was told, as it was told; nothing where nothing was.
pub(crate) fn json_text(value: &Value) -> Option<String> {
    let told = match value {
        Value::Null => false,
        Value::Array(list) => !list.is_empty(),
        Value::Object(_) | Value::String(_) | Value::Number(_) | Value::Bool(_) => true,
    };
    told.then(|| value.to_string())
}

/// A stream that ended before it said how the answer ended.
pub(crate) const CUT_OFF: NoAnswer = "the stream was cut off before the answer was over";

/// Puts every field that says something in the place of its namesake.
pub(crate) fn overwrite(known: &mut Map<String, Value>, told: Option<&Value>) {
    let told = told.and_then(Value::as_object).into_iter().flatten();
    for (name, value) in told.filter(|(_, value)| !value.is_null()) {
        known.insert(name.clone(), value.clone());
    }
}

/// Adds to the text under `key`, or begins it.
pub(crate) fn append(object: &mut Value, key: &str, text: &str) {
    match object.get_mut(key) {
        Some(Value::String(known)) => known.push_str(text),
        _ => object[key] = text.into(),
    }
}
