//! What the ledger decides, event by event.

use std::time::Duration;

use iago_ledger::{Action, Ask, Ended, Event, Ledger, Limits, Source, UsedBefore};
use iago_sweep::{CallEnd, Money, Need, PoolId, Told, ToldLimit, WorkerId};

const ONE: WorkerId = WorkerId(1);
const TWO: WorkerId = WorkerId(2);
/// Long after the start: whatever a new ledger takes as used is over.
const LATER: Duration = Duration::from_secs(1_000);

fn ask(number: u64, pools: &[u32], input: u64) -> Ask {
    let pools = pools.iter().map(|pool| PoolId(*pool)).collect();
    Ask { number, pools, need: Need { input, output: 10 }, certain: 0, cost_most: None }
}

fn ended(number: Option<u64>, how: CallEnd) -> Ended {
    Ended {
        number,
        pools: vec![PoolId(0)],
        took: Duration::from_millis(100),
        how,
        usage: None,
        cost: None,
        told: Told::default(),
    }
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
fn a_new_ledger_takes_the_last_minute_as_used() {
    let mut ledger = Ledger::new(Duration::ZERO, vec![requests(60)]);
    let asked = apply(&mut ledger, Duration::ZERO, Event::Asked(ONE, ask(1, &[0], 0)));
    assert_eq!(asked, []);
    let next = ledger.next_moment(Duration::ZERO).unwrap();
    assert!(next > Duration::ZERO && next < Duration::from_secs(3), "{next:?}");
}

#[test]
fn a_call_that_can_never_fit_is_refused_in_words() {
    let mut ledger = Ledger::new(Duration::ZERO, vec![input(500)]);
    let certain = Ask { certain: 501, ..ask(1, &[0], 501) };
    let asked = apply(&mut ledger, LATER, Event::Asked(ONE, certain));
    let [Action::Refuse(ONE, 1, why)] = asked.as_slice() else { panic!("{asked:?}") };
    assert!(why.contains("501") && why.contains("input tokens per minute is 500"), "{why}");
}

#[test]
fn an_estimate_beyond_the_limit_is_no_reason_to_refuse() {
    let mut ledger = Ledger::new(Duration::ZERO, vec![input(500)]);
    let unsure = Ask { certain: 500, ..ask(1, &[0], 5_000) };
    assert_eq!(apply(&mut ledger, LATER, Event::Asked(ONE, unsure)), [Action::Grant(ONE, 1)]);
    assert_eq!(ledger.state(PoolId(0)).minute[1].used, 500);
}

#[test]
fn a_told_limit_is_no_reason_to_refuse() {
    let mut ledger = Ledger::new(Duration::ZERO, vec![Limits::default()]);
    let told = ToldLimit { limit: Some(100), ..ToldLimit::default() };
    let told = Told { input_tokens: Some(told), ..Told::default() };
    let heard = Ended { told, ..ended(None, CallEnd::Answered) };
    apply(&mut ledger, Duration::ZERO, Event::Ended(ONE, heard));
    let certain = Ask { certain: 5_000, ..ask(1, &[0], 5_000) };
    assert_eq!(apply(&mut ledger, LATER, Event::Asked(ONE, certain)), [Action::Grant(ONE, 1)]);
}

#[test]
fn an_output_beyond_the_limit_is_only_a_bound() {
    let limits = Limits { output_tokens_per_minute: Some(5), ..Limits::default() };
    let mut ledger = Ledger::new(Duration::ZERO, vec![limits]);
    let asked = apply(&mut ledger, LATER, Event::Asked(ONE, ask(1, &[0], 1)));
    assert_eq!(asked, [Action::Grant(ONE, 1)]);
}

#[test]
fn a_blocked_pool_slows_no_other() {
    let mut ledger = Ledger::new(Duration::ZERO, vec![requests(60), requests(60), requests(1)]);
    let first = apply(&mut ledger, LATER, Event::Asked(ONE, ask(1, &[0, 2], 0)));
    assert_eq!(first, [Action::Grant(ONE, 1)]);
    let blocked = apply(&mut ledger, LATER, Event::Asked(ONE, ask(2, &[1, 2], 0)));
    assert_eq!(blocked, []);
    let other = apply(&mut ledger, LATER, Event::Asked(TWO, ask(3, &[1], 0)));
    assert_eq!(other, [Action::Grant(TWO, 3)]);
}

#[test]
fn a_large_ask_is_not_starved_by_small_ones() {
    let mut ledger = Ledger::new(Duration::ZERO, vec![input(6_000)]);
    apply(&mut ledger, LATER, Event::Asked(ONE, ask(1, &[0], 3_000)));
    apply(&mut ledger, LATER, Event::Asked(ONE, ask(2, &[0], 5_000)));
    let small = apply(&mut ledger, LATER, Event::Asked(TWO, ask(3, &[0], 1)));
    assert_eq!(small, []);
    let mut actions = Vec::new();
    let mut now = LATER;
    while actions.is_empty() {
        now = ledger.next_moment(now).unwrap();
        ledger.grant(now, &mut actions);
    }
    assert_eq!(actions[0], Action::Grant(ONE, 2));
}

#[test]
fn what_a_parted_worker_asked_is_void_and_what_it_was_granted_stays_charged() {
    let mut ledger = Ledger::new(Duration::ZERO, vec![requests(1)]);
    apply(&mut ledger, LATER, Event::Asked(ONE, ask(1, &[0], 0)));
    apply(&mut ledger, LATER, Event::Asked(ONE, ask(2, &[0], 0)));
    apply(&mut ledger, LATER, Event::Parted(ONE));
    assert_eq!(ledger.next_moment(LATER), None);
    assert_eq!(ledger.state(PoolId(0)).minute[0].used, 1);
}

#[test]
fn a_grant_that_is_withdrawn_comes_back() {
    let mut ledger = Ledger::new(Duration::ZERO, vec![requests(1)]);
    apply(&mut ledger, LATER, Event::Asked(ONE, ask(1, &[0], 0)));
    apply(&mut ledger, LATER, Event::Asked(TWO, ask(1, &[0], 0)));
    let granted = apply(&mut ledger, LATER, Event::Withdrew(ONE, 1));
    assert_eq!(granted, [Action::Grant(TWO, 1)]);
}

#[test]
fn an_unknown_pool_is_metered_once_it_was_throttled() {
    let mut ledger = Ledger::new(Duration::ZERO, vec![Limits::default()]);
    assert!(!ledger.metered(PoolId(0)));
    apply(&mut ledger, LATER, Event::Ended(ONE, ended(None, CallEnd::Answered)));
    let how = CallEnd::Throttled { retry_after: None };
    let throttled = apply(&mut ledger, LATER, Event::Ended(ONE, ended(None, how)));
    assert_eq!(throttled, [Action::Meter(PoolId(0), true)]);
}

#[test]
fn a_pause_is_never_shortened_and_a_person_ends_it() {
    let mut ledger = Ledger::new(Duration::ZERO, vec![requests(600)]);
    for seconds in [30, 2] {
        let how = CallEnd::Throttled { retry_after: Some(Duration::from_secs(seconds)) };
        apply(&mut ledger, LATER, Event::Ended(ONE, ended(None, how)));
    }
    apply(&mut ledger, LATER, Event::Asked(ONE, ask(1, &[0], 0)));
    assert!(ledger.next_moment(LATER).unwrap() >= LATER + Duration::from_secs(30));
    assert!(ledger.state(PoolId(0)).waits_for.unwrap().contains("pause"));
    apply(&mut ledger, LATER, Event::Free(PoolId(0)));
    let next = ledger.next_moment(LATER).unwrap();
    assert!(next < LATER + Duration::from_secs(2), "{next:?}");
}

#[test]
fn headers_tell_a_limit_and_what_others_use_of_it() {
    let mut ledger = Ledger::new(Duration::ZERO, vec![Limits::default()]);
    let reset_after = Some(Duration::from_secs(30));
    let told = ToldLimit { limit: Some(1_000), remaining: Some(500), reset_after, per_day: false };
    let told = Told { requests: Some(told), ..Told::default() };
    for second in 0..60 {
        let now = LATER + Duration::from_secs(second);
        let event = Event::Ended(ONE, Ended { told, ..ended(None, CallEnd::Answered) });
        apply(&mut ledger, now, event);
    }
    let (limit, source) = ledger.state(PoolId(0)).minute[0].limit.unwrap();
    assert_eq!(source, Source::Told);
    assert!((500..700).contains(&limit), "{limit}");
    assert!(ledger.metered(PoolId(0)));
}

#[test]
fn a_limit_by_the_day_holds_until_there_is_room() {
    let limits = Limits { requests_per_day: Some(10), ..Limits::default() };
    let mut ledger = Ledger::new(Duration::ZERO, vec![limits]);
    let ago = Duration::from_secs(23 * 3_600);
    ledger.used_before(PoolId(0), UsedBefore { ago, calls: 10, cost: Money::ZERO });
    apply(&mut ledger, Duration::ZERO, Event::Asked(ONE, ask(1, &[0], 0)));
    assert!(ledger.state(PoolId(0)).waits_for.unwrap().contains("day"));
    let next = ledger.next_moment(Duration::ZERO).unwrap();
    assert!((3_600..3_700).contains(&next.as_secs()), "{next:?}");
    let mut actions = Vec::new();
    ledger.grant(next, &mut actions);
    assert_eq!(actions, [Action::Grant(ONE, 1)]);
}

#[test]
fn what_was_called_is_handed_out_once() {
    let mut ledger = Ledger::new(Duration::ZERO, vec![Limits::default()]);
    let call = Ended { cost: Some(Money(7)), ..ended(None, CallEnd::Answered) };
    apply(&mut ledger, LATER, Event::Ended(ONE, call));
    assert_eq!(ledger.take_use(LATER), [(PoolId(0), 1, Money(7))]);
    assert_eq!(ledger.take_use(LATER), []);
}

/// Calls end one by one, `every` apart, each after `took`; what the concurrency comes to.
fn concurrency_after(took: Duration, every: Duration, how: impl Fn(u32) -> CallEnd) -> u32 {
    let mut ledger = Ledger::new(Duration::ZERO, vec![Limits::default()]);
    for call in 0..1_000 {
        let event = Event::Ended(ONE, Ended { took, ..ended(None, how(call)) });
        apply(&mut ledger, every * call, event);
    }
    ledger.state(PoolId(0)).concurrency
}

#[test]
fn concurrency_grows_while_it_is_used_and_nothing_goes_wrong() {
    let took = Duration::from_secs(4);
    assert!(concurrency_after(took, Duration::from_millis(40), |_| CallEnd::Answered) > 60);
    assert_eq!(concurrency_after(took, Duration::from_secs(4), |_| CallEnd::Answered), 32);
}

#[test]
fn a_single_broken_call_changes_nothing_and_a_share_of_them_does() {
    let took = Duration::from_secs(1);
    let broken_every = |many: u32| {
        move |call: u32| if call.is_multiple_of(many) { CallEnd::Broken } else { CallEnd::Answered }
    };
    assert_eq!(concurrency_after(took, Duration::from_millis(100), broken_every(200)), 32);
    assert!(concurrency_after(took, Duration::from_millis(100), broken_every(4)) < 16);
}

#[test]
fn an_overloaded_endpoint_is_used_less_but_never_not_at_all() {
    let overloaded = |_| CallEnd::Overloaded { retry_after: None };
    let usable = concurrency_after(Duration::from_secs(1), Duration::from_millis(50), overloaded);
    assert!((1..8).contains(&usable), "{usable}");
}

#[test]
fn a_few_overloads_among_many_answers_are_an_endpoints_everyday() {
    let overloaded_every = |many: u32| {
        move |call: u32| {
            let overloaded = CallEnd::Overloaded { retry_after: None };
            if call.is_multiple_of(many) { overloaded } else { CallEnd::Answered }
        }
    };
    let usable = |many| {
        concurrency_after(Duration::from_secs(1), Duration::from_millis(20), overloaded_every(many))
    };
    assert!(usable(50) >= 32, "{}", usable(50));
    assert!(usable(4) < 16, "{}", usable(4));
}
