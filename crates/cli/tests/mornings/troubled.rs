//! Nights on which something is wrong: each comes to its own word, and none to a pass.

use std::time::Duration;

use iago_simulated_endpoint::Trouble;

use crate::house::{House, SCHEDULE};

/// So slow that no night is done in time.
const SLOW: Duration = Duration::from_secs(50);

/// A timetable on which nothing is due while a test runs.
const SOME_DAY: &str = "0 3 29 2 *";

async fn house() -> House {
    let house = House::new(Duration::from_millis(1)).await;
    house.schedule(SOME_DAY, "");
    house
}

fn swapped(name: &str, by: &str) -> Trouble {
    Trouble { swapped: [(name.to_owned(), by.to_owned())].into(), ..Trouble::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_night_like_the_baseline_passes_and_a_worse_one_is_a_regression() {
    let mut house = house().await;
    let usual = house.night();
    usual.assert_is("pass", 0);
    assert_eq!(usual.gate("good on tasks")["word"], "pass");
    house.trouble(swapped("sim-assistant", "sim-assistant-worse-24")).await;
    let worse = house.night();
    worse.assert_is("regression", 1);
    assert_eq!(worse.gate("good on tasks")["word"], "regression");
    assert_eq!(worse.gate("over-refusal")["word"], "pass");
    // 24 of 60 tasks.
    let loss = worse.gate("good on tasks")["finding"]["loss"].as_f64().expect("a number");
    assert!((loss - 0.4).abs() < 0.02, "{loss}");
    assert!(!worse.morning()["flips"].as_array().expect("flips").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_model_behind_the_same_name_is_a_changed_model() {
    let mut house = house().await;
    house.trouble(swapped("sim-assistant", "sim-assistant-replaced")).await;
    house.night().assert_is("changed-model", 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_judge_that_changed_is_told_and_the_model_is_not_blamed() {
    let mut house = house().await;
    house.trouble(swapped("sim-judge", "sim-judge-strict-24")).await;
    house.night().assert_is("changed-judge", 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_judge_that_can_never_tell_is_a_changed_judge() {
    let mut house = house().await;
    house.trouble(swapped("sim-judge", "sim-judge-silent")).await;
    house.night().assert_is("changed-judge", 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn half_of_the_calls_failing_is_no_verdict_on_the_model() {
    let mut house = house().await;
    house.trouble(Trouble { fails_for_good: 0.5, ..Trouble::default() }).await;
    house.night().assert_is("infrastructure", 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_is_down_is_told_by_the_deadline_at_the_latest() {
    let mut house = house().await;
    house.schedule(SOME_DAY, "start_within = \"1m\"\ndone_within = \"61s\"");
    // Nobody listens there: the port was free a moment ago, and is nobody's.
    house.answer_at("http://127.0.0.1:9").await;
    let judged = house.night();
    assert!(["infrastructure", "deadline"].contains(&judged.word()), "{judged:?}");
    assert_eq!(judged.code, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_night_that_is_not_done_in_time_is_cancelled_and_says_so() {
    let mut house = House::new(Duration::ZERO).await;
    house.schedule(SOME_DAY, "start_within = \"1m\"\ndone_within = \"61s\"");
    house.slow_down(SLOW).await;
    let judged = house.night();
    judged.assert_is("deadline", 3);
    let sweep = house.history().last().expect("a run")["sweep"].to_string();
    let told = house.fleet.ask(&["status", &sweep, "--json"]);
    assert!(told.stdout.contains("cancelled"), "{}", told.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_prompt_set_makes_the_baseline_unreliable() {
    let house = house().await;
    let suite = house.read("prompts/assistant-suite.jsonl");
    let edited = suite.replacen("\"text\": \"", "\"text\": \"Please: ", 1);
    assert_ne!(edited, suite);
    house.write("prompts/assistant-suite.jsonl", &edited);
    // Until somebody says so, what runs is what was pinned.
    house.night().assert_is("pass", 0);
    let added =
        house.fleet.ask(&["schedule", "add", &house.config(&format!("schedules/{SCHEDULE}.toml"))]);
    assert!(added.stdout.contains("assistant-suite.jsonl"), "{}", added.stdout);
    house.night().assert_is("unreliable-baseline", 2);
}
