//! Reads tables key by key. What nobody asked for when a table is done is an unknown key, so no
//! part of a sweep file is ever passed over in silence.
//!
//! Getters record a fault and answer with a stand-in (empty text, nothing): the caller builds its
//! value in one expression, and a pass with faults never hands out what it built.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::RangeInclusive;

use crate::fault::Faults;
use crate::nearest::suggest;
use crate::tree::{Item, Node, item_key, join_key};

/// One reading of a file: where faults go, and where texts come from.
pub(crate) struct Pass<'a> {
    pub(crate) faults: Faults<'a>,
    /// The text of each file, by its path as written; absent while only references are wanted.
    texts: Option<&'a BTreeMap<String, String>>,
    /// Which file each key names.
    files: RefCell<BTreeMap<String, String>>,
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
        Self { faults, texts, files: RefCell::default() }
    }

    /// The files named so far, by the key that names them.
    pub(crate) fn files(&self) -> BTreeMap<String, String> {
        self.files.borrow().clone()
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

    /// Text as it stands, or the text of a file for `{ file = "…" }`.
    pub(crate) fn read_literal_or_file(&'a self, entry: &Entry<'a>) -> String {
        let node = &entry.item.node;
        if let Some(text) = node.as_text() {
            return text.to_owned();
        }
        if !matches!(node, Node::Table(_)) {
            let form = Form { noun: "text or a file", example: "\"…\"` or `{ file = \"…\" }" };
            self.report_form(&entry.key, node, form);
            return String::new();
        }
        let read = |table: &mut Table<'a>| table.required_file("file");
        self.read_table(&entry.key, entry.item, read).unwrap_or_default()
    }

    /// A file's text without the line break that ends its last line.
    fn load(&self, key: &str, path: &str) -> String {
        self.files.borrow_mut().insert(key.to_owned(), path.to_owned());
        let Some(texts) = self.texts else { return String::new() };
        let Some(text) = texts.get(path) else {
            let message =
                format!("cannot read `{path}`; it is looked for from the sweep file's folder");
            self.faults.add(key, message);
            return String::new();
        };
        let trimmed = text.strip_suffix('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
        trimmed.unwrap_or(text).to_owned()
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
        let text = self.take(name, TEXT, |node| node.as_text().map(str::to_owned))?;
        if text.trim().is_empty() {
            self.fault(name, "is empty; it has to say something");
        }
        Some(text)
    }

    /// The text of a file that must be named.
    pub(crate) fn required_file(&mut self, name: &'static str) -> String {
        let path = self.required_text(name);
        if path.is_empty() { path } else { self.pass.load(&self.key_of(name), &path) }
    }

    /// A template: in place, or in a file. Exactly one of the two.
    pub(crate) fn template(&mut self) -> String {
        match (self.has("template"), self.has("file")) {
            (true, false) => {
                self.known.push("file");
                self.required_text("template")
            }
            (false, true) => {
                self.known.push("template");
                self.required_file("file")
            }
            (both, _) => {
                self.known.extend(["template", "file"]);
                let (name, found) = if both {
                    ("file", "stands beside `template`; keep one of the two")
                } else {
                    ("template", "is missing; give `template = \"…\"` or `file = \"…\"`")
                };
                self.fault(name, found);
                String::new()
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
        self.known.push(name);
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
