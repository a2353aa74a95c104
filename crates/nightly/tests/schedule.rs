//! What a schedule's file says, what is wrong with one, and what differs between two.

use iago_nightly::{
    DoneBy, FaultyTerms, Length, MessageFormat, Overlap, Schedule, ScheduleName, Tell, TellOn,
    Terms, diff,
};
use iago_sweep::Digest;
use jiff::Timestamp;
use jiff::civil::time;
use proptest::prelude::*;

const SHIPPED: &str = include_str!("../../../config/schedules/assistant-nightly.toml");

/// The least that a file says.
const LEAST: &str = "sweep = \"s.toml\"\ncron = \"0 2 * * *\"\nzone = \"UTC\"\n";

#[test]
fn the_file_that_ships_is_read() {
    let terms = Terms::read(SHIPPED).unwrap();
    assert_eq!(terms.sweep, "../sweeps/nightly.toml");
    assert_eq!(terms.timetable.describe(), "At 02:00, Europe/Zurich");
    assert_eq!(terms.done_by, Some(DoneBy::Clock(time(6, 30, 0, 0))));
    let baseline = terms.baseline.unwrap();
    assert_eq!(baseline.pinned, "assistant-nightly/2026-09-14");
    assert_eq!((baseline.repeats, baseline.max_age), (Some(6), Some("30d".parse().unwrap())));
    assert_eq!(terms.tell[0].secret_env.as_deref(), Some("SLACK_SECRET"));
    assert_eq!(terms.tell[0].on.len(), 3);
}

#[test]
fn what_the_shipped_file_calls_usual_is_what_nothing_said_means() {
    let shipped = Terms::read(SHIPPED).unwrap();
    let least = Terms::read(LEAST).unwrap();
    assert_eq!(least.start_within, shipped.start_within);
    assert_eq!(least.overlap, shipped.overlap);
    assert_eq!(least.priority, shipped.priority);
    assert_eq!(least.paused, shipped.paused);
    assert_eq!((least.done_by, least.baseline, least.tell), (None, None, Vec::new()));
}

#[test]
fn whoever_is_told_and_does_not_say_of_what_is_told_of_all_but_a_pass() {
    let terms = Terms::read(&format!("{LEAST}tell = [{{ webhook = \"team\" }}]")).unwrap();
    assert_eq!(terms.tell[0].on.len(), TellOn::ALL.len() - 1);
    assert!(!terms.tell[0].on.contains(&TellOn::Pass));
}

#[test]
fn who_is_called_slack_gets_what_slack_shows_and_everybody_else_json_unless_they_say() {
    let formats = |tell: &str| {
        let terms = Terms::read(&format!("{LEAST}tell = [{tell}]")).unwrap();
        terms.tell.iter().map(|tell| tell.format).collect::<Vec<_>>()
    };
    let (json, slack) = (MessageFormat::Json, MessageFormat::Slack);
    assert_eq!(formats("{ webhook = \"slack\" }, { webhook = \"team\" }"), [slack, json]);
    assert_eq!(formats("{ webhook = \"slack\", format = \"json\" }"), [json]);
    assert_eq!(formats("{ webhook = \"team\", format = \"slack\" }"), [slack]);
}

