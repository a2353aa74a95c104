//! `kind = "score"`: what code says about an answer.

use iago_sweep::{Expected, Normalise, Says, Scorer, StageKind};

use super::judges::{check_labels, read_sees};
use super::schema::is_written_in_toml;
use super::stages::is_word;
use crate::reader::{Form, NUMBER, Table};

/// The ways to score, each the key of a table.
const SCORERS: [&str; 9] =
    ["exact", "contains", "prefix", "regex", "choice", "number", "overlap", "schema", "external"];

/// Farther off than this, two numbers are near in no unit.
const WITHIN_MAX: f64 = 1e15;

pub(super) fn read_score(table: &mut Table<'_>) -> StageKind {
    let of = table.required_text("of");
    let when = table.text("when");
    let given: Vec<&str> = SCORERS.into_iter().filter(|name| table.has(name)).collect();
    match given.as_slice() {
        [] => table.fault(
            "exact",
            format!("is missing, and so is any other way to score: {}", SCORERS.join(", ")),
        ),
        [_] => {}
        [first, second, ..] => {
            let advice = "a stage scores in one way; give each a stage of its own";
            table.fault(second, format!("stands beside `{first}`; {advice}"));
        }
    }
    let scorer = read_scorer(table);
    StageKind::Score { of, when, after: None, scorer }
}

fn read_scorer(table: &mut Table<'_>) -> Scorer {
    let expected = |key: &'static str| move |table: &mut Table<'_>| read_expected(table, key);
    // All are taken, so that each is a known key and its own faults are told.
    let read = [
        table.table("exact", expected("equals")).map(Scorer::Exact),
        table.table("contains", expected("text")).map(Scorer::Contains),
        table.table("prefix", expected("text")).map(Scorer::Prefix),
        table.table("regex", read_regex),
        table.table("choice", read_choice),
        table.table("number", read_number),
        table.table("overlap", read_overlap),
        table.table("schema", read_schema),
        table.table("external", read_external),
    ];
    let stand_in = || Scorer::Regex { field: String::new(), pattern: String::new() };
    read.into_iter().flatten().next().unwrap_or_else(stand_in)
}

fn read_expected(table: &mut Table<'_>, key: &'static str) -> Expected {
    let field = table.required_text("field");
    let text = table.required_text(key);
    let normalise = table.words("normalise", "normalisation", Normalise::ALL);
    for (position, step) in normalise.iter().enumerate() {
        if normalise[..position].contains(step) {
            table.fault("normalise", format!("`{step}` is there twice; take one out"));
        }
    }
    Expected { field, text, normalise }
}

fn read_regex(table: &mut Table<'_>) -> Scorer {
    Scorer::Regex { field: table.required_text("field"), pattern: table.required_text("pattern") }
}

fn read_choice(table: &mut Table<'_>) -> Scorer {
    let field = table.required_text("field");
    let among = table.texts("among");
    if among.is_none() {
        table.report_missing("among", Form { noun: "the options", example: "[\"A\", \"B\"]" });
    }
    let among = among.unwrap_or_default();
    if table.has("among") {
        check_options(table, &among);
    }
    Scorer::Choice { field, among, equals: table.required_text("equals") }
}

fn check_options(table: &Table<'_>, among: &[String]) {
    if among.len() < 2 {
        table.fault("among", "has fewer than two options, so there is nothing to choose; add one");
    }
    for (position, option) in among.iter().enumerate() {
        if option.trim().is_empty() {
            table.fault("among", "has an empty option; it has to say something");
        } else if among[..position].contains(option) {
            table.fault("among", format!("`{option}` is there twice; take one out"));
        } else if let Some(twin) = among[..position].iter().find(|other| are_one(other, option)) {
            let message = "are one option; case does not tell them apart";
            table.fault("among", format!("`{option}` and `{twin}` {message}"));
        }
    }
}

/// Whether an answer that names one of them names the other one too.
fn are_one(option: &str, other: &str) -> bool {
    option.trim().to_lowercase() == other.trim().to_lowercase()
}

fn read_number(table: &mut Table<'_>) -> Scorer {
    let (field, equals) = (table.required_text("field"), table.required_text("equals"));
    let within = table.number("within", 0.0..=WITHIN_MAX);
    Scorer::Number { field, equals, within: within.unwrap_or(0.0) }
}

fn read_overlap(table: &mut Table<'_>) -> Scorer {
    let (field, with) = (table.required_text("field"), table.required_text("with"));
    if !table.has("share") {
        table.report_missing("share", NUMBER);
    }
    let share = table.number("share", 0.0..=1.0);
    if share == Some(0.0) {
        table.fault("share", "is 0, which every text reaches; ask for more");
    }
    Scorer::Overlap { field, with, share: share.unwrap_or(1.0) }
}

fn read_schema(table: &mut Table<'_>) -> Scorer {
    let field = table.required_text("field");
    let schema = table.entry("schema");
    if schema.is_none() {
        let noun = "a JSON schema, or the file that holds one";
        table.report_missing("schema", Form { noun, example: "{ file = \"…\" }" });
    }
    let pass = table.pass;
    let schema = schema.filter(|entry| !is_written_in_toml(pass, entry));
    let schema = schema.map(|entry| pass.read_literal(&entry)).unwrap_or_default();
    Scorer::Schema { field, schema }
}

fn read_external(table: &mut Table<'_>) -> Scorer {
    let program = table.required_text("program");
    if !program.trim().is_empty() && !is_word(&program) {
        table.fault(
            "program",
            format!(
                "`{program}` is no name of a program; name one that the worker's configuration \
                 has, with letters, digits, `_` and `-`"
            ),
        );
    }
    let sees = read_sees(table, "the values that the program is given");
    Scorer::External { program, sees, says: read_says(table) }
}

fn read_says(table: &mut Table<'_>) -> Says {
    let (labels, number) = (table.texts("labels"), table.flag("number"));
    match (labels, number) {
        (Some(labels), None) => {
            check_labels(table, &labels);
            Says::Labels(labels)
        }
        (None, Some(true)) => Says::Number,
        (Some(_), Some(_)) => {
            table.fault("number", "stands beside `labels`; a program says either");
            Says::Number
        }
        (None, Some(false)) => {
            table.fault("number", "is false, so the program says nothing; give `labels`");
            Says::Number
        }
        (None, None) => {
            if !table.has("number") {
                let advice = "give the words that the program may say, or `number = true`";
                table.fault("labels", format!("is missing; {advice}"));
            }
            Says::Number
        }
    }
}
