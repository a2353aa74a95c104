//! Reads tables key by key. What nobody asked for when a table is done is an unknown key, so no
//! part of a sweep file is ever passed over in silence.
//!
//! Getters record a fault and answer with a stand-in (empty text, nothing): the caller builds its
//! value in one expression, and a pass with faults never hands out what it built.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::RangeInclusive;

use iago_expression::suggest;

use crate::fault::Faults;
use crate::texts::Texts;
use crate::tree::{Item, Node, item_key, join_key};

mod values;

/// One reading of a file: where faults go, and where texts come from.
pub(crate) struct Pass<'a> {
    pub(crate) faults: Faults<'a>,
    pub(crate) texts: Texts<'a>,
}

/// A table whose keys are being taken.
pub(crate) struct Table<'a> {
    pub(crate) pass: &'a Pass<'a>,
    pub(crate) key: String,
    entries: &'a [(String, Item)],
    known: Vec<&'static str>,
}

/// An entry of a table with names of the user's own, or an item of a list.
pub(crate) struct Entry<'a> {
    /// Its name; empty for an item of a list.
    pub(crate) name: &'a str,
    pub(crate) key: String,
    pub(crate) item: &'a Item,
}

/// What a value has to be.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    pub(crate) noun: &'static str,
    pub(crate) example: &'static str,
}

pub(crate) const TEXT: Form = Form { noun: "text", example: "\"…\"" };
pub(crate) const WHOLE: Form = Form { noun: "a whole number", example: "5" };
pub(crate) const NUMBER: Form = Form { noun: "a number", example: "0.5" };
pub(crate) const FLAG: Form = Form { noun: "true or false", example: "true" };
pub(crate) const LIST: Form = Form { noun: "a list", example: "[…]" };
pub(crate) const TABLES: Form = Form {
    noun: "a list of tables, each under a heading in double brackets",
    example: "[{ … }]",
};
pub(crate) const TABLE: Form = Form { noun: "a table", example: "{ … }" };

impl<'a> Pass<'a> {
    pub(crate) fn new(faults: Faults<'a>, texts: Option<&'a BTreeMap<String, String>>) -> Self {
        Self { faults, texts: Texts::new(texts) }
    }

    /// Opens a table, lets `read` take its keys, and reports the keys that it did not take.
    pub(crate) fn read_table<T>(
        &'a self,
        key: &str,
        item: &'a Item,
        read: impl FnOnce(&mut Table<'a>) -> T,
    ) -> Option<T> {
        let Node::Table(entries) = &item.node else {
            self.report_form(key, &item.node, TABLE);
            return None;
        };
        let mut table = Table { pass: self, key: key.to_owned(), entries, known: Vec::new() };
        let value = read(&mut table);
        table.report_unknown_keys();
        Some(value)
    }

    /// Text as it stands.
    pub(crate) fn read_text(&self, entry: &Entry<'_>) -> String {
        let node = &entry.item.node;
        let text = node.as_text();
        if text.is_none() {
            self.report_form(&entry.key, node, TEXT);
        }
        text.unwrap_or_default().to_owned()
    }

    pub(crate) fn report_form(&self, key: &str, found: &Node, wanted: Form) {
        let Form { noun, example } = wanted;
        let name = key.rsplit('.').next().unwrap_or(key);
        // Items of a list have no name to be written with.
        let written = if name.ends_with(']') { String::new() } else { format!("{name} = ") };
        let found = describe(found);
        let message = format!("this is {found} and has to be {noun}, as in `{written}{example}`");
        self.faults.add(key, message);
    }
}

impl<'a> Table<'a> {
    /// The path of one of this table's keys.
    pub(crate) fn key_of(&self, name: &str) -> String {
        join_key(&self.key, name)
    }

    /// Whether a key is there, without taking it.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.entries.iter().any(|(key, _)| key == name)
    }

    /// Records a fault of one of this table's keys.
    pub(crate) fn fault(&self, name: &str, message: impl Into<String>) {
        self.pass.faults.add(self.key_of(name), message);
    }

    /// Text that must be there.
    pub(crate) fn required_text(&mut self, name: &'static str) -> String {
        if !self.has(name) {
            self.report_missing(name, TEXT);
        }
        self.text(name).unwrap_or_default()
    }

    /// Text that may be absent. No key of the language takes text that says nothing.
    pub(crate) fn text(&mut self, name: &'static str) -> Option<String> {
        self.text_as(name, TEXT)
    }

    /// The same where not every text will do: `wanted` says which.
    pub(crate) fn text_as(&mut self, name: &'static str, wanted: Form) -> Option<String> {
        let text = self.take(name, wanted, |node| node.as_text().map(str::to_owned))?;
        if text.trim().is_empty() {
            self.fault(name, "is empty; it has to say something");
        }
        Some(text)
    }

    /// Text that may be absent, and may be white space: a part of another text.
    pub(crate) fn part(&mut self, name: &'static str) -> Option<String> {
        let text = self.take(name, TEXT, |node| node.as_text().map(str::to_owned))?;
        if text.is_empty() {
            self.fault(name, "is empty; it has to say something");
        }
        Some(text)
    }

    /// One text or a list of them, each with its key; none where it is absent.
    pub(crate) fn text_or_texts(&mut self, name: &'static str) -> Vec<(String, String)> {
        if !matches!(self.any(name), Some(Node::List(_))) {
            return self.text(name).map(|text| (self.key_of(name), text)).into_iter().collect();
        }
        let items = self.items(name, LIST);
        if items.is_empty() {
            self.fault(name, "is an empty list; name at least one, or take it out");
        }
        items.into_iter().map(|item| (item.key.clone(), self.pass.read_text(&item))).collect()
    }

