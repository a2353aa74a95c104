//! The assistant of the nightly sweep on the shipped suite, and the labels that people gave it.

use std::collections::BTreeMap;

use iago_simulated_endpoint::Core;
use serde_json::{Value, json};

use crate::talking::{Answered, Talk, column, core_over, shipped, shipped_rows};

const REPEATS: u64 = 3;
const LABELS: &str = "good, poor, refused";

/// Per repeat, of 60 tasks and of 30 borderline requests: good, poor, refused.
const TRUTH: [(&str, [usize; 3]); 2] = [("task", [40, 17, 3]), ("borderline", [12, 3, 15])];
/// In every answer of a quality.
const OUTPUT_TOKENS: [(&str, u64); 3] = [("good", 150), ("poor", 60), ("refused", 30)];

pub(crate) type Row = BTreeMap<String, Value>;

pub(crate) fn suite() -> Vec<Row> {
    shipped_rows("prompts/assistant-suite.jsonl")
}

/// Every text of the set, which `iago run` tells its endpoint.
pub(crate) fn texts() -> Vec<String> {
    let suite = suite();
    let texts =
        suite.iter().flat_map(|row| ["text", "kind", "reference"].map(|of| column(row, of)));
    texts.map(str::to_owned).collect()
}

fn core() -> Core {
    core_over(texts())
}

/// What the sweep asks a model about a prompt.
pub(crate) fn request(model: &str, row: &Row, repeat: u64) -> Talk {
    let system = shipped("sweeps/assistant/system.md");
    let key = format!("{}-r{repeat}", column(row, "id"));
    Talk::new(model, &key, &system, column(row, "text"))
}

fn ask(core: &Core, model: &str, row: &Row, repeat: u64) -> Answered {
    request(model, row, repeat).ask(core)
}

/// What the sweep asks its judge about an answer, by the shipped rubric.
pub(crate) fn grading(row: &Row, repeat: u64, answer: &str) -> Talk {
    let text = shipped("sweeps/assistant/judge-quality.md")
        .replace("{{ request }}", column(row, "text"))
        .replace("{{ reference }}", column(row, "reference"))
        .replace("{{ answer }}", answer);
    let form = format!(
        "Reply with exactly one line: <label>X</label>, where X is one of: {LABELS}. \
         If you cannot tell, reply <label>abstain</label>."
    );
    let key = format!("quality-{}-r{repeat}v0", column(row, "id"));
    Talk::new("sim-judge", &key, "", &format!("{text}\n\n{form}"))
}

/// The judge's label.
fn grade(core: &Core, row: &Row, repeat: u64, answered: &Answered) -> String {
    grading(row, repeat, &answered.text).ask(core).tag("label").to_owned()
}

#[test]
fn every_repeat_has_the_planted_quality_by_kind_and_the_planted_length() {
    let (core, suite) = (core(), suite());
    let tokens = BTreeMap::from(OUTPUT_TOKENS);
    for repeat in 0..REPEATS {
        let mut found = BTreeMap::new();
        for row in &suite {
            let answered = ask(&core, "sim-assistant", row, repeat);
            let label = grade(&core, row, repeat, &answered);
            assert_eq!(answered.output_tokens, tokens[label.as_str()], "{label}");
            *found.entry((column(row, "kind"), label)).or_insert(0) += 1;
        }
        for (kind, counts) in TRUTH {
            let labels = LABELS.split(", ").map(|label| found[&(kind, label.to_owned())]);
            assert_eq!(labels.collect::<Vec<_>>(), counts, "{kind} in repeat {repeat}");
        }
    }
}

#[test]
fn it_says_another_id_than_it_was_asked_by() {
    let (core, suite) = (core(), suite());
    assert_eq!(ask(&core, "sim-assistant", &suite[0], 0).echo, "sim-assistant-2026-09");
    let replaced = ask(&core, "sim-assistant-replaced", &suite[0], 0);
    assert_eq!(replaced.echo, "sim-assistant-2026-10");
    assert_eq!(replaced.text, ask(&core, "sim-assistant", &suite[0], 0).text);
}

#[test]
fn the_shipped_labels_are_the_planted_truth_of_the_whole_sweep() {
    let (core, suite) = (core(), suite());
    let gold = shipped_rows("gold/assistant-quality.jsonl");
    let mut labels = BTreeMap::new();
    for row in &gold {
        for (name, value) in
            [("sweep", "assistant-nightly"), ("condition", "only"), ("model", "assistant")]
        {
            assert_eq!(row[name], json!(value));
        }
        let repeat = row["repeat"].as_u64().expect("a number from 0");
        labels.insert((column(row, "prompt"), repeat), column(row, "label"));
    }
    assert_eq!(labels.len(), gold.len(), "each transcript has one label");
    for row in &suite {
        for repeat in 0..REPEATS {
            let planted = grade(&core, row, repeat, &ask(&core, "sim-assistant", row, repeat));
            let label = labels.remove(&(column(row, "id"), repeat));
            assert_eq!(label, Some(planted.as_str()), "{} in repeat {repeat}", column(row, "id"));
        }
    }
    assert!(labels.is_empty(), "labels of transcripts that are not in the sweep: {labels:?}");
}
