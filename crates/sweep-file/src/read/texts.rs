//! `[texts.*]`: texts that messages and levels name, some of them edits of another one.

use std::collections::BTreeMap;

use iago_expression::suggest;
use iago_sweep::EditedText;

use crate::reader::{Entry, LIST, Pass, Table};
use crate::texts::NamedText;
use crate::texts::edit::{Change, Edit, apply, draw_diff};
use crate::tree::item_key;

/// Each text is kept whole, and a chain of edits of a long one would fill memory from a short file.
const TEXTS_MAX: usize = 1_000;

/// What `[texts.*]` give to the plan beside the texts themselves.
#[derive(Debug, Default)]
pub(crate) struct TextSet {
    pub(crate) variables: BTreeMap<String, String>,
    /// Where each of the variables is set.
    pub(crate) keys: BTreeMap<String, String>,
    pub(crate) edited: Vec<EditedText>,
}

/// One table.
struct Written {
    name: String,
    source: Source,
    set: BTreeMap<String, String>,
}

enum Source {
    /// `None` for a file that is not there.
    Own(Option<String>),
    EditOf {
        of: String,
        edits: Vec<Edit>,
    },
}

/// Reads the texts and makes them known to the pass.
pub(super) fn read_texts(top: &mut Table<'_>) -> TextSet {
    let pass = top.pass;
    let mut entries = top.entries("texts");
    if entries.len() > TEXTS_MAX {
        let (count, limit) = (entries.len(), TEXTS_MAX);
        top.fault("texts", format!("are {count}, and {limit} is the limit; split the sweep"));
        entries.clear();
    }
    let written: Vec<Written> = entries.iter().filter_map(|entry| read_one(pass, entry)).collect();
    let mut set = collect_variables(pass, &written);
    let texts = Chains { pass, written: &written, made: BTreeMap::new() }.resolve();
    set.edited = list_edited(&written, &texts);
    pass.texts.name_all(texts);
    set
}

/// A text that nobody names would be shown with its diff, and never be sent.
pub(super) fn report_unused_texts(top: &Table<'_>) {
    let used = top.pass.texts.list_used();
    for name in top.names_of("texts").filter(|name| !used.contains(*name)) {
        let message = "no message, no level and no other text names this; name it, or take it out";
        top.fault(&format!("texts.{name}"), message);
    }
}

fn read_one<'a>(pass: &'a Pass<'a>, entry: &Entry<'a>) -> Option<Written> {
    pass.read_table(&entry.key, entry.item, |table| {
        let source = match table.choose(["file", "template", "of"]) {
            Some("of") => Source::EditOf { of: read_of(table), edits: read_edits(table) },
            Some("template") => Source::Own(Some(table.required_text("template"))),
            Some(_) => Source::Own(read_file(table)),
            None => Source::Own(None),
        };
        if matches!(source, Source::Own(_)) && table.has("edits") {
            table.know(["edits"]);
            table.fault("edits", "has nothing to edit; name another text with `of = \"…\"`");
        }
        let pass = table.pass;
        let set = table.entries("set");
        let set = set.iter().map(|entry| (entry.name.to_owned(), pass.read_text(entry))).collect();
        Written { name: entry.name.to_owned(), source, set }
    })
}

/// The text of a file, or of one that will be brought later.
fn read_file(table: &mut Table<'_>) -> Option<String> {
    let before = table.pass.faults.count();
    let text = table.required_file("file");
    (table.pass.faults.count() == before).then_some(text)
}

fn read_of(table: &mut Table<'_>) -> String {
    let of = table.required_text("of");
    table.pass.texts.note_use(&table.key_of("of"), &of);
    of
}

fn read_edits(table: &mut Table<'_>) -> Vec<Edit> {
    let pass = table.pass;
    let edits = table.items("edits", LIST);
    if edits.is_empty() {
        let message = "has to say what differs, as in `edits = [{ cut = \"…\" }]`";
        table.fault("edits", message);
    }
    edits.iter().filter_map(|entry| pass.read_table(&entry.key, entry.item, read_edit)?).collect()
}

fn read_edit(table: &mut Table<'_>) -> Option<Edit> {
    let kind = table.choose(["cut", "replace", "after", "before"])?;
    let find = table.part(kind)?;
    let mut also = |name: &'static str| {
        if !table.has(name) {
            table.report_missing(name, crate::reader::TEXT);
        }
        table.part(name)
    };
    let change = match kind {
        "cut" => Change::Cut,
        "replace" => Change::Replace(also("with")?),
        "after" => Change::InsertAfter(also("insert")?),
        _ => Change::InsertBefore(also("insert")?),
    };
    Some(Edit { find, change })
}

