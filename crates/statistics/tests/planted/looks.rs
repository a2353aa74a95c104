//! Looks before the end, and what they cost.

use iago_statistics::{Spending, look_bounds, normal_quantile, spent};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::dice::Dice;
use crate::share;

const BOTH: [Spending; 2] = [Spending::Pocock, Spending::ObrienFleming];

#[test]
fn bounds_of_five_equal_looks_are_the_published_ones() {
    let information = [0.2, 0.4, 0.6, 0.8, 1.0];
    let found = look_bounds(Spending::Pocock, 0.05, &information).into_iter().map(thousandths);
    assert_eq!(found.collect::<Vec<_>>(), [2.438, 2.427, 2.41, 2.397, 2.386]);
    let found = look_bounds(Spending::ObrienFleming, 0.05, &information);
    let found: Vec<f64> = found.into_iter().map(thousandths).collect();
    assert_eq!(found, [4.877, 3.357, 2.68, 2.29, 2.031]);
}

#[test]
fn a_single_look_at_the_end_has_the_usual_bound() {
    for spending in BOTH {
        let found = look_bounds(spending, 0.05, &[1.0]);
        assert!((found[0] - normal_quantile(0.975)).abs() < 1e-9, "{found:?}");
    }
}

#[test]
fn looks_without_new_information_find_nothing() {
    for spending in BOTH {
        let found = look_bounds(spending, 0.05, &[0.0, 0.5, 0.5, 0.4, 1.0, 1.2]);
        let open: Vec<usize> = (0..6).filter(|look| found[*look].is_finite()).collect();
        assert_eq!(open, [1, 4]);
        let plain = look_bounds(spending, 0.05, &[0.5, 1.0]);
        assert!((found[1] - plain[0]).abs() < 1e-9 && (found[4] - plain[1]).abs() < 1e-9);
    }
    assert_eq!(look_bounds(Spending::Pocock, 0.05, &[]), Vec::<f64>::new());
}

#[test]
fn information_that_is_no_number_bounds_nothing() {
    for spending in BOTH {
        assert_eq!(spent(spending, 0.05, f64::NAN), 0.0);
        let found = look_bounds(spending, 0.05, &[f64::NAN, 0.5, f64::NAN, 1.0]);
        assert_eq!((found[0], found[2]), (f64::INFINITY, f64::INFINITY));
        let plain = look_bounds(spending, 0.05, &[0.5, 1.0]);
        assert!((found[1] - plain[0]).abs() < 1e-9 && (found[3] - plain[1]).abs() < 1e-9);
    }
}

#[test]
fn hundreds_of_looks_spend_no_more_than_there_is() {
    let information: Vec<f64> = (1..=300).map(|look| f64::from(look) / 300.0).collect();
    for spending in BOTH {
        let bounds = look_bounds(spending, 0.05, &information);
        let found = share(64, |dice| crosses(dice, &information, &bounds));
        assert!(found.low <= 0.05 && found.high >= 0.02, "{found:?}");
    }
}

#[test]
fn two_uncorrected_looks_are_wrong_in_more_than_eight_percent() {
    let usual = [normal_quantile(0.975); 2];
    let found = share(61, |dice| crosses(dice, &[0.5, 1.0], &usual));
    assert!(found.low <= 0.083 && found.high >= 0.083, "{found:?}");
}

#[test]
fn corrected_looks_are_wrong_in_five_percent() {
    for information in [&[0.5, 1.0][..], &[0.1, 0.15, 0.9, 1.0], &[0.2, 0.4, 0.6, 0.8, 1.0]] {
        for spending in BOTH {
            let bounds = look_bounds(spending, 0.05, information);
            let found = share(62, |dice| crosses(dice, information, &bounds));
            assert!(found.low <= 0.05 && found.high >= 0.05, "{found:?} with {bounds:?}");
        }
    }
}

#[test]
fn looks_that_lie_close_together_share_almost_all_of_their_errors() {
    // As many looks as steps cannot find more than the walk between them does.
    let information: Vec<f64> = (1..=40).map(|look| f64::from(look) / 40.0).collect();
    for spending in BOTH {
        let bounds = look_bounds(spending, 0.05, &information);
        let found = share(63, |dice| crosses(dice, &information, &bounds));
        assert!(found.low <= 0.05 && found.high >= 0.05, "{found:?}");
    }
}

proptest! {
    #[test]
    fn alpha_is_spent_little_by_little_and_never_twice(
        shares in vec(0.0..1.0_f64, 2), alpha in 0.001..0.2_f64
    ) {
        let (early, late) = (shares[0].min(shares[1]), shares[0].max(shares[1]));
        for spending in BOTH {
            let (first, second) = (spent(spending, alpha, early), spent(spending, alpha, late));
            prop_assert!(0.0 <= first && first <= second && second <= alpha * (1.0 + 1e-9));
            prop_assert!((spent(spending, alpha, 1.0) - alpha).abs() < 1e-9 * alpha);
            prop_assert_eq!(spent(spending, alpha, 0.0), 0.0);
        }
    }
}

/// Whether a comparison without an effect reaches a bound at any look.
fn crosses(dice: &mut Dice, information: &[f64], bounds: &[f64]) -> bool {
    let (mut sum, mut before) = (0.0, 0.0);
    information.iter().zip(bounds).any(|(share, bound)| {
        sum += (share - before).sqrt() * dice.normal();
        before = *share;
        f64::abs(sum) >= bound * share.sqrt()
    })
}

fn thousandths(z: f64) -> f64 {
    (1000.0 * z).round() / 1000.0
}
