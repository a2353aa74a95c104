//! Where the texts of messages, levels and judges come from: the file itself, files beside it, and
//! `[texts.*]`.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use iago_expression::suggest;

use crate::reader::{Entry, Form, Pass, Table};
use crate::tree::Node;

pub(crate) mod edit;

/// The texts of one pass.
pub(crate) struct Texts<'a> {
    /// The text of each file, by its path as written; absent while only references are wanted.
    brought: Option<&'a BTreeMap<String, String>>,
    /// Which file each key names.
    files: RefCell<BTreeMap<String, String>>,
    /// `[texts.*]` by name. Everything that can name one is read after them.
    named: OnceCell<BTreeMap<String, NamedText>>,
    /// Which of them each key names.
    uses: RefCell<BTreeMap<String, String>>,
}

/// A text of `[texts.*]`, with its edits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NamedText {
    /// `None` for one that could not be read, which is told where it is named.
    pub(crate) text: Option<String>,
    /// Whether it, or a text that it is an edit of, has a `set`: then it can only be a template.
    pub(crate) has_set: bool,
}

impl<'a> Texts<'a> {
    pub(crate) fn new(brought: Option<&'a BTreeMap<String, String>>) -> Self {
        Self {
            brought,
            files: RefCell::default(),
            named: OnceCell::new(),
            uses: RefCell::default(),
        }
    }

    /// Whether texts have their content, or only their names.
    pub(crate) fn are_brought(&self) -> bool {
        self.brought.is_some()
    }

    /// Makes the texts of `[texts.*]` known, once.
    pub(crate) fn name_all(&self, named: BTreeMap<String, NamedText>) {
        // A second table of this name cannot be: the file would be no TOML.
        let _first_stays = self.named.set(named);
    }

    /// The files named so far.
    pub(crate) fn list_files(&self) -> BTreeSet<String> {
        self.files.borrow().values().cloned().collect()
    }

    /// The texts of `[texts.*]` named so far.
    pub(crate) fn list_used(&self) -> BTreeSet<String> {
        self.uses.borrow().values().cloned().collect()
    }

    /// Notes that a key names one of `[texts.*]`.
    pub(crate) fn note_use(&self, key: &str, name: &str) {
        self.uses.borrow_mut().insert(key.to_owned(), name.to_owned());
    }

    /// The key of a template that stands elsewhere, and how people call the place; `None` for one in
    /// place.
    pub(crate) fn find_place(&self, table: &str) -> Option<(String, String)> {
        let (file, text) = (format!("{table}.file"), format!("{table}.text"));
        let of_file = self.files.borrow().get(&file).map(|path| format!("`{path}`"));
        if let Some(place) = of_file {
            return Some((file, place));
        }
        let of_text = self.uses.borrow().get(&text).map(|name| format!("text `{name}`"));
        of_text.map(|place| (text, place))
    }
}

impl<'a> Pass<'a> {
    /// Text as it stands, or what `{ file = "…" }` or `{ text = "…" }` loads, which is as literal.
    pub(crate) fn read_literal(&'a self, entry: &Entry<'a>) -> String {
        let node = &entry.item.node;
        if let Some(text) = node.as_text() {
            return text.to_owned();
        }
        if !matches!(node, Node::Table(_)) {
            let example = "\"…\"`, `{ file = \"…\" }` or `{ text = \"…\" }";
            self.report_form(&entry.key, node, Form { noun: "text or a file", example });
            return String::new();
        }
        let read = |table: &mut Table<'a>| match table.choose(["file", "text"]) {
            Some("text") => table.literal_text(),
            Some(_) => table.required_file("file"),
            None => String::new(),
        };
        self.read_table(&entry.key, entry.item, read).unwrap_or_default()
    }

    /// A file's content exactly as it stands; nothing where it is not brought.
    pub(crate) fn read_data(&self, key: &str, path: &str) -> Option<&'a str> {
        // It notes the file, and reports one that is not there.
        self.load(key, path);
        self.texts.brought?.get(path).map(String::as_str)
    }

    /// A file's text without the line break that ends its last line.
    pub(crate) fn load(&self, key: &str, path: &str) -> String {
        self.texts.files.borrow_mut().insert(key.to_owned(), path.to_owned());
        let Some(texts) = self.texts.brought else { return String::new() };
        let Some(text) = texts.get(path) else {
            let message =
                format!("cannot read `{path}`; it is looked for from the sweep file's folder");
            self.faults.add(key, message);
            return String::new();
        };
        let trimmed = text.strip_suffix('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
        trimmed.unwrap_or(text).to_owned()
    }
}

impl<'a> Table<'a> {
    /// The text of a file that must be named.
    pub(crate) fn required_file(&mut self, name: &'static str) -> String {
        let path = self.required_text(name);
        if path.is_empty() { path } else { self.pass.load(&self.key_of(name), &path) }
    }

    /// A template: in place, in a file, or one of `[texts.*]`. Exactly one of them.
    pub(crate) fn template(&mut self) -> String {
        match self.choose(["template", "file", "text"]) {
            Some("template") => self.required_text("template"),
            Some("file") => self.required_file("file"),
            Some(_) => self.find_named().and_then(|named| named.text.clone()).unwrap_or_default(),
            None => String::new(),
        }
    }

    /// The one key of these that is there; it is a fault if there is none, or more than one.
    pub(crate) fn choose<const N: usize>(
        &mut self,
        names: [&'static str; N],
    ) -> Option<&'static str> {
        self.know(names);
        let there: Vec<&str> = names.into_iter().filter(|name| self.has(name)).collect();
        match there.as_slice() {
            [only] => return names.into_iter().find(|name| name == only),
            [] => {
                let ways = names.map(|name| format!("`{name} = \"…\"`"));
                let message = format!("is missing; give {}", list_ways(&ways));
                self.fault(names[0], message);
            }
            [first, second, ..] => {
                self.fault(second, format!("stands beside `{first}`; keep one of the two"));
            }
        }
        None
    }

    /// The content of a text where nothing fills in variables.
    fn literal_text(&mut self) -> String {
        let Some(named) = self.find_named() else { return String::new() };
        if named.has_set {
            let message = "has variables that its `set` gives, and a level's variable is sent as it stands; name the \
                           text in a message, with `when` for the level";
            self.fault("text", message);
        }
        named.text.clone().unwrap_or_default()
    }

    fn find_named(&mut self) -> Option<&'a NamedText> {
        let name = self.required_text("text");
        let pass: &'a Pass<'a> = self.pass;
        let named = pass.texts.named.get();
        let found = named.and_then(|named| named.get(&name));
        if found.is_none() && !name.is_empty() {
            let names = named.into_iter().flat_map(BTreeMap::keys).map(String::as_str);
            let names: Vec<&str> = names.collect();
            let advice = suggest(&name, "texts", names.iter().copied());
            self.fault("text", format!("there is no text `{name}`; {advice}"));
        }
        pass.texts.note_use(&self.key_of("text"), &name);
        found
    }
}

/// "a, b or c".
fn list_ways(ways: &[String]) -> String {
    match ways.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, first)) => format!("{} or {last}", first.join(", ")),
        None => String::new(),
    }
}
