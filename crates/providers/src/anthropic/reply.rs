//! The answer in a reply of Anthropic Messages.

use iago_sweep::{Finish, Usage};
use serde_json::Value;

use crate::said::{CALL_TOKENS_MAX, NoAnswer, Said, block_texts, join_reasoning, tokens};

/// The answer in a reply. Text is every `text` block together; blocks of unknown kinds are passed
/// over.
pub(crate) fn read(reply: &Value) -> Result<Said, NoAnswer> {
    let stop_reason = reply.get("stop_reason").and_then(Value::as_str);
    let blocks = match (reply.get("content"), stop_reason) {
        (Some(Value::Array(blocks)), _) => blocks.as_slice(),
        // A refusal before the first word may come without content.
        (None | Some(Value::Null), Some(_)) => &[],
        (_, _) => return Err("the reply has no content"),
    };
    Ok(Said {
        text: block_texts(blocks, "text", "text").collect(),
        reasoning: join_reasoning(block_texts(blocks, "thinking", "thinking")),
        finish: finish(stop_reason),
        logprobs: None,
        usage: usage(reply.get("usage").unwrap_or(&Value::Null)),
    })
}

/// A reason that nobody has heard of is a stop: a paid answer is never lost.
fn finish(stop_reason: Option<&str>) -> Finish {
    match stop_reason {
        Some("max_tokens" | "model_context_window_exceeded") => Finish::Length,
        Some("refusal") => Finish::Refusal,
        Some(_) | None => Finish::Stop,
    }
}

/// Anthropic's `input_tokens` leaves out what was read from and written to the cache; ours has it.
pub(crate) fn usage(usage: &Value) -> Usage {
    let cached_input = tokens(usage, "/cache_read_input_tokens");
    let cache_write = tokens(usage, "/cache_creation_input_tokens");
    Usage {
        input: (tokens(usage, "/input_tokens") + cached_input + cache_write).min(CALL_TOKENS_MAX),
        cached_input,
        cache_write,
        output: tokens(usage, "/output_tokens"),
        reasoning: tokens(usage, "/output_tokens_details/thinking_tokens"),
    }
}
