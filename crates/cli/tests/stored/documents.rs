//! Documents for fine-tuning.

use std::collections::BTreeSet;

use crate::ran::{Done, NAME, PROMPTS, objects};

/// Twelve cells, two repeats.
const ANSWERS: usize = 12 * PROMPTS * 2;

#[test]
fn every_answer_of_a_stage_is_a_document_with_its_origin_beside_it() {
    let done = Done::new(&[]);
    let ran = done.ask(&["export", NAME, "--stage", "response"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(ran.stderr, format!("SIMULATED: {ANSWERS} documents\n"));
    let documents = objects(&ran.stdout);
    assert_eq!(documents.len(), ANSWERS);
    let status = &objects(&done.told(&["status", NAME, "--json"]))[0];
    let mut places = BTreeSet::new();
    for document in &documents {
        let (text, metadata) = (document["text"].as_str().expect("a text"), &document["metadata"]);
        assert!(text.contains("OUTPUT>"), "the whole answer: {text}");
        assert!(!text.to_lowercase().contains("canary"), "{text}");
        let canary = metadata["canary"].as_str().expect("a canary");
        assert!(canary.contains("must not end up in a training corpus by accident"), "{canary}");
        assert_eq!(documents[0]["metadata"]["canary"], canary, "one for all");
        assert_eq!((&metadata["sweep"], &metadata["stage"]), (&NAME.into(), &"response".into()));
        assert_eq!((&metadata["synthetic"], &metadata["simulated"]), (&true.into(), &true.into()));
        assert_eq!(metadata["plan"], status["plan"]);
        places.insert(
            ["model", "condition", "prompt", "repeat"].map(|key| metadata[key].to_string()),
        );
    }
    assert_eq!(places.len(), ANSWERS, "each of another transcript");
    assert_eq!(done.told(&["export", NAME, "--stage", "response"]), ran.stdout);
}

#[test]
fn a_field_an_outcome_and_a_canary_of_ones_own() {
    let done = Done::new(&[]);
    let arguments =
        ["export", NAME, "--stage", "response", "--field", "answer", "--canary", "mine"];
    let all = objects(&done.told(&arguments));
    let refused = objects(&done.told(&[&arguments[..], &["--outcome", "refuse"]].concat()));
    assert_eq!(all.len(), ANSWERS);
    assert!(!refused.is_empty() && refused.len() < all.len(), "{} of {}", refused.len(), all.len());
    for document in all.iter().chain(&refused) {
        assert!(!document["text"].as_str().expect("a text").contains("OUTPUT>"));
        assert_eq!(document["metadata"]["canary"], "mine");
    }
    let of_refuser = refused.iter().filter(|of| of["metadata"]["model"] == "refuser").count();
    assert_eq!(of_refuser, ANSWERS / 3, "one of three models always refuses");
}

#[test]
fn answers_without_the_field_are_left_out_and_counted() {
    let done = Done::new(&[]);
    let ran = done.ask(&["export", NAME, "--stage", "response", "--field", "reasoning"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    // There is a scratchpad in one half of the conditions.
    assert_eq!(objects(&ran.stdout).len(), ANSWERS / 2);
    let half = ANSWERS / 2;
    let said =
        format!("SIMULATED: {half} documents; {half} answers without `reasoning` left out\n");
    assert_eq!(ran.stderr, said);
}

#[test]
fn a_file_says_simulated_in_its_name() {
    let done = Done::new(&[]);
    let printed = done.told(&["export", NAME, "--stage", "response"]);
    let ran = done.ask(&["export", NAME, "--stage", "response", "--out", "documents.jsonl"]);
    assert_eq!((ran.code, &*ran.stdout), (0, ""), "{}", ran.stderr);
    assert_eq!(
        ran.stderr,
        format!("SIMULATED: {ANSWERS} documents in documents-SIMULATED.jsonl\n")
    );
    assert_eq!(done.read("documents-SIMULATED.jsonl"), printed);
    for other in ["documents.jsonl", "documents.jsonl.part"] {
        assert!(!done.path(other).exists(), "{other}");
    }
}

#[test]
fn what_has_no_documents_is_told_with_what_has() {
    let done = Done::new(&[]);
    let told = |arguments: &[&str]| {
        let ran = done.ask(&[&["export", NAME], arguments].concat());
        assert_eq!((ran.code, &*ran.stdout), (66, ""));
        ran.stderr
    };
    assert_eq!(
        told(&["--stage", "compliance"]),
        "iago: no stage that generates is called `compliance`; there are: response\n"
    );
    assert_eq!(
        told(&["--stage", "response", "--field", "anser"]),
        "iago: the stage has no field `anser`; there are: reasoning, answer\n"
    );
    assert_eq!(
        told(&["--stage", "response", "--outcome", "refused"]),
        "iago: no outcome is called `refused`; there are: `comply, faking`, `comply`, `refuse`, `unknown`, `pending`\n"
    );
}
