//! What was charged by an estimate is corrected by what was really used, at the moment that it was used.

use std::time::Duration;

use iago_ledger::{Action, Ask, Ended, Event, Ledger, Limits};
use iago_sweep::{CallEnd, Money, Need, PoolId, Told, ToldLimit, WorkerId};

const ONE: WorkerId = WorkerId(1);
const POOL: PoolId = PoolId(0);
const LATER: Duration = Duration::from_secs(1_000);

fn ledger(limit: u64) -> Ledger {
    let limits = Limits { input_tokens_per_minute: Some(limit), ..Limits::default() };
    Ledger::new(Duration::ZERO, vec![limits])
}

fn asked(ledger: &mut Ledger, now: Duration, number: u64, input: u64) -> Vec<Action> {
    let need = Need { input, output: 0 };
    apply(
        ledger,
        now,
        Event::Asked(ONE, Ask { number, pools: vec![POOL], need, certain: 0, cost_most: None }),
    )
}

fn ended(ledger: &mut Ledger, now: Duration, number: u64, input: Option<u64>) -> Vec<Action> {
    let ended = Ended {
        number: Some(number),
        pools: vec![POOL],
        took: Duration::from_secs(1),
        how: CallEnd::Answered,
        usage: input.map(|input| Need { input, output: 0 }),
        cost: None,
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

fn used(ledger: &Ledger) -> u64 {
    let state = ledger.state(POOL);
    state.minute.iter().find(|of| of.quantity == "input tokens").expect("limited").used
}

/// When the ask that waits is granted, with nothing happening until then.
fn granted_at(ledger: &mut Ledger, mut now: Duration) -> Duration {
    let mut actions = Vec::new();
    while actions.is_empty() {
        now = ledger.next_moment(now).expect("something waits");
        ledger.grant(now, &mut actions);
    }
    now
}

#[test]
fn an_estimate_that_was_too_high_gives_back_what_was_not_used() {
    let mut ledger = ledger(1_000);
    asked(&mut ledger, LATER, 1, 900);
    assert_eq!(asked(&mut ledger, LATER, 2, 500), []);
    ended(&mut ledger, LATER, 1, Some(100));
    assert_eq!(used(&ledger), 100);
    let at = granted_at(&mut ledger, LATER);
    assert!(at < LATER + Duration::from_secs(60), "{at:?}");
}

#[test]
fn an_estimate_that_was_too_low_is_paid_for_afterwards() {
    let mut ledger = ledger(1_000);
    asked(&mut ledger, LATER, 1, 100);
    ended(&mut ledger, LATER, 1, Some(900));
    assert_eq!(used(&ledger), 900);
    assert_eq!(asked(&mut ledger, LATER, 2, 500), []);
    let at = granted_at(&mut ledger, LATER);
    assert!(at >= LATER + Duration::from_secs(60), "{at:?}");
}

#[test]
fn a_call_that_does_not_say_what_it_used_stays_charged_as_estimated() {
    let mut ledger = ledger(1_000);
    asked(&mut ledger, LATER, 1, 700);
    ended(&mut ledger, LATER, 1, None);
    assert_eq!(used(&ledger), 700);
}

#[test]
fn a_call_that_ends_after_its_minute_is_settled_in_its_own_and_not_in_this_one() {
    for (wait, usage) in [(70, 1_000), (7_000, 5_000)] {
        let mut ledger = ledger(1_000);
        asked(&mut ledger, LATER, 1, 800);
        ended(&mut ledger, LATER + Duration::from_secs(wait), 1, Some(usage));
        assert_eq!(used(&ledger), 0, "{wait} s later");
    }
}

#[test]
fn a_grant_ends_once() {
    let mut ledger = ledger(1_000);
    asked(&mut ledger, LATER, 1, 800);
    ended(&mut ledger, LATER, 1, Some(300));
    ended(&mut ledger, LATER, 1, Some(300));
    apply(&mut ledger, LATER, Event::Withdrew(ONE, 1));
    assert_eq!(used(&ledger), 300);
}

#[test]
fn an_absurd_usage_blocks_for_a_minute_and_a_half_at_most() {
    for usage in [1 << 32, u64::MAX] {
        let mut ledger = ledger(1_000);
        asked(&mut ledger, LATER, 1, 100);
        asked(&mut ledger, LATER, 2, 100);
        ended(&mut ledger, LATER, 1, Some(usage));
        // What ends later and took a little more does not keep the debt alive.
        ended(&mut ledger, LATER + Duration::from_secs(20), 2, Some(110));
        asked(&mut ledger, LATER + Duration::from_secs(20), 3, 500);
        let at = granted_at(&mut ledger, LATER + Duration::from_secs(20));
        assert!(at < LATER + Duration::from_secs(90), "{usage}: {at:?}");
    }
}

#[test]
fn no_number_that_is_told_is_too_large() {
    let limits = Limits { requests_per_day: Some(u64::MAX), ..Limits::default() };
    let mut ledger = Ledger::new(Duration::ZERO, vec![limits]);
    for per_day in [true, false] {
        let limit = Some(u64::MAX);
        let told = ToldLimit { per_day, limit, remaining: Some(0), reset_after: None };
        let all = Some(told);
        let told = Told { requests: all, input_tokens: all, output_tokens: all, tokens: all };
        for (number, seconds) in [(1, 0), (2, 100)] {
            let now = LATER + Duration::from_secs(seconds);
            let most = Some(Need { input: u64::MAX, output: u64::MAX });
            let (how, took, cost) = (CallEnd::Answered, Duration::MAX, Some(Money(i64::MAX)));
            let number = Some(number);
            let pools = vec![POOL];
            apply(
                &mut ledger,
                now,
                Event::Ended(ONE, Ended { number, pools, took, how, usage: most, cost, told }),
            );
            let need = Need { input: u64::MAX, output: u64::MAX };
            let ask = Ask {
                number: seconds,
                pools: vec![POOL],
                need,
                certain: u64::MAX,
                cost_most: None,
            };
            apply(&mut ledger, now, Event::Asked(ONE, ask));
        }
    }
    let forever = ToldLimit {
        per_day: true,
        limit: None,
        remaining: Some(0),
        reset_after: Some(Duration::MAX),
    };
    let told = Told { requests: Some(forever), ..Told::default() };
    let (how, took) = (CallEnd::Answered, Duration::ZERO);
    let ended = Ended { number: None, pools: vec![POOL], took, how, usage: None, cost: None, told };
    apply(&mut ledger, LATER, Event::Ended(ONE, ended));
    assert!(ledger.state(POOL).metered);
}

#[test]
fn a_refused_call_counts_as_a_request_of_a_known_limit_and_takes_no_tokens() {
    let requests_per_minute = Some(60);
    let limits =
        Limits { requests_per_minute, input_tokens_per_minute: Some(1_000), ..Limits::default() };
    let mut ledger = Ledger::new(Duration::ZERO, vec![limits]);
    asked(&mut ledger, LATER, 1, 900);
    let how = CallEnd::Throttled { retry_after: None };
    let (took, told) = (Duration::from_secs(1), Told::default());
    let number = Some(1);
    let ended = Ended { number, pools: vec![POOL], took, how, usage: None, cost: None, told };
    apply(&mut ledger, LATER, Event::Ended(ONE, ended));
    assert_eq!(ledger.state(POOL).minute[0].used, 1);
    assert_eq!(used(&ledger), 0);
    asked(&mut ledger, LATER, 2, 100);
    assert!(granted_at(&mut ledger, LATER) > LATER + Duration::from_millis(700));
}
