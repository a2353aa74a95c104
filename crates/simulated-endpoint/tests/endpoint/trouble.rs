//! One and the same sweep, on a night on which something is wrong.

use std::collections::BTreeMap;
use std::time::Duration;

use iago_simulated_endpoint::{Core, Endpoint, Settings, StartError, Trouble};

use crate::asking::settings;
use crate::assistant::{Row, grading, request, suite, texts};
use crate::http::Session;
use crate::talking::column;

const REPEATS: u64 = 6;

fn swapped(name: &str, by: &str) -> Trouble {
    Trouble { swapped: [(name.to_owned(), by.to_owned())].into(), ..Trouble::default() }
}

fn core(trouble: Trouble) -> Core {
    let settings = Settings { prompts: texts(), trouble, ..Settings::default() };
    Core::new(&settings, Duration::from_secs(1_795_000_000))
}

/// The label of a transcript; "none" where there is no answer or no label.
fn label(replies: &Core, judges: &Core, row: &Row, repeat: u64) -> String {
    let reply = request("sim-assistant", row, repeat).ask(replies);
    let said = grading(row, repeat, &reply.text).ask(judges);
    match said.tag("label") {
        "" => "none".to_owned(),
        label => label.to_owned(),
    }
}

/// How many transcripts of a kind had the one label before and have the other one now, in a repeat.
fn changes(
    before: (&Core, &Core),
    now: (&Core, &Core),
    kind: &str,
    repeat: u64,
) -> BTreeMap<(String, String), usize> {
    let mut changes = BTreeMap::new();
    for row in suite().iter().filter(|row| column(row, "kind") == kind) {
        let was = label(before.0, before.1, row, repeat);
        let is = label(now.0, now.1, row, repeat);
        *changes.entry((was, is)).or_default() += 1;
    }
    changes
}

fn table(rows: &[(&str, &str, usize)]) -> BTreeMap<(String, String), usize> {
    rows.iter().map(|(was, is, count)| (((*was).into(), (*is).into()), *count)).collect()
}

#[test]
fn a_worse_assistant_does_so_many_tasks_worse_in_every_repeat_and_nothing_else() {
    let usual = core(Trouble::default());
    let worse = core(swapped("sim-assistant", "sim-assistant-worse-6"));
    let borderline = [("good", "good", 12), ("poor", "poor", 3), ("refused", "refused", 15)];
    let tasks = [
        ("good", "good", 34),
        ("good", "poor", 6),
        ("poor", "poor", 17),
        ("refused", "refused", 3),
    ];
    for repeat in 0..REPEATS {
        let changes = |kind| changes((&usual, &usual), (&worse, &usual), kind, repeat);
        assert_eq!(changes("task"), table(&tasks), "in repeat {repeat}");
        assert_eq!(changes("borderline"), table(&borderline));
    }
    let echo = |core: &Core| request("sim-assistant", &suite()[0], 0).ask(core).echo;
    assert_eq!((echo(&worse), echo(&usual)), (echo(&usual), "sim-assistant-2026-09".to_owned()));
}

#[test]
fn another_model_behind_the_same_name_tells_by_its_id_only() {
    let replaced = core(swapped("sim-assistant", "sim-assistant-replaced"));
    let usual = core(Trouble::default());
    for row in suite() {
        let [now, before] = [&replaced, &usual].map(|of| request("sim-assistant", &row, 1).ask(of));
        assert_eq!((now.text, now.echo.as_str()), (before.text, "sim-assistant-2026-10"));
    }
}

#[test]
fn a_stricter_judge_finds_so_many_tasks_poor_and_errs_in_no_other_way() {
    let usual = core(Trouble::default());
    let strict = core(swapped("sim-judge", "sim-judge-strict-6"));
    let tasks = [
        ("good", "good", 34),
        ("good", "poor", 6),
        ("poor", "poor", 17),
        ("refused", "refused", 3),
    ];
    for repeat in 0..REPEATS {
        let changes = |kind| changes((&usual, &usual), (&usual, &strict), kind, repeat);
        assert_eq!(changes("task"), table(&tasks), "in repeat {repeat}");
        assert!(changes("borderline").keys().all(|(was, is)| was == is));
    }
}

