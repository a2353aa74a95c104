//! A reply as an outcome.

use iago_sweep::{Finish, Text};
use serde_json::Value;

use crate::body::{self, Json};
use crate::classify::classify;
use crate::encode::sent_prefill;
use crate::error_body::ErrorBody;
use crate::excerpt::excerpt;
use crate::headers::{is_simulated, request_id};
use crate::retry_after::retry_after;
use crate::said::Said;
use crate::{Answer, Dialect, Outcome, Protocol, Reply, anthropic, openai};

/// What came of a call; total over anything that a server may send.
///
/// `prefill` is the one of the conversation that was encoded: the answer's raw text begins with it.
pub fn decode(dialect: &Dialect, reply: &Reply<'_>, prefill: Option<&str>) -> Outcome {
    if !(200..300).contains(&reply.status) {
        return classify(reply, reply.status, &ErrorBody::of_failure(reply.body));
    }
    match body::read(reply.body) {
        Ok(json) => decode_json(dialect, reply, &json, prefill),
        Err(why) => match ErrorBody::in_events(&String::from_utf8_lossy(reply.body)) {
            Some(error) => classify(reply, error.kind_status(), &error),
            None => unreadable(reply, &why),
        },
    }
}

fn decode_json(
    dialect: &Dialect,
    reply: &Reply<'_>,
    json: &Json,
    prefill: Option<&str>,
) -> Outcome {
    if let Some(error) = ErrorBody::inside(&json.value) {
        return classify(reply, error.kind_status(), &error);
    }
    let said = match dialect.protocol {
        Protocol::AnthropicMessages => anthropic::read(&json.value),
        Protocol::OpenAiChat => openai::read(&json.value),
    };
    match said {
        Ok(said) => {
            let prefill = sent_prefill(dialect.protocol, prefill).unwrap_or_default();
            Outcome::Answered(Box::new(answer(reply, json, said, prefill)))
        }
        Err(why) => unreadable(reply, why),
    }
}

fn answer(reply: &Reply<'_>, json: &Json, said: Said, prefill: &str) -> Answer {
    // llama.cpp repeats the prefill in its answer, others go on after it.
    let added = said.text.strip_prefix(prefill).unwrap_or(&said.text);
    let silent = said.finish == Finish::Stop && added.trim().is_empty();
    Answer {
        finish: if silent { Finish::Empty } else { said.finish },
        text: Text {
            raw: format!("{prefill}{added}"),
            reasoning: said.reasoning,
            altered: json.altered,
        },
        usage: said.usage,
        model: json.value.get("model").and_then(Value::as_str).map(excerpt),
        request_id: request_id(reply.headers),
        simulated: is_simulated(reply.headers),
    }
}

/// A body that should have been an answer and is none. The call may have been paid for, but there
/// is nothing to keep.
fn unreadable(reply: &Reply<'_>, why: &str) -> Outcome {
    Outcome::Transient {
        status: Some(reply.status),
        retry_after: retry_after(reply.headers),
        message: excerpt(why),
    }
}
