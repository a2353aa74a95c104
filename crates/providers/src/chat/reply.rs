//! The answer in a reply of OpenAI-compatible chat.
//!
//! Servers that only say that they are compatible differ in what they return; whatever is
//! recognisable is taken.

use iago_sweep::{Finish, Usage};
use serde_json::Value;

use crate::quirks::Quirks;
use crate::said::{
    CALL_TOKENS_MAX, NoAnswer, Said, block_texts, join_reasoning, json_text, tokens,
};

/// The answer in a reply: its first choice.
pub(crate) fn read(reply: &Value, quirks: &Quirks) -> Result<Said, NoAnswer> {
    let choice = reply.pointer("/choices/0").ok_or("the reply has no choices")?;
    let message =
        choice.get("message").filter(|it| it.is_object()).ok_or("the choice has no message")?;
    let refusal = message.get("refusal").and_then(Value::as_str).filter(|it| !it.is_empty());
    let content = content(message);
    Ok(Said {
        reasoning: reasoning(message),
        finish: match refusal {
            Some(_) => Finish::Refusal,
            None => finish(choice.get("finish_reason").and_then(Value::as_str))?,
        },
        text: content + refusal.unwrap_or_default(),
        logprobs: choice.get("logprobs").and_then(json_text),
        usage: usage(reply.get("usage").unwrap_or(&Value::Null), quirks),
    })
}

/// A string, or (Mistral) a list of blocks.
fn content(message: &Value) -> String {
    match message.get("content") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(blocks)) => block_texts(blocks, "text", "text").collect(),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => {
            String::new()
        }
    }
}

/// `reasoning_content` (DeepSeek, SGLang, llama.cpp), `reasoning` (vLLM, Ollama, Groq), or blocks
/// of thinking in the content (Mistral).
fn reasoning(message: &Value) -> Option<String> {
    let told = ["reasoning_content", "reasoning"]
        .iter()
        .filter_map(|key| message.get(key)?.as_str())
        .find(|text| !text.is_empty());
    told.map(str::to_owned).or_else(|| {
        let blocks = message.get("content")?.as_array()?;
        let thoughts = blocks.iter().filter_map(|block| block.get("thinking")?.as_array());
        join_reasoning(thoughts.flat_map(|thought| block_texts(thought, "text", "text")))
    })
}

/// A reason that nobody has heard of is a stop: a paid answer is never lost. The reasons by which
/// a server says that it gave up in the middle are no answer.
fn finish(reason: Option<&str>) -> Result<Finish, NoAnswer> {
    match reason {
        Some("length" | "max_tokens" | "model_length") => Ok(Finish::Length),
        Some("content_filter") => Ok(Finish::Filter),
        Some("refusal") => Ok(Finish::Refusal),
        Some("abort" | "error" | "insufficient_system_resource") => {
            Err("the endpoint gave up in the middle of the answer")
        }
        Some(_) | None => Ok(Finish::Stop),
    }
}

pub(crate) fn usage(usage: &Value, quirks: &Quirks) -> Usage {
    let cached_input = tokens(usage, "/prompt_tokens_details/cached_tokens")
        .max(tokens(usage, "/prompt_cache_hit_tokens")); // DeepSeek
    let reasoning = tokens(usage, "/completion_tokens_details/reasoning_tokens")
        .max(tokens(usage, "/reasoning_tokens")); // SGLang
    let prompt = tokens(usage, "/prompt_tokens");
    // xAI may count what was cached beside the prompt: a part larger than its whole.
    let input = if cached_input > prompt { prompt + cached_input } else { prompt };
    let completion = tokens(usage, "/completion_tokens");
    let beside = quirks.reasoning_beside || is_beside(usage, completion, reasoning);
    let output = if beside { completion + reasoning } else { completion };
    Usage {
        input: input.min(CALL_TOKENS_MAX),
        cached_input,
        cache_write: tokens(usage, "/prompt_tokens_details/cache_write_tokens"),
        output: output.min(CALL_TOKENS_MAX),
        reasoning,
    }
}

/// OpenAI counts reasoning within the completion, xAI beside it. A gateway before xAI does not say
/// so; the sum tells.
fn is_beside(usage: &Value, completion: u64, reasoning: u64) -> bool {
    let apart = tokens(usage, "/prompt_tokens") + completion + reasoning;
    reasoning > completion || (reasoning > 0 && tokens(usage, "/total_tokens") == apart)
}
