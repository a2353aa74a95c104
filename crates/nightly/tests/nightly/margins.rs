//! Margins that are shares of the baseline, and measures that are means.

use iago_nightly::{Counts, Missing, Night, Settle, Sides, SumCount, Word, judge};
use iago_sweep::{Better, Margin};

use crate::planted::{comparison, quiet_night, sides};

fn rates(better: Better, baseline: (u32, u32), tonight: (u32, u32), share: f64) -> Night {
    let counts = Counts::Rates(vec![sides(baseline, tonight); 400]);
    let comparisons = vec![comparison(better, Margin::Relative(share), counts)];
    Night { comparisons, ..quiet_night() }
}

#[test]
fn a_relative_margin_is_a_share_of_the_baseline() {
    let night = rates(Better::Higher, (5, 10), (5, 10), 0.2);
    let verdict = judge(&night);
    let finding = verdict.gates[0].finding.as_ref().unwrap();
    assert_eq!((verdict.word, finding.margin), (Word::Pass, 0.1));
    assert!(finding.loss.abs() < 1e-12);
    assert_eq!(judge(&rates(Better::Lower, (5, 10), (8, 10), 0.2)).word, Word::Regression);
    assert_eq!(judge(&rates(Better::Higher, (5, 10), (6, 10), 0.1)).word, Word::Pass);
}

#[test]
fn a_share_of_nothing_is_no_room() {
    let verdict = judge(&rates(Better::Lower, (0, 10), (0, 10), 0.2));
    assert_eq!(verdict.word, Word::Inconclusive);
}

#[test]
fn the_error_of_the_baseline_is_in_a_relative_margin() {
    // The same loss, held to the same margin: where that is a share, it is less sure where it lies.
    let few = |share| {
        let counts = Counts::Rates(vec![sides((1, 2), (1, 2)); 200]);
        let margin = if share { Margin::Relative(0.5) } else { Margin::Absolute(0.25) };
        let comparisons = vec![comparison(Better::Lower, margin, counts)];
        let verdict = judge(&Night { comparisons, ..quiet_night() });
        verdict.gates[0].finding.clone().unwrap()
    };
    let (share, absolute) = (few(true), few(false));
    assert_eq!((share.margin, share.loss), (absolute.margin, absolute.loss));
    assert!(share.high > 1.1 * absolute.high, "{share:?}");
}

fn tokens(tonight: f64, prompts: u32) -> Night {
    let count = |mean: f64, of: u32| SumCount {
        total: mean * f64::from(of),
        of,
        missing: Missing::default(),
    };
    let prompt = |at: u32| {
        let usual = 200.0 + f64::from(at % 17);
        let wobble = f64::from(at % 5) - 2.0;
        Sides { baseline: count(usual, 6), tonight: count(usual * tonight + wobble, 3) }
    };
    let counts = Counts::Means { prompts: (0..prompts).map(prompt).collect(), limits: None };
    let comparisons = vec![comparison(Better::Lower, Margin::Relative(0.2), counts)];
    Night { comparisons, ..quiet_night() }
}

#[test]
fn a_mean_is_held_to_its_margin() {
    assert_eq!(judge(&tokens(1.03, 100)).word, Word::Pass);
    assert_eq!(judge(&tokens(1.5, 100)).word, Word::Regression);
}

#[test]
fn a_mean_without_any_spread_claims_nothing() {
    let count = |total| SumCount { total, of: 3, missing: Missing::default() };
    for lost in [0.0, 9.0] {
        let prompts = vec![Sides { baseline: count(0.0), tonight: count(lost) }; 60];
        let counts = Counts::Means { prompts, limits: Some((0.0, 9.0)) };
        let comparisons = vec![comparison(Better::Lower, Margin::Absolute(2.0), counts)];
        let verdict = judge(&Night { comparisons, ..quiet_night() });
        assert_eq!(verdict.word, Word::Inconclusive);
        let finding = verdict.gates[0].finding.as_ref().unwrap();
        assert!(finding.caution.is_some() && finding.p == 1.0, "{finding:?}");
        let settle = verdict.gates[0].settle.as_ref().unwrap();
        assert!(matches!(settle, Settle::AnotherMeasure { .. }), "{settle}");
    }
}

#[test]
fn a_suite_does_not_pass_because_one_more_answer_is_missing() {
    let mut prompts = vec![sides((0, 8), (0, 8)); 40];
    (prompts[0].tonight.yes, prompts[0].tonight.of) = (1, 3);
    prompts[0].tonight.missing.unanswered = 5;
    for more in [0, 1, 2] {
        (prompts[1].tonight.of, prompts[1].tonight.missing.unanswered) = (8 - more, more);
        let counts = Counts::Rates(prompts.clone());
        let comparisons = vec![comparison(Better::Lower, Margin::Absolute(0.08), counts)];
        let mut night = Night { comparisons, ..quiet_night() };
        night.gating.max_missing = Some(0.05);
        assert_eq!(judge(&night).word, Word::Inconclusive, "{more} more missing");
    }
}

#[test]
fn a_mean_for_which_no_interval_holds_claims_nothing() {
    for tonight in [1.0, 1.5] {
        let verdict = judge(&tokens(tonight, 20));
        assert_eq!(verdict.word, Word::Inconclusive);
        let settle = verdict.gates[0].settle.as_ref().unwrap();
        assert!(matches!(settle, Settle::AnotherMeasure { .. }), "{settle}");
    }
}

#[test]
fn what_is_missing_of_a_number_without_limits_could_have_been_anything() {
    let mut night = tokens(1.0, 100);
    let Counts::Means { prompts, limits } = &mut night.comparisons[0].counts else {
        panic!("it is a mean")
    };
    (prompts[0].tonight.of, prompts[0].tonight.missing.unanswered) = (2, 1);
    prompts[0].tonight.total *= 2.0 / 3.0;
    *limits = Some((0.0, 1024.0));
    let unlimited = {
        let mut night = night.clone();
        let Counts::Means { limits, .. } = &mut night.comparisons[0].counts else {
            panic!("it is a mean")
        };
        *limits = None;
        night
    };
    assert_eq!(judge(&night).word, Word::Pass);
    let verdict = judge(&unlimited);
    assert_eq!(verdict.word, Word::Inconclusive);
    assert_eq!(verdict.gates[0].settle, Some(Settle::LimitsOfTheMeasure));
}
