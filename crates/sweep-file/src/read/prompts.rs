//! `[prompts]`: which rows of which files are asked, and what of them is sent.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use iago_expression::{Domain, Expression, Scope, Truth, Value};
use iago_sweep::{Digest, Generalise, Prompt};

use crate::fault::Faults;
use crate::read::grid::report_expression;
use crate::reader::{TABLE, TEXT, Table, WHOLE};
use crate::sweep_file::{Duplicates, PromptColumns};

/// The key of the expression that chooses rows.
const WHERE: &str = "prompts.where";

/// What a file says about its prompt set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PromptSet {
    /// Patterns of paths, as written.
    pub(crate) paths: Vec<String>,
    /// The column of ids; without it they are made of content.
    pub(crate) id: Option<String>,
    /// Template variable to column.
    pub(crate) fields: BTreeMap<String, String>,
    /// Columns that are kept and never sent.
    pub(crate) keep: Vec<String>,
    /// Which rows, as an expression over their columns.
    pub(crate) within: Option<String>,
    pub(crate) subset: Option<Subset>,
    pub(crate) duplicates: Option<Duplicates>,
    pub(crate) generalise: Generalise,
}

/// The first of an order that a seed shuffles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Subset {
    n: usize,
    seed: u64,
}

pub(super) fn read_prompt_set(top: &mut Table<'_>) -> PromptSet {
    if !top.has("prompts") {
        top.report_missing("prompts", TABLE);
    }
    top.table("prompts", read_table).unwrap_or_default()
}

fn read_table(table: &mut Table<'_>) -> PromptSet {
    for (name, form) in [("path", TEXT), ("fields", TABLE)] {
        if !table.has(name) {
            table.report_missing(name, form);
        }
    }
    let paths = table.text_or_texts("path").into_iter().map(|(_, path)| path).collect();
    let id = table.text("id");
    let pass = table.pass;
    let fields = table.entries("fields");
    let fields = fields.iter().map(|entry| (entry.name.to_owned(), pass.read_text(entry)));
    PromptSet {
        paths,
        id,
        fields: fields.collect(),
        keep: table.texts("keep").unwrap_or_default(),
        within: table.text("where"),
        subset: table.table("subset", read_subset).flatten(),
        duplicates: table.known_word("duplicates", "way to treat duplicates", Duplicates::ALL),
        generalise: table
            .known_word("generalise", "generalisation", Generalise::ALL)
            .unwrap_or_default(),
    }
}

/// Neither has a default: how many, and which, is what a report says of the set.
fn read_subset(table: &mut Table<'_>) -> Option<Subset> {
    for name in ["n", "seed"] {
        if !table.has(name) {
            table.report_missing(name, WHOLE);
        }
    }
    let n = table.whole("n", 1..=i128::from(u32::MAX));
    let seed = table.whole("seed", 0..=i128::from(i64::MAX));
    Some(Subset { n: n?, seed: seed? })
}

/// The prompts of a set: what `where`, `duplicates` and `subset` leave, in the order of the files.
pub(crate) fn select(faults: &Faults<'_>, set: &PromptSet, rows: &[PromptColumns]) -> Vec<Prompt> {
    if rows.is_empty() {
        let paths = set.paths.join("`, `");
        let message = format!("`{paths}` has no prompts; a sweep needs at least one");
        faults.add("prompts.path", message);
        return Vec::new();
    }
    let mut chosen: Vec<&PromptColumns> = rows.iter().collect();
    if let Some(source) = &set.within {
        chosen = filter(faults, source, chosen);
    }
    report_absent_columns(faults, set, &chosen);
    chosen = settle_duplicates(faults, set, chosen);
    report_repeated_ids(faults, set, &chosen);
    if let Some(subset) = set.subset {
        chosen = draw(faults, subset, chosen);
    }
    chosen.into_iter().map(|row| take(set, row)).collect()
}

/// The rows for which the expression holds. A row without a column that it reads is a fault: rows
/// are left out because of what they say, never because they say nothing.
fn filter<'r>(
    faults: &Faults<'_>,
    source: &str,
    rows: Vec<&'r PromptColumns>,
) -> Vec<&'r PromptColumns> {
    let columns: BTreeSet<&String> = rows.iter().flat_map(|row| row.columns.keys()).collect();
    let scope =
        columns.into_iter().fold(Scope::new(), |scope, column| scope.with(column, Domain::Text));
    let holds = match Expression::parse_condition(source, &scope) {
        Ok(holds) => holds,
        Err(error) => {
            report_expression(faults, WHERE, &error);
            return rows;
        }
    };
    let truth = |row: &PromptColumns| {
        let column = |name: &str| row.columns.get(name).cloned();
        holds.truth(&|name| column(name).map_or(Value::Unknown, Value::Text))
    };
    if let Some(undecided) = rows.iter().find(|row| truth(row) == Truth::Unknown) {
        report_undecided(faults, undecided, &holds);
        return rows;
    }
    let chosen: Vec<_> = rows.iter().copied().filter(|row| truth(row) == Truth::True).collect();
    if chosen.is_empty() {
        let message = format!("holds for none of the {} prompts; correct it", rows.len());
        faults.add(WHERE, message);
    }
    chosen
}