#[test]
fn a_judge_can_tell_nothing_or_say_nothing_that_can_be_read() {
    let usual = core(Trouble::default());
    for (judge, label) in [("sim-judge-silent", "abstain"), ("sim-judge-garbled", "none")] {
        let troubled = core(swapped("sim-judge", judge));
        let changes = changes((&usual, &usual), (&usual, &troubled), "task", 0);
        assert_eq!(
            changes.keys().filter(|(_, is)| is == label).count(),
            changes.len(),
            "{changes:?}"
        );
    }
}

#[test]
fn requests_that_fail_for_good_are_as_many_in_every_repeat_whoever_is_asked_and_how_often() {
    let [usual, half] =
        [0.0, 0.5].map(|fails_for_good| core(Trouble { fails_for_good, ..Trouble::default() }));
    for repeat in 0..REPEATS {
        let mut failed = BTreeMap::new();
        for row in suite() {
            let asked = request("sim-assistant", &row, repeat);
            let judged = grading(&row, repeat, &asked.ask(&usual).text);
            let status = asked.decide(&half).status;
            for talk in [&asked, &judged, &asked, &judged] {
                assert_eq!(talk.decide(&half).status, status);
            }
            *failed.entry((column(&row, "kind").to_owned(), status)).or_insert(0) += 1;
        }
        let counts = [
            ("borderline", 200, 15),
            ("borderline", 500, 15),
            ("task", 200, 30),
            ("task", 500, 30),
        ];
        let counts = counts.map(|(kind, status, count)| ((kind.to_owned(), status), count));
        assert_eq!(failed, BTreeMap::from(counts), "in repeat {repeat}");
    }
    assert_eq!(usual.log().faults, 0);
}

#[tokio::test]
async fn trouble_begins_and_ends_while_it_runs() {
    let session = Session::start(Settings { prompts: texts(), ..Settings::default() }).await;
    let ask = crate::asking::Ask::new(
        iago_simulated_endpoint::Protocol::OpenAi,
        "sim-assistant",
        "a-r0",
        "Name three trees that stay green.",
    );
    let echo = async || {
        let response = session.call(&ask).await.unwrap();
        response.json()["model"].as_str().map(str::to_owned)
    };
    assert_eq!(echo().await.as_deref(), Some("sim-assistant-2026-09"));
    for (body, code, then) in [
        (r#"{"swapped":{"sim-assistant":"sim-assistant-replaced"}}"#, 200, "sim-assistant-2026-10"),
        (r#"{"swapped":{"sim-assistant":"sim-nobody"}}"#, 400, "sim-assistant-2026-10"),
        (r#"{"swapped":{"sim-nobody":"sim-echo"}}"#, 400, "sim-assistant-2026-10"),
        (r#"{"fails_for_good":1.5}"#, 400, "sim-assistant-2026-10"),
        (r#"{"swaped":{}}"#, 400, "sim-assistant-2026-10"),
        ("{}", 200, "sim-assistant-2026-09"),
    ] {
        let changed = session.post("/control/trouble", body).await;
        assert_eq!((changed.status, changed.header("x-simulated")), (code, "true"), "{body}");
        assert_eq!(echo().await.as_deref(), Some(then), "after {body}");
    }
    session.endpoint.set_trouble(swapped("sim-assistant", "sim-nobody")).unwrap_err();
    let all = Trouble { fails_for_good: 1.0, ..Trouble::default() };
    session.endpoint.set_trouble(all).unwrap();
    assert_eq!(session.call(&ask).await.unwrap().status, 500);
}

#[tokio::test]
async fn trouble_that_means_nothing_is_refused_at_the_start() {
    let troubles = [
        (swapped("sim-judge", "sim-jugde-silent"), "`swapped` names the model `sim-jugde-silent`"),
        (Trouble { fails_for_good: -0.1, ..Trouble::default() }, "fails_for_good must lie"),
    ];
    for (trouble, why) in troubles {
        let started = Endpoint::start(Settings { trouble, ..settings() }).await;
        let Err(StartError::Settings(error)) = started else { panic!("it started") };
        assert!(error.to_string().starts_with(why), "{error}");
    }
}
