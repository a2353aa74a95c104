//! Several pools, workers and routes: what is shared, what is bounded, and what freeing a pool does.

use std::time::Duration;

use iago_ledger::{Action, Ask, Ended, Event, Ledger, Limits};
use iago_sweep::{CallEnd, Need, PoolId, Told, WorkerId};

const ONE: WorkerId = WorkerId(1);
const LATER: Duration = Duration::from_secs(1_000);

fn ask(number: u64, pools: &[u32], input: u64) -> Ask {
    let pools = pools.iter().map(|pool| PoolId(*pool)).collect();
    Ask { number, pools, need: Need { input, output: 0 }, certain: 0, cost_most: None }
}

fn ended(number: Option<u64>, took: Duration, how: CallEnd) -> Ended {
    let pools = vec![PoolId(0)];
    Ended { number, pools, took, how, usage: None, cost: None, told: Told::default() }
}

fn apply(ledger: &mut Ledger, now: Duration, event: Event) -> Vec<Action> {
    let mut actions = Vec::new();
    ledger.apply(now, event, &mut actions);
    ledger.grant(now, &mut actions);
    actions
}

fn requests(limit: u32) -> Limits {
    Limits { requests_per_minute: Some(limit), ..Limits::default() }
}

fn input(limit: u64) -> Limits {
    Limits { input_tokens_per_minute: Some(limit), ..Limits::default() }
}

#[test]
fn a_call_draws_from_all_its_pools_or_from_none() {
    let mut ledger = Ledger::new(Duration::ZERO, vec![requests(600), input(1_000)]);
    apply(&mut ledger, LATER, Event::Asked(ONE, ask(1, &[0, 1], 900)));
    assert_eq!(apply(&mut ledger, LATER, Event::Asked(ONE, ask(2, &[0, 1], 900))), []);
    assert_eq!(ledger.state(PoolId(0)).minute[0].used, 1);
    assert_eq!(ledger.state(PoolId(1)).minute[0].used, 1);
    apply(&mut ledger, LATER, Event::Withdrew(ONE, 1));
    assert_eq!(ledger.state(PoolId(0)).minute[0].used, 1);
    assert_eq!(apply(&mut ledger, LATER, Event::Withdrew(ONE, 2)), []);
    assert_eq!(ledger.state(PoolId(0)).minute[0].used, 0);
}

#[test]
fn a_large_ask_of_two_pools_is_not_starved_by_small_ones_of_either() {
    let mut ledger = Ledger::new(Duration::ZERO, vec![input(6_000), input(6_000)]);
    for pool in [0, 1] {
        apply(&mut ledger, LATER, Event::Asked(ONE, ask(pool, &[0], 3_000)));
        apply(&mut ledger, LATER, Event::Asked(ONE, ask(2 + pool, &[1], 3_000)));
    }
    apply(&mut ledger, LATER, Event::Asked(ONE, ask(10, &[0, 1], 6_000)));
    let mut now = LATER;
    for number in 11..600 {
        let pool = u32::try_from(number % 2).unwrap();
        let actions = apply(&mut ledger, now, Event::Asked(WorkerId(2), ask(number, &[pool], 100)));
        if actions.contains(&Action::Grant(ONE, 10)) {
            // Only what was before it and its own minute.
            assert!(now < LATER + Duration::from_secs(190), "{now:?}");
            return;
        }
        now += Duration::from_secs(1);
    }
    panic!("never granted");
}

#[test]
fn freeing_a_pool_ends_the_trying_of_single_calls() {
    let mut ledger = Ledger::new(Duration::ZERO, vec![Limits::default()]);
    let throttled =
        ended(None, Duration::from_millis(100), CallEnd::Throttled { retry_after: None });
    apply(&mut ledger, LATER, Event::Ended(ONE, throttled));
    for number in 0..20 {
        assert_eq!(apply(&mut ledger, LATER, Event::Asked(ONE, ask(number, &[0], 0))), []);
    }
    assert_eq!(apply(&mut ledger, LATER, Event::Free(PoolId(0))).len(), 20);
}

#[test]
fn a_worker_waits_for_a_bounded_number_of_calls() {
    let mut ledger = Ledger::new(LATER, vec![requests(1)]);
    let mut actions = Vec::new();
    for number in 0..5_000 {
        ledger.apply(LATER, Event::Asked(ONE, ask(number, &[0], 0)), &mut actions);
    }
    assert_eq!(ledger.state(PoolId(0)).waiting, 4_096);
    let declined: Vec<_> = (4_096..5_000).map(|number| Action::Decline(ONE, number)).collect();
    assert_eq!(actions, declined);
}

