//! A schedule from its file to the morning, with coordinator, worker and people as processes of their own, and
//! a model that got worse overnight.

#[path = "support/world.rs"]
mod world;

#[path = "nights/house.rs"]
mod house;

use house::House;
use serde_json::Value;

const NAME: &str = "every-night";
const FILE: &str = "schedules/every-night.toml";

#[tokio::test(flavor = "multi_thread")]
async fn a_night_runs_is_judged_and_is_told_of() {
    let house = House::new().await;
    house.pin_a_baseline();
    house.assert_told(&["schedule", "list"], "", "nothing is scheduled yet");

    let added = house.ask(&["schedule", "add", FILE]).stdout;
    assert!(added.starts_with("every-night: new\n  due "), "{added}");
    assert_eq!(added.lines().count(), 4, "{added}");
    let again = house.ask(&["schedule", "add", "schedules"]).stdout;
    assert!(again.starts_with("every-night: unchanged\n"), "{again}");

    house.model_gets_worse();
    let run = house.ask(&["schedule", "run-now", NAME]);
    assert!(run.stderr.starts_with("every-night: a run is due now"), "{run:?}");
    let night = house.finish(&["gate", "--schedule", NAME, "--wait"]);
    assert_eq!(night.code, 1, "{night:?}");
    assert!(
        night.stdout.contains("REGRESSION") && night.stdout.starts_with("SIMULATED"),
        "{night:?}"
    );
    assert!(night.stdout.trim_end().lines().last().is_some_and(|line| line.contains("SIMULATED")));
    // What was judged that night is not judged anew.
    assert_eq!(house.finish(&["gate", "--schedule", NAME]).stdout, night.stdout);

    let history = house.ask(&["schedule", "history", NAME]).stdout;
    assert!(history.contains("good on tasks") && history.contains('✗'), "{history}");
    let json = house.ask(&["schedule", "history", NAME, "--json"]).stdout;
    let runs: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(
        (runs[0]["run"]["state"]["state"].as_str(), runs[1].is_null()),
        (Some("ended"), true)
    );
    assert_eq!(runs[0]["morning"]["word"], "regression", "{json}");
    let listed = house.ask(&["schedule", "list"]).stdout;
    assert!(listed.contains("regression, sweep s"), "{listed}");
    let status = house.ask(&["status"]).stdout;
    assert!(status.contains("a night; ") && status.contains("anchors; "), "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_is_changed_paused_and_removed() {
    let house = House::new().await;
    house.pin_a_baseline();
    house.ask(&["schedule", "add", FILE]);
    house.world.edit(FILE, "0 2 * * *", "30 3 * * *");
    house.world.edit("sweeps/nightly.toml", "margin = 0.25", "margin = 0.24");
    for (arguments, word) in [
        (&["schedule", "add", FILE, "--dry-run"][..], "would change"),
        (&["schedule", "add", FILE], "changed"),
        (&["schedule", "add", FILE], "unchanged"),
    ] {
        let told = house.ask(arguments).stdout;
        assert!(told.starts_with(&format!("every-night: {word}\n")), "{told}");
        assert_eq!(told.contains("margin = 0.24"), word != "unchanged", "{told}");
        assert_eq!(told.contains("30 3 * * *"), word != "unchanged", "{told}");
    }
    house.assert_told(&["schedule", "pause", NAME], "", "every-night is paused");
    let shown = house.ask(&["schedule", "show", NAME]).stdout;
    for line in
        ["paused   due times are skipped", "against  monday", "last     none yet", "next     "]
    {
        assert!(shown.contains(line), "{line}: {shown}");
    }
    let listed = house.ask(&["schedule", "list"]).stdout;
    assert!(listed.contains("paused; "), "{listed}");
    house.assert_told(&["schedule", "resume", NAME], "", "every-night goes on, due next ");
    house.assert_told(&["schedule", "remove", NAME], "", "every-night is removed");
    house.assert_told(&["schedule", "list", "--json"], "[]\n", "");
    for arguments in [
        &["schedule", "show", "nobody"][..],
        &["schedule", "run-now", "nobody"],
        &["schedule", "pause", NAME],
        &["gate", "--schedule", NAME],
    ] {
        let ran = house.finish(arguments);
        assert!(ran.code >= 64 && ran.stdout.is_empty(), "{arguments:?}: {ran:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_of_schedules_is_the_coordinators_own() {
    let house = House::with_folder("schedules").await;
    house
        .until("the schedule is added", || !house.ask(&["schedule", "list"]).stdout.is_empty())
        .await;
    let told = house.ask(&["schedule", "add", FILE]).stdout;
    assert!(told.starts_with("every-night: unchanged\n"), "{told}");
}
