//! Many nights in a terminal.

use iago_nightly::{
    Circumstances, Missed, Morning, Night, RunKey, RunShown, RunState, Skipped, Word, Yes,
    history_lines,
};
use iago_sweep::{Digest, SweepId};
use insta::assert_snapshot;
use jiff::{SignedDuration, Timestamp};

use crate::{mornings, planted};

fn due(night: i64) -> Timestamp {
    mornings::due() + SignedDuration::from_hours(24 * (night - 11))
}

fn shown(night: i64, state: RunState, morning: Option<Morning>) -> RunShown {
    let mut run = mornings::run(state);
    run.key = RunKey { due: due(night), ..mornings::key() };
    let sweep = SweepId(100 + night);
    let told = |morning: Morning| Morning {
        run: Some(run.key.clone()),
        sweep: morning.sweep.map(|_| sweep),
        began: due(night),
        ..morning
    };
    RunShown { morning: morning.map(told), run }
}

/// A night in which so many of 200 prompts are lost. One prompt goes to and fro, and one is lost in the end.
fn night(night: i64, lost: usize, circumstances: Circumstances) -> RunShown {
    let mut morning = mornings::morning(&planted::night_with_lost(lost));
    let yes = |yes| Yes { yes, of: 3 };
    morning.values[0].prompts = [
        ("t-007".to_owned(), yes(if night % 2 == 0 { 3 } else { 0 })),
        ("t-041".to_owned(), yes(if night < 11 { 3 } else { 0 })),
    ]
    .into();
    shown(night, RunState::Ended, Some(Morning { circumstances: Some(circumstances), ..morning }))
}

fn newer(change: impl Fn(&mut Circumstances)) -> Circumstances {
    let mut circumstances = mornings::circumstances();
    change(&mut circumstances);
    circumstances
}

/// Twelve nights, of which each has something of its own.
fn twelve() -> Vec<RunShown> {
    let usual = mornings::circumstances;
    let swapped = |c: &mut Circumstances| {
        c.models.insert("assistant".to_owned(), ["sim-2".to_owned()].into());
    };
    let edited = |c: &mut Circumstances| {
        swapped(c);
        c.prompts = Digest::of("edited");
        c.program = "0.2.0".to_owned();
    };
    let changed = planted::model("sim-1", "sim-2");
    let other = mornings::morning(&Night { models: vec![changed], ..planted::quiet_night() });
    let other = Morning { circumstances: Some(newer(swapped)), ..other };
    let paused = RunState::Skipped { why: Skipped::Paused };
    let missed = RunState::Missed { why: Missed::Late };
    let not_started = mornings::not_started();
    let failed = RunState::Failed { why: not_started.why.clone().unwrap_or_default() };
    vec![
        night(0, 0, usual()),
        night(1, 1, usual()),
        night(2, 0, usual()),
        night(3, 2, usual()),
        shown(4, paused, None),
        shown(5, missed, Some(mornings::missed())),
        night(6, 10, usual()),
        shown(7, RunState::Ended, Some(other)),
        night(8, 1, newer(swapped)),
        shown(9, failed, Some(not_started)),
        night(10, 3, newer(edited)),
        night(11, 60, newer(edited)),
    ]
}

fn told(width: usize) -> String {
    history_lines(&twelve(), width, "Europe/Zurich").join("\n")
}

#[test]
fn twelve_nights() {
    assert_snapshot!(told(120));
}

#[test]
fn twelve_nights_in_a_narrow_terminal() {
    assert_snapshot!(told(60));
}

#[test]
fn no_line_is_wider_than_asked() {
    for width in [40, 60, 80, 99, 100, 120, 200] {
        let lines = history_lines(&twelve(), width, "Europe/Zurich");
        for line in lines {
            assert!(line.chars().count() <= width, "{width}: {line}");
        }
    }
}

#[test]
fn what_counts_planted_behaviour_says_so_first_and_last() {
    let mut nights = twelve();
    nights[3].morning.as_mut().unwrap().simulated = true;
    let lines = history_lines(&nights, 80, "UTC");
    assert!(lines[0].starts_with("SIMULATED"), "{}", lines[0]);
    assert!(lines.last().unwrap().starts_with("SIMULATED: planted"));
}

#[test]
fn a_prompt_that_flips_is_named_and_one_that_was_lost_is_not() {
    let flips: String = told(120).lines().filter(|line| line.starts_with("flips")).collect();
    assert!(flips.contains("t-007") && !flips.contains("t-041"), "{flips}");
}

#[test]
fn a_flip_between_nights_that_differ_is_told_as_their_change_and_not_as_a_flip() {
    let nights: Vec<RunShown> = (0..4)
        .map(|at| night(at, 0, newer(|c| c.prompts = Digest::of([u8::try_from(at).unwrap()]))))
        .collect();
    let lines = history_lines(&nights, 120, "UTC").join("\n");
    assert!(!lines.contains("flips without cause"), "{lines}");
    assert_eq!(lines.matches("* changed: prompts (").count(), 3, "{lines}");
}

#[test]
fn a_schedule_without_nights_says_so_and_one_that_never_had_numbers_is_shown() {
    assert_eq!(history_lines(&[], 80, "UTC"), ["No night is on record yet."]);
    let missed = shown(3, RunState::Missed { why: Missed::StillGoing }, None);
    let waiting = shown(4, RunState::Waiting, None);
    let lines = history_lines(&[missed, waiting], 80, "UTC").join("\n");
    assert!(lines.contains("missed") && lines.contains("still going"), "{lines}");
    assert!(lines.contains("…  waiting"), "{lines}");
}

#[test]
fn names_made_to_do_harm_are_text() {
    let mut nights = twelve();
    nights[0].morning = Some(mornings::hostile());
    let lines = history_lines(&nights, 80, "UTC").join("\n");
    assert!(!lines.contains(['\u{202e}', '\u{1b}', '\r', '\u{0}', '\u{ffff}']), "{lines}");
}

#[test]
fn the_planted_nights_come_out_as_meant() {
    let words: Vec<Word> = twelve()
        .iter()
        .filter_map(|shown| shown.morning.as_ref())
        .filter(|morning| !morning.missed)
        .map(|morning| morning.word)
        .collect();
    let expected = [
        [Word::Pass; 4].as_slice(),
        &[Word::Inconclusive, Word::ChangedModel, Word::Pass, Word::Infrastructure],
        &[Word::Pass, Word::Regression],
    ];
    assert_eq!(words, expected.concat());
}
