//! Known sweeps and the figures that a reader would work out by hand.

use iago_statistics::{
    Flips, Method, Missing, Pair, Quad, Tally, Test, clopper_pearson, detectable,
    difference_of_differences, holm, paired_difference, rate, rate_bounds, unpaired_difference,
};

const NEVER: Tally = Tally { yes: 0, of: 5 };
const NOTHING: Tally = Tally { yes: 0, of: 0 };

#[test]
fn five_hundred_noes_over_a_hundred_prompts_count_as_a_hundred() {
    let found = rate(&[NEVER; 100]).unwrap();
    assert_eq!((found.method, found.n_effective), (Method::Zero, 100.0));
    assert_eq!(found.interval.low, 0.0);
    assert_eq!(thousandths(found.interval.high), 36);
}

#[test]
fn a_rate_of_nothing_is_not_zero() {
    assert_eq!(rate(&[]), None);
    assert_eq!(rate(&[NOTHING; 3]), None);
    assert_eq!(rate_bounds(&[]), None);
}

#[test]
fn prompts_without_an_answer_are_not_prompts() {
    let found = rate(&[NEVER, NOTHING, Tally { yes: 5, of: 5 }]).unwrap();
    assert_eq!((found.yes, found.of, found.prompts, found.value), (5, 10, 2, 0.5));
}

#[test]
fn tens_of_millions_of_draws_have_an_exact_interval() {
    let found = clopper_pearson(3_000_000, 20_000_000, 0.95);
    let half = 1.959_964 * (0.15 * 0.85 / 2e7_f64).sqrt();
    assert!((found.width() / 2.0 / half - 1.0).abs() < 1e-3 && found.contains(0.15), "{found:?}");
    for (yes, n) in [(1, 10_000_000), (9_999_999, 10_000_000), (10, 11), (1, 4_000_000_000)] {
        let found = clopper_pearson(yes, n, 0.95);
        assert!(0.0 <= found.low && found.low < found.high && found.high <= 1.0, "{found:?}");
        assert!(found.contains(yes as f64 / n as f64), "{found:?}");
    }
}

#[test]
fn prompts_that_always_answer_the_same_are_the_effective_n() {
    let mut cell = [NEVER; 100];
    cell[..14].fill(Tally { yes: 5, of: 5 });
    let found = rate(&cell).unwrap();
    assert_eq!((found.method, found.n_effective), (Method::Clustered, 100.0));
    assert_eq!((found.design_effect, found.value), (5.0, 0.14));
}

#[test]
fn all_missing_leaves_everything_open() {
    let bounds = rate_bounds(&[Missing { yes: 0, of: 0, missing: 5 }; 100]).unwrap();
    assert_eq!((bounds.low, bounds.high), (0.0, 1.0));
}

#[test]
fn two_cells_that_never_said_yes_differ_by_less_than_two_and_a_half_points() {
    let found = paired_difference(&[Pair { from: NEVER, to: NEVER }; 100], 7).unwrap();
    assert_eq!((found.value, found.p), (0.0, 1.0));
    assert_eq!((thousandths(found.interval.low), thousandths(found.interval.high)), (-23, 23));
    // More than the 2.8 standard errors of cells without variance: a cell that moved has some.
    assert!(found.detectable > 0.07 && found.detectable < 0.12, "{found:?}");
}

#[test]
fn a_pair_with_an_empty_side_counts_only_in_the_pooled_difference() {
    let yes = Tally { yes: 5, of: 5 };
    let pairs = [
        Pair { from: NEVER, to: yes },
        Pair { from: NEVER, to: NEVER },
        Pair { from: NOTHING, to: yes },
    ];
    let found = paired_difference(&pairs, 7).unwrap();
    assert_eq!((found.value, found.prompts), (0.5, 2));
    assert_eq!((found.from, found.to), ((0, 10), (10, 15)));
    assert!((found.pooled - 2.0 / 3.0).abs() < 1e-12);
    assert_eq!(paired_difference(&pairs[2..], 7), None);
}

#[test]
fn every_prompt_weighs_the_same_whatever_was_dropped() {
    let pairs = [
        Pair { from: NEVER, to: Tally { yes: 1, of: 1 } },
        Pair { from: NEVER, to: Tally { yes: 0, of: 5 } },
    ];
    assert_eq!(paired_difference(&pairs, 7).unwrap().value, 0.5);
}

