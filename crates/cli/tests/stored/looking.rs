//! Reports, transcripts and how sweeps stand, from the store alone.

use serde_json::Value;
use tokio::task::block_in_place;

use crate::ran::{Done, NAME, SWEEP, objects};
use crate::world::endpoint;

#[test]
fn a_report_from_the_store_is_that_of_the_run_to_the_byte() {
    let done = Done::new(&[]);
    let again = done.run(&["--html", "run.html"]);
    assert!(again.stderr.contains("0 calls"), "{}", again.stderr);
    assert_eq!(done.told(&["report", NAME]), again.stdout);
    let json = done.run(&["--json"]);
    assert_eq!(done.told(&["report", NAME, "--json"]), json.stdout);
    done.told(&["report", NAME, "--html", "store.html"]);
    let page = done.read("run-SIMULATED.html");
    assert!(page.len() > 10_000 && page == done.read("store-SIMULATED.html"), "the pages differ");
    done.told(&["report", "s1", "--html", "once-more.html"]);
    assert!(page == done.read("once-more-SIMULATED.html"), "made again, it is another one");
}

#[test]
fn the_first_run_tells_the_time_beside_that_and_nothing_else() {
    let done = Done::new(&["--json"]);
    let mut ran: Value = serde_json::from_str(&done.ran.stdout).expect("JSON");
    let stored: Value =
        serde_json::from_str(&done.told(&["report", NAME, "--json"])).expect("JSON");
    assert!(ran["course"]["elapsed_seconds"].as_f64().is_some_and(|seconds| seconds > 0.0));
    ran["course"]["elapsed_seconds"] = Value::Null;
    assert_eq!(ran, stored);
}

/// A raised budget is no other sweep, and the report of a run is that of what is stored.
#[test]
fn an_edit_that_changes_no_identity_changes_no_report() {
    let done = Done::new(&[]);
    let before = done.told(&["report", NAME]);
    done.world.edit(SWEEP, "budget_usd = 400", "budget_usd = 500");
    assert_eq!(done.run(&[]).stdout, before);
    assert_eq!(done.told(&["report", NAME]), before);
}

#[test]
fn a_run_ends_with_the_command_that_looks_further() {
    let done = Done::new(&["--json"]);
    let report: Value = serde_json::from_str(&done.ran.stdout).expect("JSON");
    let store = done.world.store().display().to_string();
    assert_eq!(report["course"]["store"], store);
    let hint = report["course"]["command_hint"].as_str().expect("a command").to_owned();
    let words: Vec<&str> = hint.split(' ').collect();
    assert_eq!(words, ["iago", "transcripts", "s1", "--store", &store]);
    let said = done.ask_as(&words[1..]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(said.stdout.starts_with("=== SIMULATED "), "{}", said.stdout);
}

#[test]
fn looking_changes_nothing_and_asks_nobody() {
    let done = Done::new(&[]);
    let sweeps = done.told(&["status", "--json"]);
    let before = objects(&done.told(&["status", NAME, "--json"]));
    for arguments in [
        &["transcripts", NAME, "--limit", "3"][..],
        &["report", NAME],
        &["export", NAME, "--stage", "response"],
    ] {
        done.told(arguments);
    }
    assert_eq!(objects(&done.told(&["status", NAME, "--json"])), before);
    assert_eq!(done.told(&["status", "--json"]), sweeps);
    assert_eq!((&before[0]["state"], &before[0]["results"]), (&"done".into(), &before[0]["calls"]));
    assert_eq!(before[0]["plan"].as_str().map(str::len), Some(64));
}

/// Nobody leads who could be asked what failed for good.
#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_with_jobs_that_failed_says_how_to_go_on() {
    let done = block_in_place(|| Done::new(&[]));
    let broken = endpoint(|settings| settings.faults.internal_500 = 0.9).await;
    done.world.configure(&broken.url(), "anthropic-messages", 500, "");
    done.world.edit(SWEEP, "repeats = 2", "repeats = 3");
    let ran = block_in_place(|| done.run(&[]));
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let told = block_in_place(|| done.told(&["status", NAME]));
    assert!(told.contains(": done, but for "), "{told}");
    assert!(told.contains("--retry` asks again what failed"), "{told}");
}

#[test]
fn a_copy_of_the_one_file_is_a_copy_of_the_store() {
    let done = Done::new(&[]);
    std::fs::copy(done.world.store(), done.path("copy.sqlite")).expect("it is there");
    let copied = done.ask_as(&["transcripts", NAME, "--store", "copy.sqlite"]);
    assert_eq!((copied.code, copied.stdout), (0, done.told(&["transcripts", NAME])));
}

#[test]
fn an_empty_file_is_no_store_and_stays_empty() {
    let done = Done::new(&[]);
    done.world.write("empty.sqlite", "");
    let ran = done.ask_as(&["status", "--store", "empty.sqlite"]);
    assert_eq!(
        (ran.code, &*ran.stderr),
        (
            66,
            "iago: there is no store at empty.sqlite: the file is empty; correct the path, or run a sweep first\n"
        )
    );
    assert_eq!(done.read("empty.sqlite"), "");
    assert!(!done.path("empty.sqlite.lock").exists());
}

#[test]
fn what_is_not_in_the_sweep_is_named_with_what_is() {
    let done = Done::new(&[]);
    let told = |option: &str, name: &str| done.ask(&["transcripts", NAME, option, name]).stderr;
    assert_eq!(
        told("--model", "fakr"),
        "iago: no model is called `fakr`; there are: `faker`, `null`, `refuser`\n"
    );
    let condition = told("--condition", "fre");
    assert!(condition.starts_with("iago: no condition is called `fre`; there are: `free/with`"));
}

#[test]
fn a_store_that_is_not_there_is_not_made() {
    let done = Done::new(&[]);
    let missing = done.ask_as(&["report", NAME, "--store", "other.sqlite"]);
    assert_eq!(
        (missing.code, &*missing.stderr),
        (66, "iago: there is no store at other.sqlite; correct the path, or run a sweep first\n")
    );
    assert!(!done.path("other.sqlite").exists());
    let unknown = done.ask(&["report", "alignment-fakin"]);
    assert_eq!(
        (unknown.code, &*unknown.stderr),
        (66, "iago: there is no sweep named `alignment-fakin`; there are: alignment-faking\n")
    );
    let both = done.ask(&["report", NAME, "--coordinator", "http://127.0.0.1:1"]);
    assert_eq!(both.code, 64, "{}", both.stderr);
    let neither = done.ask_as(&["report", NAME, "--store", "mysql://u:secret@h/d"]);
    assert_eq!(neither.code, 64);
    assert!(!neither.stderr.contains("secret"), "{}", neither.stderr);
}

#[test]
fn a_store_that_somebody_works_on_is_left_alone() {
    let done = Done::new(&[]);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let store = done.world.store();
    let held = runtime.block_on(iago_store_sqlite::SqliteStore::open(&store)).expect("it is free");
    let ran = done.ask(&["report", NAME]);
    assert_eq!(ran.code, 75, "{}", ran.stderr);
    runtime.block_on(held.close()).expect("it closes");
    done.told(&["report", NAME]);
}
