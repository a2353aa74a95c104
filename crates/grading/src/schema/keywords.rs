//! Which keywords a schema may have, and what each of them may hold.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::resolve;

/// The types that `type` can name.
const TYPES: [&str; 7] = ["null", "boolean", "object", "array", "number", "string", "integer"];

/// Keywords that say something about the schema and nothing about the value.
const REMARKS: [&str; 9] = [
    "$schema",
    "$id",
    "$comment",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "readOnly",
];

/// Checks every keyword of a schema and of all within it, and lists the expressions of its `pattern`s.
pub(super) fn list_patterns<'s>(
    root: &Value,
    schema: &'s Value,
) -> Result<BTreeSet<&'s str>, String> {
    let mut patterns = BTreeSet::new();
    visit(root, schema, &mut patterns)?;
    Ok(patterns)
}

/// JSON is read to a bounded depth, and so is this.
fn visit<'s>(
    root: &Value,
    schema: &'s Value,
    patterns: &mut BTreeSet<&'s str>,
) -> Result<(), String> {
    let keywords = match schema {
        Value::Bool(_) => return Ok(()),
        Value::Object(keywords) => keywords,
        Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            return Err(format!("a schema is a table, `true` or `false`, and not {schema}"));
        }
    };
    for (keyword, holds) in keywords {
        check_form(root, keyword, holds)?;
        if keyword == "pattern" {
            patterns.extend(holds.as_str());
        }
        if keyword == "patternProperties" {
            patterns.extend(holds.as_object().into_iter().flat_map(Map::keys).map(String::as_str));
        }
        for within in list_schemas(keyword, holds) {
            visit(root, within, patterns)?;
        }
    }
    Ok(())
}

fn check_form(root: &Value, keyword: &str, holds: &Value) -> Result<(), String> {
    let fits = match keyword {
        "const" => true,
        "enum" => holds.is_array(),
        "type" => is_type(holds),
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => holds.is_number(),
        "multipleOf" => holds.as_f64().is_some_and(|step| step > 0.0),
        "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties" => {
            holds.is_u64()
        }
        "uniqueItems" => holds.is_boolean(),
        "pattern" => holds.is_string(),
        "required" => holds.as_array().is_some_and(|names| names.iter().all(Value::is_string)),
        "properties" | "patternProperties" | "$defs" | "definitions" => holds.is_object(),
        "allOf" | "anyOf" | "oneOf" | "prefixItems" => holds.is_array(),
        // That these hold a schema is seen when it is visited.
        "items" | "contains" | "additionalProperties" | "not" | "if" | "then" | "else" => true,
        "$ref" => holds.as_str().is_some_and(|reference| resolve(root, reference).is_some()),
        remark if REMARKS.contains(&remark) => true,
        unknown => {
            return Err(format!(
                "`{unknown}` is not checked here: leave it out, or score with a program of your own"
            ));
        }
    };
    if fits { Ok(()) } else { Err(format!("`{keyword}` cannot be {holds}")) }
}

fn is_type(holds: &Value) -> bool {
    let is_name = |name: &Value| name.as_str().is_some_and(|name| TYPES.contains(&name));
    holds.as_array().map_or_else(|| is_name(holds), |names| names.iter().all(is_name))
}

/// The schemas that a keyword holds.
fn list_schemas<'s>(keyword: &str, holds: &'s Value) -> Vec<&'s Value> {
    match keyword {
        "items" | "contains" | "additionalProperties" | "not" | "if" | "then" | "else" => {
            vec![holds]
        }
        "allOf" | "anyOf" | "oneOf" | "prefixItems" => {
            holds.as_array().into_iter().flatten().collect()
        }
        "properties" | "patternProperties" | "$defs" | "definitions" => {
            holds.as_object().into_iter().flat_map(Map::values).collect()
        }
        _ => Vec::new(),
    }
}
