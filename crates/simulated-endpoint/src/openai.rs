//! The chat completions protocol of OpenAI: reading requests, writing answers, errors and headers.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::conversation::{Conversation, Speaker, Turn, Unreadable};
use crate::limit::Standing;
use crate::protocol::Header;
use crate::reply::{Envelope, Failure, FailureKind, Finish, Reply, encode};

/// What is read of a request; the rest is ignored.
#[derive(Debug, Deserialize)]
struct Request {
    model: String,
    messages: Vec<Turn>,
    #[serde(default)]
    stream: Option<bool>,
}

/// How the vendor's own refusal reads.
const REFUSAL: &str = "I cannot assist with that request. (simulated refusal)";

pub(crate) fn read(body: &[u8]) -> Result<Conversation, Unreadable> {
    let request: Request = serde_json::from_slice(body)?;
    if request.stream == Some(true) {
        return Err(Unreadable("stream: not supported by the simulated endpoint".to_owned()));
    }
    let mut turns = Vec::with_capacity(request.messages.len());
    for turn in request.messages {
        turns.push((read_role(&turn.role)?, turn.into_text()));
    }
    Conversation::new(request.model, turns)
}

fn read_role(role: &str) -> Result<Speaker, Unreadable> {
    match role {
        "system" | "developer" => Ok(Speaker::System),
        "user" => Ok(Speaker::User),
        "assistant" => Ok(Speaker::Assistant),
        other => Err(Unreadable(format!("messages: invalid role '{other}'"))),
    }
}

pub(crate) fn write(envelope: &Envelope<'_>, reply: &Reply) -> Vec<u8> {
    let (content, refusal, finish_reason) = write_choice(reply);
    let output_tokens = reply.output_tokens();
    encode(&json!({
        "id": format!("chatcmpl-sim-{:016x}", envelope.id),
        "object": "chat.completion",
        "created": envelope.unix_now.as_secs(),
        "model": envelope.model,
        "system_fingerprint": null,
        "choices": [{
            "index": 0,
            "finish_reason": finish_reason,
            "logprobs": null,
            "message": { "role": "assistant", "content": content, "refusal": refusal },
        }],
        "usage": {
            "prompt_tokens": envelope.input_tokens,
            "completion_tokens": output_tokens,
            "total_tokens": envelope.input_tokens + output_tokens,
            "prompt_tokens_details": { "cached_tokens": 0 },
            "completion_tokens_details": { "reasoning_tokens": 0 },
        },
    }))
}

fn write_choice(reply: &Reply) -> (Value, Value, &'static str) {
    match reply {
        Reply::Text { text, finish: Finish::Complete } => (json!(text), Value::Null, "stop"),
        Reply::Text { text, finish: Finish::Length } => (json!(text), Value::Null, "length"),
        Reply::Declined { variant } if variant % 2 == 0 => (Value::Null, json!(REFUSAL), "stop"),
        Reply::Declined { .. } => (Value::Null, Value::Null, "content_filter"),
    }
}

pub(crate) fn write_failure(failure: &Failure) -> Vec<u8> {
    let (kind, code) = error_type(failure.kind);
    encode(&json!({
        "error": { "message": failure.message, "type": kind, "param": null, "code": code },
    }))
}

fn error_type(kind: FailureKind) -> (&'static str, Option<&'static str>) {
    match kind {
        FailureKind::Invalid | FailureKind::TooLarge => ("invalid_request_error", None),
        FailureKind::Unauthorised => ("invalid_request_error", Some("invalid_api_key")),
        FailureKind::UnknownModel => ("invalid_request_error", Some("model_not_found")),
        FailureKind::Throttled => ("requests", Some("rate_limit_exceeded")),
        FailureKind::OutOfMoney => ("insufficient_quota", Some("credit_balance_exhausted")),
        FailureKind::Internal => ("server_error", None),
        FailureKind::Overloaded => ("service_unavailable_error", Some("server_is_overloaded")),
    }
}

pub(crate) fn rate_headers(standing: &Standing) -> [Header; 3] {
    [
        ("x-ratelimit-limit-requests", standing.limit.to_string()),
        ("x-ratelimit-remaining-requests", standing.remaining.to_string()),
        ("x-ratelimit-reset-requests", write_duration(standing.reset_after)),
    ]
}

/// The vendor's notation of a duration: `12ms`, `8.64s`, `6m0s`.
fn write_duration(duration: Duration) -> String {
    let millis = duration.as_nanos().div_ceil(1_000_000);
    let (minutes, rest) = (millis / 60_000, millis % 60_000);
    let (seconds, fraction) = (rest / 1_000, rest % 1_000);
    if millis < 1_000 {
        return format!("{millis}ms");
    }
    let fraction = format!(".{fraction:03}");
    let seconds = format!("{seconds}{}s", fraction.trim_end_matches(['0']).trim_end_matches('.'));
    if minutes == 0 { seconds } else { format!("{minutes}m{seconds}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_in_the_vendors_notation() {
        for (nanos, text) in [
            (0, "0ms"),
            (11_000_001, "12ms"),
            (1_000_000_000, "1s"),
            (8_640_000_000, "8.64s"),
            (20_000_000_000, "20s"),
            (60_000_000_000, "1m0s"),
            (360_500_000_000, "6m0.5s"),
        ] {
            assert_eq!(write_duration(Duration::from_nanos(nanos)), text);
        }
    }
}
