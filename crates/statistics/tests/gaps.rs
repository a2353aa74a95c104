//! Gaps at any level: they are the contrasts where these say the same, and their bounds hold every
//! completion.

use iago_statistics::{
    Caution, Gap, Interval, Missing, MissingSum, Pair, PairMissing, Sum, Tally, binomial_at_least,
    mean_difference, mean_gap, mean_gap_bounds, paired_difference, paired_gap, paired_gap_bounds,
    suite_difference, suite_gap, suite_gap_bounds,
};
use proptest::collection::vec;
use proptest::prelude::*;

#[test]
fn at_least_so_many_of_a_binomial_count() {
    // Summed by hand: 1 − 0.98¹⁰⁰, and the tail from 7 on.
    assert!((binomial_at_least(1, 100, 0.02) - 0.867_380_4).abs() < 1e-6);
    assert!((binomial_at_least(7, 100, 0.02) - 0.004_062_054).abs() < 1e-8);
    assert_eq!(binomial_at_least(0, 100, 0.02), 1.0);
    assert_eq!((binomial_at_least(1, 100, 0.0), binomial_at_least(100, 100, 1.0)), (0.0, 1.0));
}

#[test]
fn a_scale_carries_the_error_of_the_side_that_it_scales() {
    let pairs = [Pair { from: Tally { yes: 2, of: 4 }, to: Tally { yes: 4, of: 4 } }; 50];
    let [plain, doubled] = [1.0, 2.0].map(|scale| suite_gap(&pairs, scale).unwrap());
    assert_eq!((plain.value, doubled.value), (0.5, 0.0));
    // Only `from` varies: a half of a half in three degrees of freedom, and the answers more that varied.
    let variance =
        |scale: f64| 50.0 * scale * scale * 0.25 / 3.0 + 4.0 * (1.0 + scale * scale) / 2.0 / 16.0;
    for (gap, scale) in [(plain, 1.0), (doubled, 2.0)] {
        assert!((gap.standard_error - variance(scale).sqrt() / 50.0).abs() < 1e-12);
    }
}

#[test]
fn a_mean_without_spread_claims_nothing_without_a_caution() {
    let same = Sum { total: 3.0, of: 3 };
    let gap = mean_gap(&[Pair { from: same, to: same }; 60], 1.0).unwrap();
    assert_eq!((gap.value, gap.standard_error), (0.0, 0.0));
    assert_eq!(gap.caution, Some(Caution::NoSpread));
    assert_eq!((gap.p_below(2.0), gap.p_above(-2.0)), (1.0, 1.0));
    // Nor where sums were rounded.
    let rounded = Sum { total: 0.1 + 0.2, of: 1 };
    let third = Pair { from: Sum { total: 0.3, of: 1 }, to: rounded };
    let mut pairs = [Pair { from: rounded, to: rounded }; 60];
    pairs[7] = third;
    assert_eq!(mean_gap(&pairs, 1.0).unwrap().caution, Some(Caution::NoSpread));
}

/// The upper end at 95% of a suite of 40 prompts, asked eight times on both sides, of which the first said
/// yes once tonight, and of its other answers and those of the second so many are missing.
fn upper_end(first: u32, second: u32) -> f64 {
    let side = |yes, missing| Missing { yes, of: 8 - missing, missing };
    let mut pairs = [Pair { from: side(0, 0), to: side(0, 0) }; 40];
    (pairs[0].to, pairs[1].to) = (side(1, first), side(0, second));
    suite_gap_bounds(&pairs, 1.0).expect("it has answers").highest.interval(0.95).high
}

#[test]
fn one_more_missing_answer_does_not_take_a_lean_away() {
    // The larger error that it allows made less of the same lean.
    for (first, second) in [(5, 0), (5, 1), (6, 0), (4, 2)] {
        assert!(upper_end(first, second + 1) >= upper_end(first, second), "{first} {second}");
    }
    let mut pairs = [Pair {
        from: Missing { yes: 0, of: 8, missing: 0 },
        to: Missing { yes: 0, of: 8, missing: 0 },
    }; 40];
    pairs[0].to = Missing { yes: 1, of: 3, missing: 0 };
    let complete = suite_gap_bounds(&pairs, 1.0).unwrap().highest.interval(0.95).high;
    pairs[1].to = Missing { yes: 0, of: 7, missing: 1 };
    let missing = suite_gap_bounds(&pairs, 1.0).unwrap().highest.interval(0.95).high;
    assert!(missing >= complete, "{missing} {complete}");
}