    /// Marks keys as known that are told of in another way.
    pub(crate) fn know(&mut self, names: impl IntoIterator<Item = &'static str>) {
        for name in names {
            if !self.known.contains(&name) {
                self.known.push(name);
            }
        }
    }

    /// A whole number within a range; its ends must fit `T`.
    pub(crate) fn whole<T: TryFrom<i128>>(
        &mut self,
        name: &'static str,
        range: RangeInclusive<i128>,
    ) -> Option<T> {
        let number = self.take(name, WHOLE, Node::as_whole)?;
        if !range.contains(&number) {
            // The largest number stands for all that are larger still.
            let said = if number == i128::MAX { "this".to_owned() } else { number.to_string() };
            self.report_range(name, &said, range.start(), range.end());
            return None;
        }
        T::try_from(number).ok()
    }

    /// A number within a range, whole or not.
    pub(crate) fn number(&mut self, name: &'static str, range: RangeInclusive<f64>) -> Option<f64> {
        let number = self.take(name, NUMBER, Node::as_number)?;
        // NaN is in no range, because every comparison with it is false.
        if !range.contains(&number) {
            self.report_range(name, &number.to_string(), range.start(), range.end());
            return None;
        }
        Some(number)
    }

    /// True or false.
    pub(crate) fn flag(&mut self, name: &'static str) -> Option<bool> {
        self.take(name, FLAG, Node::as_bool)
    }

    /// A list of texts.
    pub(crate) fn texts(&mut self, name: &'static str) -> Option<Vec<String>> {
        if !self.has(name) {
            self.known.push(name);
            return None;
        }
        Some(self.items(name, LIST).iter().map(|entry| self.pass.read_text(entry)).collect())
    }

    /// The items of a list of texts or of tables; none where it is absent.
    pub(crate) fn items(&mut self, name: &'static str, wanted: Form) -> Vec<Entry<'a>> {
        let key = self.key_of(name);
        let items = self.take(name, wanted, Node::as_list);
        let number = |(position, item)| Entry { name: "", key: item_key(&key, position), item };
        items.unwrap_or_default().iter().enumerate().map(number).collect()
    }

    /// The entries of a table whose names are the user's own; none where it is absent.
    pub(crate) fn entries(&mut self, name: &'static str) -> Vec<Entry<'a>> {
        let key = self.key_of(name);
        self.take_item(name, TABLE).map_or_else(Vec::new, |item| self.pass.entries_of(&key, item))
    }

    /// The names in a table whose names are the user's own, without taking it.
    pub(crate) fn names_of(&self, name: &str) -> impl Iterator<Item = &'a str> {
        let table = self.entries.iter().find(|(key, _)| key == name).map(|(_, item)| &item.node);
        let entries = if let Some(Node::Table(entries)) = table { entries.as_slice() } else { &[] };
        entries.iter().map(|(name, _)| name.as_str())
    }

    /// A table with known keys, within this one.
    pub(crate) fn table<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Self) -> T,
    ) -> Option<T> {
        let key = self.key_of(name);
        let item = self.take_item(name, TABLE)?;
        self.pass.read_table(&key, item, read)
    }

    /// Takes a value of any form.
    pub(crate) fn any(&mut self, name: &'static str) -> Option<&'a Node> {
        self.know([name]);
        self.entries.iter().find(|(key, _)| key == name).map(|(_, item)| &item.node)
    }

    /// Says that a key is not there.
    pub(crate) fn report_missing(&self, name: &str, wanted: Form) {
        let Form { noun, example } = wanted;
        self.fault(name, format!("is missing; give it {noun}, as in `{name} = {example}`"));
    }

    fn report_range(&self, name: &str, said: &str, least: &impl Display, most: &impl Display) {
        self.fault(name, format!("{said} is out of range; it has to be from {least} to {most}"));
    }

    fn take_item(&mut self, name: &'static str, wanted: Form) -> Option<&'a Item> {
        let found = self.entries.iter().find(|(key, _)| key == name).map(|(_, item)| item);
        self.take(name, wanted, |node| matches!(node, Node::Table(_)).then_some(()))?;
        found
    }

    fn take<T>(
        &mut self,
        name: &'static str,
        wanted: Form,
        read: impl FnOnce(&'a Node) -> Option<T>,
    ) -> Option<T> {
        let node = self.any(name)?;
        let value = read(node);
        if value.is_none() {
            self.pass.report_form(&self.key_of(name), node, wanted);
        }
        value
    }

    fn report_unknown_keys(&self) {
        for (name, _) in self.entries {
            if !self.known.contains(&name.as_str()) {
                let advice = suggest(name, "keys", self.known.iter().copied());
                self.fault(name, format!("unknown key; {advice}"));
            }
        }
    }
}

impl<'a> Pass<'a> {
    /// The entries of a table whose names are the user's own.
    pub(crate) fn entries_of(&self, key: &str, item: &'a Item) -> Vec<Entry<'a>> {
        let Node::Table(entries) = &item.node else {
            self.report_form(key, &item.node, TABLE);
            return Vec::new();
        };
        entries.iter().map(|(name, item)| Entry { name, key: join_key(key, name), item }).collect()
    }
}

fn describe(node: &Node) -> &'static str {
    match node {
        Node::Text(_) => "text",
        Node::Whole(_) => "a whole number",
        Node::Number(_) => "a number",
        Node::Bool(_) => "a Boolean",
        Node::Date => "a date",
        Node::List(_) => "a list",
        Node::Table(_) => "a table",
    }
}
