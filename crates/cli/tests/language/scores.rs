//! Scores: what code and programs say of answers whose truth is planted.

use std::process::Command;

use crate::shipped::{Report, copy, count, run, run_to};
use crate::world::{World, rows};

const SWEEP: &str = "sweeps/exact-match.toml";

/// Leaves one model and one wording of the shipped file, and scores the answers in more ways.
fn with_scores(stages: &[(&str, &str)]) -> World {
    let world = copy();
    let file = std::fs::read_to_string(world.path(SWEEP)).expect("it ships");
    let cut = |from: &str, to: &str, text: &str| {
        let start = text.find(from).unwrap_or_else(|| panic!("no {from}"));
        let end = text[start..].find(to).map_or(text.len(), |end| start + end);
        format!("{}{}", &text[..start], &text[end..])
    };
    let file = cut("[models.beta]", "[stages.reply]", &file);
    let file = cut("[[contrasts]]", "no such heading", &file);
    let scored = stages.iter().map(|(name, scorer)| {
        format!(
            "\n[stages.{name}]\nkind = \"score\"\nof = \"reply\"\n{scorer}\n\
             [[measures]]\nname = \"{name}\"\nof = \"{name} == 'yes'\"\n"
        )
    });
    let file = format!("{file}{}", scored.collect::<String>());
    world.write(SWEEP, file);
    world
}

fn yes(report: &Report, name: &str) -> u64 {
    let (yes, of) = report.fraction(&["alpha", "base"], name);
    assert_eq!(of, 100, "{name}");
    yes
}

#[tokio::test(flavor = "multi_thread")]
async fn every_scorer_says_what_is_planted() {
    let world = with_scores(&[
        ("near", "number = { field = \"answer\", equals = \"{{ expected }}\", within = 10 }"),
        ("nearer", "number = { field = \"answer\", equals = \"{{ expected }}\", within = 9.5 }"),
        ("holds", "contains = { field = \"answer\", text = \"{{ expected }}\" }"),
        ("begins", "prefix = { field = \"answer\", text = \"{{ expected }}\" }"),
        ("digits", "regex = { field = \"answer\", pattern = '^-?[0-9]+$' }"),
        ("json", "schema = { field = \"answer\", schema = '{\"type\": \"integer\"}' }"),
        ("kept", "overlap = { field = \"answer\", with = \"{{ expected }}\", share = 1.0 }"),
        ("picked", "choice = { field = \"answer\", among = [\"{never}\", \"0\"], equals = \"0\" }"),
    ]);
    let report = run(&world, SWEEP);
    assert_eq!([yes(&report, "accuracy"), yes(&report, "nearer"), yes(&report, "kept")], [90; 3]);
    assert_eq!([yes(&report, "near"), yes(&report, "digits"), yes(&report, "json")], [100; 3]);
    assert!(yes(&report, "holds") >= 90 && yes(&report, "begins") >= 90);
    // A choice that names none of its options is unknown, and never a no.
    let picked = report.estimate(&["alpha", "base"], "picked");
    assert!(count(&picked["missing"]) > 90, "{picked}");
    let stored = rows(&world.store()).await;
    assert_eq!(stored.totals.calls(), 300, "one model, three wordings: scores call nobody");
}

const PROGRAM: (&str, &str) = (
    "same",
    "external = { program = \"numeric-equality\", sees = [\"answer\", \"expected\"], labels = [\"yes\", \"no\"] }",
);

fn has_python() -> bool {
    Command::new("python3").arg("--version").output().is_ok()
}

/// The shipped example, as its own comment in the configuration has it.
#[tokio::test(flavor = "multi_thread")]
async fn a_program_scores_as_its_example_says() {
    assert!(has_python(), "the shipped example is written in Python: install python3");
    let world = with_scores(&[PROGRAM]);
    world.write(
        "endpoints.toml",
        "[programs.numeric-equality]\ncommand = [\"python3\", \"./programs/numeric-equality.py\", \"answer\", \"expected\"]\n",
    );
    let report = run(&world, SWEEP);
    assert_eq!(yes(&report, "same"), 90);
    assert_eq!(yes(&report, "accuracy"), 90);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_nobody_configured_is_told_before_anything_is_asked() {
    let world = with_scores(&[PROGRAM]);
    let ran = run_to(&world, SWEEP, 78);
    assert_eq!(
        ran.stderr,
        "iago: stage `same` scores with program `numeric-equality`, which is not configured (known: none); \
         add [programs.numeric-equality] to config/endpoints.toml, or name the file with --config\n"
    );
    assert!(!world.store().exists());
}

/// Two in a hundred answers kill it: those fail, and are said to have, and the others count.
#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_dies_costs_only_what_it_died_on() {
    let world = with_scores(&[(
        "judged",
        "external = { program = \"frail\", sees = [\"expected\"], labels = [\"yes\", \"no\"] }",
    )]);
    let prompts =
        std::fs::read_to_string(world.path("prompts/word-problems.csv")).expect("it ships");
    assert!(prompts.lines().any(|line| line.ends_with(",12")), "a truth that kills it:\n{prompts}");
    // It answers by the number of the line, and dies where the expected number is 12.
    let script = "#!/bin/sh\nwhile read -r line; do\n  case \"$line\" in *'\"expected\":\"12\"'*) exit 1;; esac\n  \
                  id=${line#*\\\"id\\\":}; id=${id%%,*}\n  echo \"{\\\"id\\\": $id, \\\"label\\\": \\\"yes\\\"}\"\ndone\n";
    world.write("frail.sh", script);
    world.write("endpoints.toml", "[programs.frail]\ncommand = [\"sh\", \"./frail.sh\"]\n");
    let ran = run_to(&world, SWEEP, 3);
    let report = Report(serde_json::from_str(&ran.stdout).expect("JSON"));
    let judged = report.estimate(&["alpha", "base"], "judged");
    let (right, missing) = (count(&judged["yes"]), count(&judged["missing"]));
    assert!(missing > 0 && right == 100 - missing, "{judged}");
}