#[test]
fn the_oldest_grants_of_a_worker_that_never_ends_any_are_forgotten_and_stay_charged() {
    let mut ledger = Ledger::new(Duration::ZERO, vec![Limits::default()]);
    for number in 0..9_000 {
        apply(&mut ledger, LATER, Event::Asked(ONE, ask(number, &[0], 0)));
    }
    assert_eq!(ledger.state(PoolId(0)).minute[0].used, 9_000);
    apply(&mut ledger, LATER, Event::Withdrew(ONE, 0));
    assert_eq!(ledger.state(PoolId(0)).minute[0].used, 9_000);
    apply(&mut ledger, LATER, Event::Withdrew(ONE, 8_999));
    assert_eq!(ledger.state(PoolId(0)).minute[0].used, 8_999);
}

#[test]
fn sets_of_pools_are_bounded() {
    let mut ledger = Ledger::new(Duration::ZERO, vec![Limits::default(); 5_000]);
    let mut actions = Vec::new();
    for pool in 0..5_000 {
        let event = Event::Asked(WorkerId(pool.into()), ask(1, &[pool], 0));
        ledger.apply(LATER, event, &mut actions);
    }
    let declined: Vec<_> = (4_096..5_000).map(|of| Action::Decline(WorkerId(of), 1)).collect();
    assert_eq!(actions, declined);
    // Sets that nobody waits in make room.
    ledger.grant(LATER, &mut actions);
    actions.clear();
    let again = Event::Asked(WorkerId(4_999), ask(2, &[4_999], 0));
    assert_eq!(apply(&mut ledger, LATER, again), [Action::Grant(WorkerId(4_999), 2)]);
}

#[test]
fn a_hundred_thousand_asks_take_no_quadratic_work() {
    const ASKS: u64 = 100_000;
    const WAITING: u64 = 10_000;
    // Every pool lets through what is asked of it in about a minute, so that thousands wait all the time.
    let mut ledger = Ledger::new(Duration::ZERO, vec![requests(25_000); 4]);
    let (mut granted, mut number, mut now) = (0_u64, 0_u64, LATER);
    let mut actions = Vec::new();
    while granted < ASKS {
        while number < ASKS && number - granted < WAITING {
            let pools = [u32::try_from(number % 4).unwrap()];
            let event = Event::Asked(WorkerId(number % 16), ask(number, &pools, 0));
            ledger.apply(now, event, &mut actions);
            number += 1;
        }
        ledger.grant(now, &mut actions);
        for action in actions.drain(..) {
            let Action::Grant(worker, number) = action else { panic!("{action:?}") };
            granted += 1;
            let answered = ended(Some(number), Duration::ZERO, CallEnd::Answered);
            let pools = vec![PoolId(u32::try_from(number % 4).unwrap())];
            ledger.apply(now, Event::Ended(worker, Ended { pools, ..answered }), &mut Vec::new());
        }
        now = ledger.next_moment(now).unwrap_or(now).max(now + Duration::from_millis(20));
    }
    assert!(now < LATER + Duration::from_secs(90), "{now:?}");
}

/// What the concurrency comes to of an endpoint whose calls take `took` each, ending `every` apart.
fn run_calls(ledger: &mut Ledger, now: &mut Duration, calls: u32, every: u64, took: u64) -> u32 {
    for _ in 0..calls {
        *now += Duration::from_millis(every);
        let answered = ended(None, Duration::from_millis(took), CallEnd::Answered);
        apply(ledger, *now, Event::Ended(ONE, answered));
    }
    ledger.state(PoolId(0)).concurrency
}

#[test]
fn slowness_cuts_the_concurrency_and_it_comes_back() {
    let mut ledger = Ledger::new(Duration::ZERO, vec![Limits::default()]);
    let mut now = LATER;
    // A second each with 20 under way, then the same calls take eight.
    assert_eq!(run_calls(&mut ledger, &mut now, 400, 50, 1_000), 32);
    let slow = (0..60).map(|_| run_calls(&mut ledger, &mut now, 1, 300, 8_000)).min().unwrap();
    assert!(slow < 24, "{slow}");
    let back = run_calls(&mut ledger, &mut now, 8_000, 25, 1_000);
    assert!(back > 32, "{back}");
}
