//! A database that a coordinator works on is looked into from beside it.

use serde_json::Value;

use crate::fleet::stored::jobs;
use crate::fleet::{Fleet, Setup};
use crate::world::{Ran, finish};

const PROMPTS: usize = 20;

/// A command over the database, with nobody's token.
fn look(fleet: &Fleet, arguments: &[&str]) -> Ran {
    let mut command = fleet.command();
    command.args(arguments).args(["--store", &fleet.database]);
    let ran = finish(command);
    assert_eq!(ran.code, 0, "{arguments:?}: {}\n{}", ran.stdout, ran.stderr);
    ran
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_looks_is_in_nobodys_way_and_sees_what_the_coordinator_sees() {
    let setup = Setup { prompts: PROMPTS, ..Setup::default() };
    let mut fleet = Fleet::at_work(setup, &["w1", "w2"]).await;
    fleet.until_calls(jobs(PROMPTS) as u64 / 3).await;
    let early = json(&look(&fleet, &["report", "1", "--json"]));
    assert!(!early["interim"].is_null(), "it is not done, and the report says so");
    fleet.until_state("done").await;
    fleet.assert_truth_at_the_price_of_one().await;
    assert!(fleet.process("c1").is_running());
    assert_eq!(fleet.times_said("c1", "leading"), 1, "nobody took the lead");

    let mut looked = json(&look(&fleet, &["report", "1", "--json"]));
    let mut told = json(&fleet.ask(&["report", "1", "--json"]));
    let place = looked["course"]["store"].take();
    let place = place.as_str().expect("its place");
    assert!(place.starts_with("postgres") && !place.contains('@'), "{place}");
    for report in [&mut looked, &mut told] {
        report["course"]["store"] = Value::Null;
        report["course"]["command_hint"] = Value::Null;
    }
    assert_eq!(looked, told);
    let export = ["export", "1", "--stage", "response", "--field", "answer"];
    assert_eq!(look(&fleet, &export).stdout, fleet.ask(&export).stdout);
}
