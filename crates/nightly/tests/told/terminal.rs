//! The morning message in a terminal.

use iago_nightly::{Morning, Word, morning_lines};
use insta::assert_snapshot;

use crate::mornings::{self, assert_word, simulated};

const WEEK: [Word; 7] = [
    Word::Pass,
    Word::Pass,
    Word::Pass,
    Word::Inconclusive,
    Word::Pass,
    Word::Pass,
    Word::Regression,
];

fn told(morning: &Morning, width: usize) -> String {
    morning_lines(morning, width, &WEEK).join("\n")
}

#[test]
fn a_pass() {
    assert_word(&mornings::quiet(), Word::Pass);
    assert_snapshot!(told(&mornings::quiet(), 100));
}

#[test]
fn a_regression() {
    assert_word(&mornings::regression(), Word::Regression);
    assert_snapshot!(told(&simulated(mornings::regression()), 120));
}

#[test]
fn a_regression_in_a_narrow_terminal() {
    assert_snapshot!(told(&simulated(mornings::regression()), 60));
}

#[test]
fn a_night_that_could_not_tell() {
    assert_word(&mornings::inconclusive(), Word::Inconclusive);
    assert_snapshot!(told(&mornings::inconclusive(), 100));
}

#[test]
fn an_outage() {
    assert_word(&mornings::infrastructure(), Word::Infrastructure);
    assert_snapshot!(told(&mornings::infrastructure(), 100));
}

#[test]
fn a_deadline() {
    assert_word(&mornings::expired(), Word::Deadline);
    assert_snapshot!(told(&mornings::expired(), 100));
}

#[test]
fn another_model() {
    assert_word(&mornings::changed_model(), Word::ChangedModel);
    assert_snapshot!(told(&mornings::changed_model(), 100));
}

#[test]
fn another_judge() {
    assert_word(&mornings::changed_judge(), Word::ChangedJudge);
    assert_snapshot!(told(&mornings::changed_judge(), 100));
}

#[test]
fn a_baseline_that_is_none() {
    assert_word(&mornings::unreliable_baseline(), Word::UnreliableBaseline);
    assert_snapshot!(told(&mornings::unreliable_baseline(), 100));
}

#[test]
fn a_run_that_could_not_start() {
    assert_snapshot!(told(&mornings::not_started(), 100));
}

#[test]
fn a_night_that_was_missed() {
    assert_snapshot!(told(&mornings::missed(), 100));
}

#[test]
fn what_is_missing_is_told_and_that_it_changes_nothing() {
    let lines = told(&mornings::almost_whole(), 100);
    assert!(lines.contains("missing 0.2%, verdict unchanged at worst case"), "{lines}");
}

#[test]
fn what_did_not_stand_in_the_way_of_a_pass_is_a_note() {
    let why = Some("the baseline has no prompts of the model `other`".to_owned());
    let lines = told(&Morning { why, ..mornings::quiet() }, 100);
    assert!(
        lines.contains("    note: the baseline has no prompts of the model `other`"),
        "{lines}"
    );
    assert!(!lines.contains("because"), "{lines}");
}

#[test]
fn where_there_are_several_cells_every_gate_and_every_cause_says_which() {
    let lines = told(&mornings::two_cells(), 160);
    assert!(lines.contains("✗ good on tasks, assistant, free: regression"), "{lines}");
    assert!(lines.contains("j good on tasks, assistant, paid: changed-judge"), "{lines}");
    assert!(lines.contains("(for good on tasks, assistant, paid)"), "{lines}");
}

#[test]
fn a_night_without_a_critical_gate_does_not_sound_like_a_pass() {
    let lines = told(&mornings::without_gates(), 100);
    assert!(lines.contains("No gate is critical, so that nothing could pass."), "{lines}");
}

#[test]
fn no_line_is_wider_than_asked_and_simulated_stands_first_and_last() {
    for (name, morning) in mornings::all() {
        for width in [40, 60, 80, 120] {
            let lines = morning_lines(&simulated(morning.clone()), width, &WEEK);
            let longest = lines.iter().map(|line| line.chars().count()).max().unwrap();
            assert!(longest <= width, "{name} at {width}: {longest}");
            assert!(lines[0].starts_with("SIMULATED"), "{name}: {}", lines[0]);
            let last =
                lines.iter().rev().take(2).any(|line| line.starts_with("SIMULATED: planted"));
            assert!(last, "{name}: {lines:?}");
        }
    }
}

#[test]
fn names_made_to_do_harm_are_text() {
    let lines = morning_lines(&mornings::hostile(), 80, &[]).join("\n");
    assert!(!lines.contains(['\u{202e}', '\u{1b}', '\r', '\u{0}', '\u{ffff}']), "{lines}");
    assert!(lines.contains("\\u{202e}"), "{lines}");
}
