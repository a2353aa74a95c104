//! Judges, ratios, fixed suites and looks: is a truth that was planted found again, and by an interval
//! that covers as often as it says? The tables over many settings are in the README; these are the
//! settings that matter most, quick enough to run each time.

mod agreement;
mod corrected;
#[path = "../../examples/judge_coverage/dice.rs"]
mod dice;
mod looks;
mod published;
mod ratio;
mod suite;

use iago_statistics::{Interval, clopper_pearson};

use crate::dice::Dice;

const SWEEPS: u64 = 20_000;

/// How often the event happens over many sweeps, as an interval that misses 1 in 100,000.
fn share(seed: u64, mut event: impl FnMut(&mut Dice) -> bool) -> Interval {
    let mut dice = Dice::new(seed);
    let happened = (0..SWEEPS).filter(|_| event(&mut dice)).count() as u64;
    clopper_pearson(happened, SWEEPS, 0.999_99)
}

/// Covers at least 95% within binomial error, and is not so wide that it says nothing.
fn assert_covers(covered: Interval, at_most: f64) {
    assert!(covered.high >= 0.95, "covers less than 95%: {covered:?}");
    assert!(covered.low <= at_most, "covers more than {at_most}: {covered:?}");
}
