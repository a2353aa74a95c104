//! Any number of workers, coming and going in good order.

use std::collections::BTreeSet;

use iago_sweep::AttemptCause;
use serde_json::Value;

use crate::fleet::stored::jobs;
use crate::fleet::{Fleet, Setup};
use crate::world::{World, endpoint, finish, flagship};

/// `w1`, `w2`, …
fn names(workers: usize) -> Vec<String> {
    (1..=workers).map(|number| format!("w{number}")).collect()
}

/// The whole flagship with this many workers from the start.
async fn complete(workers: usize) -> Fleet {
    let names = names(workers);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let fleet = Fleet::at_work(Setup::default(), &names).await;
    fleet.until_state("done").await;
    let stored = fleet.assert_truth_at_the_price_of_one().await;
    assert_eq!(stored.attempts, [], "nothing went wrong, so nothing was tried again");
    assert_eq!(fleet.log().over_limit, 0);
    let in_flight = fleet.log().in_flight_max;
    assert!(in_flight <= fleet.setup.concurrency.into(), "{in_flight} calls at once");
    for name in names {
        fleet.assert_said("c1", &format!("worker connected worker=\"{name}\""));
    }
    fleet
}

/// The numbers of a report's cells. Sums depend on the order of prompts in their last digits.
fn cells(report: &str) -> BTreeSet<String> {
    let mut report: Value = serde_json::from_str(report).expect("the report is JSON");
    let cells = report["cells"].as_array_mut().expect("a list");
    cells.iter_mut().for_each(round);
    cells.iter().map(Value::to_string).collect()
}

fn round(value: &mut Value) {
    match value {
        Value::Number(number) if number.is_f64() => {
            *value = format!("{:.9}", number.as_f64().expect("it is one")).into();
        }
        Value::Array(items) => items.iter_mut().for_each(round),
        Value::Object(items) => items.values_mut().for_each(round),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_worker_gives_the_report_of_iago_run() {
    let fleet = complete(1).await;
    let (world, endpoint) = (World::new(), endpoint(|_| ()).await);
    world.configure(&endpoint.url(), "anthropic-messages", 48, "");
    let mut command = world.run_command(&flagship());
    command.arg("--json");
    let ran = finish(command);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let report = fleet.ask(&["report", "1", "--json"]);
    assert_eq!(cells(&report.stdout), cells(&ran.stdout));
}

#[tokio::test(flavor = "multi_thread")]
async fn three_workers_share_one_limit() {
    complete(3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sixteen_workers_share_one_limit() {
    complete(16).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_drains_loses_and_repeats_nothing() {
    let mut fleet = Fleet::at_work(Setup { prompts: 40, ..Setup::default() }, &["w1", "w2"]).await;
    fleet.until_calls(jobs(40) as u64 / 3).await;
    assert_eq!(fleet.terminate("w1").await, Some(0), "{}", fleet.said("w1"));
    assert!(fleet.calls() < jobs(40) as u64, "it was to leave before the end");
    fleet.until_state("done").await;
    let stored = fleet.assert_truth_at_the_price_of_one().await;
    assert_eq!(stored.count(AttemptCause::Abandoned), 0, "it left nothing behind");
    fleet.assert_said("c1", "worker drains worker=\"w1\"");
}
