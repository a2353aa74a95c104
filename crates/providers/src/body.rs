//! The bytes of a reply as JSON, with the tolerance that real servers need.

use serde_json::Value;

use crate::surrogates::escape_lone;

/// A body that could be read.
pub(crate) struct Json {
    /// The value.
    pub value: Value,
    /// It held a lone surrogate, which now stands there as its own escape.
    pub altered: bool,
}

/// Reads a body. A byte order mark and blank lines may stand before it: some servers keep the
/// connection alive with them. The error says what is wrong with it and quotes none of it.
pub(crate) fn read(body: &[u8]) -> Result<Json, String> {
    let text = std::str::from_utf8(body).map_err(|error| format!("body is not UTF-8: {error}"))?;
    let text = text.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace());
    match (serde_json::from_str(text), escape_lone(text)) {
        (Ok(value), _) => Ok(Json { value, altered: false }),
        (Err(error), None) => Err(describe(&error)),
        (Err(_), Some(escaped)) => serde_json::from_str(&escaped)
            .map(|value| Json { value, altered: true })
            .map_err(|error| describe(&error)),
    }
}

fn describe(error: &serde_json::Error) -> String {
    if error.is_eof() {
        format!("body is cut-off JSON: {error}")
    } else {
        format!("body is not JSON: {error}")
    }
}
