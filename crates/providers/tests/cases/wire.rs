//! Bodies as each vendor's documentation shows them, so that one case can be told in both.

use iago_providers::Protocol;
use serde_json::{Value, json};

/// How an answer ends, before a vendor's word for it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ending {
    Finished,
    StopSequence,
    OutputLimit,
    Filtered,
    Unheard,
}

/// Kinds of errors, before a vendor's words for them.
#[derive(Clone, Copy)]
pub(crate) enum Trouble {
    RateLimit,
    Overloaded,
    Invalid,
    NoSuchModel,
    TooLong,
    BadKey,
    Forbidden,
    Server,
    SpendLimit,
    Unheard,
}

pub(crate) const WORDS: &str = "the provider's words";

/// An answer with this text, which took 12 input and 5 output tokens.
pub(crate) fn said(vendor: Protocol, text: &str, ending: Ending) -> Value {
    match vendor {
        Protocol::AnthropicMessages => {
            let content = json!([{"type": "text", "text": text}]);
            anthropic(&content, anthropic_ending(ending))
        }
        Protocol::OpenAiChat => {
            openai(&json!({"role": "assistant", "content": text}), openai_ending(ending))
        }
        Protocol::OpenAiResponses => {
            responses(&json!([{"type": "output_text", "text": text, "logprobs": []}]), ending)
        }
    }
}

/// An Anthropic reply with this content.
pub(crate) fn anthropic(content: &Value, stop_reason: &str) -> Value {
    json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "model-1",
        "content": content, "stop_reason": stop_reason, "stop_sequence": null,
        "usage": {"input_tokens": 12, "output_tokens": 5},
    })
}

/// An OpenAI reply with this message.
pub(crate) fn openai(message: &Value, finish_reason: &str) -> Value {
    json!({
        "id": "chatcmpl-1", "object": "chat.completion", "model": "model-1", "error": null,
        "choices": [{"index": 0, "message": message, "finish_reason": finish_reason}],
        "usage": {"prompt_tokens": 12, "completion_tokens": 5, "total_tokens": 17},
    })
}

/// A Responses reply with these parts of a message.
pub(crate) fn responses(parts: &Value, ending: Ending) -> Value {
    let (status, reason) = match ending {
        Ending::Finished | Ending::StopSequence => ("completed", Value::Null),
        Ending::OutputLimit => ("incomplete", json!({"reason": "max_output_tokens"})),
        Ending::Filtered => ("incomplete", json!({"reason": "content_filter"})),
        Ending::Unheard => ("moved_on", Value::Null),
    };
    json!({
        "id": "resp_1", "object": "response", "status": status, "model": "model-1",
        "error": null, "incomplete_details": reason,
        "output": [{"type": "message", "role": "assistant", "content": parts}],
        "usage": {"input_tokens": 12, "output_tokens": 5, "total_tokens": 17},
    })
}

/// An error with the words [`WORDS`].
pub(crate) fn error(vendor: Protocol, trouble: Trouble) -> Value {
    match vendor {
        Protocol::AnthropicMessages => {
            let (kind, code) = anthropic_trouble(trouble);
            let mut error = json!({"type": kind, "message": WORDS});
            if let Some(code) = code {
                error["details"] = json!({"error_code": code});
            }
            json!({"type": "error", "error": error, "request_id": "req-1"})
        }
        Protocol::OpenAiChat | Protocol::OpenAiResponses => {
            let (kind, code) = openai_trouble(trouble);
            json!({"error": {"message": WORDS, "type": kind, "param": null, "code": code}})
        }
    }
}

pub(crate) fn anthropic_ending(ending: Ending) -> &'static str {
    match ending {
        Ending::Finished => "end_turn",
        Ending::StopSequence => "stop_sequence",
        Ending::OutputLimit => "max_tokens",
        Ending::Filtered => "refusal", // Anthropic has no other word for it
        Ending::Unheard => "moved_on",
    }
}

pub(crate) fn openai_ending(ending: Ending) -> &'static str {
    match ending {
        Ending::Finished | Ending::StopSequence => "stop",
        Ending::OutputLimit => "length",
        Ending::Filtered => "content_filter",
        Ending::Unheard => "moved_on",
    }
}

fn anthropic_trouble(trouble: Trouble) -> (&'static str, Option<&'static str>) {
    match trouble {
        Trouble::RateLimit => ("rate_limit_error", None),
        Trouble::Overloaded => ("overloaded_error", None),
        Trouble::Invalid | Trouble::TooLong => ("invalid_request_error", None),
        Trouble::NoSuchModel => ("not_found_error", None),
        Trouble::BadKey => ("authentication_error", None),
        Trouble::Forbidden => ("permission_error", None),
        Trouble::Server => ("api_error", None),
        Trouble::SpendLimit => ("rate_limit_error", Some("enforced_spend_limit_reached")),
        Trouble::Unheard => ("moon_error", None),
    }
}

fn openai_trouble(trouble: Trouble) -> (&'static str, Option<&'static str>) {
    match trouble {
        Trouble::RateLimit => ("tokens", Some("rate_limit_exceeded")),
        Trouble::Overloaded => ("service_unavailable_error", Some("server_is_overloaded")),
        Trouble::Invalid => ("invalid_request_error", Some("unsupported_parameter")),
        Trouble::NoSuchModel => ("invalid_request_error", Some("model_not_found")),
        Trouble::TooLong => ("invalid_request_error", Some("context_length_exceeded")),
        Trouble::BadKey => ("invalid_request_error", Some("invalid_api_key")),
        Trouble::Forbidden => ("permission_error", None),
        Trouble::Server => ("server_error", None),
        Trouble::SpendLimit => ("insufficient_quota", Some("credit_balance_exhausted")),
        Trouble::Unheard => ("moon_error", None),
    }
}
