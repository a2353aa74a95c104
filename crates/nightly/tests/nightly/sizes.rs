//! How large a night has to be.

use iago_nightly::{Expected, Values, foresee, recommend};
use iago_sweep::{Better, Generalise};

use crate::planted::{gating, night_with_lost};

fn expected(prompts: u32, margin: f64) -> Expected {
    Expected {
        measure: "good on tasks".to_owned(),
        prompts,
        better: Better::Higher,
        margin,
        values: Values::Rate { rate: 0.9, correlation: 0.4 },
        missing: 0.0,
    }
}

#[test]
fn prompts_that_there_are_get_the_fewest_repeats_that_do() {
    let found = recommend(&[expected(200, 0.05)], &gating(), Generalise::Suite, 3);
    assert!(found.has_enough_prompts(), "{found:?}");
    assert_eq!(found.repeats.baseline, 2 * found.repeats.tonight);
    assert!(found.gates[0].pass >= 0.92 && found.gates[0].regression >= 0.975);
    let easier = recommend(&[expected(200, 0.10)], &gating(), Generalise::Suite, 3);
    assert!(easier.repeats.tonight < found.repeats.tonight);
}

#[test]
fn repeats_do_not_make_up_for_prompts_that_change_differently() {
    let found = recommend(&[expected(200, 0.05)], &gating(), Generalise::Prompts, 3);
    assert!(!found.has_enough_prompts() && found.repeats.tonight == 3);
    assert!(found.gates[0].prompts.unwrap() > 400, "{found:?}");
}

#[test]
fn more_gates_take_more_of_each() {
    let size = |gates: usize| {
        let expected = vec![expected(1, 0.05); gates];
        recommend(&expected, &gating(), Generalise::Suite, 3).gates[0].prompts.unwrap()
    };
    assert!(size(1) < size(2) && size(2) < size(5));
}

#[test]
fn the_power_to_find_twice_the_margin_decides() {
    let found = recommend(&[expected(1, 0.05)], &gating(), Generalise::Suite, 3);
    assert!(found.gates[0].pass > 0.97 && found.gates[0].regression < 0.98, "{found:?}");
}

#[test]
fn a_margin_that_missing_answers_use_up_takes_no_number_of_prompts() {
    let gate = Expected { missing: 0.06, ..expected(200, 0.05) };
    let found = recommend(&[gate], &gating(), Generalise::Suite, 3);
    assert_eq!(found.gates[0].prompts, None);
    assert!(!found.has_enough_prompts());
}

#[test]
fn a_past_night_says_what_is_to_be_expected() {
    let night = night_with_lost(0);
    let found = Expected::of(&night.comparisons[0], 0.05).unwrap();
    let Values::Rate { rate, correlation } = found.values else { panic!("it is a rate") };
    assert_eq!((found.prompts, rate), (200, 0.9));
    assert!(correlation > 0.9, "prompts that always do the same: {correlation}");
}

#[test]
fn a_night_of_the_recommended_size_is_foreseen_to_keep_both_promises() {
    let expected = [expected(200, 0.05)];
    let found = recommend(&expected, &gating(), Generalise::Suite, 3);
    let foreseen = foresee(&expected, &gating(), Generalise::Suite, found.repeats.tonight);
    assert_eq!(foreseen, found);
    let smaller = foresee(&expected, &gating(), Generalise::Suite, found.repeats.tonight - 1);
    assert!(!smaller.has_enough_prompts(), "{smaller:?}");
}