#[test]
fn a_caution_of_any_completion_is_one_of_the_bounds() {
    let sum = |total, of, missing| MissingSum { total, of, missing };
    let same = Pair { from: sum(5.0, 1, 0), to: sum(5.0, 1, 0) };
    let other = |to| Pair { from: sum(5.0, 1, 0), to: sum(to, 1, 0) };
    let with = |first: &[Pair<MissingSum>]| {
        let mut pairs = vec![same; 60];
        pairs[..first.len()].copy_from_slice(first);
        let limits = Interval { low: 0.0, high: 9.0 };
        mean_gap_bounds(&pairs, limits, 1.0).unwrap().highest.caution
    };
    // Half of one of them is missing: of two answers that were 3 on average, only the 2 is seen.
    let half = Pair { from: sum(5.0, 1, 0), to: sum(2.0, 1, 1) };
    let threes = [other(3.0); 30];
    assert_eq!(with(&threes), Some(Caution::TwoValues));
    assert_eq!(with(&[&threes[..], &[half]].concat()), Some(Caution::TwoValues));
    // The many that are alike carry no mean where the others balance, which these may not.
    let balanced: Vec<_> = [3.0, 7.0, 3.0, 7.0, 2.0, 8.0].map(other).into();
    assert_eq!(with(&balanced), None);
    let open = Pair { from: sum(5.0, 1, 0), to: sum(8.0, 1, 1) };
    assert_eq!(with(&[&balanced[..5], &[open]].concat()), Some(Caution::Lopsided));
}

fn tally() -> impl Strategy<Value = Tally> {
    (0_u32..4, 0_u32..4).prop_map(|(yes, no)| Tally { yes, of: yes + no })
}

fn missing(most: u32) -> impl Strategy<Value = Missing> {
    (tally(), 0..=most).prop_map(|(Tally { yes, of }, missing)| Missing { yes, of, missing })
}

fn sum() -> impl Strategy<Value = Sum> {
    (-9.0_f64..9.0, 0_u32..4).prop_map(|(mean, of)| Sum { total: mean * f64::from(of), of })
}

fn pair<T: std::fmt::Debug, S: Strategy<Value = T>>(
    side: impl Fn() -> S,
) -> impl Strategy<Value = Pair<T>> {
    (side(), side()).prop_map(|(from, to)| Pair { from, to })
}

/// Every way in which missing answers could have come out: yes, no, or never counted.
fn completions(side: Missing) -> Vec<Tally> {
    let of_counted = |counted: u32| {
        (0..=counted).map(move |yes| Tally { yes: side.yes + yes, of: side.of + counted })
    };
    (0..=side.missing).flat_map(of_counted).collect()
}

fn all_completions(pairs: &[PairMissing]) -> Vec<Vec<Pair>> {
    let start = vec![Vec::new()];
    pairs.iter().fold(start, |so_far, pair| {
        let (from, to) = (completions(pair.from), completions(pair.to));
        let ways: Vec<Pair> = from
            .iter()
            .flat_map(|from| to.iter().map(|to| Pair { from: *from, to: *to }))
            .collect();
        let longer = |done: &Vec<Pair>| {
            let done = done.clone();
            ways.clone().into_iter().map(move |way| [done.clone(), vec![way]].concat())
        };
        so_far.iter().flat_map(longer).collect()
    })
}

