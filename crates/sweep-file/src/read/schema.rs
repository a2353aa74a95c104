//! `schema`: the JSON schema that answers are to follow.

use serde_json::Value;

use crate::reader::{Entry, Pass, Table};
use crate::tree::Node;

/// The schema as JSON without white space; nothing where there is none, or where its file is still to
/// be brought.
pub(super) fn read_schema(table: &mut Table<'_>) -> Option<String> {
    let entry = table.entry("schema")?;
    let pass = table.pass;
    if is_written_in_toml(pass, &entry) {
        return None;
    }
    let before = pass.faults.count();
    let text = pass.read_literal(&entry);
    let is_in_place = entry.item.node.as_text().is_some();
    // A text that could not be read is told where it is named.
    let is_absent = text.is_empty() && (!pass.texts.are_brought() || pass.faults.count() > 0);
    if pass.faults.count() > before || (is_absent && !is_in_place) {
        return None;
    }
    let message = match serde_json::from_str::<Value>(&text) {
        Ok(Value::Object(_)) => return Some(compact(&text)),
        Ok(_) => "has to be a JSON object, such as `{\"type\": \"object\"}`".to_owned(),
        Err(error) => format!("is not JSON: {error}"),
    };
    match pass.texts.find_place(&entry.key) {
        Some((key, place)) => pass.faults.add(key, format!("{place} {message}")),
        None => pass.faults.add(entry.key, message),
    }
    None
}

/// Whether it is a table of keywords, which is told. The order of keys is part of what is asked, and there
/// is one way to write it.
pub(super) fn is_written_in_toml(pass: &Pass<'_>, entry: &Entry<'_>) -> bool {
    let Node::Table(keys) = &entry.item.node else { return false };
    if keys.is_empty() || keys.iter().any(|(key, _)| key == "file" || key == "text") {
        return false;
    }
    let message = "a schema is JSON, and this is a table of TOML; write the JSON as text, as in `schema = \
                   '{\"type\": \"object\"}'`, or name its file, as in `schema = { file = \"schema.json\" }`";
    pass.faults.add(&*entry.key, message);
    true
}

/// JSON without the white space between its parts, so that how a file is laid out asks nothing anew.
///
/// The order of keys stays: vendors have the parts of an answer written in the schema's order, and a
/// verdict before its reasons is another question than one after them.
fn compact(json: &str) -> String {
    let mut compact = String::with_capacity(json.len());
    let (mut is_text, mut is_escaped) = (false, false);
    for character in json.chars() {
        if is_text {
            is_text = is_escaped || character != '"';
            is_escaped = !is_escaped && character == '\\';
        } else if character.is_ascii_whitespace() {
            continue;
        } else {
            is_text = character == '"';
        }
        compact.push(character);
    }
    compact
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// JSON of any shape, with what could be taken for its marks within its texts.
    fn any_json() -> impl Strategy<Value = Value> {
        let text = "[ a\"\\\\{}\\[\\],:\n\u{e9}]{0,6}";
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i32>().prop_map(Value::from),
            text.prop_map(Value::from)
        ];
        leaf.prop_recursive(4, 24, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
                prop::collection::btree_map(text, inner, 0..4).prop_map(Value::from_iter),
            ]
        })
    }

    proptest! {
        #[test]
        fn however_json_is_laid_out_it_is_the_same(json in any_json()) {
            let laid_out = serde_json::to_string_pretty(&json).expect("it is JSON");
            prop_assert_eq!(compact(&laid_out), json.to_string());
        }
    }

    #[test]
    fn only_white_space_between_the_parts_goes() {
        let laid_out =
            "{\n \"b\" : [ 1, 2 ],\t\"a b\": \"x \\\" { y\\\\\" , \"c\": {\"\" : null}\r\n}";
        let expected = r#"{"b":[1,2],"a b":"x \" { y\\","c":{"":null}}"#;
        assert_eq!(compact(laid_out), expected);
        let values = [laid_out, expected].map(|json| serde_json::from_str::<Value>(json).unwrap());
        assert_eq!(values[0], values[1]);
    }
}
