//! What must hold of means whatever the numbers are, and what they say where they know little.

use iago_statistics::{
    Caution, Interval, Missing, MissingSum, Pair, Quad, Sum, Tally, mean, mean_bounds,
    mean_difference, mean_difference_bounds, mean_difference_of_differences,
    mean_difference_of_differences_bounds, rate, rate_bounds,
};
use proptest::collection::vec;
use proptest::prelude::*;

const UNIT: Interval = Interval { low: 0.0, high: 1.0 };
const NOTHING: Sum = Sum { total: 0.0, of: 0 };

/// One number from each repeat of a prompt.
fn values(repeats_min: usize) -> impl Strategy<Value = Vec<f64>> {
    vec(-50.0..50.0_f64, repeats_min..=5)
}

fn add(values: &[f64]) -> Sum {
    Sum { total: values.iter().sum(), of: u32::try_from(values.len()).expect("few repeats") }
}

fn add_all(prompts: &[Vec<f64>]) -> Vec<Sum> {
    prompts.iter().map(|values| add(values)).collect()
}

fn pair_up(from: &[Vec<f64>], to: &[Vec<f64>]) -> Vec<Pair<Sum>> {
    from.iter().zip(to).map(|(from, to)| Pair { from: add(from), to: add(to) }).collect()
}

/// A pair of the same repeats, added up from the last.
fn pair_back(from: &[f64], to: &[f64]) -> Pair<Sum> {
    let turn = |values: &[f64]| values.iter().rev().copied().collect::<Vec<f64>>();
    Pair { from: add(&turn(from)), to: add(&turn(to)) }
}

/// Shares from 0 to 1, and how many of the first of them are lost.
fn gaps() -> impl Strategy<Value = (Vec<f64>, usize)> {
    vec(0.0..=1.0_f64, 1..=4).prop_flat_map(|values| {
        let lost = 0..=values.len();
        (Just(values), lost)
    })
}

fn lose((values, lost): &(Vec<f64>, usize)) -> MissingSum {
    let Sum { total, of } = add(&values[*lost..]);
    MissingSum { total, of, missing: u32::try_from(*lost).expect("few repeats") }
}

#[test]
fn one_prompt_has_a_mean_and_no_interval() {
    let found = mean(&[Sum { total: 12.0, of: 4 }]).unwrap();
    assert_eq!((found.value, found.of, found.prompts), (3.0, 4, 1));
    assert_eq!((found.standard_error, found.interval), (None, None));
    let pair = Pair { from: Sum { total: 1.0, of: 1 }, to: Sum { total: 3.0, of: 1 } };
    let found = mean_difference(&[pair], 7).unwrap();
    assert_eq!((found.value, found.interval, found.detectable, found.p), (2.0, None, None, 1.0));
}

#[test]
fn prompts_that_are_all_alike_are_no_certainty() {
    // A sum of three tenths is not thrice a tenth to the last bit.
    let alike = [Sum { total: 0.1 + 0.1 + 0.1, of: 3 }, Sum { total: 0.1, of: 1 }];
    let found = mean(&alike).unwrap();
    assert_eq!((found.prompts, found.standard_error, found.interval), (2, None, None));
}

#[test]
fn equal_means_do_not_differ_by_their_rounding() {
    let pair = Pair { from: add(&[0.1, 0.2, 0.3]), to: add(&[0.3, 0.2, 0.1]) };
    assert_ne!(pair.from.total, pair.to.total, "the last bit differs");
    let found = mean_difference(&[pair; 20], 7).unwrap();
    assert_eq!((found.value, found.p, found.interval), (0.0, 1.0, None));
}

#[test]
fn a_spread_that_is_rounding_is_no_certainty() {
    let pairs: Vec<Pair<Sum>> = (0..40_u32)
        .map(|prompt| f64::from(12_000 + 4_563 * prompt))
        .map(|from| Pair { from: add(&[from]), to: add(&[from + 0.1]) })
        .collect();
    assert!(pairs.iter().any(|pair| pair.to.total - pair.from.total != 0.1), "nothing is rounded");
    let found = mean_difference(&pairs, 7).unwrap();
    assert_eq!((found.interval, found.standard_error, found.detectable), (None, None, None));
}