fn report_undecided(faults: &Faults<'_>, row: &PromptColumns, holds: &Expression) {
    let absent = holds.names().iter().find(|name| !row.columns.contains_key(*name));
    let column = absent.map_or("", String::as_str);
    let message = format!(
        "cannot be decided for the prompt `{}`, which has no column `{column}`; give it one",
        row.id
    );
    faults.add(WHERE, message);
}

fn report_absent_columns(faults: &Faults<'_>, set: &PromptSet, rows: &[&PromptColumns]) {
    let fields = set.fields.iter();
    let fields = fields.map(|(variable, column)| (format!("prompts.fields.{variable}"), column));
    let keep = set.keep.iter().enumerate();
    let keep = keep.map(|(at, column)| (crate::tree::item_key("prompts.keep", at), column));
    for (key, column) in fields.chain(keep) {
        let mut without = rows.iter().filter(|row| !row.columns.contains_key(column));
        let Some(first) = without.next() else { continue };
        let prompts = match without.count() {
            0 => "1 prompt lacks".to_owned(),
            more => format!("{} prompts lack", more + 1),
        };
        let message = format!(
            "{prompts} the column `{column}`, such as `{}`; name a column that every prompt has",
            first.id
        );
        faults.add(key, message);
    }
}

/// Rows that send the same count one prompt more than once, and a report would not know.
fn settle_duplicates<'r>(
    faults: &Faults<'_>,
    set: &PromptSet,
    rows: Vec<&'r PromptColumns>,
) -> Vec<&'r PromptColumns> {
    let Some(rule) = set.duplicates else { return rows };
    let mut first: BTreeMap<Vec<Option<&str>>, &str> = BTreeMap::new();
    let mut kept = Vec::new();
    let mut again = Vec::new();
    for row in rows {
        let sent = set.fields.values().map(|column| row.columns.get(column).map(String::as_str));
        let earlier = *first.entry(sent.collect()).or_insert(&row.id);
        if std::ptr::eq(earlier, row.id.as_str()) {
            kept.push(row);
        } else {
            again.push((row.id.as_str(), earlier));
        }
    }
    if let (Duplicates::Error, [(later, earlier), ..]) = (rule, again.as_slice()) {
        let prompts = match again.len() {
            1 => "1 prompt says what another one".to_owned(),
            count => format!("{count} prompts say what others"),
        };
        let message = format!(
            "{prompts} above said, such as `{later}` after `{earlier}`; take them out, or write `\"keep-first\"`"
        );
        faults.add("prompts.duplicates", message);
    }
    kept
}

fn report_repeated_ids(faults: &Faults<'_>, set: &PromptSet, rows: &[&PromptColumns]) {
    let mut ids = HashSet::new();
    let Some(row) = rows.iter().find(|row| !ids.insert(row.id.as_str())) else { return };
    if set.id.is_some() {
        let message = format!("two prompts have the id `{}`; ids tell prompts apart", row.id);
        faults.add("prompts.id", message);
    } else {
        let message = format!(
            "two rows are the same, and so is the id that is made of them, `{}`; write `duplicates = \"keep-first\"`, \
             or give a column with `id`",
            row.id
        );
        faults.add("prompts.path", message);
    }
}

/// The first of a shuffled order, so that a larger subset keeps the smaller one's prompts.
fn draw<'r>(
    faults: &Faults<'_>,
    Subset { n, seed }: Subset,
    rows: Vec<&'r PromptColumns>,
) -> Vec<&'r PromptColumns> {
    if n > rows.len() {
        let message = format!("{n} is more than the {} prompts that there are", rows.len());
        faults.add("prompts.subset.n", message);
        return rows;
    }
    let mut order: Vec<(Digest, usize)> = rows
        .iter()
        .map(|row| Digest::of(format!("subset {seed} {}", row.id)))
        .zip(0usize..)
        .collect();
    order.sort_unstable();
    let mut places: Vec<usize> = order.into_iter().take(n).map(|(_, place)| place).collect();
    places.sort_unstable();
    places.into_iter().map(|place| rows[place]).collect()
}

/// The named columns of a row, under their variables' names, and those that are kept.
fn take(set: &PromptSet, row: &PromptColumns) -> Prompt {
    let column = |column: &String| row.columns.get(column).cloned().unwrap_or_default();
    let fields = set.fields.iter().map(|(variable, from)| (variable.clone(), column(from)));
    let notes = set.keep.iter().map(|name| (name.clone(), column(name)));
    Prompt { id: row.id.clone(), fields: fields.collect(), notes: notes.collect() }
}
