//! A fixed suite: the same prompts each time, and only their answers drawn anew.

use iago_statistics::{
    Interval, Method, Pair, Quad, Tally, Test, mantel_haenszel, mantel_haenszel_exact,
    mcnemar_exact, paired_difference, rate, suite_difference, suite_difference_of_differences,
    suite_rate,
};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::dice::Dice;
use crate::{assert_covers, share};

const NEVER: Tally = Tally { yes: 0, of: 5 };
const ALWAYS: Tally = Tally { yes: 5, of: 5 };

#[test]
fn prompts_that_repeat_themselves_leave_little_open_about_themselves() {
    let mut cell = [NEVER; 100];
    cell[..14].fill(ALWAYS);
    let (fixed, drawn) = (suite_rate(&cell).unwrap(), rate(&cell).unwrap());
    assert_eq!((fixed.value, fixed.method), (0.14, Method::WithinPrompts));
    assert!(fixed.interval.width() < 0.016 && drawn.interval.width() > 0.13, "{fixed:?}");
    assert!(fixed.n_effective > 500.0 && fixed.design_effect < 1.0);

    let pairs = cell.map(|to| Pair { from: NEVER, to });
    let (fixed, drawn) = (suite_difference(&pairs).unwrap(), paired_difference(&pairs, 1).unwrap());
    assert_eq!((fixed.value, fixed.test), (0.14, Test::MantelHaenszel { exact: true }));
    assert!(fixed.interval.width() < 0.016 && drawn.interval.width() > 0.13, "{fixed:?}");
    assert!(fixed.p < drawn.p);
}

#[test]
fn a_suite_that_never_says_yes_is_not_known_to() {
    let found = suite_rate(&[NEVER; 100]).unwrap();
    assert_eq!((found.value, found.interval.low), (0.0, 0.0));
    // Three in 500 could have been missed.
    assert!(found.interval.high > 0.006 && found.interval.high < 0.01, "{found:?}");
    let found = suite_difference(&[Pair { from: NEVER, to: NEVER }; 100]).unwrap();
    assert!(found.p == 1.0 && found.interval.low < -0.006 && found.interval.high > 0.006);
}

#[test]
fn a_suite_of_nothing_has_no_rate() {
    let nothing = Tally { yes: 0, of: 0 };
    assert_eq!(suite_rate(&[nothing; 3]), None);
    assert_eq!(suite_difference(&[Pair { from: nothing, to: NEVER }]), None);
    assert_eq!(suite_difference_of_differences(&[]), None);
}

#[test]
fn a_single_answer_may_be_anything() {
    let once = Tally { yes: 1, of: 1 };
    let found = suite_rate(&[once]).unwrap();
    assert_eq!((found.value, found.interval), (1.0, Interval { low: 0.0, high: 1.0 }));
}

#[test]
fn suite_rates_and_differences_cover_whatever_the_prompts_are() {
    for (seed, repeats) in [(51, 2), (52, 5)] {
        let suite = Suite::mixed(60, repeats);
        assert_covers(suite.rate_coverage(seed), 0.98);
        assert_covers(suite.gap_coverage(seed), 0.98);
    }
}

#[test]
fn suite_intervals_are_wide_where_no_prompt_was_asked_twice() {
    let suite = Suite::mixed(60, 1);
    assert_covers(suite.rate_coverage(53), 1.0);
    assert_covers(suite.gap_coverage(53), 1.0);
}

#[test]
fn suite_intervals_cover_prompts_that_are_all_alike() {
    let alike = Suite { from: vec![0.1; 60], to: vec![0.4; 60], repeats: 1 };
    assert_covers(alike.rate_coverage(58), 0.98);
    assert_covers(alike.gap_coverage(58), 0.98);
}

