//! Telling an answer that goes on from a connection that is only kept alive.

use serde_json::Value;

use crate::Protocol;
use crate::events::{DONE, field};

/// Looks at a body while it comes in, and says which bytes carry something of the answer. Only those
/// show that the endpoint still works on it: comments, pings and empty events come from whatever
/// keeps the connection open, for hours if need be.
#[derive(Clone, Debug)]
pub struct EventWatch {
    protocol: Protocol,
    /// The line that is coming in, up to [`LINE_BYTES_MAX`].
    line: Vec<u8>,
}

/// Longest line that is looked into; a longer one that is no comment is an answer, since nothing is
/// kept alive with so much.
const LINE_BYTES_MAX: usize = 16 * 1024;

impl EventWatch {
    /// At the beginning of a body.
    pub fn new(protocol: Protocol) -> Self {
        Self { protocol, line: Vec::new() }
    }

    /// Whether these bytes, after all those before them, carried anything of the answer. A body that
    /// is no stream of events carries it with everything but white space.
    pub fn push(&mut self, bytes: &[u8]) -> bool {
        let mut carried = false;
        for piece in bytes.split_inclusive(|byte| matches!(byte, b'\n' | b'\r')) {
            let room = LINE_BYTES_MAX.saturating_sub(self.line.len());
            self.line.extend_from_slice(&piece[..piece.len().min(room)]);
            let ended = piece.ends_with(b"\n") || piece.ends_with(b"\r");
            carried |= self.line_carries(ended);
            if ended {
                self.line.clear();
            }
        }
        carried
    }

    fn line_carries(&self, ended: bool) -> bool {
        let line = self.line.trim_ascii();
        match field(line, b"data") {
            _ if self.line.len() >= LINE_BYTES_MAX => !line.starts_with(b":"),
            Some(data) => ended && self.data_carries(data.trim_ascii()),
            None => !line.is_empty() && !may_be_of_the_format(line, ended),
        }
    }

    fn data_carries(&self, data: &[u8]) -> bool {
        if data.is_empty() || data == DONE {
            return false;
        }
        let Ok(data) = serde_json::from_slice::<Value>(data) else { return true };
        match self.protocol {
            Protocol::OpenAiChat => !is_empty_chunk(&data),
            Protocol::AnthropicMessages | Protocol::OpenAiResponses => {
                !KEPT_ALIVE_WITH.iter().any(|kind| data["type"] == **kind)
            }
        }
    }
}

/// Events that come again and again while nothing happens.
const KEPT_ALIVE_WITH: [&str; 4] = ["ping", "keepalive", "response.queued", "response.in_progress"];

/// Whether a line is a comment or a field other than `data`, or may become any field.
fn may_be_of_the_format(line: &[u8], ended: bool) -> bool {
    ["data:", "event:", "id:", "retry:", ":"].iter().any(|field| {
        let field = field.as_bytes();
        line.starts_with(field) || (!ended && field.starts_with(line))
    })
}

/// A chunk of chat with choices in which nothing is told but a role.
fn is_empty_chunk(chunk: &Value) -> bool {
    let Some(choices) = chunk.get("choices").and_then(Value::as_array) else { return false };
    let silent = |value: &Value| match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(_) | Value::Number(_) | Value::Bool(_) => false,
    };
    let empty = |choice: &Value| {
        let delta = choice.get("delta").and_then(Value::as_object).into_iter().flatten();
        choice["finish_reason"].is_null()
            && delta.into_iter().all(|(name, value)| name == "role" || silent(value))
    };
    chunk["usage"].is_null() && chunk["error"].is_null() && choices.iter().all(empty)
}
