//! JSON Schema, as far as models are asked to keep to one.
//!
//! The keywords of draft 2020-12 that say what a value must be, and references within the schema. A keyword that is not
//! known here is an error and not a pass: a schema that is checked in part would call answers right that are not.
//!
//! It deliberately fetches nothing and has no `format`, no `unevaluated…` and no dynamic references.

use iago_expression::ExpressionError;
use regex::Regex;
use serde_json::{Map, Value};

use crate::pattern::compile_pattern;

mod check;
mod keywords;

/// A schema that was read and whose every keyword can be checked.
#[derive(Clone, Debug)]
pub(crate) struct Schema {
    root: Value,
    /// The compiled expressions of `pattern`, by their source.
    patterns: Vec<(String, Regex)>,
}

impl Schema {
    /// Reads a schema.
    ///
    /// # Errors
    ///
    /// What is no JSON, and the first keyword that is not known or has a value of the wrong form.
    pub(crate) fn new(source: &str) -> Result<Self, ExpressionError> {
        let fault = |column: usize, message: String| ExpressionError {
            column,
            message,
            source: source.to_owned(),
        };
        let root: Value = serde_json::from_str(source)
            .map_err(|error| fault(error.column().max(1), format!("not JSON: {error}")))?;
        let patterns =
            keywords::list_patterns(&root, &root).map_err(|message| fault(1, message))?;
        let compile = |source: &str| Ok((source.to_owned(), compile_pattern(source)?));
        Ok(Self { patterns: patterns.into_iter().map(compile).collect::<Result<_, _>>()?, root })
    }

    /// Whether a text is JSON that the schema accepts; `None` where checking it takes more steps than it may.
    pub(crate) fn accepts(&self, text: &str) -> Option<bool> {
        let Ok(value) = serde_json::from_str::<Value>(text) else { return Some(false) };
        check::Check::new(self).accepts(&self.root, &value).ok()
    }

    fn pattern(&self, source: &str) -> Option<&Regex> {
        self.patterns.iter().find(|(known, _)| known == source).map(|(_, pattern)| pattern)
    }
}

/// What a reference within a schema, such as `#/$defs/name`, stands for.
fn resolve<'s>(root: &'s Value, reference: &str) -> Option<&'s Value> {
    root.pointer(reference.strip_prefix('#')?)
}

/// The table that a keyword holds.
fn table<'s>(schema: &'s Map<String, Value>, keyword: &str) -> Option<&'s Map<String, Value>> {
    schema.get(keyword).and_then(Value::as_object)
}

/// The list that a keyword holds.
fn list<'s>(schema: &'s Map<String, Value>, keyword: &str) -> Option<&'s Vec<Value>> {
    schema.get(keyword).and_then(Value::as_array)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn expect(schema: &str, accepted: &[&str], refused: &[&str]) {
        let schema = Schema::new(schema).unwrap();
        for text in accepted {
            assert_eq!(schema.accepts(text), Some(true), "{text}");
        }
        for text in refused {
            assert_eq!(schema.accepts(text), Some(false), "{text}");
        }
    }

    #[test]
    fn what_is_no_json_is_refused() {
        expect("true", &["1", " {} "], &["", "yes", "```json\n{}\n```", "{} {}"]);
        expect("false", &[], &["1"]);
    }

    #[test]
    fn tables_are_checked_key_by_key() {
        expect(
            r#"{"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}},
               "additionalProperties": false, "patternProperties": {"^x": true}, "maxProperties": 2}"#,
            &[r#"{"a": 1}"#, r#"{"a": 1.0, "x1": null}"#],
            &[
                "{}",
                r#"{"a": "1"}"#,
                r#"{"a": 1.5}"#,
                r#"{"a": 1, "b": 2}"#,
                "[]",
                r#"{"a": 1, "x": 1, "xx": 1}"#,
            ],
        );
    }

    #[test]
    fn lists_are_checked_item_by_item() {
        expect(
            r#"{"type": "array", "prefixItems": [{"const": "head"}], "items": {"type": ["string", "null"]},
               "minItems": 1, "maxItems": 3, "uniqueItems": true}"#,
            &[r#"["head"]"#, r#"["head", "a", null]"#],
            &[
                "[]",
                r#"["tail"]"#,
                r#"["head", 1]"#,
                r#"["head", "a", "a"]"#,
                r#"["head", "a", "b", "c"]"#,
            ],
        );
        expect(r#"{"contains": {"const": 1}}"#, &["[2, 1]", r#""no list""#], &["[2]", "[]"]);
    }

    #[test]
    fn numbers_and_texts_have_bounds() {
        expect(
            r#"{"minimum": 1, "exclusiveMaximum": 3, "multipleOf": 0.1}"#,
            &["1", "2.9", "\"text\""],
            &["0.9", "3", "1.05"],
        );
        expect(
            r#"{"minLength": 2, "maxLength": 3, "pattern": "^a"}"#,
            &["\"aé\"", "1"],
            &["\"a\"", "\"aaaa\"", "\"bb\""],
        );
        expect(r#"{"enum": [1, "one", null]}"#, &["1", "1.0", "\"one\"", "null"], &["2", "\"1\""]);
    }

    #[test]
    fn schemas_are_combined() {
        expect(r#"{"anyOf": [{"type": "string"}, {"minimum": 5}]}"#, &["\"a\"", "5"], &["4"]);
        expect(r#"{"oneOf": [{"minimum": 5}, {"maximum": 7}]}"#, &["4", "8"], &["6"]);
        expect(r#"{"allOf": [{"minimum": 5}], "not": {"const": 6}}"#, &["5"], &["4", "6"]);
        expect(
            r#"{"if": {"type": "string"}, "then": {"minLength": 1}, "else": false}"#,
            &["\"a\""],
            &["\"\"", "1"],
        );
    }

    #[test]
    fn references_stay_within_the_schema() {
        let list = r##"{"$ref": "#/$defs/list", "$defs": {"list": {"type": "array", "items": {"$ref": "#/$defs/list"}}}}"##;
        expect(list, &["[]", "[[], [[]]]"], &["[1]", "[[1]]"]);
        let error = Schema::new(r#"{"$ref": "http://example.com/s"}"#).unwrap_err();
        assert!(error.message.contains("http://example.com/s"), "{}", error.message);
    }

    #[test]
    fn a_schema_without_end_says_nothing() {
        let endless = Schema::new(r##"{"allOf": [{"$ref": "#"}, {"$ref": "#"}]}"##).unwrap();
        assert_eq!(endless.accepts("1"), None);
    }

    #[test]
    fn what_cannot_be_checked_is_an_error() {
        for (schema, why) in [
            ("{", "not JSON"),
            ("1", "a schema is a table, `true` or `false`"),
            (r#"{"format": "email"}"#, "`format` is not checked here"),
            (r#"{"properties": {"a": {"tpye": "string"}}}"#, "`tpye` is not checked here"),
            (r#"{"type": "int"}"#, "`type` cannot be \"int\""),
            (r#"{"minLength": -1}"#, "`minLength` cannot be -1"),
            (r#"{"pattern": "("}"#, "unclosed group"),
        ] {
            let message = Schema::new(schema).unwrap_err().message;
            assert!(message.contains(why), "{schema}: {message}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(text in ".*") {
            let schema = Schema::new(r#"{"type": "object", "maxProperties": 1}"#).unwrap();
            prop_assert!(schema.accepts(&text).is_some());
        }
    }
}
