//! What a call took that may have brought no answer: it was paid for all the same.

use iago_sweep::{Money, Usage};
use serde_json::{Map, Value};

use crate::cost::cost;
use crate::events::{self, Event};
use crate::quirks::quirks;
use crate::said::overwrite;
use crate::{Dialect, Protocol, anthropic, body, chat, responses};

/// Where usage stands in a reply or in an event of one: by itself; in the message that an Anthropic
/// stream begins with; in the response of an event of OpenAI Responses; in Groq's last chunk.
const PLACES: [&str; 4] = ["/usage", "/message/usage", "/response/usage", "/x_groq/usage"];

/// What a reply says that it took, and the provider's own figure of what it cost: whatever its
/// status, whether there is an answer in it or not, and also of a stream that broke off or has an
/// error in it. `None` where nothing is told; counts of nothing but zeros tell nothing.
///
/// Of a stream that broke off it is what was told so far. The first event of an Anthropic one has all
/// of the input and next to nothing of the output, so it is no more than was taken, and may be less.
pub fn spent(dialect: &Dialect, body: &[u8]) -> Option<(Usage, Option<Money>)> {
    let told = Value::Object(told_in(body)?);
    let usage = match dialect.protocol {
        Protocol::AnthropicMessages => anthropic::usage(&told),
        Protocol::OpenAiChat => chat::usage(&told, &quirks(dialect.flavour)),
        Protocol::OpenAiResponses => responses::usage(&told),
    };
    let reply = Value::Object(Map::from_iter([("usage".to_owned(), told)]));
    let cost = cost(dialect, &[], &reply);
    (usage != Usage::default() || cost.is_some()).then_some((usage, cost))
}

/// Every count that is told, as it was told last: counts are those of the whole call, so far.
fn told_in(body: &[u8]) -> Option<Map<String, Value>> {
    let mut told = Map::new();
    if let Ok(json) = body::read(body) {
        take(&mut told, json.value.get(0).unwrap_or(&json.value));
    } else {
        for Event { data, .. } in &events::read(body)?.list {
            take(&mut told, data);
        }
    }
    Some(told)
}

fn take(told: &mut Map<String, Value>, from: &Value) {
    for place in PLACES {
        overwrite(told, from.pointer(place));
    }
}
