//! `extra`: further fields of a call's body, as TOML that becomes JSON.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value};

use crate::reader::{Pass, Table};
use crate::tree::{Item, Node, item_key, join_key};
use crate::vendor_fields::SAID_ELSEWHERE;

/// The fields, or nothing where nobody says any. An empty table takes those of the default back.
pub(super) fn read_extra(table: &mut Table<'_>) -> Option<BTreeMap<String, Value>> {
    if !table.has("extra") {
        table.know(["extra"]);
        return None;
    }
    let pass = table.pass;
    let mut fields = BTreeMap::new();
    for entry in table.entries("extra") {
        let found = SAID_ELSEWHERE.iter().find(|(field, _)| *field == entry.name);
        if let Some((field, advice)) = found {
            pass.faults.add(&*entry.key, format!("`{field}` {advice}"));
            continue;
        }
        fields.extend(to_json(pass, &entry.key, entry.item).map(|it| (entry.name.to_owned(), it)));
    }
    Some(fields)
}

/// A TOML value as JSON, with what JSON does not have as faults.
fn to_json(pass: &Pass<'_>, key: &str, item: &Item) -> Option<Value> {
    let refuse = |message: &str| {
        pass.faults.add(key, message);
        None
    };
    match &item.node {
        Node::Text(text) => Some(Value::from(text.as_str())),
        Node::Bool(holds) => Some(Value::from(*holds)),
        Node::Whole(whole) => match Number::from_i128(*whole) {
            Some(number) => Some(Value::Number(number)),
            None => refuse("is beyond 64 bits, which no server reads; write a smaller number"),
        },
        Node::Number(number) => match Number::from_f64(*number) {
            Some(number) => Some(Value::Number(number)),
            None => refuse("is a number that JSON does not have; write one that is finite"),
        },
        Node::Date => refuse("is a date, which JSON does not have; write it as text"),
        Node::List(items) => {
            let items = items.iter().enumerate();
            // All of them are looked at, so that all faults are told.
            let items: Vec<Option<Value>> =
                items.map(|(at, item)| to_json(pass, &item_key(key, at), item)).collect();
            items.into_iter().collect::<Option<Vec<Value>>>().map(Value::Array)
        }
        Node::Table(entries) => to_object(pass, key, entries),
    }
}

/// By the names of its parts, so that their order in the file asks nothing anew.
fn to_object(pass: &Pass<'_>, key: &str, entries: &[(String, Item)]) -> Option<Value> {
    let parts = entries.iter();
    let parts: Vec<(&String, Option<Value>)> =
        parts.map(|(name, item)| (name, to_json(pass, &join_key(key, name), item))).collect();
    let parts: Option<BTreeMap<&String, Value>> =
        parts.into_iter().map(|(name, part)| Some((name, part?))).collect();
    let object: Map<String, Value> =
        parts?.into_iter().map(|(name, part)| (name.clone(), part)).collect();
    Some(Value::Object(object))
}
