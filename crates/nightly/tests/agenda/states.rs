//! What may become of what, and how it is stored.

use iago_nightly::{Missed, RunState, Skipped};

use crate::at;

fn states() -> [RunState; 8] {
    [
        RunState::Waiting,
        RunState::Starting,
        RunState::Running,
        RunState::Ended,
        RunState::Expired,
        RunState::Failed { why: "no such sweep".into() },
        RunState::Missed { why: Missed::Superseded { by: at("2026-09-16T00:00Z") } },
        RunState::Skipped { why: Skipped::StillGoing { due: at("2026-09-14T00:00Z") } },
    ]
}

#[test]
fn the_life_of_a_run_is_this_table() {
    let may = |from: &RunState| {
        let next = states().into_iter().filter(|next| from.may_become(next));
        next.map(|next| word(&next)).collect::<Vec<_>>().join(" ")
    };
    let table: Vec<_> =
        states().iter().map(|from| format!("{}: {}", word(from), may(from))).collect();
    assert_eq!(
        table,
        [
            "waiting: starting missed skipped",
            "starting: running failed missed",
            "running: ended expired",
            "ended: ",
            "expired: ",
            "failed: ",
            "missed: ",
            "skipped: ",
        ]
    );
}

#[test]
fn nothing_follows_exactly_what_is_over() {
    for state in states() {
        let follows = states().iter().any(|next| state.may_become(next));
        assert_ne!(state.is_over(), follows, "{state:?}");
    }
}

#[test]
fn a_state_is_stored_in_words_and_read_back() {
    for state in states() {
        let stored = serde_json::to_value(&state).unwrap();
        assert_eq!(stored["state"], word(&state), "{stored}");
        assert_eq!(serde_json::from_value::<RunState>(stored).unwrap(), state);
    }
    let stored = serde_json::to_string(&states()[7]).unwrap();
    let expected =
        r#"{"state":"skipped","why":{"skipped":"still-going","due":"2026-09-14T00:00:00Z"}}"#;
    assert_eq!(stored, expected);
    let unknown = r#"{"state":"skipped","why":{"skipped":"bored"}}"#;
    assert!(serde_json::from_str::<RunState>(unknown).is_err());
}

fn word(state: &RunState) -> &'static str {
    match state {
        RunState::Waiting => "waiting",
        RunState::Starting => "starting",
        RunState::Running => "running",
        RunState::Ended => "ended",
        RunState::Expired => "expired",
        RunState::Failed { .. } => "failed",
        RunState::Missed { .. } => "missed",
        RunState::Skipped { .. } => "skipped",
    }
}
