//! An answer of the Responses protocol, event by event.

use serde_json::{Value, json};

use crate::events::{COMMENT, Events, cut, write_named};
use crate::openai::{REFUSAL, error_type};
use crate::reply::{Envelope, Failure, Reply};
use crate::responses::{
    write_head, write_logprobs, write_message, write_part, write_reasoning, write_status,
    write_whole,
};

/// Events, each with its number.
struct Numbered {
    events: Events,
    next: u64,
}

/// The whole stream.
pub(crate) fn write(envelope: &Envelope<'_>, reply: &Reply) -> Events {
    let mut numbered = Numbered { events: Vec::new(), next: 0 };
    for kind in ["response.created", "response.in_progress"] {
        let response = write_head(envelope, "in_progress");
        numbered.push(json!({ "type": kind, "response": response }));
    }
    if let Some(reasoning) = envelope.reasoning {
        numbered.write_reasoning(envelope, reasoning);
    }
    numbered.write_message(envelope, reply, usize::from(envelope.reasoning.is_some()));
    let (status, _) = write_status(reply);
    let kind = format!("response.{status}");
    numbered.push(json!({ "type": kind, "response": write_whole(envelope, reply) }));
    numbered.events
}

/// The end of a stream that fails after so many events.
pub(crate) fn write_failed(envelope: &Envelope<'_>, failure: &Failure, number: usize) -> Vec<u8> {
    let (kind, code) = error_type(failure.kind);
    let mut response = write_head(envelope, "failed");
    response["error"] = json!({ "code": code.unwrap_or(kind), "message": failure.message });
    write_named(
        &json!({ "type": "response.failed", "response": response, "sequence_number": number }),
    )
}

impl Numbered {
    fn push(&mut self, mut event: Value) {
        event["sequence_number"] = json!(self.next);
        self.next += 1;
        self.events.push(write_named(&event));
    }

    fn write_reasoning(&mut self, envelope: &Envelope<'_>, text: &str) {
        let whole = write_reasoning(envelope, Some(text));
        let at = json!({ "item_id": whole["id"], "output_index": 0, "summary_index": 0 });
        let kind = |name: &str| format!("response.reasoning_summary_{name}");
        self.push(write_item("added", &write_reasoning(envelope, None), 0));
        let part = |text: &str| json!({ "type": "summary_text", "text": text });
        self.push(with(&at, json!({ "type": kind("part.added"), "part": part("") })));
        for delta in cut(text) {
            self.push(with(&at, json!({ "type": kind("text.delta"), "delta": delta })));
        }
        self.push(with(&at, json!({ "type": kind("text.done"), "text": text })));
        self.push(with(&at, json!({ "type": kind("part.done"), "part": part(text) })));
        self.push(write_item("done", &whole, 0));
    }

    fn write_message(&mut self, envelope: &Envelope<'_>, reply: &Reply, index: usize) {
        let (status, _) = write_status(reply);
        let whole = write_message(envelope, status, write_part(envelope, reply));
        let at = json!({ "item_id": whole["id"], "output_index": index, "content_index": 0 });
        self.push(write_item("added", &write_message(envelope, "in_progress", None), index));
        self.events.push(COMMENT.to_vec());
        if let Some(part) = write_part(envelope, reply) {
            self.write_part(envelope, reply, &at, &part);
        }
        self.push(write_item("done", &whole, index));
    }

    fn write_part(&mut self, envelope: &Envelope<'_>, reply: &Reply, at: &Value, part: &Value) {
        let (name, field, words) = match reply.text() {
            Some(text) => ("output_text", "text", text),
            None => ("refusal", "refusal", REFUSAL),
        };
        let kind = |step: &str| format!("response.{name}.{step}");
        let empty = json!({ "type": name, field: "" });
        self.push(with(at, json!({ "type": "response.content_part.added", "part": empty })));
        for delta in cut(words) {
            let mut event = json!({ "type": kind("delta"), "delta": delta });
            if reply.text().is_some() {
                event["logprobs"] = json!(write_logprobs(envelope, &delta));
            }
            self.push(with(at, event));
        }
        self.push(with(at, json!({ "type": kind("done"), field: words })));
        self.push(with(at, json!({ "type": "response.content_part.done", "part": part })));
    }
}

fn write_item(step: &str, item: &Value, index: usize) -> Value {
    let kind = format!("response.output_item.{step}");
    json!({ "type": kind, "output_index": index, "item": item })
}

/// An event, with where it belongs.
fn with(at: &Value, mut event: Value) -> Value {
    for (name, value) in at.as_object().into_iter().flatten() {
        event[name.as_str()] = value.clone();
    }
    event
}