/// Whether a claim at a level can be made of the bounds only where it can be made of the completion.
fn holds(lowest: &Gap, highest: &Gap, gap: &Gap) -> bool {
    [0.6, 0.95, 0.999].into_iter().all(|confidence| {
        let found = gap.interval(confidence);
        let (low, high) = (lowest.interval(confidence).low, highest.interval(confidence).high);
        low <= found.low + 1e-9 && found.high <= high + 1e-9
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_gap_is_the_contrast_without_its_test(pairs in vec(pair(tally), 1..30)) {
        match (paired_gap(&pairs, 1.0), paired_difference(&pairs, 1)) {
            (Some(gap), Some(found)) => {
                prop_assert!((gap.value - found.value).abs() < 1e-12);
                prop_assert!((gap.standard_error - found.standard_error).abs() < 1e-12);
                let interval = Gap { lean: 0.0, ..gap }.interval(0.95).clamp(-1.0, 1.0);
                prop_assert!((interval.low - found.interval.low).abs() < 1e-9);
                prop_assert!((interval.high - found.interval.high).abs() < 1e-9);
                // One side of it is farther out where prompts are lopsided, and none is nearer.
                let leaning = gap.interval(0.95).clamp(-1.0, 1.0);
                prop_assert!(leaning.low <= interval.low && interval.high <= leaning.high);
            }
            (gap, found) => prop_assert!(gap.is_none() && found.is_none()),
        }
        match (suite_gap(&pairs, 1.0), suite_difference(&pairs)) {
            (Some(gap), Some(found)) => {
                prop_assert!((gap.value - found.value).abs() < 1e-12);
                prop_assert!((gap.standard_error - found.standard_error).abs() < 1e-12);
            }
            (gap, found) => prop_assert!(gap.is_none() && found.is_none()),
        }
    }

    #[test]
    fn a_gap_of_means_is_the_contrast_without_its_test(pairs in vec(pair(sum), 2..70)) {
        match (mean_gap(&pairs, 1.0), mean_difference(&pairs, 1)) {
            (Some(gap), Some(found)) => {
                prop_assert!((gap.value - found.value).abs() < 1e-9);
                prop_assert!((gap.standard_error - found.standard_error.unwrap_or(0.0)).abs() < 1e-9);
                let unseen = found.standard_error.is_none().then_some(Caution::NoSpread);
                prop_assert_eq!(gap.caution, found.caution.or(unseen));
            }
            (gap, found) => prop_assert!(gap.is_none() && found.is_none()),
        }
    }

    #[test]
    fn a_p_value_agrees_with_its_interval(pairs in vec(pair(tally), 1..30), bound in -0.9_f64..0.9) {
        for gap in [paired_gap(&pairs, 1.0), suite_gap(&pairs, 1.0)].into_iter().flatten() {
            let Interval { low, high } = gap.interval(0.9);
            prop_assert_eq!(gap.p_above(bound) < 0.05, bound < low, "{:?}", gap);
            prop_assert_eq!(gap.p_below(bound) < 0.05, bound > high, "{:?}", gap);
            prop_assert!(gap.p_above(bound) + gap.p_below(bound) >= 1.0 - 1e-9);
        }
    }

    #[test]
    fn bounds_hold_every_completion(
        known in vec(pair(|| missing(0)), 0..8),
        open in vec(pair(|| missing(2)), 1..3),
        scale in prop_oneof![Just(1.0), 0.5_f64..2.0],
    ) {
        let pairs = [known, open].concat();
        if let Some(bounds) = paired_gap_bounds(&pairs, scale) {
            for one in all_completions(&pairs) {
                let gap = paired_gap(&one, scale).unwrap();
                prop_assert!(holds(&bounds.lowest, &bounds.highest, &gap), "{:?} {:?}", one, gap);
            }
        }
        if let Some(bounds) = suite_gap_bounds(&pairs, scale) {
            for one in all_completions(&pairs) {
                let gap = suite_gap(&one, scale).unwrap();
                prop_assert!(holds(&bounds.lowest, &bounds.highest, &gap), "{:?} {:?}", one, gap);
            }
        }
    }

    #[test]
    fn bounds_of_means_hold_the_extremes(pairs in vec((pair(sum), 0_u32..2, 0_u32..2), 2..20)) {
        let limits = Interval { low: -9.0, high: 9.0 };
        let with = |Sum { total, of }: Sum, missing| MissingSum { total, of, missing };
        let open: Vec<Pair<MissingSum>> = pairs
            .iter()
            .map(|(pair, from, to)| Pair { from: with(pair.from, *from), to: with(pair.to, *to) })
            .collect();
        let fill = |Sum { total, of }: Sum, missing: u32, value: f64| {
            Sum { total: total + f64::from(missing) * value, of: of + missing }
        };
        if let Some(bounds) = mean_gap_bounds(&open, limits, 1.0) {
            for (from_value, to_value) in [(-9.0, 9.0), (9.0, -9.0), (0.0, 0.0), (9.0, 9.0)] {
                let filled: Vec<Pair<Sum>> = pairs
                    .iter()
                    .map(|(pair, from, to)| Pair {
                        from: fill(pair.from, *from, from_value),
                        to: fill(pair.to, *to, to_value),
                    })
                    .collect();
                let gap = mean_gap(&filled, 1.0).unwrap();
                prop_assert!(holds(&bounds.lowest, &bounds.highest, &gap), "{:?}", gap);
            }
        }
    }
}
