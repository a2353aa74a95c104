//! The Messages protocol of Anthropic: reading requests, writing answers, errors and headers.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::conversation::{Content, Conversation, Speaker, Turn, Unreadable};
use crate::limit::Standing;
use crate::protocol::Header;
use crate::reply::{Envelope, Failure, FailureKind, Finish, Reply, encode};
use crate::timestamp;

/// What is read of a request; the rest is ignored.
#[derive(Debug, Deserialize)]
struct Request {
    model: String,
    system: Option<Content>,
    messages: Vec<Turn>,
    /// Required by the vendor, and nothing here is ever that long.
    #[serde(rename = "max_tokens")]
    _max_tokens: u64,
    #[serde(default)]
    stream: bool,
}

pub(crate) fn read(version: Option<&str>, body: &[u8]) -> Result<Conversation, Unreadable> {
    if version.is_none() {
        return Err(Unreadable("anthropic-version: header is required".to_owned()));
    }
    let request: Request = serde_json::from_slice(body)?;
    if request.stream {
        return Err(Unreadable("stream: not supported by the simulated endpoint".to_owned()));
    }
    let system = request.system.map(|system| (Speaker::System, system.into_text()));
    let mut turns: Vec<_> = system.into_iter().collect();
    for turn in request.messages {
        turns.push((read_role(&turn.role)?, turn.into_text()));
    }
    Conversation::new(request.model, turns)
}

fn read_role(role: &str) -> Result<Speaker, Unreadable> {
    match role {
        "user" => Ok(Speaker::User),
        "assistant" => Ok(Speaker::Assistant),
        other => Err(Unreadable(format!("messages: role '{other}' is not supported"))),
    }
}

pub(crate) fn write(envelope: &Envelope<'_>, reply: &Reply) -> Vec<u8> {
    let (content, stop_reason, stop_details) = match reply {
        Reply::Text { text, finish } => {
            // The vendor sends no block at all rather than an empty one.
            let text = (!text.is_empty()).then(|| json!({ "type": "text", "text": text }));
            (Value::from_iter(text), write_finish(*finish), Value::Null)
        }
        Reply::Declined { .. } => {
            let details = json!({ "type": "refusal", "category": null, "explanation": null });
            (json!([]), "refusal", details)
        }
    };
    encode(&json!({
        "id": format!("msg_sim_{:016x}", envelope.id),
        "type": "message",
        "role": "assistant",
        "model": envelope.model,
        "content": content,
        "stop_reason": stop_reason,
        "stop_sequence": null,
        "stop_details": stop_details,
        "usage": {
            "input_tokens": envelope.input_tokens,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": reply.output_tokens(),
        },
    }))
}

fn write_finish(finish: Finish) -> &'static str {
    match finish {
        Finish::Complete => "end_turn",
        Finish::Length => "max_tokens",
    }
}

pub(crate) fn write_failure(failure: &Failure, request_id: &str) -> Vec<u8> {
    let mut error = json!({ "type": error_type(failure.kind), "message": failure.message });
    if failure.kind == FailureKind::OutOfMoney {
        error["details"] = json!({ "error_code": "enforced_spend_limit_reached" });
    }
    encode(&json!({ "type": "error", "error": error, "request_id": request_id }))
}

fn error_type(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Invalid => "invalid_request_error",
        FailureKind::Unauthorised => "authentication_error",
        FailureKind::UnknownModel => "not_found_error",
        FailureKind::TooLarge => "request_too_large",
        FailureKind::Throttled | FailureKind::OutOfMoney => "rate_limit_error",
        FailureKind::Internal => "api_error",
        FailureKind::Overloaded => "overloaded_error",
    }
}

/// The reset is a time of day, in whole seconds and rather too late than too early.
pub(crate) fn rate_headers(standing: &Standing, unix_now: Duration) -> [Header; 3] {
    let reset = timestamp::round_up(unix_now + standing.reset_after);
    [
        ("anthropic-ratelimit-requests-limit", standing.limit.to_string()),
        ("anthropic-ratelimit-requests-remaining", standing.remaining.to_string()),
        ("anthropic-ratelimit-requests-reset", timestamp::write_rfc3339(reset)),
    ]
}