#[test]
fn one_repeat_is_tested_by_mcnemar_and_more_by_flipping_signs() {
    let once = Pair { from: Tally { yes: 0, of: 1 }, to: Tally { yes: 1, of: 1 } };
    let found = paired_difference(&[once; 5], 7).unwrap();
    assert_eq!(found.test, Test::McNemarExact);
    assert!((found.p - 0.0625).abs() < 1e-12);

    let often = Pair { from: NEVER, to: Tally { yes: 2, of: 5 } };
    let found = paired_difference(&[often; 5], 7).unwrap();
    assert_eq!(found.test, Test::SignFlip { flips: Flips::Exact });
    assert!(found.p >= 0.0625 && found.p < 0.07, "{found:?}");
}

#[test]
fn a_single_prompt_proves_nothing() {
    let found = paired_difference(&[Pair { from: NEVER, to: Tally { yes: 5, of: 5 } }], 7).unwrap();
    assert_eq!((found.value, found.p), (1.0, 1.0));
    assert!(found.interval.contains(0.0));
}

#[test]
fn a_balanced_sweep_has_an_exact_p_below_what_flips_could_show() {
    let often = Pair { from: NEVER, to: Tally { yes: 2, of: 5 } };
    let found = paired_difference(&[often; 100], 7).unwrap();
    assert_eq!(found.test, Test::SignFlip { flips: Flips::Exact });
    assert!((found.p / 2.0_f64.powi(-99) - 1.0).abs() < 1e-9);
}

#[test]
fn flips_are_drawn_when_the_sum_has_too_many_values_and_depend_on_the_seed_only() {
    let primes =
        [997, 991, 983, 977, 971, 967, 953, 947, 941, 937, 929, 919, 911, 907, 887, 883, 881];
    let pairs: Vec<Pair> = primes
        .into_iter()
        .enumerate()
        .map(|(i, of)| Pair { from: NEVER, to: Tally { yes: if i % 3 == 0 { 0 } else { 9 }, of } })
        .chain([Pair { from: Tally { yes: 1, of: 5 }, to: NEVER }; 6])
        .collect();
    let found = paired_difference(&pairs, 7).unwrap();
    assert_eq!(found.test, Test::SignFlip { flips: Flips::Sampled(20_000) });
    assert_eq!(paired_difference(&pairs, 7), Some(found));
    let other = paired_difference(&pairs, 8).unwrap();
    assert!((other.p - found.p).abs() < 0.02);
}

#[test]
fn what_one_model_adds_is_the_difference_of_its_differences() {
    let quad = Quad {
        minuend: Pair { from: NEVER, to: Tally { yes: 3, of: 5 } },
        subtrahend: Pair { from: Tally { yes: 1, of: 5 }, to: Tally { yes: 2, of: 5 } },
    };
    let found = difference_of_differences(&[quad; 8], 7).unwrap();
    assert!((found.value - 0.4).abs() < 1e-12 && (found.pooled - 0.4).abs() < 1e-12);
    assert_eq!((found.from, found.to), ((0, 40), (24, 40)));
    assert_eq!(found.subtrahend, Some(((8, 40), (16, 40))));
    // The sign flip alone would say 2 in 256; the interval is not that sure.
    assert!(found.p > 2.0 / 256.0 && (found.p < 0.05) != found.interval.contains(0.0));
}

#[test]
fn an_unpaired_difference_reproduces_a_published_table() {
    let (value, error) = unpaired_difference((15, 500), (70, 500)).unwrap();
    assert!((value - 0.11).abs() < 1e-12);
    assert!((error - (0.03 * 0.97 / 500.0 + 0.14 * 0.86 / 500.0_f64).sqrt()).abs() < 1e-12);
    assert_eq!(unpaired_difference((0, 0), (70, 500)), None);
    assert_eq!(unpaired_difference((70, 500), (0, 0)), None);
}

#[test]
fn the_detectable_difference_is_two_point_eight_standard_errors() {
    assert!((detectable(1.0) - 2.801_585_218).abs() < 1e-9);
}

#[test]
fn a_family_of_one_is_not_adjusted_and_an_empty_one_is_empty() {
    assert_eq!(holm(&[0.04]), [0.04]);
    assert_eq!(holm(&[]), Vec::<f64>::new());
}

fn thousandths(proportion: f64) -> i32 {
    format!("{:.0}", proportion * 1000.0).parse().expect("a whole number")
}
