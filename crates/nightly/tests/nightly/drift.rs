//! What else is not as it was.

use iago_nightly::{Habits, Moved, find_drift};

#[test]
fn what_moved_is_told_and_what_did_not_too() {
    let before = Habits {
        transcripts: 600,
        refused: 7,
        latency: Some(1.2),
        output_tokens: Some(200.0),
        cost: Some(12.0),
        ..Habits::default()
    };
    let tonight = Habits {
        failed: [("transient".to_owned(), 12)].into(),
        refused: 9,
        latency: Some(2.4),
        output_tokens: Some(206.0),
        cost: Some(9.0),
        ..before
    };
    let told: Vec<String> = find_drift(&before, &tonight).iter().map(ToString::to_string).collect();
    let expected = [
        "failed (transient) 0.0% → 2.0% (up)",
        "refused 1.2% → 1.5% (not much)",
        "latency 1.20 s → 2.40 s (up)",
        "output tokens 200 → 206 (not much)",
        "cost of a transcript $0.0200 → $0.0150 (down)",
    ];
    assert_eq!(told, expected);
    assert!(find_drift(&before, &before).iter().all(|drift| drift.moved == Moved::NotMuch));
    assert_eq!(find_drift(&Habits::default(), &tonight), []);
}
