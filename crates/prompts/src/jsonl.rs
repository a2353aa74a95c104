//! JSONL: one object on each line. Numbers and bools keep the spelling that they have in the file
//! (`1.50`, `true`), which is why values are taken as raw text instead of through a number type.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::{Fault, Located};
use crate::set::Values;

/// Reads every line that is not blank.
pub(crate) fn read_rows(text: &str) -> Result<Vec<Values>, Located> {
    (1..)
        .zip(text.split('\n'))
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(number, line)| {
            read_line(line)
                .map(|values| Values { line: number, values })
                .map_err(|fault| Located::at(number, fault))
        })
        .collect()
}

fn read_line(line: &str) -> Result<Vec<(String, String)>, Fault> {
    let object: Object<'_> = serde_json::from_str(line).map_err(|error| malformed(&error))?;
    let members = object.0.into_iter();
    members.map(|(column, value)| spell(&column, value).map(|text| (column, text))).collect()
}

/// The members of an object in the order of the file, repeated keys included.
struct Object<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Object<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one JSON object on the line")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Object(members))
    }
}

/// A value as text: strings without their quotes and escapes, numbers and bools as they stand.
fn spell(column: &str, value: &RawValue) -> Result<String, Fault> {
    let raw = value.get();
    let not_text = |found| Err(Fault::NotText { column: column.to_owned(), found });
    match raw.as_bytes().first() {
        Some(b'"') => serde_json::from_str(raw).map_err(|error| unreadable(column, &error)),
        Some(b'{') => not_text("an object"),
        Some(b'[') => not_text("an array"),
        Some(b'n') => not_text("null"),
        _ => Ok(raw.to_owned()),
    }
}

/// The parser sees one line at a time, so that "line 1" in its words would mislead.
fn malformed(error: &serde_json::Error) -> Fault {
    let (what, position) = (without_place(error), error.column().max(1));
    let reason = format!(
        "not valid JSON at position {position}: {what}; write one complete object on each line"
    );
    Fault::Malformed { reason }
}

/// Escapes are resolved only here, so that a string may still turn out to be wrong.
fn unreadable(column: &str, error: &serde_json::Error) -> Fault {
    let what = without_place(error);
    let reason = format!("column `{column}` is not valid text: {what}; correct its escapes");
    Fault::Malformed { reason }
}

fn without_place(error: &serde_json::Error) -> String {
    let words = error.to_string();
    words.split(" at line ").next().unwrap_or_default().to_owned()
}
