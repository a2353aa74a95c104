//! What calls cost that bring no answer: told of each call, and part of what their attempt costs.

use std::collections::BTreeMap;
use std::time::Duration;

use iago_protocol::{Call, Delivery, FromCoordinator, FromWorker, Outcome};
use iago_providers::{Dialect, Protocol};
use iago_sweep::{CallEnd, FailureClass, Money, Need, Usage};
use iago_worker::EndpointSettings;
use serde_json::{Value, json};

use crate::asking_on::{PRICE, cost, priced, usage};
use crate::coordinator::{Coordinator, Stream};
use crate::scripted::{
    INPUT_TOKENS, Reply, Scripted, answers, breaks_off, ends_early, fails, fails_after,
    fails_for_long, falls_silent, says,
};
use crate::sweep::{POOL, assignment};
use crate::worker::{Worker, settings};

const PLENTY: u64 = 1 << 30;

/// Tokens of output before something broke.
const BEGUN: u64 = 2;

/// Long enough for a machine that is busy, short enough to be waited for.
const IDLE: Duration = Duration::from_millis(1500);

fn so_far() -> Value {
    json!({ "prompt_tokens": INPUT_TOKENS, "completion_tokens": BEGUN })
}

fn need(output: u64) -> Need {
    Need { input: INPUT_TOKENS, output }
}

fn cost_so_far() -> Money {
    PRICE.of(&Usage { input: INPUT_TOKENS, output: BEGUN, ..Usage::default() })
}

/// A worker with one job, whose endpoint replies so.
async fn begin(
    change: impl FnOnce(EndpointSettings) -> EndpointSettings,
    replies: Vec<Reply>,
) -> (Stream, Scripted, Worker, Coordinator) {
    let endpoint = Scripted::start(replies).await;
    let mut coordinator = Coordinator::start().await;
    let (mut settings, mut served) = (settings(), priced(&endpoint));
    served.timeouts.idle = IDLE;
    settings.endpoints.insert(POOL.to_owned(), change(served));
    let worker = Worker::start(&coordinator, settings).await;
    let (mut stream, _) = coordinator.greet(1).await;
    stream.say(FromCoordinator::ResultCredit(PLENTY)).await;
    stream.assign([assignment(0)]).await;
    stream.answer_need().await;
    (stream, endpoint, worker, coordinator)
}

/// Hears what became of the job, and of each of its calls, in whichever order they come.
async fn hear_all(stream: &mut Stream, count: usize) -> (Vec<Call>, Delivery) {
    let (mut calls, mut delivered) = (Vec::new(), Vec::new());
    while calls.len() < count || delivered.is_empty() {
        let frame = stream.hear_any().await.expect("the worker has not hung up");
        if let FromWorker::Calls(some) = frame {
            calls.extend(some);
        } else if let FromWorker::Deliveries(some) = frame {
            delivered.extend(some);
        }
    }
    (calls, delivered.remove(0))
}

/// The calls of one job, and what became of it.
async fn run(replies: Vec<Reply>) -> (Vec<Call>, Delivery) {
    run_with(|served| served, replies).await
}

/// The same at an endpoint with other settings.
async fn run_with(
    change: impl FnOnce(EndpointSettings) -> EndpointSettings,
    replies: Vec<Reply>,
) -> (Vec<Call>, Delivery) {
    let count = replies.len();
    let (mut stream, _endpoint, _worker, _coordinator) = begin(change, replies).await;
    hear_all(&mut stream, count).await
}

fn rejected() -> Outcome {
    let (class, message) = (FailureClass::Rejected, "no".to_owned());
    Outcome::Failed { class, status: Some(400), message }
}

#[tokio::test]
async fn an_answer_costs_what_broke_off_before_it_as_well() {
    for begun in [breaks_off, ends_early, falls_silent] {
        let (calls, delivery) = run(vec![begun(&so_far()), says("ok")]).await;
        let [broken, answered] = &calls[..] else { panic!("two calls: {calls:?}") };
        assert_eq!((broken.how, broken.usage), (CallEnd::Broken, Some(need(BEGUN))));
        assert_eq!((broken.cost, answered.cost), (Some(cost_so_far()), Some(cost(1))));
        assert_eq!((delivery.calls, delivery.cost), (2, Some(cost_so_far() + cost(1))));
        let Outcome::Answered { usage: used, .. } = delivery.outcome else { panic!("an answer") };
        assert_eq!(used, usage(1), "of the call that was answered");
    }
}

#[tokio::test]
async fn a_failure_costs_what_its_calls_say_that_they_took() {
    let (calls, delivery) = run(vec![fails_after(500, 7), fails_after(400, BEGUN)]).await;
    assert_eq!((calls[0].usage, calls[1].usage), (Some(need(7)), Some(need(BEGUN))));
    let of_both = calls.iter().filter_map(|call| call.cost).sum();
    assert_eq!(calls[1].cost, Some(cost_so_far()));
    assert_eq!((delivery.outcome, delivery.cost), (rejected(), Some(of_both)));
}

