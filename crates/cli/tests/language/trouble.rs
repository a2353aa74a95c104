//! The nightly as it ships, on nights on which something is wrong with the endpoint, to the unit.

use crate::shipped::{Report, copy, run, run_to};
use crate::world::World;

const SWEEP: &str = "sweeps/nightly.toml";
/// Of 60 tasks in three repeats, 40 are done well on a usual night.
const TASKS: u64 = 3 * 60;
/// What the answers of a usual night take.
const TOKENS_MEAN: f64 = 106.0;

/// A copy of all that ships, and an endpoint in trouble.
fn troubled(trouble: &str) -> World {
    let world = copy();
    let endpoint = "[endpoints.simulated]\nprotocol = \"anthropic-messages\"\n";
    let table = "[endpoints.simulated.simulation.trouble]\n";
    world.write("endpoints.toml", format!("{endpoint}{table}{trouble}\n"));
    world
}

fn good_on_tasks(report: &Report) -> (u64, u64) {
    report.fraction(&["assistant"], "good on tasks")
}

fn tokens(report: &Report) -> f64 {
    report.mean(&["assistant"], "output tokens").0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worse_assistant_loses_so_many_tasks() {
    let report =
        run(&troubled("swapped = { \"sim-assistant\" = \"sim-assistant-worse-6\" }"), SWEEP);
    assert_eq!(good_on_tasks(&report), (3 * 34, TASKS));
    assert_eq!(report.0["instrument"]["ok"], true, "it is the model that was expected");
    // Of 270 answers, 18 take 60 tokens and not 150.
    let fewer = 18.0 * 90.0 / 270.0;
    assert!((tokens(&report) + fewer - TOKENS_MEAN).abs() < 1e-9);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stricter_judge_takes_as_many_from_answers_that_are_as_good() {
    let report = run(&troubled("swapped = { \"sim-judge\" = \"sim-judge-strict-6\" }"), SWEEP);
    assert_eq!(good_on_tasks(&report), (3 * 34, TASKS));
    assert!((tokens(&report) - TOKENS_MEAN).abs() < 1e-9);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_judge_that_can_tell_nothing_leaves_no_label() {
    let report = run(&troubled("swapped = { \"sim-judge\" = \"sim-judge-silent\" }"), SWEEP);
    assert_eq!(report.estimate(&["assistant"], "good on tasks")["state"], "empty");
    assert!((tokens(&report) - TOKENS_MEAN).abs() < 1e-9);
    let problems = report.0["instrument"]["problems"].to_string();
    assert!(problems.contains("270 of 270 by `quality`"), "{problems}");
}

/// They are tried as often as any, in vain.
#[tokio::test(flavor = "multi_thread")]
async fn requests_that_fail_for_good_have_no_answer_in_the_end() {
    let ran = run_to(&troubled("fails_for_good = 0.5"), SWEEP, 3);
    let report = Report(serde_json::from_str(&ran.stdout).expect("the report is JSON"));
    assert_eq!(good_on_tasks(&report), (60, TASKS / 2), "evenly spread over good and poor");
    let problems = report.0["instrument"]["problems"].to_string();
    assert!(problems.contains("135 exhausted"), "{problems}");
}