#[test]
fn suite_intervals_cover_where_hardly_a_prompt_ever_says_yes() {
    let mut suite = Suite { from: vec![0.0; 60], to: vec![0.0; 60], repeats: 5 };
    suite.to[..4].fill(0.3);
    assert_covers(suite.rate_coverage(54), 1.0);
    assert_covers(suite.gap_coverage(54), 1.0);
}

#[test]
fn stratified_tests_reject_what_is_true_at_most_at_their_level() {
    let suite = Suite::mixed(40, 5);
    let same = Suite { from: suite.to.clone(), ..suite.clone() };
    let rejected = share(55, |dice| suite_difference(&same.draw(dice)).unwrap().p <= 0.05);
    assert!(rejected.low <= 0.05 && rejected.high >= 0.03, "{rejected:?}");

    // The sides differ in every prompt, and on average not at all.
    let cancelling = Suite { from: suite.to.iter().rev().copied().collect(), ..suite };
    let rejected = share(56, |dice| suite_difference(&cancelling.draw(dice)).unwrap().p <= 0.05);
    assert!(rejected.low <= 0.05, "{rejected:?}");
}

#[test]
fn one_prompt_with_hundreds_of_repeats_has_an_exact_p() {
    let alike = Pair { from: Tally { yes: 400, of: 800 }, to: Tally { yes: 400, of: 800 } };
    assert_eq!(mantel_haenszel_exact(&[alike]), Some(1.0));
    let apart = Pair { from: Tally { yes: 370, of: 800 }, to: Tally { yes: 430, of: 800 } };
    let (exact, normal) = (mantel_haenszel_exact(&[apart]).unwrap(), mantel_haenszel(&[apart]));
    assert!((exact / normal - 1.0).abs() < 0.01, "{exact} or {normal}");
}

#[test]
fn a_distribution_too_long_to_build_is_not_begun() {
    let endless = Tally { yes: u32::MAX / 2, of: u32::MAX };
    assert_eq!(mantel_haenszel_exact(&[Pair { from: endless, to: endless }; 3]), None);
}

#[test]
fn differences_of_differences_in_a_suite_cover_and_reject_at_most_at_their_level() {
    let suite = Suite::mixed(40, 5);
    let truth = suite.gap();
    let mut rejected = 0;
    let covered = share(57, |dice| {
        let none = Suite { from: suite.to.clone(), ..suite.clone() };
        let quads = zip(suite.draw(dice), none.draw(dice));
        let level = zip(suite.draw(dice), suite.draw(dice));
        rejected += u32::from(suite_difference_of_differences(&level).unwrap().p <= 0.05);
        let found = suite_difference_of_differences(&quads).unwrap();
        assert_eq!(found.test, Test::WithinPrompts);
        found.interval.contains(truth)
    });
    assert_covers(covered, 0.98);
    assert!(rejected < 1_100, "rejects a true null in {rejected} of 20,000");
}

#[test]
fn a_suite_too_long_for_the_exact_test_gets_the_one_for_large_samples() {
    let pairs = vec![Pair { from: Tally { yes: 40, of: 90 }, to: Tally { yes: 45, of: 90 } }; 600];
    assert_eq!(mantel_haenszel_exact(&pairs), None);
    let found = suite_difference(&pairs).unwrap();
    assert_eq!(found.test, Test::MantelHaenszel { exact: false });
    assert_eq!(found.p, mantel_haenszel(&pairs));
}

