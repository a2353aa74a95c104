//! An answer of the Messages protocol, event by event.

use serde_json::{Value, json};

use crate::anthropic::{write_head, write_signature, write_stop, write_usage};
use crate::events::{Events, cut, write_named};
use crate::reply::{Envelope, Reply};

/// A sign of life, which this vendor sends as an event.
pub(crate) const PING: &[u8] = b"event: ping\ndata: {\"type\":\"ping\"}\n\n";

/// The whole stream.
pub(crate) fn write(envelope: &Envelope<'_>, reply: &Reply) -> Events {
    let mut events = vec![write_start(envelope), PING.to_vec()];
    let blocks = envelope.reasoning.map(|reasoning| write_thinking(envelope, reasoning));
    let text = reply.text().filter(|text| !text.is_empty()).map(write_text);
    for (index, (first, deltas)) in blocks.into_iter().chain(text).enumerate() {
        write_block(&mut events, index, &first, deltas);
    }
    events.push(write_end(envelope, reply));
    events.push(write_named(&json!({ "type": "message_stop" })));
    events
}

fn write_start(envelope: &Envelope<'_>) -> Vec<u8> {
    let mut message = write_head(envelope);
    message["usage"] = write_usage(&envelope.usage, envelope.usage.output.min(1));
    write_named(&json!({ "type": "message_start", "message": message }))
}

fn write_end(envelope: &Envelope<'_>, reply: &Reply) -> Vec<u8> {
    let (stop_reason, stop_details) = write_stop(reply);
    write_named(&json!({
        "type": "message_delta",
        "delta": {
            "stop_reason": stop_reason,
            "stop_sequence": null,
            "stop_details": stop_details,
        },
        "usage": write_usage(&envelope.usage, envelope.usage.output),
    }))
}

/// An empty block and what fills it.
fn write_thinking(envelope: &Envelope<'_>, reasoning: &str) -> (Value, Vec<Value>) {
    let mut deltas: Vec<_> = cut(reasoning)
        .into_iter()
        .map(|part| json!({ "type": "thinking_delta", "thinking": part }))
        .collect();
    deltas.push(json!({ "type": "signature_delta", "signature": write_signature(envelope) }));
    (json!({ "type": "thinking", "thinking": "", "signature": "" }), deltas)
}

fn write_text(text: &str) -> (Value, Vec<Value>) {
    let delta = |part| json!({ "type": "text_delta", "text": part });
    (json!({ "type": "text", "text": "" }), cut(text).into_iter().map(delta).collect())
}

/// A block, with a sign of life after its first delta.
fn write_block(events: &mut Events, index: usize, first: &Value, deltas: Vec<Value>) {
    events.push(write_named(
        &json!({ "type": "content_block_start", "index": index, "content_block": first }),
    ));
    for (nth, delta) in deltas.into_iter().enumerate() {
        if nth == 1 {
            events.push(PING.to_vec());
        }
        events.push(write_named(
            &json!({ "type": "content_block_delta", "index": index, "delta": delta }),
        ));
    }
    events.push(write_named(&json!({ "type": "content_block_stop", "index": index })));
}
