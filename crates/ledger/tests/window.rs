//! No sliding minute holds more than a known limit, whatever is asked.

use std::time::Duration;

use iago_ledger::{Action, Ask, Event, Ledger, Limits, SLACK};
use iago_sweep::{Need, PoolId, WorkerId};
use proptest::prelude::*;

#[derive(Clone, Copy, Debug)]
struct Arrival {
    at: Duration,
    input: u64,
}

/// Grants every ask when it fits; arrivals are late by up to `SLACK`.
fn arrivals(requests: u32, tokens: u64, asks: &[(u64, u64, u64)], waits: u64) -> Vec<Arrival> {
    let limits = Limits {
        requests_per_minute: Some(requests),
        input_tokens_per_minute: Some(tokens),
        ..Limits::default()
    };
    let mut now = Duration::from_secs(5);
    let mut ledger = Ledger::new(now, vec![limits]);
    let mut arrivals = Vec::new();
    let mut late = asks.iter().map(|ask| ask.2).cycle();
    let mut actions = Vec::new();
    let mut take = |ledger: &mut Ledger, now: Duration| {
        ledger.grant(now, &mut actions);
        for action in actions.drain(..) {
            if let Action::Grant(_, number) = action {
                let late = Duration::from_millis(late.next().unwrap_or(0));
                let input = asks[usize::try_from(number).expect("small")].1;
                arrivals.push(Arrival { at: now + late.min(SLACK), input });
            }
        }
    };
    for (number, (gap, input, _)) in (0..).zip(asks) {
        now += Duration::from_millis(*gap);
        let need = Need { input: *input, output: 0 };
        let ask = Ask { number, pools: vec![PoolId(0)], need, certain: *input, cost_most: None };
        let mut refused = Vec::new();
        ledger.apply(now, Event::Asked(WorkerId(1), ask), &mut refused);
        take(&mut ledger, now);
    }
    for _ in 0..waits {
        let Some(next) = ledger.next_moment(now) else { break };
        now = next;
        take(&mut ledger, now);
    }
    arrivals
}

proptest! {
    #[test]
    fn no_sliding_minute_holds_more_than_the_limit(
        requests in 1_u32..400,
        tokens in 100_u64..50_000,
        asks in prop::collection::vec((0_u64..2_000, 0_u64..6_000, 0_u64..=500), 1..300),
    ) {
        let mut arrivals = arrivals(requests, tokens, &asks, 600);
        arrivals.sort_by_key(|arrival| arrival.at);
        for (first, from) in arrivals.iter().enumerate() {
            let minute = arrivals[first..].iter().take_while(|to| to.at < from.at + Duration::from_secs(60));
            let (calls, input) = minute.fold((0, 0), |sum, to| (sum.0 + 1, sum.1 + to.input));
            prop_assert!(calls <= requests, "{calls} calls in the minute from {:?}", from.at);
            prop_assert!(input <= tokens, "{input} tokens in the minute from {:?}", from.at);
        }
    }
}
