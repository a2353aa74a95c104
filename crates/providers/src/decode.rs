//! A reply as an outcome.

use iago_sweep::{Finish, Text};
use serde_json::Value;

use crate::address;
use crate::body::{self, Json};
use crate::classify::classify;
use crate::cost::cost;
use crate::encode::sent_prefill;
use crate::error_body::ErrorBody;
use crate::events::{self, Events};
use crate::excerpt::excerpt;
use crate::headers::{is_simulated, request_id};
use crate::quirks::quirks;
use crate::retry_after::retry_after;
use crate::said::{NoAnswer, Said};
use crate::{Answer, Dialect, Outcome, Protocol, Reply, anthropic, chat, responses};

/// What came of a call; total over anything that a server may send.
///
/// The body may be JSON or a whole stream of server-sent events, whichever was asked for: a stream
/// is decoded to what the same answer as JSON is decoded to. One that ends before the answer does is
/// no answer. `prefill` is the one of the conversation that was encoded: the answer's raw text begins
/// with it.
pub fn decode(dialect: &Dialect, reply: &Reply<'_>, prefill: Option<&str>) -> Outcome {
    if !(200..300).contains(&reply.status) {
        let (status, error) = ErrorBody::of_failure(reply);
        return classify(dialect, reply, status, &error);
    }
    match body::read(reply.body) {
        Ok(json) => decode_json(dialect, reply, &json, prefill),
        Err(why) => match events::read(reply.body) {
            Some(events) => decode_events(dialect, reply, &events, prefill),
            None if address::is_page(reply.body) => page(reply),
            None => unreadable(reply, &why),
        },
    }
}

/// A web page with the status of an answer.
fn page(reply: &Reply<'_>) -> Outcome {
    let (status, error) = ErrorBody::of_failure(reply);
    let title = error.message.map_or_else(String::new, |title| format!(": {title}"));
    let message = excerpt(&format!("a web page{title}"));
    Outcome::Misaddressed { status, message, by_endpoint: false }
}

fn decode_events(
    dialect: &Dialect,
    reply: &Reply<'_>,
    events: &Events,
    prefill: Option<&str>,
) -> Outcome {
    if let Some(error) = ErrorBody::among(&events.list) {
        return classify(dialect, reply, error.kind_status(), &error);
    }
    match assemble(dialect, events) {
        Ok(value) => decode_json(dialect, reply, &Json { value, altered: events.altered }, prefill),
        Err(why) => unreadable(reply, why),
    }
}

fn assemble(dialect: &Dialect, events: &Events) -> Result<Value, NoAnswer> {
    if events.broken {
        return Err("an event of the stream is not JSON");
    }
    match dialect.protocol {
        Protocol::AnthropicMessages => anthropic::assemble(&events.list),
        Protocol::OpenAiChat => chat::assemble(&events.list),
        Protocol::OpenAiResponses => responses::assemble(&events.list),
    }
}

fn decode_json(
    dialect: &Dialect,
    reply: &Reply<'_>,
    json: &Json,
    prefill: Option<&str>,
) -> Outcome {
    if let Some(error) = ErrorBody::inside(&json.value) {
        return classify(dialect, reply, error.kind_status(), &error);
    }
    let said = match dialect.protocol {
        Protocol::AnthropicMessages => anthropic::read(&json.value),
        Protocol::OpenAiChat => chat::read(&json.value, &quirks(dialect.flavour)),
        Protocol::OpenAiResponses => responses::read(&json.value),
    };
    match said {
        Ok(said) => Outcome::Answered(Box::new(answer(dialect, reply, json, said, prefill))),
        Err(why) => unreadable(reply, why),
    }
}

fn answer(
    dialect: &Dialect,
    reply: &Reply<'_>,
    json: &Json,
    said: Said,
    prefill: Option<&str>,
) -> Answer {
    let prefill = sent_prefill(dialect.protocol, prefill).unwrap_or_default();
    let echoed = said.text.strip_prefix(prefill).filter(|_| quirks(dialect.flavour).echoes_prefill);
    let added = echoed.unwrap_or(&said.text);
    let silent = said.finish == Finish::Stop && added.trim().is_empty();
    Answer {
        finish: if silent { Finish::Empty } else { said.finish },
        text: Text {
            raw: format!("{prefill}{added}"),
            reasoning: said.reasoning,
            altered: json.altered,
            logprobs: said.logprobs,
        },
        usage: said.usage,
        cost: cost(dialect, reply.headers, &json.value),
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
        retry_after: retry_after(reply.headers, None),
        message: excerpt(why),
    }
}
