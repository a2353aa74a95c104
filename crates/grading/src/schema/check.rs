//! Whether a schema accepts a value.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{Schema, list, resolve, table};

/// How many pairs of schema and value are compared at most. References can make a small schema endless.
const STEPS_MAX: u32 = 100_000;

/// How deep references may lead without an end; it bounds the stack.
const DEPTH_MAX: u32 = 256;

/// Checking took more steps than it may.
pub(super) struct Endless;

/// One check of a value.
pub(super) struct Check<'s> {
    schema: &'s Schema,
    steps_left: u32,
    depth: u32,
}

impl<'s> Check<'s> {
    pub(super) fn new(schema: &'s Schema) -> Self {
        Self { schema, steps_left: STEPS_MAX, depth: 0 }
    }

    pub(super) fn accepts(&mut self, schema: &'s Value, value: &Value) -> Result<bool, Endless> {
        if self.steps_left == 0 || self.depth == DEPTH_MAX {
            return Err(Endless);
        }
        self.steps_left -= 1;
        self.depth += 1;
        let accepted = match schema {
            Value::Object(keywords) => self.accepts_all(keywords, value),
            Value::Bool(accepts) => Ok(*accepts),
            Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) => Ok(false),
        };
        self.depth -= 1;
        accepted
    }

    fn accepts_all(
        &mut self,
        keywords: &'s Map<String, Value>,
        value: &Value,
    ) -> Result<bool, Endless> {
        let plain = keywords.iter().all(|(keyword, holds)| self.fits(keyword, holds, value));
        Ok(plain
            && self.fits_combined(keywords, value)?
            && self.fits_items(keywords, value)?
            && self.fits_properties(keywords, value)?)
    }

    /// The keywords that hold no schema.
    fn fits(&self, keyword: &str, holds: &Value, value: &Value) -> bool {
        match keyword {
            "type" => holds.as_array().map_or_else(
                || is_of(value, holds),
                |types| types.iter().any(|name| is_of(value, name)),
            ),
            "const" => equals(holds, value),
            "enum" => holds.as_array().is_some_and(|all| all.iter().any(|one| equals(one, value))),
            _ => match value {
                Value::Number(_) => fits_number(keyword, holds, value),
                Value::String(text) => match keyword {
                    "pattern" => self.matches(holds, text),
                    _ => fits_count(keyword, "Length", holds, text.chars().count()),
                },
                Value::Array(items) if keyword == "uniqueItems" => {
                    *holds == Value::Bool(false) || are_unique(items)
                }
                Value::Array(items) => fits_count(keyword, "Items", holds, items.len()),
                Value::Object(keys) if keyword == "required" => {
                    let mut names =
                        holds.as_array().into_iter().flatten().filter_map(Value::as_str);
                    names.all(|name| keys.contains_key(name))
                }
                Value::Object(keys) => fits_count(keyword, "Properties", holds, keys.len()),
                Value::Null | Value::Bool(_) => true,
            },
        }
    }

    fn fits_combined(
        &mut self,
        keywords: &'s Map<String, Value>,
        value: &Value,
    ) -> Result<bool, Endless> {
        if let Some(reference) = keywords.get("$ref").and_then(Value::as_str) {
            let Some(meant) = resolve(&self.schema.root, reference) else { return Ok(false) };
            if !self.accepts(meant, value)? {
                return Ok(false);
            }
        }
        if let Some(not) = keywords.get("not")
            && self.accepts(not, value)?
        {
            return Ok(false);
        }
        if let Some(condition) = keywords.get("if") {
            let branch = if self.accepts(condition, value)? { "then" } else { "else" };
            if let Some(branch) = keywords.get(branch)
                && !self.accepts(branch, value)?
            {
                return Ok(false);
            }
        }
        let all = list(keywords, "allOf");
        let any = list(keywords, "anyOf");
        let one = list(keywords, "oneOf");
        Ok(all.map_or(Ok(true), |all| Ok(self.count(all, value)? == all.len()))?
            && any.map_or(Ok(true), |any| Ok(self.count(any, value)? > 0))?
            && one.map_or(Ok(true), |one| Ok(self.count(one, value)? == 1))?)
    }

    /// How many of the schemas accept the value.
    fn count(&mut self, schemas: &'s [Value], value: &Value) -> Result<usize, Endless> {
        let mut accepted = 0;
        for schema in schemas {
            accepted += usize::from(self.accepts(schema, value)?);
        }
        Ok(accepted)
    }

    fn fits_items(
        &mut self,
        keywords: &'s Map<String, Value>,
        value: &Value,
    ) -> Result<bool, Endless> {
        let Value::Array(items) = value else { return Ok(true) };
        let first = list(keywords, "prefixItems").map_or(&[][..], Vec::as_slice);
        let rest = keywords.get("items");
        for (at, item) in items.iter().enumerate() {
            if let Some(schema) = first.get(at).or(rest)
                && !self.accepts(schema, item)?
            {
                return Ok(false);
            }
        }
        let Some(contained) = keywords.get("contains") else { return Ok(true) };
        for item in items {
            if self.accepts(contained, item)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn fits_properties(
        &mut self,
        keywords: &'s Map<String, Value>,
        value: &Value,
    ) -> Result<bool, Endless> {
        let Value::Object(properties) = value else { return Ok(true) };
        for (name, property) in properties {
            let mut schemas: Vec<&'s Value> = table(keywords, "properties")
                .and_then(|named| named.get(name))
                .into_iter()
                .collect();
            for (source, schema) in table(keywords, "patternProperties").into_iter().flatten() {
                if self.schema.pattern(source).is_some_and(|pattern| pattern.is_match(name)) {
                    schemas.push(schema);
                }
            }
            if schemas.is_empty() {
                schemas.extend(keywords.get("additionalProperties"));
            }
            for schema in schemas {
                if !self.accepts(schema, property)? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    fn matches(&self, source: &Value, text: &str) -> bool {
        let pattern = source.as_str().and_then(|source| self.schema.pattern(source));
        pattern.is_some_and(|pattern| pattern.is_match(text))
    }
}

fn is_of(value: &Value, name: &Value) -> bool {
    match name.as_str() {
        Some("null") => value.is_null(),
        Some("boolean") => value.is_boolean(),
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("number") => value.is_number(),
        Some("string") => value.is_string(),
        Some("integer") => {
            value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|n| n.fract() == 0.0)
        }
        _ => false,
    }
}

/// `1` and `1.0` are one number, and the order of keys says nothing.
fn equals(one: &Value, other: &Value) -> bool {
    plain(one) == plain(other)
}

fn are_unique(items: &[Value]) -> bool {
    let mut seen = BTreeSet::new();
    items.iter().all(|item| seen.insert(plain(item).to_string()))
}

/// The same value with its keys in order and its numbers spelled in one way.
fn plain(value: &Value) -> Value {
    match value {
        Value::Number(number) => {
            let whole = number.as_f64().filter(|n| n.fract() == 0.0 && n.abs() < 1e15);
            whole.map_or_else(|| value.clone(), Value::from)
        }
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Object(keys) => {
            let sorted: BTreeMap<&String, Value> =
                keys.iter().map(|(key, value)| (key, plain(value))).collect();
            sorted.into_iter().map(|(key, value)| (key.clone(), value)).collect()
        }
        Value::Null | Value::Bool(_) | Value::String(_) => value.clone(),
    }
}

fn fits_number(keyword: &str, holds: &Value, value: &Value) -> bool {
    let (Some(bound), Some(number)) = (holds.as_f64(), value.as_f64()) else { return true };
    match keyword {
        "minimum" => number >= bound,
        "maximum" => number <= bound,
        "exclusiveMinimum" => number > bound,
        "exclusiveMaximum" => number < bound,
        "multipleOf" => is_multiple(number, bound),
        _ => true,
    }
}

/// 2.9 is a multiple of 0.1, though not in binary.
fn is_multiple(number: f64, step: f64) -> bool {
    let times = number / step;
    (times - times.round()).abs() <= 1e-9 * times.abs().max(1.0)
}

/// `minLength` and its like: `noun` is what is counted.
fn fits_count(keyword: &str, noun: &str, holds: &Value, count: usize) -> bool {
    let Some(bound) = holds.as_u64().filter(|_| keyword.ends_with(noun)) else { return true };
    match keyword.strip_suffix(noun) {
        Some("min") => count as u64 >= bound,
        Some("max") => count as u64 <= bound,
        _ => true,
    }
}
