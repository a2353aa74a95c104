//! Ratios of rates, also over zero.

use iago_statistics::{Interval, Pair, RatioInterval, Tally, ratio};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::dice::{Design, Dice};
use crate::{assert_covers, share};

const HUNDRED_BY_FIVE: Design = Design::new(100, 5, 0.3);
const NEVER: Tally = Tally { yes: 0, of: 5 };

#[test]
fn five_times_as_often_is_a_ratio_of_five() {
    let mut pairs = [Pair { from: NEVER, to: NEVER }; 100];
    for (i, pair) in pairs.iter_mut().enumerate() {
        pair.from.yes = u32::from(i % 5 == 0);
        pair.to.yes = 1;
    }
    let found = ratio(&pairs).unwrap();
    assert!((found.value.unwrap() - 5.0).abs() < 1e-12);
    let RatioInterval::Bounded(interval) = found.interval else { panic!("{found:?}") };
    assert!(interval.low > 3.0 && interval.low < 4.0, "{interval:?}");
    assert!(interval.high > 7.0 && interval.high < 15.0, "{interval:?}");
}

#[test]
fn a_ratio_over_zero_has_no_value_and_no_upper_end() {
    let found = ratio(&[Pair { from: NEVER, to: Tally { yes: 2, of: 5 } }; 100]).unwrap();
    assert_eq!(found.value, None);
    let RatioInterval::AtLeast(low) = found.interval else { panic!("{found:?}") };
    assert!(low > 5.0, "{low}");
}

#[test]
fn zero_over_zero_could_be_anything() {
    let found = ratio(&[Pair { from: NEVER, to: NEVER }; 100]).unwrap();
    assert_eq!((found.value, found.interval), (None, RatioInterval::Unbounded));
}

#[test]
fn zero_over_something_ends_where_it_must() {
    let found = ratio(&[Pair { from: Tally { yes: 3, of: 5 }, to: NEVER }; 100]).unwrap();
    assert_eq!(found.value, Some(0.0));
    let RatioInterval::Bounded(interval) = found.interval else { panic!("{found:?}") };
    assert!(interval.low == 0.0 && interval.high > 0.0 && interval.high < 0.1, "{interval:?}");
}

#[test]
fn prompts_with_an_empty_side_are_no_part_of_a_ratio() {
    let full = Pair { from: Tally { yes: 2, of: 5 }, to: Tally { yes: 4, of: 5 } };
    let half = Pair { from: Tally { yes: 0, of: 0 }, to: NEVER };
    let few = [full; 20];
    assert_eq!(ratio(&[few.to_vec(), vec![half; 9]].concat()), ratio(&few));
    assert_eq!(ratio(&[half]), None);
    assert_eq!(ratio(&[]), None);
}

#[test]
fn ratios_cover() {
    assert_covers(coverage(HUNDRED_BY_FIVE, 0.028, 0.142), 1.0);
    assert_covers(coverage(HUNDRED_BY_FIVE, 0.5, 0.05), 0.99);
    assert_covers(coverage(Design::new(50, 5, 0.6), 0.784, 0.07), 1.0);
    assert_covers(coverage(Design::new(100, 1, 0.0), 0.3, 0.5), 0.98);
}

#[test]
fn ratios_cover_where_the_rate_below_the_line_is_rare() {
    assert_covers(coverage(HUNDRED_BY_FIVE, 0.01, 0.5), 1.0);
    assert_covers(coverage(HUNDRED_BY_FIVE, 0.001, 0.01), 1.0);
}

proptest! {
    #[test]
    fn a_ratio_lies_in_its_interval(pairs in vec(pair(), 1..40)) {
        let found = ratio(&pairs).expect("all are paired");
        if let Some(value) = found.value {
            let (low, high) = ends(found.interval);
            prop_assert!(low - 1e-9 <= value && value <= high + 1e-9, "{found:?}");
        }
    }

    #[test]
    fn turning_a_ratio_over_turns_its_interval_over(pairs in vec(pair(), 1..40)) {
        let turned: Vec<Pair> =
            pairs.iter().map(|pair| Pair { from: pair.to, to: pair.from }).collect();
        let (low, high) = ends(ratio(&pairs).unwrap().interval);
        let (low_turned, high_turned) = ends(ratio(&turned).unwrap().interval);
        prop_assert!(near(low, 1.0 / high_turned), "{low} and {high_turned}");
        prop_assert!(near(low_turned, 1.0 / high), "{low_turned} and {high}");
    }
}

fn pair() -> impl Strategy<Value = Pair> {
    let tally = || (1..6_u32).prop_flat_map(|of| (0..=of).prop_map(move |yes| Tally { yes, of }));
    (tally(), tally()).prop_map(|(from, to)| Pair { from, to })
}

fn ends(interval: RatioInterval) -> (f64, f64) {
    match interval {
        RatioInterval::Bounded(Interval { low, high }) => (low, high),
        RatioInterval::AtLeast(low) => (low, f64::INFINITY),
        RatioInterval::Unbounded => (0.0, f64::INFINITY),
    }
}

fn near(one: f64, other: f64) -> bool {
    one == other || (one - other).abs() <= 1e-9 * one.abs().max(other.abs())
}

fn coverage(design: Design, from: f64, to: f64) -> Interval {
    share(41, |dice| {
        let found = ratio(&draw(dice, design, from, to)).expect("all are paired");
        let (low, high) = ends(found.interval);
        low <= to / from && to / from <= high
    })
}

fn draw(dice: &mut Dice, design: Design, from: f64, to: f64) -> Vec<Pair> {
    let mut side = |rate| design.urn(rate).tally(dice, design.repeats);
    (0..design.prompts).map(|_| Pair { from: side(from), to: side(to) }).collect()
}