#[test]
fn values_that_are_all_alike_have_no_bounds_unless_they_lie_at_a_limit() {
    let alike = |total| [MissingSum { total, of: 2, missing: 0 }; 12];
    assert_eq!(mean_bounds(&alike(1.0), UNIT), None);
    assert_eq!(mean_bounds(&alike(2.0), UNIT), Some(Interval { low: 1.0, high: 1.0 }));
    let pair = |from, to| [Pair { from: alike(from)[0], to: alike(to)[0] }; 12];
    assert_eq!(mean_difference_bounds(&pair(0.5, 1.0), UNIT), None);
}

#[test]
fn what_is_not_finite_has_no_mean() {
    let cell = |total| [add(&[1.0]), add(&[2.0]), Sum { total, of: 1 }];
    let gaps = |total| [0.0, 1.0, total].map(|total| MissingSum { total, of: 1, missing: 1 });
    for total in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(mean(&cell(total)), None);
        let pairs = cell(total).map(|to| Pair { from: add(&[1.0]), to });
        assert_eq!(mean_difference(&pairs, 7), None);
        assert_eq!(mean_bounds(&gaps(total), UNIT), None);
    }
    assert_eq!(mean(&[Sum { total: f64::MAX, of: 1 }; 3]), None);
}

#[test]
fn more_missing_than_can_be_counted_is_as_much_as_can_be() {
    let lost = [0.5, 1.0, 1.5].map(|total| MissingSum { total, of: 2, missing: u32::MAX });
    assert!(mean_bounds(&lost, UNIT).is_some_and(|bounds| bounds.width() > 0.9));
    let lost = Missing { yes: 1, of: 2, missing: u32::MAX };
    assert!(rate_bounds(&[lost; 3]).is_some_and(|bounds| bounds.width() > 0.9));
}

#[test]
fn a_small_difference_is_one() {
    let step = 2f64.powi(-30);
    let pair = Pair { from: add(&[1.0]), to: add(&[1.0 + step]) };
    let found = mean_difference(&[pair; 10], 7).unwrap();
    assert!(found.value == step && found.p < 0.01, "{found:?}");
}

#[test]
fn a_mean_of_nothing_is_not_zero() {
    assert_eq!(mean(&[]), None);
    assert_eq!(mean(&[NOTHING; 3]), None);
    assert_eq!(mean_bounds(&[], UNIT), None);
    assert_eq!(mean_difference(&[Pair { from: NOTHING, to: add(&[1.0]) }], 7), None);
}

#[test]
fn a_prompt_without_a_number_is_no_prompt() {
    let found = mean(&[add(&[1.0, 2.0]), NOTHING, add(&[6.0])]).unwrap();
    assert_eq!((found.value, found.of, found.prompts), (3.0, 3, 2));
}

#[test]
fn half_the_t_interval_of_three_numbers_is_what_the_table_says() {
    // Standard deviation 1 over three prompts, t of two degrees of freedom 4.302653.
    let found = mean(&[add(&[1.0]), add(&[2.0]), add(&[3.0])]).unwrap();
    let half = found.interval.unwrap().width() / 2.0;
    assert!((half - 4.302_653 / 3f64.sqrt()).abs() < 1e-6, "{half}");
}

#[test]
fn a_mean_of_few_prompts_is_cautioned_and_one_of_enough_is_not() {
    let ramp: Vec<Sum> = (0..50_u8).map(|level| add(&[f64::from(level)])).collect();
    assert_eq!(mean(&ramp).unwrap().caution, None);
    let caution = mean(&ramp[..49]).unwrap().caution.unwrap();
    assert_eq!(caution, Caution::FewPrompts { fewer_than: 50 });
    assert_eq!(caution.to_string(), "fewer than 50 prompts: no interval holds");
}

#[test]
fn a_mean_that_a_few_prompts_carry_is_cautioned() {
    let mut cell = vec![add(&[0.0]); 100];
    cell[..3].fill(add(&[0.5]));
    cell[3] = add(&[1.0]);
    let caution = mean(&cell).unwrap().caution.unwrap();
    assert_eq!(caution.to_string(), "a few prompts carry the mean: no interval holds");
    let pairs: Vec<Pair<Sum>> = cell.iter().map(|&to| Pair { from: cell[99], to }).collect();
    assert_eq!(mean_difference(&pairs, 7).unwrap().caution, Some(Caution::Lopsided));
}

