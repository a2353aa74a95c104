//! Anthropic Messages: the body of a call, and the answer in a reply.

use iago_sweep::{Conversation, Finish, Parameters, Usage};
use serde::Serialize;
use serde_json::Value;

use crate::Protocol;
use crate::encode::sent_prefill;
use crate::said::{CALL_TOKENS_MAX, NoAnswer, Said, block_texts, join_reasoning, tokens};

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    max_tokens: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<System<'a>>,
    messages: Vec<Message<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum System<'a> {
    Text(&'a str),
    /// Only a block can carry a cache mark.
    Cached([CachedBlock<'a>; 1]),
}

#[derive(Serialize)]
struct CachedBlock<'a> {
    r#type: &'static str,
    text: &'a str,
    cache_control: CacheControl,
}

#[derive(Serialize)]
struct CacheControl {
    r#type: &'static str,
}

#[derive(Serialize)]
struct Message<'a> {
    role: String,
    content: &'a str,
}

/// The body of a call. A prefill is a last message of the assistant; models from the 4.6
/// generation on answer 400 to it.
pub(crate) fn write(model: &str, conversation: &Conversation, parameters: &Parameters) -> Vec<u8> {
    let body = Body {
        model,
        max_tokens: parameters.max_output_tokens,
        temperature: parameters.temperature,
        system: system(conversation, parameters.cache_prefix),
        messages: messages(conversation),
    };
    serde_json::to_vec(&body).expect("texts and numbers always have a JSON form")
}

/// An empty system message is left out: the API refuses empty blocks.
fn system(conversation: &Conversation, cached: bool) -> Option<System<'_>> {
    let text = conversation.system.as_deref().filter(|text| !text.is_empty())?;
    Some(if cached {
        let cache_control = CacheControl { r#type: "ephemeral" };
        System::Cached([CachedBlock { r#type: "text", text, cache_control }])
    } else {
        System::Text(text)
    })
}

fn messages(conversation: &Conversation) -> Vec<Message<'_>> {
    let turns = conversation
        .turns
        .iter()
        .map(|turn| Message { role: turn.role.to_string(), content: &turn.text });
    let prefill = sent_prefill(Protocol::AnthropicMessages, conversation.prefill.as_deref())
        .map(|content| Message { role: "assistant".to_owned(), content });
    turns.chain(prefill).collect()
}

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
fn usage(usage: &Value) -> Usage {
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
