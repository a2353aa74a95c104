//! What a budget of repeats holds back, and what it lets pass.

use std::time::Duration;

use iago_attempt::{REPEAT_EVERY, REPEATS_AT_START, REPEATS_MAX, Repeats};
use proptest::prelude::*;

/// A stretch of an outage: so long after the last one, so many first calls fail, and so many jobs
/// would repeat theirs.
type Stretch = (u64, u32, u32);

fn stretches() -> impl Strategy<Value = Vec<Stretch>> {
    prop::collection::vec((0u64..5_000, 0u32..200, 0u32..500), 1..60)
}

/// Repeats that begin where everybody asks as soon as possible.
fn repeat(repeats: &mut Repeats, now: Duration, wanted: u32) -> u32 {
    (0..wanted).map_while(|_| repeats.may_repeat(now).ok()).map(|()| 1).sum()
}

proptest! {
    #[test]
    fn a_total_outage_of_any_shape_makes_no_more_repeats_than_its_bound(outage in stretches()) {
        let (mut repeats, mut now) = (Repeats::default(), Duration::ZERO);
        let (mut first, mut repeated) = (0, 0);
        for (later, calls, wanted) in outage {
            now += Duration::from_millis(later);
            (0..calls).for_each(|_| repeats.called());
            first += calls;
            repeated += repeat(&mut repeats, now, wanted);
            let trickled = now.as_millis() / REPEAT_EVERY.as_millis() + 1;
            let bound = u128::from(REPEATS_AT_START) + u128::from(first / 5) + trickled;
            prop_assert!(u128::from(repeated) <= bound, "{repeated} repeats, {bound} at most");
        }
    }

    #[test]
    fn no_time_without_trouble_earns_more_than_the_most(calls in 0u32..5_000) {
        let mut repeats = Repeats::default();
        (0..calls).for_each(|_| repeats.called());
        let at_once = repeat(&mut repeats, Duration::from_secs(9), u32::MAX);
        prop_assert!(at_once <= REPEATS_MAX + 1, "{at_once}");
    }

    #[test]
    fn whoever_comes_back_when_told_to_can_go_if_nobody_was_faster(gaps in prop::collection::vec(0u64..3_000, 1..50)) {
        let (mut repeats, mut now) = (Repeats::default(), Duration::ZERO);
        for gap in gaps {
            now += Duration::from_millis(gap);
            if let Err(wait) = repeats.may_repeat(now) {
                prop_assert!(wait <= REPEAT_EVERY);
                now += wait;
                prop_assert_eq!(repeats.may_repeat(now), Ok(()));
            }
        }
    }
}

#[test]
fn repeats_that_are_answered_cost_nothing() {
    let mut repeats = Repeats::default();
    for _ in 0..1_000 {
        assert_eq!(repeats.may_repeat(Duration::ZERO), Ok(()));
        repeats.give_back();
    }
}

#[test]
fn an_empty_stock_lets_one_pass_in_its_time() {
    let mut repeats = Repeats::default();
    assert_eq!(repeat(&mut repeats, Duration::ZERO, u32::MAX), REPEATS_AT_START + 1);
    let (half, whole) = (REPEAT_EVERY / 2, REPEAT_EVERY);
    assert_eq!(repeats.may_repeat(half), Err(half));
    assert_eq!(repeats.may_repeat(whole), Ok(()));
    assert_eq!(repeats.may_repeat(whole), Err(whole));
}
