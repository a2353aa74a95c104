//! A prompt set: rows with ids, checked as a whole.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use iago_sweep::Digest;

use crate::error::{Fault, Located, PromptsError};
use crate::format::Format;
use crate::{delimited, jsonl};

/// The most bytes that an id may have: it stands in tables, logs and file names.
pub const ID_BYTES_MAX: usize = 256;

/// The most bytes that the values of one row may have together. Four times the longest prompt that
/// is known to be used (1 MB), and small enough for any endpoint's limit on a body to come first.
pub const PROMPT_BYTES_MAX: usize = 4 * 1024 * 1024;

/// How many hexadecimal digits of a row's hash are its id, where it has none of its own: among a
/// million rows two would meet by chance once in 30 million sets.
const CONTENT_ID_CHARACTERS: usize = 16;

/// One prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptRow {
    /// The value of the id column, or a hash of all its columns where no column has ids; unique in its
    /// set.
    pub id: String,
    /// Every value under its column's name, the id included.
    pub columns: BTreeMap<String, String>,
    /// The line of the file on which the row starts, from 1.
    pub line: u64,
}

/// The prompts of one file, in the file's order; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptSet {
    /// The prompts.
    pub rows: Vec<PromptRow>,
    /// The names of the columns, which every row has.
    pub columns: BTreeSet<String>,
    /// Ids of prompts that are equal apart from the id: each later one with the first of its kind.
    /// Allowed, but they are not independent evidence; whoever submits the set should be told.
    pub duplicates: Vec<(String, String)>,
}

/// Reads a prompt set from the bytes of a file.
///
/// `source_name` names the file in messages. A byte order mark is skipped, lines may end in LF or
/// CRLF, and blank lines between rows do not count. Of several faults the first one is reported,
/// except that lines which cannot be read at all come before rows which may not stand as they are.
pub fn read(
    source_name: &str,
    bytes: &[u8],
    format: Format,
    id_column: &str,
) -> Result<PromptSet, PromptsError> {
    read_rows(source_name, bytes, format, Some(id_column))
}

/// Reads the rows of one file. Without a column of ids, a row's content is its id.
pub(crate) fn read_rows(
    source_name: &str,
    bytes: &[u8],
    format: Format,
    id_column: Option<&str>,
) -> Result<PromptSet, PromptsError> {
    let found = match format {
        Format::Jsonl => decode(bytes).and_then(jsonl::read_rows),
        Format::Csv => decode(bytes).and_then(|text| delimited::read_rows(text, b',', id_column)),
        Format::Tsv => decode(bytes).and_then(|text| delimited::read_rows(text, b'\t', id_column)),
        Format::Parquet => read_parquet(bytes),
    };
    found.and_then(|rows| assemble(rows, id_column)).map_err(|Located { line, fault }| {
        PromptsError { file: source_name.to_owned(), line, fault }
    })
}

#[cfg(feature = "parquet")]
fn read_parquet(bytes: &[u8]) -> Result<Vec<Values>, Located> {
    crate::parquet::read_rows(bytes)
}

#[cfg(not(feature = "parquet"))]
fn read_parquet(_bytes: &[u8]) -> Result<Vec<Values>, Located> {
    Err(Located { line: None, fault: Fault::NoParquet })
}

/// What a reader of one format hands over: named values in the file's order, nothing checked.
#[derive(Debug)]
pub(crate) struct Values {
    pub(crate) line: u64,
    pub(crate) values: Vec<(String, String)>,
}

fn decode(bytes: &[u8]) -> Result<&str, Located> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let in_line = valid.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        Located::at(line_after(valid), Fault::NotUtf8 { byte: in_line.len() + 1 })
    })
}

fn line_after(valid: &[u8]) -> u64 {
    valid.iter().fold(1, |line, byte| line + u64::from(*byte == b'\n'))
}

fn assemble(found: Vec<Values>, id_column: Option<&str>) -> Result<PromptSet, Located> {
    let mut checks = Checks { id_column, columns: None, lines: BTreeMap::new() };
    let mut rows = Vec::with_capacity(found.len());
    for Values { line, values } in found {
        rows.push(checks.admit(line, values).map_err(|fault| Located::at(line, fault))?);
    }
    let columns = checks.columns.ok_or(Located { line: None, fault: Fault::Empty })?;
    let duplicates = find_duplicates(&rows, id_column);
    Ok(PromptSet { rows, columns, duplicates })
}

/// What a row is held against: the rows before it.
struct Checks<'a> {
    id_column: Option<&'a str>,
    /// The columns of the first row.
    columns: Option<BTreeSet<String>>,
    /// The line on which each id was seen.
    lines: BTreeMap<String, u64>,
}

