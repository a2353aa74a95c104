//! Dollars by the day: what a call can cost is kept free before it starts.

use std::time::Duration;

use iago_ledger::{Action, Ask, Ended, Event, Ledger, Limits, UsedBefore};
use iago_sweep::{CallEnd, Money, Need, PoolId, Told, WorkerId};
use proptest::prelude::*;

const ONE: WorkerId = WorkerId(1);
const POOL: PoolId = PoolId(0);
const LATER: Duration = Duration::from_secs(1_000);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn ledger(dollars: i64) -> Ledger {
    let limits = Limits { dollars_per_day: Some(Money(dollars)), ..Limits::default() };
    Ledger::new(Duration::ZERO, vec![limits])
}

fn asked(ledger: &mut Ledger, now: Duration, number: u64, cost_most: Option<i64>) -> Vec<Action> {
    let cost_most = cost_most.map(Money);
    let ask = Ask { number, pools: vec![POOL], need: Need::default(), certain: 0, cost_most };
    apply(ledger, now, Event::Asked(ONE, ask))
}

fn ended(
    ledger: &mut Ledger,
    now: Duration,
    number: u64,
    how: CallEnd,
    cost: Option<i64>,
) -> Vec<Action> {
    let ended = Ended {
        number: Some(number),
        pools: vec![POOL],
        took: Duration::from_millis(100),
        how,
        usage: None,
        cost: cost.map(Money),
        told: Told::default(),
    };
    apply(ledger, now, Event::Ended(ONE, ended))
}

fn apply(ledger: &mut Ledger, now: Duration, event: Event) -> Vec<Action> {
    let mut actions = Vec::new();
    ledger.apply(now, event, &mut actions);
    ledger.grant(now, &mut actions);
    actions
}

#[test]
fn what_a_call_can_cost_at_most_is_kept_free_until_it_ends() {
    let mut ledger = ledger(100);
    assert_eq!(asked(&mut ledger, LATER, 1, Some(60)), [Action::Grant(ONE, 1)]);
    assert_eq!(asked(&mut ledger, LATER, 2, Some(60)), []);
    assert!(ledger.state(POOL).waits_for.unwrap().contains("day"));
    let freed = ended(&mut ledger, LATER, 1, CallEnd::Answered, Some(40));
    assert_eq!(freed, [Action::Grant(ONE, 2)]);
    assert_eq!(ledger.state(POOL).cost_of_day, Money(100));
}

#[test]
fn a_call_that_can_cost_more_than_a_day_is_held_and_holds_up_no_other() {
    let mut ledger = ledger(2_000_000_000_000);
    assert_eq!(asked(&mut ledger, LATER, 1, Some(3_000_000_000_000)), []);
    let why = ledger.state(POOL).waits_for.unwrap();
    assert!(why.contains("$3.00") && why.contains("$2.00"), "{why}");
    assert_eq!((ledger.state(POOL).waiting, ledger.next_moment(LATER)), (1, None));
    assert_eq!(asked(&mut ledger, LATER, 2, Some(1)), [Action::Grant(ONE, 2)]);
    assert_eq!(apply(&mut ledger, LATER, Event::Withdrew(ONE, 1)), []);
    assert_eq!(ledger.state(POOL).waiting, 0);
}

#[test]
fn calls_that_cost_nothing_for_certain_reserve_nothing_and_are_never_held() {
    for dollars in [0, 100] {
        let mut ledger = ledger(dollars);
        let used = UsedBefore { ago: Duration::ZERO, calls: 1, cost: Money(100) };
        ledger.used_before(POOL, used);
        for number in 0..200 {
            let granted = asked(&mut ledger, LATER, number, Some(0));
            assert_eq!(granted, [Action::Grant(ONE, number)]);
        }
        assert_eq!(ledger.state(POOL).cost_of_day, Money(100));
        assert_eq!(asked(&mut ledger, LATER, 200, Some(1)), []);
        assert_eq!(asked(&mut ledger, LATER, 201, None), []);
    }
}