#[tokio::test]
async fn what_tells_nothing_is_unknown_and_not_free() {
    let (calls, delivery) = run(vec![breaks_off(&Value::Null), fails(400)]).await;
    assert!(calls.iter().all(|call| (call.usage, call.cost) == (None, None)), "{calls:?}");
    assert_eq!((delivery.outcome, delivery.calls, delivery.cost), (rejected(), 2, None));
}

#[tokio::test]
async fn calls_that_may_be_billed_and_do_not_say_so_are_counted() {
    let replies = [
        // It said that it failed, and what the others took is known or is not.
        fails(500),
        breaks_off(&so_far()),
        breaks_off(&Value::Null),
        ends_early(&Value::Null),
        says("ok"),
    ];
    let (_, delivery) = run(replies.into()).await;
    assert_eq!((delivery.calls, delivery.broken), (5, 2));
    assert_eq!(delivery.cost, Some(cost_so_far() + cost(1)));
}

#[tokio::test]
async fn what_is_free_costs_nothing_however_it_ends() {
    let replies = vec![breaks_off(&Value::Null), fails(500), says("ok")];
    let free = |served| EndpointSettings { prices: BTreeMap::new(), free: true, ..served };
    let (calls, delivery) = run_with(free, replies).await;
    assert!(calls.iter().all(|call| call.cost == Some(Money::ZERO)), "{calls:?}");
    assert_eq!((delivery.calls, delivery.broken, delivery.cost), (3, 0, Some(Money::ZERO)));
}

#[tokio::test]
async fn a_price_may_be_that_of_a_pattern() {
    let prices = BTreeMap::from([("sim-*".to_owned(), PRICE)]);
    let (_, delivery) =
        run_with(|served| EndpointSettings { prices, ..served }, vec![says("ok")]).await;
    assert_eq!(delivery.cost, Some(cost(1)));
}

#[tokio::test]
async fn what_a_cache_served_counts_where_the_vendor_counts_it() {
    const CACHED: u64 = 8;
    let chat = json!({
        "choices": [{ "finish_reason": "stop", "message": { "content": "ok" } }],
        "usage": {
            "prompt_tokens": INPUT_TOKENS, "completion_tokens": BEGUN,
            "prompt_tokens_details": { "cached_tokens": CACHED },
        },
    });
    let messages = json!({
        "type": "message", "role": "assistant", "stop_reason": "end_turn",
        "content": [{ "type": "text", "text": "ok" }],
        "usage": {
            "input_tokens": INPUT_TOKENS - CACHED, "output_tokens": BEGUN,
            "cache_read_input_tokens": CACHED,
        },
    });
    for (protocol, body, counted) in [
        (Protocol::OpenAiChat, chat, INPUT_TOKENS),
        (Protocol::AnthropicMessages, messages, INPUT_TOKENS - CACHED),
    ] {
        let spoken = |served: EndpointSettings| {
            let dialect = Dialect::new(protocol, &served.dialect.base_url);
            EndpointSettings { dialect: dialect.expect("it is an address"), ..served }
        };
        let (calls, delivery) = run_with(spoken, vec![answers(&body)]).await;
        assert_eq!(calls[0].usage, Some(Need { input: counted, output: BEGUN }), "{protocol}");
        let Outcome::Answered { usage, .. } = delivery.outcome else { panic!("an answer") };
        assert_eq!((usage.input, usage.cached_input), (INPUT_TOKENS, CACHED));
    }
}

#[tokio::test]
async fn the_providers_own_figure_wins_where_there_is_no_answer_too() {
    let mut usage = so_far();
    usage["cost"] = json!(0.25);
    let (calls, delivery) = run(vec![breaks_off(&usage), fails(400)]).await;
    let told = Some(Money(250_000_000_000));
    assert_eq!((calls[0].usage, calls[0].cost), (Some(need(BEGUN)), told));
    assert_eq!((calls[1].cost, delivery.cost), (None, told));
}

#[tokio::test]
async fn what_is_given_back_costs_what_is_known_of_it() {
    let replies = vec![ends_early(&so_far()), fails_for_long()];
    let (mut stream, endpoint, worker, _coordinator) = begin(|served| served, replies).await;
    endpoint.asked_times(2).await;
    worker.stop.cancel();
    let (_, delivery) = hear_all(&mut stream, 2).await;
    assert_eq!((delivery.outcome, delivery.calls), (Outcome::Released, 2));
    assert_eq!(delivery.cost, Some(cost_so_far()));
}
