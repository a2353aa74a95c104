//! Pass, regression and what lies between.

use iago_nightly::{Night, RunEnd, Settle, Word, judge};
use iago_sweep::{Generalise, MissingAs, Tier};

use crate::planted::{good_on_tasks, night_with_lost, quiet_night, sides, unchanged};

#[test]
fn a_night_in_which_nothing_changed_passes() {
    let verdict = judge(&quiet_night());
    assert_eq!((verdict.word, verdict.exit_code()), (Word::Pass, 0), "{verdict:?}");
    let finding = verdict.gates[0].finding.as_ref().unwrap();
    assert_eq!((finding.baseline, finding.tonight, finding.loss), (0.9, 0.9, 0.0));
    assert!(finding.low < 0.0 && finding.high > 0.0 && finding.high < finding.margin);
    assert!(finding.power.pass_if_unchanged > 0.99, "{finding:?}");
}

#[test]
fn a_loss_far_beyond_the_margin_is_a_regression() {
    let verdict = judge(&night_with_lost(30));
    assert_eq!((verdict.word, verdict.exit_code()), (Word::Regression, 1));
    let finding = verdict.gates[0].finding.as_ref().unwrap();
    assert!((finding.loss - 0.15).abs() < 1e-12 && finding.low > finding.margin, "{finding:?}");
    assert_eq!((finding.worse, finding.better), (30, 0));
}

#[test]
fn a_loss_as_large_as_the_margin_is_neither() {
    let verdict = judge(&night_with_lost(10));
    assert_eq!((verdict.word, verdict.exit_code()), (Word::Inconclusive, 2));
    assert_eq!(verdict.gates[0].settle, Some(Settle::NothingAtThisMargin));
}

#[test]
fn what_would_settle_a_gate_are_repeats_where_they_wear_its_error_down() {
    // 40 coins, asked three times: their chance is all the error that a fixed suite has.
    let coins = |_| sides((20, 40), (1 + u32::from(true), 4));
    let night =
        Night { comparisons: vec![good_on_tasks((0..40).map(coins).collect())], ..quiet_night() };
    let verdict = judge(&night);
    assert_eq!(verdict.word, Word::Inconclusive);
    let settle = verdict.gates[0].settle.clone().unwrap();
    assert!(matches!(settle, Settle::Repeats { towards: Word::Pass, more: 10.. }), "{settle:?}");
}

#[test]
fn what_would_settle_a_gate_are_prompts_where_they_changed_differently() {
    // As many got better as worse, each of them altogether.
    let opposed = |at: u32| {
        if at.is_multiple_of(2) { sides((20, 20), (0, 20)) } else { sides((0, 20), (20, 20)) }
    };
    let prompts = (0..60).map(|at| if at < 20 { opposed(at) } else { sides((20, 20), (20, 20)) });
    let night = Night {
        comparisons: vec![good_on_tasks(prompts.collect())],
        generalise: Generalise::Prompts,
        ..quiet_night()
    };
    let verdict = judge(&night);
    assert_eq!(verdict.word, Word::Inconclusive);
    let settle = verdict.gates[0].settle.clone().unwrap();
    assert!(matches!(settle, Settle::Prompts { towards: Word::Pass, more: 100.. }), "{settle}");
    assert!(settle.to_string().contains("repeats would not"));
    // Of this suite the same answers say all that there is to say.
    assert_eq!(judge(&Night { generalise: Generalise::Suite, ..night }).word, Word::Pass);
}

#[test]
fn an_advisory_gate_is_told_and_fails_nothing() {
    let mut night = quiet_night();
    let mut lost = night_with_lost(60).comparisons.remove(0);
    lost.gate.tier = Tier::Advisory;
    night.comparisons.push(lost);
    let verdict = judge(&night);
    assert_eq!(verdict.word, Word::Pass);
    assert_eq!(verdict.gates[1].word, Word::Regression);
}

#[test]
fn a_night_of_advisory_gates_alone_is_no_pass() {
    for mut night in [quiet_night(), night_with_lost(60)] {
        night.comparisons[0].gate.tier = Tier::Advisory;
        assert_eq!(judge(&night).word, Word::Inconclusive);
        night.run = RunEnd::Stopped;
        assert_eq!(judge(&night).word, Word::Infrastructure);
    }
}

#[test]
fn the_end_of_a_run_is_told_also_where_nothing_was_compared() {
    let ends = [(RunEnd::DeadlinePassed, Word::Deadline), (RunEnd::Stopped, Word::Infrastructure)];
    for (run, word) in ends {
        let night = Night { run, comparisons: Vec::new(), ..quiet_night() };
        assert_eq!(judge(&night).word, word);
    }
}

#[test]
fn a_night_without_a_gate_is_no_pass() {
    let night = Night { comparisons: Vec::new(), ..quiet_night() };
    assert_eq!(judge(&night).word, Word::Inconclusive);
    let night = Night { comparisons: vec![good_on_tasks(Vec::new())], ..quiet_night() };
    let verdict = judge(&night);
    assert_eq!(verdict.word, Word::Inconclusive);
    assert_eq!(verdict.gates[0].settle, Some(Settle::PairedPrompts));
}

#[test]
fn a_pass_survives_that_all_that_is_missing_was_bad() {
    // 11 of 600 answers are missing, all from prompts that were good: less than 2%.
    let mut prompts = unchanged();
    for prompt in prompts.iter_mut().filter(|prompt| prompt.tonight.yes > 0).take(11) {
        (prompt.tonight.yes, prompt.tonight.of, prompt.tonight.missing.unanswered) = (2, 2, 1);
    }
    let mut night = Night { comparisons: vec![good_on_tasks(prompts)], ..quiet_night() };
    let verdict = judge(&night);
    let finding = verdict.gates[0].finding.as_ref().unwrap();
    assert_eq!((verdict.word, finding.loss), (Word::Pass, 0.0));
    assert!(finding.worst_case.1 > finding.high + 11.0 / 600.0 - 1e-12, "{finding:?}");

    night.comparisons[0].gate.margin = iago_sweep::Margin::Absolute(0.015);
    assert_eq!(judge(&night).gates[0].settle, Some(Settle::FewerMissing));
    night.gating.missing = MissingAs::Dropped;
    assert_eq!(judge(&night).word, Word::Pass);
}

#[test]
fn a_regression_survives_that_all_that_is_missing_was_good() {
    let mut night = night_with_lost(17);
    assert_eq!(judge(&night).word, Word::Regression);
    let iago_nightly::Counts::Rates(prompts) = &mut night.comparisons[0].counts else {
        panic!("it is a rate")
    };
    // Those that were lost are missing a part of their answers, which may all have been good.
    for prompt in
        prompts.iter_mut().filter(|prompt| prompt.baseline.yes > 0 && prompt.tonight.yes == 0)
    {
        (prompt.tonight.of, prompt.tonight.missing.unanswered) = (1, 2);
    }
    night.gating.max_missing = Some(0.2);
    assert_eq!(judge(&night).word, Word::Inconclusive);
    night.gating.missing = MissingAs::Dropped;
    assert_eq!(judge(&night).word, Word::Regression);
}
