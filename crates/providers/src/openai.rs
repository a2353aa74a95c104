//! OpenAI-compatible chat: the body of a call, and the answer in a reply.
//!
//! Servers that only say that they are compatible differ in what they return; whatever is
//! recognisable is taken.

use iago_sweep::{Conversation, Finish, Parameters, Usage};
use serde::Serialize;
use serde_json::Value;

use crate::encode::sent_prefill;
use crate::said::{CALL_TOKENS_MAX, NoAnswer, Said, block_texts, join_reasoning, tokens};
use crate::{OutputLimitField, Protocol};

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    messages: Vec<Message<'a>>,
}

#[derive(Serialize)]
struct Message<'a> {
    role: String,
    content: &'a str,
}

/// The body of a call. A prefill is a last message of the assistant: llama.cpp continues it,
/// OpenAI's own models only read it. Prefixes are cached without being marked.
pub(crate) fn write(
    model: &str,
    conversation: &Conversation,
    parameters: &Parameters,
    limit_field: OutputLimitField,
) -> Vec<u8> {
    let limit = |field| (limit_field == field).then_some(parameters.max_output_tokens);
    let body = Body {
        model,
        max_tokens: limit(OutputLimitField::MaxTokens),
        max_completion_tokens: limit(OutputLimitField::MaxCompletionTokens),
        temperature: parameters.temperature,
        messages: messages(conversation),
    };
    serde_json::to_vec(&body).expect("texts and numbers always have a JSON form")
}

fn messages(conversation: &Conversation) -> Vec<Message<'_>> {
    let system = conversation.system.as_deref().filter(|text| !text.is_empty());
    let prefill = sent_prefill(Protocol::OpenAiChat, conversation.prefill.as_deref());
    let turns = conversation.turns.iter().map(|turn| (turn.role.to_string(), turn.text.as_str()));
    system
        .map(|text| ("system".to_owned(), text))
        .into_iter()
        .chain(turns)
        .chain(prefill.map(|text| ("assistant".to_owned(), text)))
        .map(|(role, content)| Message { role, content })
        .collect()
}

/// The answer in a reply: its first choice.
pub(crate) fn read(reply: &Value) -> Result<Said, NoAnswer> {
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
        usage: usage(reply.get("usage").unwrap_or(&Value::Null)),
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

fn usage(usage: &Value) -> Usage {
    let cached_input = tokens(usage, "/prompt_tokens_details/cached_tokens")
        .max(tokens(usage, "/prompt_cache_hit_tokens")); // DeepSeek
    let reasoning = tokens(usage, "/completion_tokens_details/reasoning_tokens")
        .max(tokens(usage, "/reasoning_tokens")); // SGLang
    let prompt = tokens(usage, "/prompt_tokens");
    // xAI may count what was cached beside the prompt: a part larger than its whole.
    let input = if cached_input > prompt { prompt + cached_input } else { prompt };
    Usage {
        input: input.min(CALL_TOKENS_MAX),
        cached_input,
        cache_write: tokens(usage, "/prompt_tokens_details/cache_write_tokens"),
        output: output(usage, reasoning).min(CALL_TOKENS_MAX),
        reasoning,
    }
}

/// OpenAI counts reasoning within the completion, xAI beside it; the sum tells which.
fn output(usage: &Value, reasoning: u64) -> u64 {
    let completion = tokens(usage, "/completion_tokens");
    let apart = tokens(usage, "/prompt_tokens") + completion + reasoning;
    if reasoning > completion || (reasoning > 0 && tokens(usage, "/total_tokens") == apart) {
        completion + reasoning
    } else {
        completion
    }
}
