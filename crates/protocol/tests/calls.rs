//! What is asked for and told of calls arrives as it was said.

use std::time::Duration;

use iago_protocol::{Ask, Call, FromWorker, wire};
use iago_sweep::{CallEnd, Money, Need, Told, ToldLimit};
use proptest::prelude::*;

fn need() -> impl Strategy<Value = Need> {
    any::<(u64, u64)>().prop_map(|(input, output)| Need { input, output })
}

fn duration() -> impl Strategy<Value = Duration> {
    any::<u64>().prop_map(Duration::from_millis)
}

fn pools() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("[a-z]{1,8}", 0..3)
}

fn end() -> impl Strategy<Value = CallEnd> {
    let after = || prop::option::of(duration());
    prop_oneof![
        Just(CallEnd::Answered),
        after().prop_map(|retry_after| CallEnd::Throttled { retry_after }),
        after().prop_map(|retry_after| CallEnd::Overloaded { retry_after }),
        Just(CallEnd::Broken),
        Just(CallEnd::Other),
        Just(CallEnd::Unsent),
    ]
}

fn limit() -> impl Strategy<Value = Option<ToldLimit>> {
    let numbers = any::<(bool, Option<u64>, Option<u64>)>();
    let limit = (numbers, prop::option::of(duration()));
    prop::option::of(limit.prop_map(|((per_day, limit, remaining), reset_after)| ToldLimit {
        per_day,
        limit,
        remaining,
        reset_after,
    }))
}

fn told() -> impl Strategy<Value = Told> {
    [limit(), limit(), limit(), limit()].prop_map(
        |[requests, input_tokens, output_tokens, tokens]| Told {
            requests,
            input_tokens,
            output_tokens,
            tokens,
        },
    )
}

fn call() -> impl Strategy<Value = Call> {
    let numbers = any::<(Option<u64>, u32, Option<i64>)>();
    (numbers, pools(), end(), prop::option::of(need()), told()).prop_map(
        |((grant, took_ms, cost), pools, how, usage, told)| Call {
            grant,
            pools,
            took_ms,
            how,
            usage,
            cost: cost.map(Money),
            told,
        },
    )
}

fn ask() -> impl Strategy<Value = Ask> {
    let money = any::<Option<i64>>().prop_map(|most| most.map(Money));
    let numbers = any::<(u64, u64)>();
    (numbers, pools(), need(), money).prop_map(|((number, certain), pools, need, cost_most)| Ask {
        number,
        pools,
        need,
        certain,
        cost_most,
    })
}

fn over_the_wire(said: FromWorker) -> FromWorker {
    wire::WorkerFrame::from(said).try_into().expect("it makes sense")
}

proptest! {
    #[test]
    fn what_is_asked_and_told_of_calls_survives_the_wire(
        asks in prop::collection::vec(ask(), 0..3),
        calls in prop::collection::vec(call(), 0..3),
    ) {
        for said in [FromWorker::Asks(asks), FromWorker::Calls(calls)] {
            prop_assert_eq!(over_the_wire(said.clone()), said);
        }
    }
}

#[test]
fn nobody_is_told_to_come_back_earlier_than_was_said() {
    let retry_after = Some(Duration::from_nanos(1_000_001));
    let call = Call {
        grant: None,
        pools: Vec::new(),
        took_ms: 1,
        how: CallEnd::Throttled { retry_after },
        usage: None,
        cost: None,
        told: Told::default(),
    };
    let FromWorker::Calls(calls) = over_the_wire(FromWorker::Calls(vec![call])) else {
        panic!("calls")
    };
    let retry_after = Some(Duration::from_millis(2));
    assert_eq!(calls[0].how, CallEnd::Throttled { retry_after });
}

#[test]
fn a_call_whose_end_nobody_knows_is_an_error() {
    let frame = wire::WorkerFrame {
        frame: Some(wire::worker_frame::Frame::Calls(wire::Calls {
            calls: vec![wire::Call::default()],
        })),
    };
    let refused = FromWorker::try_from(frame).expect_err("it says nothing");
    assert_eq!(refused.to_string(), "frame with an impossible `how`");
}
