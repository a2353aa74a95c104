//! Do the intervals cover, and are the tests level? Thousands of invented sweeps answer.
//!
//! Answers are beta-binomial: each prompt has its own propensity, and two repeats of a prompt
//! correlate by the given amount. A share of sweeps is judged by its own exact interval at a
//! confidence that a correct method fails once in 100,000 changes of seed: a method that should
//! cover 95% must not be shown to cover less, and a conservative one is judged from below only.

use iago_statistics::{
    Interval, Pair, Quad, Sum, Tally, Test, clopper_pearson, difference_of_differences, mean,
    mean_difference, paired_difference, rate, wilson,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

const SWEEPS: u64 = 20_000;

#[derive(Clone, Copy)]
struct Design {
    prompts: u32,
    repeats: u32,
    correlation: f64,
}

const HUNDRED_BY_FIVE: Design = Design { prompts: 100, repeats: 5, correlation: 0.5 };

#[test]
fn rates_cover_under_correlation_where_plain_wilson_does_not() {
    let covered = share(1, |dice| {
        let cell = HUNDRED_BY_FIVE.draw(dice, 0.14);
        rate(&cell).is_some_and(|found| found.interval.contains(0.14))
    });
    assert_between(covered, 0.945, 0.965);

    let plain = share(1, |dice| {
        let cell = HUNDRED_BY_FIVE.draw(dice, 0.14);
        let yes: u32 = cell.iter().map(|tally| tally.yes).sum();
        wilson(f64::from(yes), 500.0, 0.95).contains(0.14)
    });
    assert!(plain.high < 0.80, "this setting cannot tell the methods apart: {plain:?}");
}

#[test]
fn rates_cover_without_correlation() {
    let design = Design { correlation: 0.0, ..HUNDRED_BY_FIVE };
    assert_between(rate_coverage(design, 0.14), 0.95, 0.975);
}

#[test]
fn rates_cover_when_few_prompts_say_yes() {
    let design = Design { prompts: 50, ..HUNDRED_BY_FIVE };
    assert_between(rate_coverage(design, 0.03), 0.95, 1.0);
    assert_between(rate_coverage(HUNDRED_BY_FIVE, 0.03), 0.95, 1.0);
}

#[test]
fn rates_cover_with_few_prompts_and_with_one_repeat() {
    assert_between(rate_coverage(Design { prompts: 20, ..HUNDRED_BY_FIVE }, 0.14), 0.95, 1.0);
    assert_between(rate_coverage(Design { repeats: 1, ..HUNDRED_BY_FIVE }, 0.14), 0.93, 0.97);
}

#[test]
fn paired_differences_cover_a_gap() {
    assert_between(gap_coverage(HUNDRED_BY_FIVE, 0.03, 0.14), 0.94, 0.965);
    let independent = Design { correlation: 0.0, ..HUNDRED_BY_FIVE };
    assert_between(gap_coverage(independent, 0.03, 0.14), 0.95, 0.98);
}

#[test]
fn paired_differences_cover_a_null() {
    assert_between(gap_coverage(HUNDRED_BY_FIVE, 0.14, 0.14), 0.945, 0.97);
}

#[test]
fn paired_differences_cover_when_yes_is_rare() {
    let design = Design { repeats: 1, ..HUNDRED_BY_FIVE };
    assert_between(gap_coverage(design, 0.001, 0.012), 0.95, 1.0);
}

#[test]
fn means_cover_where_repeats_correlate_and_prompts_are_few() {
    assert_between(mean_coverage(HUNDRED_BY_FIVE, 0.4), 0.94, 0.96);
    assert_between(mean_coverage(Design { prompts: 12, ..HUNDRED_BY_FIVE }, 0.4), 0.935, 0.965);
}

#[test]
fn means_cover_less_where_nearly_all_values_are_zero() {
    let covered = mean_coverage(Design { prompts: 50, ..HUNDRED_BY_FIVE }, 0.03);
    // Where all values are zero there is no interval, which counts here as one that misses.
    assert_between(covered, 0.79, 0.82);
}

#[test]
fn paired_differences_of_means_cover_a_gap() {
    // So few that all sign patterns of each invented sweep can be tried in a moment.
    let design = Design { prompts: 8, ..HUNDRED_BY_FIVE };
    let covered = share(5, |dice| {
        let (from, to) = (design.draw(dice, 0.3), design.draw(dice, 0.5));
        let pairs = add(&from).into_iter().zip(add(&to));
        let pairs: Vec<Pair<Sum>> = pairs.map(|(from, to)| Pair { from, to }).collect();
        let found = mean_difference(&pairs, 1).and_then(|found| found.interval);
        found.is_some_and(|interval| interval.contains(0.2))
    });
    assert_between(covered, 0.93, 0.965);
}

fn mean_coverage(design: Design, truth: f64) -> Interval {
    share(4, |dice| {
        let found = mean(&add(&design.draw(dice, truth))).and_then(|found| found.interval);
        found.is_some_and(|interval| interval.contains(truth))
    })
}

/// The same answers as numbers: 1 for yes and 0 for no.
fn add(tallies: &[Tally]) -> Vec<Sum> {
    tallies.iter().map(|tally| Sum { total: f64::from(tally.yes), of: tally.of }).collect()
}

#[test]
fn differences_of_differences_cover() {
    let covered = share(6, |dice| {
        let quads = zip_pairs(HUNDRED_BY_FIVE.pairs(dice, 0.03, 0.14), || {
            HUNDRED_BY_FIVE.draw_pair(dice, 0.03, 0.03)
        });
        difference_of_differences(&quads, 6).is_some_and(|found| found.interval.contains(0.11))
    });
    assert_between(covered, 0.945, 0.965);
}

#[test]
fn sign_flips_reject_a_null_with_effects_that_differ_at_most_at_their_level() {
    let rejected = rejections(HUNDRED_BY_FIVE, 0.14, 0.14);
    assert!(rejected.low <= 0.05, "rejects a true null too often: {rejected:?}");
    assert!(rejected.high >= 0.04, "p-values are far too large: {rejected:?}");
}

#[test]
fn sign_flips_reject_a_null_with_equal_propensities_at_most_at_their_level() {
    let rejected = share(8, |dice| {
        let pairs: Vec<Pair> =
            (0..HUNDRED_BY_FIVE.prompts).map(|_| HUNDRED_BY_FIVE.draw_twins(dice, 0.14)).collect();
        paired_difference(&pairs, 8).is_some_and(|found| found.p <= 0.05)
    });
    assert!(rejected.low <= 0.05, "rejects a true null too often: {rejected:?}");
    assert!(rejected.high >= 0.04, "p-values are far too large: {rejected:?}");
}

#[test]
fn sign_flips_find_a_gap_of_eleven_points() {
    let found = rejections(HUNDRED_BY_FIVE, 0.03, 0.14);
    assert!(found.low >= 0.90, "misses what it should find: {found:?}");
}

#[test]
fn mcnemar_rejects_a_null_at_most_at_its_level() {
    let design = Design { repeats: 1, ..HUNDRED_BY_FIVE };
    let rejected = share(9, |dice| {
        let found = paired_difference(&design.pairs(dice, 0.3, 0.3), 9).expect("all are paired");
        assert_eq!(found.test, Test::McNemarExact);
        found.p <= 0.05
    });
    assert!(rejected.low <= 0.05, "rejects a true null too often: {rejected:?}");
    assert!(rejected.high >= 0.02, "p-values are far too large: {rejected:?}");
}

fn rate_coverage(design: Design, truth: f64) -> Interval {
    share(3, |dice| {
        rate(&design.draw(dice, truth)).is_some_and(|found| found.interval.contains(truth))
    })
}

fn gap_coverage(design: Design, from: f64, to: f64) -> Interval {
    share(4, |dice| {
        let found = paired_difference(&design.pairs(dice, from, to), 4);
        found.is_some_and(|found| found.interval.contains(to - from))
    })
}

fn rejections(design: Design, from: f64, to: f64) -> Interval {
    share(5, |dice| {
        let found = paired_difference(&design.pairs(dice, from, to), 5);
        found.is_some_and(|found| found.p <= 0.05)
    })
}

/// How often the event happens over many sweeps, as an interval that misses 1 in 100,000.
fn share(seed: u64, mut event: impl FnMut(&mut ChaCha8Rng) -> bool) -> Interval {
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    let happened = (0..SWEEPS).filter(|_| event(&mut dice)).count() as u64;
    clopper_pearson(happened, SWEEPS, 0.999_99)
}

fn assert_between(covered: Interval, at_least: f64, at_most: f64) {
    assert!(covered.high >= at_least, "covers less than {at_least}: {covered:?}");
    assert!(covered.low <= at_most, "covers more than {at_most}: {covered:?}");
}

fn zip_pairs(minuends: Vec<Pair>, mut subtrahend: impl FnMut() -> Pair) -> Vec<Quad> {
    minuends.into_iter().map(|minuend| Quad { minuend, subtrahend: subtrahend() }).collect()
}

impl Design {
    fn draw(self, dice: &mut ChaCha8Rng, rate: f64) -> Vec<Tally> {
        (0..self.prompts).map(|_| self.draw_prompt(dice, rate)).collect()
    }

    fn pairs(self, dice: &mut ChaCha8Rng, from: f64, to: f64) -> Vec<Pair> {
        (0..self.prompts).map(|_| self.draw_pair(dice, from, to)).collect()
    }

    /// Both sides have a propensity of their own, so the effect differs from prompt to prompt.
    fn draw_pair(self, dice: &mut ChaCha8Rng, from: f64, to: f64) -> Pair {
        Pair { from: self.draw_prompt(dice, from), to: self.draw_prompt(dice, to) }
    }

    /// Both sides share one propensity: the factor does nothing at all.
    fn draw_twins(self, dice: &mut ChaCha8Rng, rate: f64) -> Pair {
        let mut urn = Urn::new(rate, self.correlation);
        Pair { from: urn.draw(dice, self.repeats), to: urn.draw(dice, self.repeats) }
    }

    fn draw_prompt(self, dice: &mut ChaCha8Rng, rate: f64) -> Tally {
        Urn::new(rate, self.correlation).draw(dice, self.repeats)
    }
}

/// Pólya's urn: draws from it are beta-binomial, without a beta ever being drawn.
struct Urn {
    rate: f64,
    /// How much each answer adds, in units of what was in the urn at first.
    reinforcement: f64,
    drawn: Tally,
}

impl Urn {
    /// Correlation of two draws: `1/(a + b + 1)` for a beta with shapes a and b.
    fn new(rate: f64, correlation: f64) -> Self {
        Self { rate, reinforcement: correlation / (1.0 - correlation), drawn: Tally::default() }
    }

    fn draw(&mut self, dice: &mut ChaCha8Rng, repeats: u32) -> Tally {
        let before = self.drawn;
        for _ in 0..repeats {
            let yes = self.rate + self.reinforcement * f64::from(self.drawn.yes);
            let all = 1.0 + self.reinforcement * f64::from(self.drawn.of);
            self.drawn.of += 1;
            self.drawn.yes += u32::from(uniform(dice) * all < yes);
        }
        Tally { yes: self.drawn.yes - before.yes, of: repeats }
    }
}

fn uniform(dice: &mut ChaCha8Rng) -> f64 {
    f64::from(dice.next_u32()) / (f64::from(u32::MAX) + 1.0)
}