impl Checks<'_> {
    fn admit(&mut self, line: u64, values: Vec<(String, String)>) -> Result<PromptRow, Fault> {
        self.check_columns(&values)?;
        let columns = BTreeMap::from_iter(values);
        check_length(&columns)?;
        let Some(id_column) = self.id_column else {
            return Ok(PromptRow { id: name_by_content(&columns), columns, line });
        };
        let id = columns.get(id_column).cloned().unwrap_or_default();
        check_id(&id, id_column)?;
        self.claim_id(id_column, &id, line)?;
        Ok(PromptRow { id, columns, line })
    }

    fn check_columns(&mut self, values: &[(String, String)]) -> Result<(), Fault> {
        let names = values.iter().map(|(column, _)| column.as_str());
        let names = check_names(names, self.id_column)?;
        check_same(self.columns.get_or_insert_with(|| names.clone()), &names)
    }

    fn claim_id(&mut self, id_column: &str, id: &str, line: u64) -> Result<(), Fault> {
        match self.lines.entry(id.to_owned()) {
            Entry::Vacant(free) => {
                free.insert(line);
                Ok(())
            }
            Entry::Occupied(taken) => Err(Fault::DuplicateId {
                column: id_column.to_owned(),
                id: id.to_owned(),
                first_line: *taken.get(),
            }),
        }
    }
}

/// An id for a row that has none: as long as its content stays, so does its id.
fn name_by_content(columns: &BTreeMap<String, String>) -> String {
    let digest = Digest::of_value(columns).to_string();
    digest.chars().take(CONTENT_ID_CHARACTERS).collect()
}

/// The names of one row's columns, if each is there and is there once, and one of them has the ids.
pub(crate) fn check_names<'a>(
    names: impl Iterator<Item = &'a str>,
    id_column: Option<&str>,
) -> Result<BTreeSet<String>, Fault> {
    let mut seen = BTreeSet::new();
    for (index, name) in names.enumerate() {
        if name.trim().is_empty() {
            return Err(Fault::UnnamedColumn { position: index + 1 });
        }
        if !seen.insert(name.to_owned()) {
            return Err(Fault::DuplicateColumn { column: name.to_owned() });
        }
    }
    match id_column.filter(|column| !seen.contains(*column)) {
        Some(absent) => Err(missing_id_column(absent, seen)),
        None => Ok(seen),
    }
}

fn missing_id_column(id_column: &str, names: BTreeSet<String>) -> Fault {
    let have = Vec::from_iter(names).join(", ");
    Fault::MissingIdColumn { column: id_column.to_owned(), have }
}

fn check_same(expected: &BTreeSet<String>, names: &BTreeSet<String>) -> Result<(), Fault> {
    if let Some(column) = expected.difference(names).next() {
        return Err(Fault::MissingColumn { column: column.clone() });
    }
    match names.difference(expected).next() {
        Some(column) => Err(Fault::ExtraColumn { column: column.clone() }),
        None => Ok(()),
    }
}

fn check_id(id: &str, id_column: &str) -> Result<(), Fault> {
    let column = id_column.to_owned();
    if id.trim().is_empty() {
        return Err(Fault::EmptyId { column });
    }
    if id.len() > ID_BYTES_MAX {
        return Err(Fault::LongId { column, bytes: id.len() });
    }
    if id.chars().any(char::is_control) {
        return Err(Fault::ControlInId { column, id: id.to_owned() });
    }
    Ok(())
}

fn check_length(row: &BTreeMap<String, String>) -> Result<(), Fault> {
    let bytes = row.values().map(String::len).sum();
    if bytes <= PROMPT_BYTES_MAX {
        return Ok(());
    }
    let longest = row.iter().max_by_key(|(_, value)| value.len());
    let column = longest.map_or_else(String::new, |(column, _)| column.clone());
    Err(Fault::LongPrompt { column, bytes })
}

pub(crate) fn find_duplicates(
    rows: &[PromptRow],
    id_column: Option<&str>,
) -> Vec<(String, String)> {
    let mut first_of_kind: BTreeMap<Vec<&str>, &str> = BTreeMap::new();
    let mut duplicates = Vec::new();
    for row in rows {
        let others = row.columns.iter().filter(|(column, _)| Some(column.as_str()) != id_column);
        let content: Vec<&str> = others.map(|(_, value)| value.as_str()).collect();
        if content.is_empty() {
            continue; // a list of ids has no content that could be equal
        }
        match first_of_kind.entry(content) {
            Entry::Vacant(free) => {
                free.insert(&row.id);
            }
            Entry::Occupied(first) => duplicates.push((first.get().to_string(), row.id.clone())),
        }
    }
    duplicates
}
