//! `[stages.S.fields.*]`: what is read from an answer.

use iago_sweep::{Field, Required, Source, Take};

use super::stages::is_word;
use crate::reader::{Entry, FLAG, Form, Pass, Table};

/// The keys that say where a field stands; a field has one of them.
const SOURCES: [&str; 4] = ["tag", "regex", "whole", "reasoning"];

pub(super) fn read_fields<'a>(table: &mut Table<'a>) -> Vec<Field> {
    let pass = table.pass;
    table.entries("fields").iter().filter_map(|field| read_field(pass, field)).collect()
}

fn read_field<'a>(pass: &'a Pass<'a>, field: &Entry<'a>) -> Option<Field> {
    pass.read_table(&field.key, field.item, |table| {
        let source = read_source(table);
        let field = Field {
            name: field.name.to_owned(),
            source,
            repeated: table.flag("repeated").unwrap_or(false),
            required: read_required(table),
            outside: read_tag(table, "outside"),
            take: table.known_word("take", "occurrence", Take::ALL).unwrap_or_default(),
        };
        report_idle_keys(table, &field);
        field
    })
}

fn read_source(table: &mut Table<'_>) -> Source {
    let (tag, regex) = (read_tag(table, "tag"), table.text("regex"));
    let (whole, reasoning) = (read_true(table, "whole"), read_true(table, "reasoning"));
    let given: Vec<&str> = SOURCES.into_iter().filter(|name| table.has(name)).collect();
    match given.as_slice() {
        [] => table.fault(
            "tag",
            "is missing; say where the field stands, with one of `tag = \"…\"`, `regex = \"…\"`, \
             `whole = true` and `reasoning = true`",
        ),
        [_] => {}
        [first, second, ..] => {
            table.fault(second, format!("stands beside `{first}`; keep one of the two"));
        }
    }
    match (tag, regex) {
        (Some(tag), _) => Source::Tag(tag),
        (None, Some(pattern)) => Source::Regex(pattern),
        (None, None) if reasoning && !whole => Source::Reasoning,
        (None, None) => Source::Whole,
    }
}

fn read_tag(table: &mut Table<'_>, name: &'static str) -> Option<String> {
    let tag = table.text(name)?;
    if !tag.trim().is_empty() && !is_word(&tag) {
        let rule = "use letters, digits, `_` and `-`, without < and >";
        table.fault(name, format!("`{tag}` is no tag; {rule}"));
    }
    Some(tag)
}

/// A key that says something by being there.
fn read_true(table: &mut Table<'_>, name: &'static str) -> bool {
    let flag = table.flag(name);
    if flag == Some(false) {
        table.fault(name, "says nothing where it is false; take it out");
    }
    flag == Some(true)
}

/// Keys that would change nothing about this field.
fn report_idle_keys(table: &Table<'_>, field: &Field) {
    let once = match field.source {
        Source::Whole => Some("the whole reply"),
        Source::Reasoning => Some("the provider's reasoning"),
        Source::Tag(_) | Source::Regex(_) => None,
    };
    if let Some(what) = once {
        for name in ["repeated", "take"] {
            if table.has(name) {
                table.fault(name, format!("{what} is there once; take it out"));
            }
        }
    } else if field.repeated && table.has("take") {
        table.fault("take", "picks one of several, and `repeated` takes all; keep one of the two");
    }
    if field.source == Source::Reasoning && field.outside.is_some() {
        table.fault(
            "outside",
            "cuts out of the reply, and the provider's reasoning is no part of it; take it out",
        );
    } else if field.outside.is_some() && field.outside.as_deref() == field.tag() {
        table.fault("outside", "is the field's own tag, so nothing is left to read; name another");
    }
}

/// Required unless it says otherwise: an answer without what was asked for is no answer.
fn read_required(table: &mut Table<'_>) -> Required {
    let Some(node) = table.any("required") else { return Required::Always };
    if let Some(expression) = node.as_text() {
        return Required::When(expression.to_owned());
    }
    let form = Form { noun: "true, false or an expression", ..FLAG };
    match node.as_bool() {
        Some(true) => Required::Always,
        Some(false) => Required::Never,
        None => {
            table.pass.report_form(&table.key_of("required"), node, form);
            Required::Always
        }
    }
}