#[test]
fn a_broken_call_may_have_cost_all_and_a_throttled_one_cost_nothing() {
    for (how, left) in [(CallEnd::Broken, 60), (CallEnd::Throttled { retry_after: None }, 0)] {
        let mut ledger = ledger(100);
        asked(&mut ledger, LATER, 1, Some(60));
        ended(&mut ledger, LATER, 1, how, None);
        assert_eq!(ledger.state(POOL).cost_of_day, Money(left), "{how:?}");
    }
}

#[test]
fn a_call_of_unknown_cost_is_taken_to_cost_twice_the_mean() {
    let mut ledger = ledger(1_000);
    asked(&mut ledger, LATER, 1, None);
    ended(&mut ledger, LATER, 1, CallEnd::Answered, Some(100));
    let before = ledger.state(POOL).cost_of_day;
    asked(&mut ledger, LATER, 2, None);
    let reserved = ledger.state(POOL).cost_of_day.0 - before.0;
    assert!((100..=200).contains(&reserved), "{reserved}");
}

#[test]
fn calls_of_unknown_cost_cannot_all_start_before_one_has_ended() {
    let mut ledger = ledger(1_000);
    let granted = (0..500).filter(|number| !asked(&mut ledger, LATER, *number, None).is_empty());
    assert_eq!(granted.count(), 100);
}

#[test]
fn what_was_spent_before_a_restart_counts_and_so_do_calls_under_way_then() {
    let mut before = ledger(100);
    asked(&mut before, LATER, 1, Some(30));
    let noted = before.take_use(LATER);
    assert_eq!(noted, [(POOL, 1, Money(30))]);

    let mut ledger = ledger(100);
    let used = UsedBefore { ago: Duration::from_secs(60), calls: 1, cost: noted[0].2 };
    ledger.used_before(POOL, used);
    assert_eq!(asked(&mut ledger, Duration::ZERO, 2, Some(71)), []);
    // A call that the ledger before granted ends only now.
    ended(&mut ledger, Duration::ZERO, 1, CallEnd::Answered, Some(25));
    assert!(ledger.state(POOL).cost_of_day >= Money(25));
    let next = ledger.next_moment(Duration::ZERO).unwrap();
    assert!(next > DAY - Duration::from_secs(120), "{next:?}");
}

#[test]
fn what_is_handed_out_comes_to_what_was_spent_once_all_has_ended() {
    let mut ledger = ledger(1_000);
    let mut noted = 0;
    for number in 0..10 {
        asked(&mut ledger, LATER, number, Some(50));
        noted += ledger.take_use(LATER).iter().map(|used| used.2.0).sum::<i64>();
        ended(&mut ledger, LATER, number, CallEnd::Answered, Some(20));
    }
    noted += ledger.take_use(LATER).iter().map(|used| used.2.0).sum::<i64>();
    assert!((200..=230).contains(&noted), "{noted}");
}

proptest! {
    #[test]
    fn no_day_costs_more_than_its_limit(
        limit in 100_i64..10_000,
        calls in prop::collection::vec((0_i64..500, 0_i64..=100, 0_u64..4_000, any::<bool>()), 1..200),
    ) {
        let mut ledger = ledger(limit);
        let mut now = LATER;
        let mut spent: Vec<(Duration, i64)> = Vec::new();
        for (number, (most, _, gap, _)) in (0..).zip(&calls) {
            now += Duration::from_secs(*gap);
            let mut actions = asked(&mut ledger, now, number, Some(*most));
            while let Some(action) = actions.pop() {
                let Action::Grant(_, granted) = action else { continue };
                let (most, part, _, ends) = calls[usize::try_from(granted).unwrap()];
                let cost = most * part / 100;
                spent.push((now, cost));
                if ends {
                    actions.extend(ended(&mut ledger, now, granted, CallEnd::Answered, Some(cost)));
                }
            }
            let of_day = spent.iter().filter(|(at, _)| *at + DAY > now).map(|(_, cost)| cost);
            prop_assert!(of_day.sum::<i64>() <= limit);
        }
    }
}
