//! Published cells: refusals of a table, and the error that the table prints beside their gap.

use iago_statistics::{
    Pair, Tally, binomial_standard_error, paired_difference, unpaired_difference,
};

/// Refusals in the free and in the paid tier, prompts, the gap in points and its one standard error.
const CELLS: [(u64, u64, u64, f64, f64); 8] = [
    (303, 343, 353, 11.3, 2.1),
    (146, 165, 173, 11.0, 3.2),
    (113, 169, 173, 32.4, 3.8),
    (0, 12, 173, 6.9, 1.9),
    (1, 63, 173, 35.8, 3.7),
    (2, 35, 173, 19.1, 3.2),
    (65, 99, 173, 19.7, 5.3),
    (89, 137, 173, 27.7, 4.9),
];

#[test]
fn published_gaps_come_out_to_the_digit_with_one_binomial_standard_error() {
    for (free, paid, prompts, gap, error) in CELLS {
        let (value, found) = unpaired_difference((free, prompts), (paid, prompts)).unwrap();
        assert_eq!((tenths(value), tenths(found)), (gap, error), "{free} and {paid} of {prompts}");
    }
}

#[test]
fn our_estimate_of_a_published_gap_is_the_same_with_an_interval_by_prompt() {
    for (free, paid, prompts, gap, error) in CELLS {
        let found = paired_difference(&nested(free, paid, prompts), 1).unwrap();
        assert_eq!(tenths(found.value), gap);
        // Compliers in the paid tier comply in the free tier too: pairing makes the error smaller.
        assert!(100.0 * found.standard_error < error + 0.3, "{found:?}");
        assert!(found.interval.contains(found.value) && found.interval.low > 0.0);
    }
}

#[test]
fn one_binomial_standard_error_is_that_of_independent_draws() {
    assert_eq!(binomial_standard_error(25, 100), Some(0.25_f64.sqrt() * 0.75_f64.sqrt() / 10.0));
    assert_eq!(binomial_standard_error(0, 173), Some(0.0));
    assert_eq!(binomial_standard_error(0, 0), None);
    assert_eq!(unpaired_difference((0, 0), (1, 2)), None);
    assert_eq!(unpaired_difference((1, 2), (0, 0)), None);
}

/// Refusals, where whoever refuses in the free tier refuses in the paid tier.
fn nested(free: u64, paid: u64, prompts: u64) -> Vec<Pair> {
    let once = |refuses| Tally { yes: u32::from(refuses), of: 1 };
    (0..prompts).map(|i| Pair { from: once(i < free), to: once(i < paid) }).collect()
}

fn tenths(share: f64) -> f64 {
    (1000.0 * share).round() / 10.0
}
