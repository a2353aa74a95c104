//! What an earlier ledger had found out holds from the start.

use std::time::Duration;

use iago_ledger::{Action, Ask, Ended, Event, Ledger, Limits, Source};
use iago_sweep::{CallEnd, Need, PoolId, Told, WorkerId};

const POOL: PoolId = PoolId(0);
const ONE: WorkerId = WorkerId(1);
const START: Duration = Duration::ZERO;

fn ask(ledger: &mut Ledger, now: Duration, number: u64) -> Vec<Action> {
    let need = Need::default();
    let ask = Ask { number, pools: vec![POOL], need, certain: 0, cost_most: None };
    let mut actions = Vec::new();
    ledger.apply(now, Event::Asked(ONE, ask), &mut actions);
    ledger.grant(now, &mut actions);
    actions
}

fn throttle(ledger: &mut Ledger, now: Duration, number: Option<u64>) {
    let ended = Ended {
        number,
        pools: vec![POOL],
        took: Duration::from_millis(10),
        how: CallEnd::Throttled { retry_after: None },
        usage: None,
        cost: None,
        told: Told::default(),
    };
    ledger.apply(now, Event::Ended(ONE, ended), &mut Vec::new());
}

/// The ask that is granted next, and when.
fn next_grant(ledger: &mut Ledger, mut now: Duration) -> Duration {
    let mut actions = Vec::new();
    while !actions.iter().any(|action| matches!(action, Action::Grant(..))) {
        now = ledger.next_moment(now).expect("something waits");
        ledger.grant(now, &mut actions);
    }
    now
}

#[test]
fn a_limit_that_is_carried_over_meters_and_takes_the_last_minute_as_used() {
    let mut ledger = Ledger::new(START, vec![Limits::default()]);
    ledger.carry_over(POOL, 60, START);
    assert!(ledger.metered(POOL) && ledger.next_moment(START).is_some());
    assert_eq!(ask(&mut ledger, START, 1), [Action::Meter(POOL, true)]);
    let state = ledger.state(POOL).minute[0];
    assert_eq!((state.limit, state.used), (Some((60, Source::Discovered)), 60));
    assert_eq!(ledger.limit_in_force(POOL), Some(60));
    let first = next_grant(&mut ledger, START);
    assert!(first > Duration::from_millis(500) && first < Duration::from_secs(3), "{first:?}");
}

#[test]
fn the_least_that_is_carried_over_holds_and_less_that_is_known_is_kept() {
    let mut ledger = Ledger::new(START, vec![Limits::default()]);
    for found in [600, 60, 6_000, 0] {
        ledger.carry_over(POOL, found, START);
    }
    assert_eq!(ledger.limit_in_force(POOL), Some(60));
    let configured = Limits { requests_per_minute: Some(50), ..Limits::default() };
    let mut ledger = Ledger::new(START, vec![configured]);
    ledger.carry_over(POOL, 60, START);
    assert_eq!(ledger.state(POOL).minute[0].limit, Some((50, Source::Configured)));
    ledger.carry_over(POOL, 40, START);
    assert_eq!(ledger.limit_in_force(POOL), Some(40));
}

#[test]
fn what_was_found_out_since_is_not_replaced() {
    let mut ledger = Ledger::new(START, vec![Limits::default()]);
    let now = Duration::from_secs(100);
    throttle(&mut ledger, now, None);
    let found = ledger.limit_in_force(POOL);
    ledger.carry_over(POOL, 600, now);
    assert_eq!(ledger.limit_in_force(POOL), found);
}

/// A pool of which only single calls are tried, with one of them granted, and another ask that waits.
fn tried(now: Duration) -> Ledger {
    let mut ledger = Ledger::new(START, vec![Limits::default()]);
    throttle(&mut ledger, Duration::from_secs(100), None);
    assert_eq!(ask(&mut ledger, now, 1), [Action::Grant(ONE, 1)]);
    assert_eq!(ask(&mut ledger, now, 2), []);
    ledger
}

#[test]
fn a_single_call_that_was_never_made_was_not_taken_and_another_is_tried() {
    let now = Duration::from_secs(110);
    let soon = now + Duration::from_millis(10);
    let unsent = Ended {
        number: Some(1),
        pools: vec![POOL],
        took: Duration::ZERO,
        how: CallEnd::Unsent,
        usage: None,
        cost: None,
        told: Told::default(),
    };
    for event in [Event::Withdrew(ONE, 1), Event::Ended(ONE, unsent)] {
        let mut ledger = tried(now);
        ledger.apply(soon, event, &mut Vec::new());
        assert!(next_grant(&mut ledger, now) < now + Duration::from_secs(1));
    }
    let mut ledger = tried(now);
    ledger.apply(soon, Event::Parted(ONE), &mut Vec::new());
    assert_eq!(ask(&mut ledger, soon, 3), [Action::Grant(ONE, 3)]);
    // Had the first counted as taken after a while, more than one would go.
    assert_eq!(ask(&mut ledger, now + Duration::from_secs(5), 4), []);
}
