//! Slips in a settings file, with the line, the section, and the key that was probably meant.
//!
//! The file is read by itself first, and strictly: what goes together with the environment knows no lines
//! any more, and takes 8.7 for 9 and `true` for 1.

use std::ops::Range;

use iago_expression::suggest;
use serde::de::DeserializeOwned;

/// Reads a file's text as these settings, only to find what is wrong with it. What is missing may stand
/// in the environment.
pub(super) fn check<T: DeserializeOwned>(text: &str) -> Result<(), String> {
    // What values look like is told by whoever reads them here; no line is quoted, since somebody may have
    // pasted a key into it.
    let Err(error) = toml::from_str::<T>(text) else { return Ok(()) };
    let message = error.message();
    if message.starts_with("missing field") {
        return Ok(());
    }
    let place = error.span().map(|span| Place::of(text, span));
    let said =
        place.as_ref().map_or_else(|| in_words(message, "", ""), |place| place.said(message));
    let line = place.map_or_else(String::new, |place| format!("line {}: ", place.line));
    Err(format!("{line}{said}"))
}

/// Where in a file something is wrong.
struct Place {
    line: usize,
    /// As it stands in its header, or empty.
    section: String,
    /// What stands before the `=`, or empty.
    key: String,
}

impl Place {
    fn of(text: &str, span: Range<usize>) -> Self {
        let before = text.get(..span.start).unwrap_or(text);
        let begin = before.rfind('\n').map_or(0, |end| end + 1);
        let line = text.get(begin..).unwrap_or_default().lines().next().unwrap_or_default();
        // Of a header too: that is where its own name is wrong.
        let header = |line: &&str| line.trim_start().starts_with('[');
        let section = text.get(..begin).unwrap_or_default().lines().rev().find(header);
        let key = line.split_once('=').filter(|_| !line.trim_start().starts_with('['));
        Self {
            line: before.matches('\n').count() + 1,
            section: section.map(bare_header).unwrap_or_default(),
            key: key.map(|(key, _)| key.trim().to_owned()).unwrap_or_default(),
        }
    }

    fn said(&self, message: &str) -> String {
        in_words(message, &self.section, &self.key)
    }
}

/// `[a.b] # c` as `a.b`.
fn bare_header(line: &str) -> String {
    let header = line.split(']').next().unwrap_or_default();
    header.trim().trim_start_matches('[').trim().to_owned()
}

/// What a reader of values says, in words for whoever wrote the file.
pub(super) fn in_words(message: &str, section: &str, key: &str) -> String {
    let at = if section.is_empty() { "here".to_owned() } else { format!("in [{section}]") };
    if let Some((wrong, known)) = unknown_field(message) {
        let known = known.iter().map(String::as_str);
        return format!("there is no key `{wrong}` {at}; {}", suggest(&wrong, "keys", known));
    }
    let wrong = message.strip_prefix("invalid type: ");
    match wrong.or_else(|| message.strip_prefix("invalid value: ")) {
        Some(wrong) if !key.is_empty() => format!("`{key}` {at} is {}", expected(wrong)),
        Some(wrong) => format!("a value {at} is {}", expected(wrong)),
        None if !key.is_empty() && !message.contains(&format!("`{key}`")) => {
            format!("`{key}` {at}: {message}")
        }
        None => message.to_owned(),
    }
}

/// The unknown key of a message, and those that are known.
pub(super) fn unknown_field(message: &str) -> Option<(String, Vec<String>)> {
    let rest = message.strip_prefix("unknown field ")?;
    let mut named = rest.split('`').skip(1).step_by(2).map(str::to_owned);
    Some((named.next()?, named.collect()))
}

/// What came, and what should have; a text is not repeated, since it may be a key.
fn expected(message: &str) -> String {
    let (came, wanted) = message.rsplit_once(", expected ").unwrap_or((message, "something else"));
    let came = match came.split_once(' ') {
        Some(("string", _)) => "a text",
        Some(("integer", number)) => number.trim_matches('`'),
        Some(("floating", number)) => number.trim_start_matches("point ").trim_matches('`'),
        Some(("boolean", word)) => word.trim_matches('`'),
        _ => came,
    };
    let wanted = match wanted {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, 0 or more",
        "a boolean" => "true or false, without quotes",
        "a string" | "path string" => "a text in quotes",
        "a sequence" => "a list in square brackets",
        "f64" => "a number",
        other => other,
    };
    format!("{came}, and has to be {wanted}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Sample {
        name: String,
        #[serde(default)]
        rooms: BTreeMap<String, Room>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Room {
        chairs: Option<u32>,
        open: Option<bool>,
    }

    fn slip(text: &str) -> String {
        check::<Sample>(text).unwrap_err()
    }

    #[test]
    fn a_misspelt_key_is_named_with_its_line_its_section_and_what_was_meant() {
        assert_eq!(
            slip("name = \"a\"\n[rooms.hall] # large\nopen = true\nchiars = 3\n"),
            "line 4: there is no key `chiars` in [rooms.hall]; did you mean `chairs`?"
        );
        assert_eq!(
            slip("name = \"a\"\n\n[room.hall]\n"),
            "line 3: there is no key `room` here; did you mean `rooms`?"
        );
    }

    #[test]
    fn a_value_of_another_kind_is_told_and_a_text_is_not_repeated() {
        for (line, why) in [
            ("chairs = 8.7", "`chairs` in [rooms.hall] is 8.7, and has to be a whole number"),
            ("chairs = true", "`chairs` in [rooms.hall] is true, and has to be a whole number"),
            ("chairs = -1", "`chairs` in [rooms.hall] is -1, and has to be a whole number"),
            (
                "open = \"a secret\"",
                "`open` in [rooms.hall] is a text, and has to be true or false",
            ),
        ] {
            let said = slip(&format!("name = \"a\"\n[rooms.hall]\n{line}\n"));
            assert!(said.starts_with(&format!("line 3: {why}")), "{said}");
        }
    }

    #[test]
    fn a_line_that_is_no_toml_is_named_and_not_quoted() {
        let said = slip("name = \"a\"\nkey = sk-secret\n");
        assert!(said.starts_with("line 2: ") && !said.contains("secret"), "{said}");
    }

    #[test]
    fn what_was_expected_is_said_of_its_key() {
        let said = in_words("expected a list of names", "endpoints.a", "pools");
        assert_eq!(said, "`pools` in [endpoints.a]: expected a list of names");
    }

    #[test]
    fn what_is_missing_may_stand_in_the_environment() {
        assert_eq!(check::<Sample>("[rooms.hall]\nchairs = 1\n"), Ok(()));
    }
}
