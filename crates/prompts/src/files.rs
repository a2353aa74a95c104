//! A prompt set in one file or in several, as one.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Fault, PromptsError};
use crate::format::Format;
use crate::set::{PromptRow, PromptSet, find_duplicates, read_rows};

/// Where the ids of prompts come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ids<'a> {
    /// This column.
    Column(&'a str),
    /// The content of a row: the beginning of its hash.
    Content,
}

/// What is done about rows that are equal apart from their ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duplicates {
    /// They stay, and are told of. Without ids of their own they cannot stay: that is a fault.
    Report,
    /// Only the first of a kind stays.
    KeepFirst,
}

/// Reads the files of a prompt set, by name and content, into one set in their order.
///
/// # Errors
/// What [`read`](crate::read) finds in one of them; columns that differ between files; an id that
/// two files use; equal rows where content is the id.
pub fn read_files(
    files: &[(&str, &[u8])],
    ids: Ids<'_>,
    duplicates: Duplicates,
) -> Result<PromptSet, PromptsError> {
    let column = match ids {
        Ids::Column(column) => Some(column),
        Ids::Content => None,
    };
    let mut union =
        Union { column, ids: BTreeMap::new(), columns: None, rows: Vec::new(), duplicates };
    for (name, bytes) in files {
        let of_file = |fault| PromptsError { file: (*name).to_owned(), line: None, fault };
        let format = Format::from_path(name).ok_or_else(|| of_file(Fault::UnknownFormat))?;
        let set = read_rows(name, bytes, format, column)?;
        union.check_columns(name, &set.columns).map_err(of_file)?;
        for row in set.rows {
            let line = Some(row.line);
            let of_row = |fault| PromptsError { file: (*name).to_owned(), line, fault };
            union.admit(name, row).map_err(of_row)?;
        }
    }
    Ok(union.close())
}

/// The rows so far.
struct Union<'a> {
    column: Option<&'a str>,
    /// The file and line of each id.
    ids: BTreeMap<String, (&'a str, u64)>,
    /// The first file, with its columns.
    columns: Option<(&'a str, BTreeSet<String>)>,
    rows: Vec<PromptRow>,
    duplicates: Duplicates,
}

impl<'a> Union<'a> {
    fn check_columns(&mut self, file: &'a str, found: &BTreeSet<String>) -> Result<(), Fault> {
        let (first, expected) = self.columns.get_or_insert_with(|| (file, found.clone()));
        if expected == found {
            return Ok(());
        }
        let list = |names: &BTreeSet<String>| {
            names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
        };
        let (expected, found) = (list(expected), list(found));
        Err(Fault::OtherColumns { first: (*first).to_owned(), expected, found })
    }

    fn admit(&mut self, file: &'a str, row: PromptRow) -> Result<(), Fault> {
        match self.ids.entry(row.id.clone()) {
            Entry::Vacant(free) => {
                free.insert((file, row.line));
                self.rows.push(row);
                Ok(())
            }
            Entry::Occupied(taken) => {
                let (first, line) = *taken.get();
                let first = first.to_owned();
                match (self.column, self.duplicates) {
                    (None, Duplicates::KeepFirst) => Ok(()),
                    (None, Duplicates::Report) => Err(Fault::EqualRows { file: first, line }),
                    (Some(column), _) => {
                        let column = column.to_owned();
                        Err(Fault::IdInOtherFile { column, id: row.id, file: first })
                    }
                }
            }
        }
    }

    fn close(self) -> PromptSet {
        let Self { column, columns, mut rows, duplicates, .. } = self;
        let mut equal = find_duplicates(&rows, column);
        if duplicates == Duplicates::KeepFirst {
            let later: BTreeSet<String> = equal.drain(..).map(|(_, later)| later).collect();
            rows.retain(|row| !later.contains(&row.id));
        }
        let columns = columns.map(|(_, columns)| columns).unwrap_or_default();
        PromptSet { rows, columns, duplicates: equal }
    }
}
