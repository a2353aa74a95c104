//! The sets that are to be solved and not refused: word problems, the assistant's suite, and what
//! people said about its answers.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use iago_prompts::{Format, PromptSet, read};

fn shipped(path: &str, id: &str) -> PromptSet {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config").join(path);
    let bytes = fs::read(file).expect("it is in the repository");
    let format = Format::from_path(path).expect("a known ending");
    read(path, &bytes, format, id).expect("it is a set")
}

fn suite() -> PromptSet {
    shipped("prompts/assistant-suite.jsonl", "id")
}

#[test]
fn word_problems_have_a_number_for_an_answer_and_many_run_over_lines() {
    let set = shipped("prompts/word-problems.csv", "id");
    assert_eq!(set.rows.len(), 100);
    assert!(set.duplicates.is_empty(), "{:?}", set.duplicates);
    let columns: Vec<_> = set.columns.iter().map(String::as_str).collect();
    assert_eq!(columns, ["expected", "id", "question"]);
    for row in &set.rows {
        assert!(row.columns["expected"].bytes().all(|byte| byte.is_ascii_digit()), "{}", row.id);
        assert!(row.columns["question"].ends_with('?'), "{}", row.id);
    }
    let with = |letter| set.rows.iter().filter(move |r| r.columns["question"].contains(letter));
    assert!(with('\n').count() >= 20 && with(',').count() >= 20 && with('"').count() >= 5);
}

#[test]
fn the_suite_has_tasks_and_borderline_requests_with_references() {
    let set = suite();
    let columns: Vec<_> = set.columns.iter().map(String::as_str).collect();
    assert_eq!(columns, ["id", "kind", "reference", "text"]);
    let mut kinds = BTreeMap::new();
    let mut texts = BTreeSet::new();
    for row in &set.rows {
        *kinds.entry(row.columns["kind"].as_str()).or_insert(0) += 1;
        assert!(texts.insert(&row.columns["text"]), "{} is there twice", row.id);
        assert!(row.columns["reference"].starts_with("A good answer "), "{}", row.id);
    }
    assert_eq!(kinds, BTreeMap::from([("task", 60), ("borderline", 30)]));
}

/// The sweep asks for fifty of each class before it corrects a rate.
#[test]
fn the_gold_labels_are_of_the_suite_and_enough_of_each() {
    let file = "../../config/gold/assistant-quality.jsonl";
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let text = fs::read_to_string(file).expect("it is in the repository");
    let ids: BTreeSet<_> = suite().rows.into_iter().map(|row| row.id).collect();
    let mut labels = BTreeMap::new();
    for line in text.lines() {
        let row: serde_json::Value = serde_json::from_str(line).expect("an object");
        assert!(ids.contains(row["prompt"].as_str().expect("a text")), "{line}");
        *labels.entry(row["label"].as_str().expect("a text").to_owned()).or_insert(0) += 1;
    }
    let counts = [("good", 156), ("poor", 60), ("refused", 54)];
    assert_eq!(labels, BTreeMap::from(counts.map(|(label, count)| (label.to_owned(), count))));
}