/// Variables are the sweep's: two texts that give one of them could mean two things by it.
fn collect_variables(pass: &Pass<'_>, written: &[Written]) -> TextSet {
    let mut set = TextSet::default();
    for text in written {
        for (variable, value) in &text.set {
            let key = format!("texts.{}.set.{variable}", text.name);
            if let Some(first) = set.keys.get(variable) {
                let line = pass.faults.line_of(first);
                let message = format!(
                    "`{variable}` is set on line {line} already, for all texts; take one out"
                );
                pass.faults.add(key, message);
                continue;
            }
            set.keys.insert(variable.clone(), key);
            set.variables.insert(variable.clone(), value.clone());
        }
    }
    set
}

fn list_edited(written: &[Written], texts: &BTreeMap<String, NamedText>) -> Vec<EditedText> {
    let list = |text: &Written| {
        let Source::EditOf { of, .. } = &text.source else { return None };
        let (name, before, after) = (&text.name, texts.get(of)?, texts.get(&text.name)?);
        let diff = draw_diff((of, before.text.as_ref()?), (name, after.text.as_ref()?));
        Some(EditedText { name: name.clone(), of: of.clone(), diff })
    };
    written.iter().filter_map(list).collect()
}

/// Follows each text to one that is no edit, and makes the edits on the way back.
struct Chains<'a> {
    pass: &'a Pass<'a>,
    written: &'a [Written],
    made: BTreeMap<String, NamedText>,
}

impl Chains<'_> {
    fn resolve(mut self) -> BTreeMap<String, NamedText> {
        let by_name: BTreeMap<&str, &Written> =
            self.written.iter().map(|text| (text.name.as_str(), text)).collect();
        for text in self.written {
            let mut chain = Vec::new();
            let mut next = Some(text);
            while let Some(here) = next.filter(|here| !self.made.contains_key(&here.name)) {
                if chain.iter().any(|seen: &&Written| seen.name == here.name) {
                    self.report_circle(here);
                    break;
                }
                chain.push(here);
                next = self.find_of(here, &by_name);
            }
            for link in chain.into_iter().rev() {
                let made = self.make(link);
                self.made.insert(link.name.clone(), made);
            }
        }
        self.made
    }

    fn find_of<'w>(
        &self,
        text: &Written,
        by_name: &BTreeMap<&str, &'w Written>,
    ) -> Option<&'w Written> {
        let Source::EditOf { of, .. } = &text.source else { return None };
        let found = by_name.get(of.as_str()).copied();
        if found.is_none() && !of.is_empty() {
            let names = by_name.keys().copied().filter(|name| *name != text.name);
            let names: Vec<&str> = names.collect();
            let advice = suggest(of, "texts", names.iter().copied());
            self.fault(&text.name, "of", format!("there is no text `{of}`; {advice}"));
        }
        found
    }

    fn report_circle(&self, text: &Written) {
        let message = format!(
            "makes `{}` an edit of itself; one text of the circle has to have a `file` or a `template`",
            text.name
        );
        self.fault(&text.name, "of", message);
    }

    /// The text of a link whose predecessor is made, as far as it can be.
    fn make(&self, text: &Written) -> NamedText {
        let has_set = !text.set.is_empty();
        match &text.source {
            Source::Own(own) => NamedText { text: own.clone(), has_set },
            Source::EditOf { of, edits } => {
                let found = self.made.get(of).cloned().unwrap_or_default();
                let has_set = has_set || found.has_set;
                let edit = |before| self.edit(&text.name, of, before, edits);
                NamedText { text: found.text.map(edit), has_set }
            }
        }
    }

    fn edit(&self, name: &str, of: &str, before: String, edits: &[Edit]) -> String {
        // Nothing can match in a file that is not there yet.
        if !self.pass.texts.are_brought() {
            return before;
        }
        let mut text = before;
        for (position, edit) in edits.iter().enumerate() {
            match apply(&text, edit) {
                Ok(edited) => text = edited,
                // What follows would be looked for in a text that nobody meant.
                Err(error) => {
                    self.fault(
                        name,
                        &item_key("edits", position),
                        error.explain(&self.call(of, position)),
                    );
                    break;
                }
            }
        }
        text
    }

    /// How people call the text that an edit was looked for in.
    fn call(&self, of: &str, edits_before: usize) -> String {
        let place = self.pass.texts.find_place(&format!("texts.{of}"));
        let file = place.map_or(String::new(), |(_, file)| format!(" ({file})"));
        let left = if edits_before == 0 { "" } else { " as the edits before this one left it" };
        format!("text `{of}`{file}{left}")
    }

    fn fault(&self, text: &str, key: &str, message: String) {
        self.pass.faults.add(format!("texts.{text}.{key}"), message);
    }
}
