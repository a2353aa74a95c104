//! A night that comes due by itself, whoever leads at that minute.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use iago_simulated_endpoint::Trouble;
use serde_json::Value;

use crate::fleet::{LONG, until};
use crate::house::{House, SCHEDULE, SECRET};

const MINUTE_S: u64 = 60;

#[expect(clippy::disallowed_methods, reason = "schedules are due by the wall clock")]
fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970").as_secs()
}

/// The first whole minute that is at least so many seconds away, and its one due time in UTC.
fn next_minute(away_s: u64) -> (u64, String) {
    let due = (now_s() + away_s).div_ceil(MINUTE_S) * MINUTE_S;
    let (minute, hour) = (due / MINUTE_S % 60, due / 3_600 % 24);
    (due, format!("{minute} {hour} * * *"))
}

fn worse() -> Trouble {
    let swapped = [("sim-assistant".to_owned(), "sim-assistant-worse-24".to_owned())];
    Trouble { swapped: swapped.into(), ..Trouble::default() }
}

async fn until_due(due_s: u64) {
    until("the due minute", LONG, || now_s() >= due_s).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_due_in_seconds_finds_the_planted_regression_and_says_so_signed() {
    let mut house = House::new(Duration::from_millis(1)).await;
    house.trouble(worse()).await;
    let (due_s, cron) = next_minute(5);
    house.schedule(&cron, "");
    until_due(due_s).await;
    until("a run", LONG, || !house.history().is_empty()).await;
    let judged = house.judged();
    judged.assert_is("regression", 1);
    assert_eq!(house.history().len(), 1);
    let gate = house.fleet.client(&["gate", "--schedule", SCHEDULE]);
    let first = gate.stdout.lines().next().expect("a line");
    assert!(first.contains("SIMULATED") && gate.stdout.contains("REGRESSION"), "{}", gate.stdout);

    // The receiver asked for it again: it comes twice, with one id.
    let (refused, taken) = (house.receiver.next(), house.receiver.next());
    for message in [&refused, &taken] {
        assert!(message.is_signed_with(SECRET), "{message:?}");
        assert!(!message.is_signed_with("whsec_AAAA"), "{message:?}");
        assert_eq!(message.header("content-type"), "application/json");
        let sent: u64 = message.header("webhook-timestamp").parse().expect("seconds");
        assert!(sent.abs_diff(now_s()) < 300, "{sent}");
    }
    assert_eq!(refused.header("webhook-id"), taken.header("webhook-id"));
    assert_eq!(refused.body, taken.body);
    let said = taken.json();
    assert_eq!(
        (&said["type"], &said["schedule"], &said["word"], &said["exit_code"], &said["simulated"]),
        (
            &Value::from("iago.night.v1"),
            &Value::from(SCHEDULE),
            &Value::from("regression"),
            &Value::from(1),
            &Value::from(true)
        )
    );
    assert!(!taken.body.windows(12).any(|part| part == b"(placeholder"), "no answer is told");
    until("the message to be delivered", LONG, || {
        house.history()[0]["notices"][0]["end"] == "delivered"
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coordinator_killed_at_the_due_minute_leaves_one_run_to_the_next() {
    let mut house = House::new(Duration::from_millis(20)).await;
    house.trouble(worse()).await;
    let (due_s, cron) = next_minute(10);
    house.schedule(&cron, "start_within = \"5m\"");
    house.fleet.start_coordinator("c2").await;
    until_due(due_s).await;
    house.fleet.kill(&["c1"]);
    house.fleet.until_said("c2", "leading").await;
    until("a run", LONG, || {
        let ran = house.fleet.client(&["schedule", "history", SCHEDULE, "--json"]);
        ran.code == 0 && ran.stdout.contains("due")
    })
    .await;
    house.judged().assert_is("regression", 1);
    let history = house.history();
    assert_eq!(history.len(), 1, "{history:#?}");
    let sweeps: Value =
        serde_json::from_str(&house.fleet.ask(&["status", "--json"]).stdout).expect("JSON");
    let nights = sweeps.as_array().expect("a list");
    let nights = nights.iter().filter(|sweep| sweep["kind"] == "night").count();
    assert_eq!(nights, 1, "{sweeps:#}");
}
