//! TOML text to a tree in file order, each part with its line. Nothing else here knows TOML.

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::fault::Lines;

/// A value and the line that it begins on; for what a key names, the line of the key.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Item {
    pub(crate) line: u32,
    pub(crate) node: Node,
}

/// What stands at a key.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    Text(String),
    /// Saturated where it fits no `i128`: every use has a far smaller range.
    Whole(i128),
    Number(f64),
    Bool(bool),
    Date,
    List(Vec<Item>),
    /// In the order in which the keys first appear in the file.
    Table(Vec<(String, Item)>),
}

/// A text that is no TOML.
#[derive(Debug)]
pub(crate) struct NoToml {
    pub(crate) line: u32,
    pub(crate) message: String,
}

/// Reads a whole file; the root is always a table.
pub(crate) fn parse_tree(text: &str) -> Result<Item, NoToml> {
    let breaks = LineBreaks::of(text);
    let table = DeTable::parse(text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        let said = text.get(span.clone()).and_then(|said| said.lines().next()).unwrap_or_default();
        let place = if said.is_empty() { String::new() } else { format!(" at `{said}`") };
        NoToml {
            line: breaks.find_line(span.start),
            message: format!("this is not TOML: {}{place}", error.message()),
        }
    })?;
    Ok(Item { line: 1, node: convert_table(table.get_ref(), &breaks) })
}

/// The path of an array's item, counted from 0 here and from 1 for people.
pub(crate) fn item_key(list: &str, position: usize) -> String {
    format!("{list}[{}]", position + 1)
}

/// The path of a key in a table.
pub(crate) fn join_key(table: &str, name: &str) -> String {
    if table.is_empty() { name.to_owned() } else { format!("{table}.{name}") }
}

impl Item {
    /// What a table has at a key.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        let Node::Table(entries) = &self.node else { return None };
        entries.iter().find(|(key, _)| key == name).map(|(_, item)| item)
    }

    /// The line of every key below this one.
    pub(crate) fn collect_lines(&self) -> Lines {
        let mut lines = Lines::new();
        self.note_lines("", &mut lines);
        lines
    }

    fn note_lines(&self, key: &str, lines: &mut Lines) {
        lines.insert(key.to_owned(), self.line);
        match &self.node {
            Node::Table(entries) => {
                for (name, item) in entries {
                    item.note_lines(&join_key(key, name), lines);
                }
            }
            Node::List(items) => {
                for (position, item) in items.iter().enumerate() {
                    item.note_lines(&item_key(key, position), lines);
                }
            }
            Node::Text(_) | Node::Whole(_) | Node::Number(_) | Node::Bool(_) | Node::Date => {}
        }
    }
}

impl Node {
    pub(crate) fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(crate) fn as_whole(&self) -> Option<i128> {
        if let Self::Whole(number) = self { Some(*number) } else { None }
    }

    /// A number of either form.
    #[expect(clippy::cast_precision_loss, reason = "beyond 2^53 it is out of every range in use")]
    pub(crate) fn as_number(&self) -> Option<f64> {
        if let Self::Number(number) = self {
            return Some(*number);
        }
        self.as_whole().map(|number| number as f64)
    }

    pub(crate) fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(holds) = self { Some(*holds) } else { None }
    }

    pub(crate) fn as_list(&self) -> Option<&[Item]> {
        if let Self::List(items) = self { Some(items) } else { None }
    }
}

/// Where the lines of a text end, to tell a line from an offset.
struct LineBreaks(Vec<usize>);

impl LineBreaks {
    fn of(text: &str) -> Self {
        Self(
            text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect(),
        )
    }

    fn find_line(&self, offset: usize) -> u32 {
        let before = self.0.partition_point(|&line_break| line_break < offset);
        u32::try_from(before + 1).unwrap_or(u32::MAX)
    }
}

fn convert_table(table: &DeTable<'_>, breaks: &LineBreaks) -> Node {
    let mut entries: Vec<_> = table.iter().collect();
    // The parser sorts by name; conditions and stages are numbered as they were written.
    entries.sort_by_key(|(key, _)| key.span().start);
    let convert = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
        let name = AsRef::<std::borrow::Cow<'_, str>>::as_ref(key).clone().into_owned();
        let line = breaks.find_line(key.span().start);
        (name, Item { line, node: convert_value(value.get_ref(), breaks) })
    };
    Node::Table(entries.into_iter().map(convert).collect())
}

fn convert_list(list: &DeArray<'_>, breaks: &LineBreaks) -> Node {
    let convert = |item: &Spanned<DeValue<'_>>| Item {
        line: breaks.find_line(item.span().start),
        node: convert_value(item.get_ref(), breaks),
    };
    Node::List(list.iter().map(convert).collect())
}

fn convert_value(value: &DeValue<'_>, breaks: &LineBreaks) -> Node {
    match value {
        DeValue::String(text) => Node::Text(text.clone().into_owned()),
        DeValue::Integer(digits) => {
            Node::Whole(i128::from_str_radix(digits.as_str(), digits.radix()).unwrap_or(i128::MAX))
        }
        DeValue::Float(digits) => Node::Number(digits.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(holds) => Node::Bool(*holds),
        DeValue::Datetime(_) => Node::Date,
        DeValue::Array(list) => convert_list(list, breaks),
        DeValue::Table(table) => convert_table(table, breaks),
    }
}