#[test]
fn a_mean_of_two_values_is_sent_to_the_rates() {
    let mut cell = vec![add(&[0.1 + 0.2]); 100];
    cell[..50].fill(add(&[0.7]));
    cell[0] = add(&[0.1 + 0.6]);
    let caution = mean(&cell).unwrap().caution.unwrap();
    assert_eq!(caution, Caution::TwoValues);
    assert!(caution.to_string().starts_with("only two different values: no interval holds"));
}

#[test]
fn all_missing_leaves_everything_between_the_limits_open() {
    let lost = MissingSum { missing: 2, ..MissingSum::default() };
    let limits = Interval { low: 1.0, high: 10.0 };
    assert_eq!(mean_bounds(&[lost; 5], limits), Some(limits));
}

proptest! {
    #[test]
    fn shifting_every_value_shifts_the_mean_and_keeps_its_width(
        prompts in vec(values(0), 0..20), shift in -100.0..100.0_f64,
    ) {
        let shifted: Vec<Vec<f64>> =
            prompts.iter().map(|values| values.iter().map(|v| v + shift).collect()).collect();
        same_after(&prompts, &shifted, |value| value + shift)?;
    }

    #[test]
    fn scaling_every_value_scales_the_mean_and_its_interval(
        prompts in vec(values(0), 0..20), scale in 0.01..100.0_f64,
    ) {
        let scaled: Vec<Vec<f64>> =
            prompts.iter().map(|values| values.iter().map(|v| v * scale).collect()).collect();
        same_after(&prompts, &scaled, |value| value * scale)?;
    }

    #[test]
    fn the_order_of_prompts_does_not_matter(prompts in vec(values(0), 0..20).prop_shuffle()) {
        let mut sorted = prompts.clone();
        sorted.sort_by(|a, b| a.partial_cmp(b).unwrap());
        same_after(&prompts, &sorted, |value| value)?;
    }

    #[test]
    fn a_mean_of_zeros_and_ones_is_the_rate(cell in vec((0..=5_u32, 0..=5_u32), 0..20)) {
        let tallies: Vec<Tally> =
            cell.iter().map(|&(yes, no)| Tally { yes, of: yes + no }).collect();
        let sums: Vec<Sum> =
            tallies.iter().map(|t| Sum { total: f64::from(t.yes), of: t.of }).collect();
        let (rate, mean) = (rate(&tallies), mean(&sums));
        prop_assert_eq!(rate.map(|r| (r.value, r.of, r.prompts)), mean.map(|m| (m.value, m.of, m.prompts)));
    }

    #[test]
    fn swapping_the_sides_negates_a_difference_of_means(
        from in vec(values(0), 1..15), to in vec(values(0), 1..15), seed: u64,
    ) {
        let (there, back) = (pair_up(&from, &to), pair_up(&to, &from));
        let (there, back) = (mean_difference(&there, seed), mean_difference(&back, seed));
        prop_assert_eq!(there.is_some(), back.is_some());
        if let (Some(there), Some(back)) = (there, back) {
            prop_assert!(near(there.value, -back.value) && near(there.p, back.p));
            prop_assert!(near(there.pooled, -back.pooled) || there.pooled.is_nan());
            if let (Some(there), Some(back)) = (there.interval, back.interval) {
                prop_assert!(near(there.low, -back.high) && near(there.high, -back.low));
            }
        }
    }

    #[test]
    fn the_order_of_repeats_makes_no_difference(
        prompts in vec(vec(0.0..50.0_f64, 1..=5), 1..30), shift in 0.0..50.0_f64, seed: u64,
    ) {
        let pair = |values: &Vec<f64>| {
            let turned: Vec<f64> = values.iter().rev().copied().collect();
            Pair { from: add(values), to: add(&turned) }
        };
        let pairs: Vec<Pair<Sum>> = prompts.iter().map(pair).collect();
        let found = mean_difference(&pairs, seed).unwrap();
        prop_assert_eq!((found.value, found.p, found.interval), (0.0, 1.0, None));

        // On paper, everything moves by as much on both sides.
        let shifted = |values: &Vec<f64>| {
            let moved: Vec<f64> = values.iter().map(|value| value + shift).collect();
            let minuend = Pair { from: add(values), to: add(&moved) };
            Quad { minuend, subtrahend: pair_back(values, &moved) }
        };
        let quads: Vec<Quad<Sum>> = prompts.iter().map(shifted).collect();
        let found = mean_difference_of_differences(&quads, seed).unwrap();
        prop_assert_eq!((found.value, found.p, found.interval), (0.0, 1.0, None));
    }

    #[test]
    fn subtracting_no_change_leaves_a_difference_of_means_as_it_is(
        prompts in vec((values(1), values(1)), 1..15), seed: u64,
    ) {
        let quad = |(from, to): &(Vec<f64>, Vec<f64>)| {
            let minuend = Pair { from: add(from), to: add(to) };
            Quad { minuend, subtrahend: Pair { from: minuend.to, to: minuend.to } }
        };
        let quads: Vec<Quad<Sum>> = prompts.iter().map(quad).collect();
        let pairs: Vec<Pair<Sum>> = quads.iter().map(|quad| quad.minuend).collect();
        let plain = mean_difference(&pairs, seed).unwrap();
        let less_nothing = mean_difference_of_differences(&quads, seed).unwrap();
        prop_assert!(near(plain.value, less_nothing.value) && near(plain.p, less_nothing.p));
        prop_assert!(near(plain.pooled, less_nothing.pooled));
    }

    #[test]
    fn bounds_hold_the_mean_with_nothing_lost(cell in vec(gaps(), 1..15)) {
        let whole: Vec<Sum> = cell.iter().map(|(values, _)| add(values)).collect();
        let lossy: Vec<MissingSum> = cell.iter().map(lose).collect();
        let value = mean(&whole).unwrap().value;
        prop_assert!(mean_bounds(&lossy, UNIT).is_none_or(|bounds| holds(bounds, value)));
    }

    #[test]
    fn bounds_hold_the_differences_with_nothing_lost(
        cells in vec([gaps(), gaps(), gaps(), gaps()], 1..15),
    ) {
        let pair = |at: usize| move |cell: &[(Vec<f64>, usize); 4]| {
            Pair { from: add(&cell[at].0), to: add(&cell[at + 1].0) }
        };
        let lossy = |at: usize| move |cell: &[(Vec<f64>, usize); 4]| {
            Pair { from: lose(&cell[at]), to: lose(&cell[at + 1]) }
        };
        let pairs: Vec<Pair<Sum>> = cells.iter().map(pair(0)).collect();
        let bounds = mean_difference_bounds(&cells.iter().map(lossy(0)).collect::<Vec<_>>(), UNIT);
        let value = mean_difference(&pairs, 1).unwrap().value;
        prop_assert!(bounds.is_none_or(|bounds| holds(bounds, value)));

        let whole: Vec<Quad<Sum>> =
            cells.iter().map(|c| Quad { minuend: pair(0)(c), subtrahend: pair(2)(c) }).collect();
        let gaps: Vec<Quad<MissingSum>> =
            cells.iter().map(|c| Quad { minuend: lossy(0)(c), subtrahend: lossy(2)(c) }).collect();
        let bounds = mean_difference_of_differences_bounds(&gaps, UNIT);
        let value = mean_difference_of_differences(&whole, 1).unwrap().value;
        prop_assert!(bounds.is_none_or(|bounds| holds(bounds, value)));
    }
}

/// Whether the mean and its interval are where `map` takes those of `before`.
fn same_after(
    before: &[Vec<f64>],
    after: &[Vec<f64>],
    map: impl Fn(f64) -> f64,
) -> Result<(), TestCaseError> {
    let (before, after) = (mean(&add_all(before)), mean(&add_all(after)));
    prop_assert_eq!(before.is_some(), after.is_some());
    let (Some(before), Some(after)) = (before, after) else { return Ok(()) };
    prop_assert!(near(map(before.value), after.value));
    prop_assert_eq!((before.of, before.prompts), (after.of, after.prompts));
    prop_assert_eq!(before.caution, after.caution);
    if let (Some(before), Some(after)) = (before.interval, after.interval) {
        prop_assert!(near(map(before.low), after.low) && near(map(before.high), after.high));
    }
    Ok(())
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-8 * (1.0 + a.abs())
}

fn holds(bounds: Interval, value: f64) -> bool {
    bounds.low - 1e-12 <= value && value <= bounds.high + 1e-12
}
