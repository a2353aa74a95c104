//! The chat completions protocol of OpenAI: reading requests, writing answers and errors.

pub(crate) mod stream;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::conversation::{Conversation, Speaker, Turn, Unreadable};
use crate::limit::Quantity;
use crate::logprobs;
use crate::manner::{Asked, Manner};
use crate::reply::{Envelope, Failure, FailureKind, Finish, Reply, encode};
use crate::usage::Usage;

/// What is read of a request; the rest is ignored.
#[derive(Debug, Deserialize)]
struct Request {
    model: String,
    messages: Vec<Turn>,
    stream: Option<bool>,
    stream_options: Option<StreamOptions>,
    max_completion_tokens: Option<u64>,
    max_tokens: Option<u64>,
    reasoning_effort: Option<String>,
    logprobs: Option<bool>,
    top_logprobs: Option<u32>,
}

#[derive(Debug, Deserialize)]
struct StreamOptions {
    include_usage: Option<bool>,
}

/// How the vendor's own refusal reads.
pub(crate) const REFUSAL: &str = "I cannot assist with that request. (simulated refusal)";
/// The effort that is none.
pub(crate) const NO_EFFORT: &str = "none";

pub(crate) fn read(body: &[u8]) -> Result<Asked, Unreadable> {
    let request: Request = serde_json::from_slice(body)?;
    let wants = |wish: Option<bool>| wish == Some(true);
    let manner = Manner {
        streams: wants(request.stream),
        tells_usage: wants(request.stream_options.and_then(|options| options.include_usage)),
        max_output: request.max_completion_tokens.or(request.max_tokens),
        reasons: request.reasoning_effort.is_some_and(|effort| effort != NO_EFFORT),
        logprobs: wants(request.logprobs).then_some(request.top_logprobs.unwrap_or(0)),
        prefixes: Vec::new(),
    };
    let mut turns = Vec::with_capacity(request.messages.len());
    for turn in request.messages {
        turns.push((read_role(&turn.role)?, turn.into_text()));
    }
    Ok(Asked { conversation: Conversation::new(request.model, turns)?, manner })
}

pub(crate) fn read_role(role: &str) -> Result<Speaker, Unreadable> {
    match role {
        "system" | "developer" => Ok(Speaker::System),
        "user" => Ok(Speaker::User),
        "assistant" => Ok(Speaker::Assistant),
        other => Err(Unreadable(format!("messages: invalid role '{other}'"))),
    }
}

pub(crate) fn write(envelope: &Envelope<'_>, reply: &Reply) -> Vec<u8> {
    let (content, refusal, finish_reason) = write_choice(reply);
    let mut message = json!({ "role": "assistant", "content": content, "refusal": refusal });
    if let Some(reasoning) = envelope.reasoning {
        message["reasoning_content"] = json!(reasoning);
    }
    let mut whole = write_head(envelope, "chat.completion");
    whole["choices"] = json!([{
        "index": 0,
        "finish_reason": finish_reason,
        "logprobs": write_logprobs(envelope, reply.text().unwrap_or_default()),
        "message": message,
    }]);
    whole["usage"] = write_usage(&envelope.usage);
    encode(&whole)
}

fn write_head(envelope: &Envelope<'_>, object: &str) -> Value {
    json!({
        "id": format!("chatcmpl-sim-{:016x}", envelope.id),
        "object": object,
        "created": envelope.unix_now.as_secs(),
        "model": envelope.model,
        "system_fingerprint": null,
    })
}

/// Of these words, if they are asked for.
fn write_logprobs(envelope: &Envelope<'_>, words: &str) -> Value {
    let content = |alternatives| json!({ "content": logprobs::write(words, alternatives) });
    envelope.logprobs.map_or(Value::Null, content)
}

fn write_usage(usage: &Usage) -> Value {
    json!({
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.input + usage.output,
        "prompt_tokens_details": { "cached_tokens": usage.cache_read },
        "completion_tokens_details": { "reasoning_tokens": usage.reasoning },
    })
}

fn write_choice(reply: &Reply) -> (Value, Value, &'static str) {
    match reply {
        Reply::Text { text, finish: Finish::Complete } => (json!(text), Value::Null, "stop"),
        Reply::Text { text, finish: Finish::Length } => (json!(text), Value::Null, "length"),
        Reply::Declined { variant } if variant % 2 == 0 => (Value::Null, json!(REFUSAL), "stop"),
        Reply::Declined { .. } => (Value::Null, Value::Null, "content_filter"),
    }
}

pub(crate) fn write_failure(failure: &Failure) -> Value {
    let (kind, code) = error_type(failure.kind);
    json!({ "error": { "message": failure.message, "type": kind, "param": null, "code": code } })
}

pub(crate) fn error_type(kind: FailureKind) -> (&'static str, Option<&'static str>) {
    match kind {
        FailureKind::Invalid | FailureKind::TooLarge => ("invalid_request_error", None),
        FailureKind::Unauthorised => ("invalid_request_error", Some("invalid_api_key")),
        FailureKind::UnknownModel => ("invalid_request_error", Some("model_not_found")),
        FailureKind::Throttled(Quantity::Requests) => ("requests", Some("rate_limit_exceeded")),
        FailureKind::Throttled(_) => ("tokens", Some("rate_limit_exceeded")),
        FailureKind::OutOfMoney => ("insufficient_quota", Some("credit_balance_exhausted")),
        FailureKind::Internal => ("server_error", None),
        FailureKind::Overloaded => ("service_unavailable_error", Some("server_is_overloaded")),
    }
}