proptest! {
    #[test]
    fn with_one_repeat_the_exact_test_is_that_of_mcnemar(moves in vec(0..4_usize, 1..60)) {
        let side = |yes| Tally { yes: u32::from(yes), of: 1 };
        let pairs: Vec<Pair> =
            moves.iter().map(|m| Pair { from: side(m & 1 == 1), to: side(m & 2 == 2) }).collect();
        let count = |which| moves.iter().filter(|m| **m == which).count() as u64;
        let (found, expected) = (mantel_haenszel_exact(&pairs).unwrap(), mcnemar_exact(count(2), count(1)));
        prop_assert!((found - expected).abs() < 1e-12, "{found} and {expected}");
    }

    #[test]
    fn swapping_the_sides_turns_a_suite_difference_round(pairs in vec(pair(), 1..30)) {
        let turned: Vec<Pair> = pairs.iter().map(|p| Pair { from: p.to, to: p.from }).collect();
        let (found, turned) =
            (suite_difference(&pairs).unwrap(), suite_difference(&turned).unwrap());
        prop_assert!((found.value + turned.value).abs() < 1e-12);
        prop_assert!((found.interval.low + turned.interval.high).abs() < 1e-12);
        prop_assert!((found.p - turned.p).abs() < 1e-9);
        prop_assert!(found.interval.contains(found.value) && found.interval.width() > 0.0);
        prop_assert!(found.p > 0.0 && found.p <= 1.0);
    }

    #[test]
    fn counting_no_instead_of_yes_mirrors_a_suite_rate(pairs in vec(pair(), 1..30)) {
        let cell: Vec<Tally> = pairs.iter().map(|pair| pair.to).collect();
        let opposite: Vec<Tally> = cell.iter().map(|t| Tally { yes: t.of - t.yes, of: t.of }).collect();
        let (found, mirrored) = (suite_rate(&cell).unwrap(), suite_rate(&opposite).unwrap());
        prop_assert!((found.interval.low + mirrored.interval.high - 1.0).abs() < 1e-12);
        prop_assert!(found.interval.contains(found.value) && found.interval.width() > 0.0);
    }
}

fn pair() -> impl Strategy<Value = Pair> {
    let tally = || (1..6_u32).prop_flat_map(|of| (0..=of).prop_map(move |yes| Tally { yes, of }));
    (tally(), tally()).prop_map(|(from, to)| Pair { from, to })
}

/// Each prompt's propensities to say yes, which stay.
#[derive(Clone)]
struct Suite {
    from: Vec<f64>,
    to: Vec<f64>,
    repeats: u32,
}

impl Suite {
    /// Prompts that never, sometimes or nearly always say yes, in all combinations.
    fn mixed(prompts: usize, repeats: u32) -> Self {
        let from = [0.0, 0.02, 0.3, 0.95].into_iter().cycle().take(prompts).collect();
        let to = [0.01, 0.4, 0.1, 0.7, 0.99].into_iter().cycle().take(prompts).collect();
        Self { from, to, repeats }
    }

    fn gap(&self) -> f64 {
        mean(&self.to) - mean(&self.from)
    }

    fn draw(&self, dice: &mut Dice) -> Vec<Pair> {
        let mut tally = |p: f64| Tally {
            yes: (0..self.repeats).map(|_| u32::from(dice.chance(p))).sum(),
            of: self.repeats,
        };
        let sides = self.from.iter().zip(&self.to);
        sides.map(|(from, to)| Pair { from: tally(*from), to: tally(*to) }).collect()
    }

    fn rate_coverage(&self, seed: u64) -> Interval {
        share(seed, |dice| {
            let cell: Vec<Tally> = self.draw(dice).iter().map(|pair| pair.to).collect();
            suite_rate(&cell).is_some_and(|found| found.interval.contains(mean(&self.to)))
        })
    }

    fn gap_coverage(&self, seed: u64) -> Interval {
        share(seed, |dice| {
            let found = suite_difference(&self.draw(dice));
            found.is_some_and(|found| found.interval.contains(self.gap()))
        })
    }
}

fn mean(propensities: &[f64]) -> f64 {
    propensities.iter().sum::<f64>() / propensities.len() as f64
}

fn zip(minuends: Vec<Pair>, subtrahends: Vec<Pair>) -> Vec<Quad> {
    let both = minuends.into_iter().zip(subtrahends);
    both.map(|(minuend, subtrahend)| Quad { minuend, subtrahend }).collect()
}
