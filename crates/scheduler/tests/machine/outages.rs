//! What holds whatever breaks: streams, workers, coordinators, in any order.

use iago_sweep::Money;
use proptest::prelude::*;

use crate::chance::{Chance, breaks, losses, ordinary, wishes};
use crate::fleet::{Fleet, PRICE};
use crate::process::CALLS;
use crate::world::{SWEEP, shape};

fn run(repeats: u32, budget: Option<i64>, chances: Vec<Chance>) -> Fleet {
    let mut fleet = Fleet::new(shape(5, repeats, budget.map(Money), PRICE));
    chances.into_iter().for_each(|chance| fleet.happen(chance));
    fleet.settle_down();
    assert_eq!(fleet.store.open(&fleet.shape), []);
    assert_eq!(fleet.machine.out().map(|(_, out, _)| out).sum::<u32>(), 0);
    let counts = fleet.machine.counts(SWEEP);
    assert!(counts.iter().all(|count| count.done + count.failed == count.known), "{counts:?}");
    let calls = fleet.ended.len() as u64 * u64::from(CALLS);
    assert_eq!(fleet.store.calls, calls, "every execution counts once");
    fleet
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn without_a_lost_worker_no_job_is_executed_twice(
        repeats in 1u32..3,
        budget in proptest::option::of(0i64..1500),
        chances in proptest::collection::vec(
            prop_oneof![12 => ordinary(), 6 => breaks(), 2 => wishes()], 0..150,
        ),
    ) {
        let fleet = run(repeats, budget, chances);
        prop_assert_eq!(fleet.needless(), None);
    }

    #[test]
    fn every_job_ends_once_whatever_the_world_does(
        repeats in 1u32..3,
        budget in proptest::option::of(0i64..1500),
        chances in proptest::collection::vec(
            prop_oneof![
                12 => ordinary(), 6 => breaks(), 2 => wishes(), 2 => losses(),
            ],
            0..150,
        ),
    ) {
        let fleet = run(repeats, budget, chances);
        prop_assert_eq!(fleet.needless(), None);
    }
}