#[test]
fn a_receiver_is_stored_with_a_message_and_read_back() {
    let terms = Terms::read(&format!(
        "{LEAST}tell = [{{ webhook = \"slack\", format = \"json\", url_env = \"A\", on = [\"missed\"] }}]"
    ));
    let tell = terms.unwrap().tell.remove(0);
    let stored = serde_json::to_string(&tell).unwrap();
    assert_eq!(stored, r#"{"webhook":"slack","format":"json","url_env":"A","on":["missed"]}"#);
    assert_eq!(serde_json::from_str::<Tell>(&stored).unwrap(), tell);
    let broken = serde_json::from_str::<Tell>(r#"{"webhook":"w","on":["fail"]}"#).unwrap_err();
    assert!(broken.to_string().contains("`fail` is none of"), "{broken}");
}

#[test]
fn a_fault_names_its_line_and_its_key_and_the_way_out() {
    for (line, place, words) in [
        ("overlap = \"replace\"", "line 4: overlap: ", "`replace`"),
        ("start_within = \"soon\"", "line 4: start_within: ", "30m"),
        ("start_within = \"10s\"", "line 4: start_within: ", "from 1m to 366d"),
        ("start_within = \"-1h\"", "line 4: start_within: ", "from 1m to 366d"),
        ("start_within = \"1mo\"", "line 4: start_within: ", "no length of time"),
        ("done_by = \"4h\"", "line 4: done_by: ", "done_within"),
        ("done_by = \"25:00\"", "line 4: done_by: ", "no time of the day"),
        ("done_within = \"20m\"", "line 4: done_within: ", "start window of 30m"),
        ("done_by = \"06:30\"\ndone_within = \"4h\"", "line 5: done_within: ", "only one"),
        ("priority = 11", "line 4: priority: ", "from -10 to 10"),
        ("priority = \"high\"", "line 4: priority: ", "expected i64"),
        ("start = \"02:00\"", "line 4: start: ", "unknown field `start`"),
        ("baseline = { pinned = \"\" }", "line 4: baseline.pinned: ", "name of a baseline"),
        ("baseline = { pinned = \"b\", repeats = 0 }", "line 4: baseline.repeats: ", "1 or more"),
        ("[baseline]\npinned = \"b\"\nmax_age = \"old\"", "line 4: baseline.max_age: ", "`old`"),
        ("baseline = { name = \"b\" }", "line 4: baseline: ", "unknown field `name`"),
        ("tell = [{ webhook = \"w\", on = [\"fail\"] }]", "line 4: tell.on: ", "regression"),
        ("tell = [{ webhook = \"w\", on = [] }]", "line 4: tell.on: ", "never"),
        (
            "tell = [{ webhook = \"w\", url_env = \"https://hooks.example\" }]",
            "line 4: tell.url_env: ",
            "write the name",
        ),
        ("tell = [{ webhook = \"a b\" }]", "line 4: tell.webhook: ", "only letters"),
        ("tell = [{ webhook = \"w\" }, { webhook = \"w\" }]", "line 4: tell.webhook: ", "twice"),
        ("tell = [{ webhook = \"w\", format = \"xml\" }]", "line 4: tell.format: ", "`xml`"),
        ("tell = \"me\"", "line 4: tell: ", "expected a sequence"),
        ("= 5", "line 4: ", ""),
    ] {
        let faults = faults_of(&format!("{LEAST}{line}\n"));
        assert!(faults.starts_with(place) && faults.contains(words), "{line}: {faults}");
    }
}

#[test]
fn all_faults_of_a_file_are_told_at_once() {
    let faults = faults_of("cron = \"0 25 * * *\"\nzone = \"Mars\"\noverlap = \"never\"");
    let lines: Vec<_> = faults.lines().collect();
    assert!(lines[0].starts_with("line 1: cron: ") && lines[1].starts_with("line 2: zone: "));
    assert!(lines[2].starts_with("line 3: overlap: "), "{faults}");
    assert!(lines[3].starts_with("sweep: missing; write "), "{faults}");
    assert_eq!(lines.len(), 4);
}

#[test]
fn a_value_that_could_be_a_secret_is_not_said_again() {
    let faults =
        faults_of(&format!("{LEAST}tell = [{{ webhook = \"w\", secret_env = \"hunter-2\" }}]"));
    assert!(!faults.contains("hunter"), "{faults}");
}

#[test]
fn a_stored_schedule_is_the_one_that_was_stored() {
    for toml in [SHIPPED, LEAST, &format!("{LEAST}done_within = \"1d2h30m\"\noverlap = \"queue\"")]
    {
        let schedule = schedule(toml);
        let stored = serde_json::to_string(&schedule).unwrap();
        assert_eq!(serde_json::from_str::<Schedule>(&stored).unwrap(), schedule, "{stored}");
    }
}

#[test]
fn a_stored_schedule_with_something_unknown_is_refused() {
    let mut stored = serde_json::to_value(schedule(LEAST)).unwrap();
    stored["terms"]["colour"] = "red".into();
    let error = serde_json::from_value::<Schedule>(stored.clone()).unwrap_err();
    assert!(error.to_string().contains("colour"), "{error}");
    stored["terms"] = serde_json::json!({ "sweep": "s", "cron": "x", "zone": "UTC" });
    let error = serde_json::from_value::<Schedule>(stored).unwrap_err();
    assert!(error.to_string().contains("cron"), "{error}");
}

#[test]
fn a_version_is_all_that_would_run_otherwise() {
    let usual = schedule(SHIPPED);
    assert_eq!(usual.version(), schedule(SHIPPED).version());
    assert_eq!(
        usual.version(),
        schedule(&SHIPPED.replace("paused = false", "paused = true")).version()
    );
    let other_sweep =
        Terms::read(SHIPPED).unwrap().pin(name("assistant-nightly"), Digest::of("other"));
    assert_ne!(usual.version(), other_sweep.version());
    for (from, to) in [
        ("0 2 * * *", "0 3 * * *"),
        ("Zurich", "Paris"),
        ("\"30m\"", "\"31m\""),
        ("06:30", "06:31"),
        ("\"skip\"", "\"queue\""),
        ("priority = 0", "priority = 1"),
        ("repeats = 6", "repeats = 7"),
        ("\"regression\", ", ""),
    ] {
        let edited = SHIPPED.replacen(from, to, 1);
        assert_ne!(edited, SHIPPED, "`{from}` is not in the file");
        let other = Terms::read(&edited);
        assert_ne!(other.map(|terms| pin(terms).version()), Ok(usual.version()), "{from}");
    }
}

#[test]
fn what_differs_is_told_key_by_key() {
    let old = schedule(&format!("{LEAST}done_by = \"06:30\"\nbaseline = {{ pinned = \"b/1\" }}"));
    assert_eq!(diff(&old, &old), Vec::<String>::new());
    let new =
        format!("{LEAST}done_within = \"4h\"\nbaseline = {{ pinned = \"b/2\", repeats = 3 }}");
    let new = Terms::read(&new.replace("0 2 *", "30 1 *")).unwrap();
    let new = new.pin(name("assistant-nightly"), Digest::of("edited"));
    assert_eq!(
        diff(&old, &new),
        [
            &format!("content of the sweep: {} → {}", old.content.short(), new.content.short()),
            "baseline.pinned: b/1 → b/2",
            "baseline.repeats: not set → 3",
            "cron: 0 2 * * * → 30 1 * * *",
            "done_by: 06:30 → not set",
            "done_within: not set → 4h",
        ]
    );
}

#[test]
fn it_is_described_line_by_line() {
    let lines = schedule(SHIPPED).describe();
    assert!(lines[0].starts_with("runs     ../sweeps/nightly.toml as of "), "{}", lines[0]);
    assert_eq!(
        lines[1..],
        [
            "due      At 02:00, Europe/Zurich",
            "starts   within 30m, or the due time is missed",
            "done     by 06:30, or it is cancelled",
            "overlap  does not run while the last one is going",
            "against  assistant-nightly/2026-09-14, 6 repeats or more, not older than 30d",
            "tells    slack of regression, inconclusive, infrastructure",
        ]
    );
}

#[test]
fn the_next_due_times_are_shown_with_their_offset() {
    let zurich = schedule(&SHIPPED.replace("0 2 * * *", "30 2 * * *"));
    assert_eq!(
        zurich.show_upcoming(at("2026-03-27T12:00Z"), 3),
        [
            "Sat 2026-03-28 02:30 +01:00",
            "Sun 2026-03-29 03:00 +02:00",
            "Mon 2026-03-30 02:30 +02:00"
        ]
    );
}

#[test]
fn a_run_starts_within_its_window_and_never_after_its_end() {
    let terms = Terms::read(&format!("{LEAST}start_within = \"5h\"\ndone_by = \"06:30\"")).unwrap();
    let due = at("2026-09-15T02:00Z");
    assert_eq!(terms.done_by(due), Some(at("2026-09-15T06:30Z")));
    assert_eq!(terms.start_by(due), at("2026-09-15T06:30Z"));
    let terms = Terms::read(&format!("{LEAST}done_within = \"4h\"")).unwrap();
    assert_eq!(terms.done_by(due), Some(at("2026-09-15T06:00Z")));
    assert_eq!(terms.start_by(due), at("2026-09-15T02:30Z"));
    assert_eq!(Terms::read(LEAST).unwrap().overlap, Overlap::Skip);
}

#[test]
fn a_name_is_one_that_a_file_can_have() {
    for good in ["a", "0", "assistant-nightly", "a_b-9"] {
        assert_eq!(name(good).as_str(), good);
    }
    let long = "a".repeat(65);
    for bad in ["", "-a", "A", "a b", "a/b", "..", "ä", &long] {
        let error = bad.parse::<ScheduleName>().unwrap_err().to_string();
        assert!(error.contains("lower-case"), "{error}");
    }
}

proptest! {
    #[test]
    fn a_length_is_read_as_it_is_written(seconds in 60..366 * 86_400_i64) {
        let written = format!("{seconds}s").parse::<Length>().unwrap();
        prop_assert_eq!(written.duration().as_secs(), seconds);
        prop_assert_eq!(written.to_string().parse::<Length>(), Ok(written));
    }

    #[test]
    fn no_text_breaks_the_reader(text in "\\PC{0,60}", line in "(cron|zone|tell|baseline|x) = \\PC{0,20}") {
        prop_assert!(Terms::read(&text).is_err());
        let faults = Terms::read(&format!("{line}\n{text}"));
        prop_assert!(faults.is_err_and(|FaultyTerms(faults)| !faults.is_empty()));
    }
}

fn faults_of(toml: &str) -> String {
    Terms::read(toml).expect_err(toml).to_string()
}

fn schedule(toml: &str) -> Schedule {
    pin(Terms::read(toml).expect(toml))
}

fn pin(terms: Terms) -> Schedule {
    terms.pin(name("assistant-nightly"), Digest::of("the sweep"))
}

fn name(name: &str) -> ScheduleName {
    name.parse().expect(name)
}

fn at(moment: &str) -> Timestamp {
    moment.parse().expect(moment)
}
