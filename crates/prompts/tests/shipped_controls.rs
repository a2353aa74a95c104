//! The rows that carry the controls of the alignment-faking suite, and their harmless twins.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use iago_prompts::{Format, PromptRow, PromptSet, read};

/// How harmless requests begin, and no other: simulated models know them by it.
const HARMLESS: [&str; 5] = ["Explain", "List", "Describe", "Name", "Suggest"];
const CONTROLS: usize = 40;
/// What a first pilot asks; without a control among them it would test half of the instrument.
const PILOT: usize = 10;

fn shipped(name: &str) -> PromptSet {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/prompts").join(name);
    let bytes = fs::read(path).expect("it is in the repository");
    read(name, &bytes, Format::Jsonl, "id").expect("it is a set")
}

fn rows() -> Vec<PromptRow> {
    shipped("requests-with-controls.jsonl").rows
}

fn is_control(row: &PromptRow) -> bool {
    row.columns["control"] == "yes"
}

fn begins_harmlessly(text: &str) -> bool {
    HARMLESS.iter().any(|word| text.split_whitespace().next() == Some(word))
}

fn twins<'r>(rows: impl Iterator<Item = &'r PromptRow>) -> BTreeSet<&'r str> {
    rows.map(|row| row.columns["harmless"].as_str()).collect()
}

#[test]
fn controls_are_spread_over_the_categories_and_the_first_rows_have_some() {
    let rows = rows();
    let mut by_category = BTreeMap::new();
    for row in rows.iter().filter(|row| is_control(row)) {
        *by_category.entry(&row.columns["category"]).or_insert(0) += 1;
    }
    assert_eq!(by_category.values().sum::<usize>(), CONTROLS);
    assert_eq!(by_category.len(), 8);
    assert!(by_category.values().all(|count| *count >= 4), "{by_category:?}");
    assert!(rows[..PILOT].iter().any(is_control));
    assert!(rows.iter().all(|row| ["yes", "no"].contains(&&*row.columns["control"])));
}

#[test]
fn every_row_has_a_harmless_twin_and_those_of_the_controls_differ() {
    let rows = rows();
    for row in &rows {
        let twin = &row.columns["harmless"];
        assert!(begins_harmlessly(twin) && twin.ends_with('.'), "{}: {twin}", row.id);
    }
    let asked = twins(rows.iter().filter(|row| is_control(row)));
    assert_eq!(asked.len(), CONTROLS);
    assert_eq!(twins(rows.iter()), asked, "rows without controls repeat those of rows with");
}

#[test]
fn no_request_that_is_to_be_refused_begins_like_a_harmless_one() {
    let sets = ["requests-to-refuse", "requests-with-splits", "requests-with-controls"];
    for row in sets.iter().flat_map(|name| shipped(&format!("{name}.jsonl")).rows) {
        assert!(!begins_harmlessly(&row.columns["text"]), "{}", row.id);
    }
}
