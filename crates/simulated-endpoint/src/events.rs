//! Server-sent events, and how a text is cut into them.

use serde_json::Value;

use crate::logprobs::TOKEN_CHARACTERS;
use crate::reply::encode;

/// The media type of a stream of events.
pub(crate) const MEDIA_TYPE: &str = "text/event-stream";
/// The end of a stream, where the vendor has one.
pub(crate) const DONE: &[u8] = b"data: [DONE]\n\n";
/// A comment, which is no event: a sign of life.
pub(crate) const COMMENT: &[u8] = b": keep-alive\n\n";

/// A text is sent in at most so many deltas.
const DELTAS_MAX: usize = 8;

/// A body in pieces: an event or a comment each.
pub(crate) type Events = Vec<Vec<u8>>;

/// An event that only has data.
pub(crate) fn write_data(data: &Value) -> Vec<u8> {
    let json = encode(data);
    [&b"data: "[..], &json, b"\n\n"].concat()
}

/// An event whose name stands in its data's `type` too.
pub(crate) fn write_named(data: &Value) -> Vec<u8> {
    let name = data["type"].as_str().unwrap_or_default();
    [b"event: ", name.as_bytes(), b"\n", &write_data(data)].concat()
}

/// Cuts a text between tokens, so that each delta has its own.
pub(crate) fn cut(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let tokens = characters.len().div_ceil(TOKEN_CHARACTERS);
    let size = tokens.div_ceil(DELTAS_MAX).max(1) * TOKEN_CHARACTERS;
    characters.chunks(size).map(|delta| delta.iter().collect()).collect()
}
