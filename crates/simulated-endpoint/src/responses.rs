//! The Responses protocol of OpenAI: reading requests and writing answers. Errors are those of its
//! chat completions.

pub(crate) mod stream;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::conversation::{Content, Conversation, Speaker, Unreadable};
use crate::logprobs;
use crate::manner::{Asked, Manner};
use crate::openai::{NO_EFFORT, REFUSAL, read_role};
use crate::reply::{Envelope, Finish, Reply, encode};
use crate::usage::Usage;

/// What is read of a request; the rest is ignored.
#[derive(Debug, Deserialize)]
struct Request {
    model: String,
    input: Input,
    instructions: Option<String>,
    stream: Option<bool>,
    max_output_tokens: Option<u64>,
    reasoning: Option<Reasoning>,
    #[serde(default)]
    include: Vec<String>,
    top_logprobs: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Input {
    Text(String),
    Items(Vec<Item>),
}

/// A message, or something else that has no role and adds nothing.
#[derive(Debug, Deserialize)]
struct Item {
    role: Option<String>,
    content: Option<Content>,
}

#[derive(Debug, Deserialize)]
struct Reasoning {
    effort: Option<String>,
}

/// What is to be included so that probabilities are told.
const LOGPROBS: &str = "message.output_text.logprobs";

pub(crate) fn read(body: &[u8]) -> Result<Asked, Unreadable> {
    let request: Request = serde_json::from_slice(body)?;
    let tells_logprobs = request.include.iter().any(|name| name == LOGPROBS);
    let reasons =
        |reasoning: &Reasoning| reasoning.effort.as_ref().is_none_or(|effort| effort != NO_EFFORT);
    let manner = Manner {
        streams: request.stream == Some(true),
        tells_usage: true,
        max_output: request.max_output_tokens,
        reasons: request.reasoning.as_ref().is_some_and(reasons),
        logprobs: tells_logprobs.then_some(request.top_logprobs.unwrap_or(0)),
        prefixes: Vec::new(),
    };
    let system = request.instructions.map(|text| (Speaker::System, text));
    let mut turns: Vec<_> = system.into_iter().collect();
    turns.extend(read_input(request.input)?);
    Ok(Asked { conversation: Conversation::new(request.model, turns)?, manner })
}

fn read_input(input: Input) -> Result<Vec<(Speaker, String)>, Unreadable> {
    let items = match input {
        Input::Text(text) => return Ok(vec![(Speaker::User, text)]),
        Input::Items(items) => items,
    };
    let messages = items.into_iter().filter_map(|item| {
        let text = item.content.map(Content::into_text).unwrap_or_default();
        item.role.map(|role| read_role(&role).map(|speaker| (speaker, text)))
    });
    messages.collect()
}

pub(crate) fn write(envelope: &Envelope<'_>, reply: &Reply) -> Vec<u8> {
    encode(&write_whole(envelope, reply))
}

fn write_whole(envelope: &Envelope<'_>, reply: &Reply) -> Value {
    let (status, reason) = write_status(reply);
    let mut whole = write_head(envelope, status);
    let reasoning = envelope.reasoning.map(|text| write_reasoning(envelope, Some(text)));
    let message = write_message(envelope, status, write_part(envelope, reply));
    whole["incomplete_details"] = reason.map_or(Value::Null, |reason| json!({ "reason": reason }));
    whole["output"] = reasoning.into_iter().chain([message]).collect();
    whole["usage"] = write_usage(&envelope.usage);
    whole
}

fn write_head(envelope: &Envelope<'_>, status: &str) -> Value {
    json!({
        "id": format!("resp_sim_{:016x}", envelope.id),
        "object": "response",
        "created_at": envelope.unix_now.as_secs(),
        "status": status,
        "model": envelope.model,
        "error": null,
        "incomplete_details": null,
        "output": [],
        "usage": null,
    })
}

/// The status, and why it is incomplete if it is.
fn write_status(reply: &Reply) -> (&'static str, Option<&'static str>) {
    match reply {
        Reply::Text { finish: Finish::Complete, .. } => ("completed", None),
        Reply::Text { finish: Finish::Length, .. } => ("incomplete", Some("max_output_tokens")),
        Reply::Declined { variant } if variant % 2 == 0 => ("completed", None),
        Reply::Declined { .. } => ("incomplete", Some("content_filter")),
    }
}

/// Without a text it has only begun.
fn write_reasoning(envelope: &Envelope<'_>, text: Option<&str>) -> Value {
    let summary = text.map(|text| json!({ "type": "summary_text", "text": text }));
    json!({
        "type": "reasoning",
        "id": format!("rs_sim_{:016x}", envelope.id),
        "summary": Value::from_iter(summary),
    })
}

/// Without a part it has only begun, or was filtered.
fn write_message(envelope: &Envelope<'_>, status: &str, part: Option<Value>) -> Value {
    json!({
        "type": "message",
        "id": format!("msg_sim_{:016x}", envelope.id),
        "role": "assistant",
        "status": status,
        "content": Value::from_iter(part),
    })
}

fn write_part(envelope: &Envelope<'_>, reply: &Reply) -> Option<Value> {
    match reply {
        Reply::Text { text, .. } => Some(write_text_part(envelope, text)),
        Reply::Declined { variant } if variant % 2 == 0 => {
            Some(json!({ "type": "refusal", "refusal": REFUSAL }))
        }
        Reply::Declined { .. } => None,
    }
}

fn write_text_part(envelope: &Envelope<'_>, text: &str) -> Value {
    let logprobs = write_logprobs(envelope, text);
    json!({ "type": "output_text", "text": text, "annotations": [], "logprobs": logprobs })
}

fn write_logprobs(envelope: &Envelope<'_>, text: &str) -> Vec<Value> {
    envelope.logprobs.map(|alternatives| logprobs::write(text, alternatives)).unwrap_or_default()
}

fn write_usage(usage: &Usage) -> Value {
    json!({
        "input_tokens": usage.input,
        "input_tokens_details": { "cached_tokens": usage.cache_read, "cache_write_tokens": 0 },
        "output_tokens": usage.output,
        "output_tokens_details": { "reasoning_tokens": usage.reasoning },
        "total_tokens": usage.input + usage.output,
    })
}
