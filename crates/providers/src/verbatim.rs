//! A JSON schema inside a body, with its keys in the order in which they were written: vendors write an
//! answer in the order of its schema, so that reasoning which stands first is told first.

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// Stands where the schema goes, under the key that every protocol gives it. `Value` sorts its keys,
/// and so cannot hold it.
const STAND_IN: Value = Value::Null;
const KEY: &str = "schema";

/// A value with the schema in place of its stand-in.
pub(crate) struct Verbatim<'a> {
    pub(crate) value: &'a Value,
    pub(crate) schema: Option<&'a RawValue>,
}

/// What goes into a body where the schema is to stand.
pub(crate) fn stand_in() -> Value {
    STAND_IN
}

impl Serialize for Verbatim<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { value, schema } = *self;
        match (value, schema) {
            (Value::Object(object), Some(raw)) => {
                let mut map = serializer.serialize_map(Some(object.len()))?;
                for (key, value) in object {
                    if key == KEY && *value == STAND_IN {
                        map.serialize_entry(key, raw)?;
                    } else {
                        map.serialize_entry(key, &Self { value, schema })?;
                    }
                }
                map.end()
            }
            (Value::Array(values), Some(_)) => {
                let mut list = serializer.serialize_seq(Some(values.len()))?;
                for value in values {
                    list.serialize_element(&Self { value, schema })?;
                }
                list.end()
            }
            (value, _) => value.serialize(serializer),
        }
    }
}
