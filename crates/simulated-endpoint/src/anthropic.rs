//! The Messages protocol of Anthropic: reading requests, writing answers and errors.

pub(crate) mod stream;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use crate::conversation::{Content, Conversation, Speaker, Turn, Unreadable};
use crate::manner::{Asked, Manner};
use crate::prefix::{Prefix, Prefixes};
use crate::reply::{Envelope, Failure, FailureKind, Finish, Reply, encode};
use crate::usage::Usage;

/// What is read of a request; the rest is ignored.
#[derive(Debug, Deserialize)]
struct Request {
    model: String,
    system: Option<Content>,
    messages: Vec<Turn>,
    /// Required by the vendor, and nothing here is ever that long.
    max_tokens: u64,
    #[serde(default)]
    stream: bool,
    thinking: Option<Thinking>,
    /// Marks the whole request.
    cache_control: Option<IgnoredAny>,
    temperature: Option<IgnoredAny>,
    top_p: Option<IgnoredAny>,
    top_k: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
struct Thinking {
    #[serde(rename = "type")]
    kind: String,
}

/// The version from which on nobody says how to sample.
const WITHOUT_SAMPLING: &str = "2026-10-21";

pub(crate) fn read(version: Option<&str>, body: &[u8]) -> Result<Asked, Unreadable> {
    let Some(version) = version else {
        return Err(Unreadable("anthropic-version: header is required".to_owned()));
    };
    let request: Request = serde_json::from_slice(body)?;
    if version == WITHOUT_SAMPLING
        && let Some(name) = request.sampling()
    {
        return Err(Unreadable(format!("{name}: Extra inputs are not permitted")));
    }
    let manner = Manner {
        streams: request.stream,
        max_output: Some(request.max_tokens),
        reasons: request.thinking.as_ref().is_some_and(|thinking| thinking.kind != "disabled"),
        prefixes: request.prefixes(),
        ..Manner::default()
    };
    let system = request.system.map(|system| (Speaker::System, system.into_text()));
    let mut turns: Vec<_> = system.into_iter().collect();
    for turn in request.messages {
        turns.push((read_role(&turn.role)?, turn.into_text()));
    }
    Ok(Asked { conversation: Conversation::new(request.model, turns)?, manner })
}

impl Request {
    /// The first field that says how to sample.
    fn sampling(&self) -> Option<&'static str> {
        let fields =
            [("temperature", self.temperature), ("top_p", self.top_p), ("top_k", self.top_k)];
        fields.into_iter().find_map(|(name, field)| field.map(|_| name))
    }

    /// The beginnings that are marked; mostly none are, and then nothing is hashed.
    fn prefixes(&self) -> Vec<Prefix> {
        let mut contents = Vec::new();
        contents.extend(self.system.as_ref().map(|system| ("system", system)));
        for turn in &self.messages {
            contents.extend(turn.content.as_ref().map(|content| (turn.role.as_str(), content)));
        }
        let is_marked = contents.iter().any(|(_, content)| content.has_mark());
        if !is_marked && self.cache_control.is_none() {
            return Vec::new();
        }
        let mut prefixes = Prefixes::new(&self.model);
        for (role, content) in contents {
            prefixes.read(role, content);
        }
        if self.cache_control.is_some() {
            prefixes.mark();
        }
        prefixes.into_found()
    }
}

fn read_role(role: &str) -> Result<Speaker, Unreadable> {
    match role {
        "user" => Ok(Speaker::User),
        "assistant" => Ok(Speaker::Assistant),
        other => Err(Unreadable(format!("messages: role '{other}' is not supported"))),
    }
}

pub(crate) fn write(envelope: &Envelope<'_>, reply: &Reply) -> Vec<u8> {
    let mut message = write_head(envelope);
    let (stop_reason, stop_details) = write_stop(reply);
    message["content"] = write_content(envelope, reply);
    message["stop_reason"] = stop_reason;
    message["stop_details"] = stop_details;
    message["usage"] = write_usage(&envelope.usage, envelope.usage.output);
    encode(&message)
}

/// Everything that is known before the first word.
fn write_head(envelope: &Envelope<'_>) -> Value {
    json!({
        "id": format!("msg_sim_{:016x}", envelope.id),
        "type": "message",
        "role": "assistant",
        "model": envelope.model,
        "content": [],
        "stop_reason": null,
        "stop_sequence": null,
        "stop_details": null,
    })
}

fn write_content(envelope: &Envelope<'_>, reply: &Reply) -> Value {
    let signature = write_signature(envelope);
    let thinking = envelope.reasoning.map(
        |reasoning| json!({ "type": "thinking", "thinking": reasoning, "signature": signature }),
    );
    // The vendor sends no block at all rather than an empty one.
    let text = reply.text().filter(|text| !text.is_empty());
    let text = text.map(|text| json!({ "type": "text", "text": text }));
    thinking.into_iter().chain(text).collect()
}

fn write_signature(envelope: &Envelope<'_>) -> String {
    format!("sim-{:016x}", envelope.id)
}

/// The reason of the stop, and what there is to say about it.
fn write_stop(reply: &Reply) -> (Value, Value) {
    match reply {
        Reply::Text { finish, .. } => (json!(write_finish(*finish)), Value::Null),
        Reply::Declined { .. } => {
            let details = json!({ "type": "refusal", "category": null, "explanation": null });
            (json!("refusal"), details)
        }
    }
}

/// `output` is what has been said so far.
fn write_usage(usage: &Usage, output: u64) -> Value {
    json!({
        "input_tokens": usage.plain_input(),
        "cache_creation_input_tokens": usage.cache_write,
        "cache_read_input_tokens": usage.cache_read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": usage.cache_write,
            "ephemeral_1h_input_tokens": 0,
        },
        "output_tokens": output,
        "output_tokens_details": { "thinking_tokens": usage.reasoning.min(output) },
    })
}

fn write_finish(finish: Finish) -> &'static str {
    match finish {
        Finish::Complete => "end_turn",
        Finish::Length => "max_tokens",
    }
}

pub(crate) fn write_failure(failure: &Failure, request_id: &str) -> Value {
    let mut error = json!({ "type": error_type(failure.kind), "message": failure.message });
    if failure.kind == FailureKind::OutOfMoney {
        error["details"] = json!({ "error_code": "enforced_spend_limit_reached" });
    }
    json!({ "type": "error", "error": error, "request_id": request_id })
}

fn error_type(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Invalid => "invalid_request_error",
        FailureKind::Unauthorised => "authentication_error",
        FailureKind::UnknownModel => "not_found_error",
        FailureKind::TooLarge => "request_too_large",
        FailureKind::Throttled(_) | FailureKind::OutOfMoney => "rate_limit_error",
        FailureKind::Internal => "api_error",
        FailureKind::Overloaded => "overloaded_error",
    }
}
