//! Calls of a metered pool: asked for, granted, used or given back, and told of.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use iago_attempt::{REPEAT_EVERY, REPEATS_AT_START};
use iago_protocol::{Ask, Assignment, FromCoordinator, FromWorker, Outcome, Slice};
use iago_providers::{Dialect, Protocol};
use iago_simulated_endpoint::Settings as EndpointBehaviour;
use iago_sweep::{CallEnd, FailureClass, Money, Need};
use iago_worker::EndpointSettings;
use tokio::time::Instant;

use crate::asking_on::{cost, priced};
use crate::coordinator::{Coordinator, SLICES_MS, Stream, asks, metered, slice};
use crate::scripted::{
    INPUT_TOKENS, OUTPUT_TOKENS, Reply, Scripted, fails, says, throttles, throttles_for_long,
};
use crate::sweep::{COST_MOST, Changed, NEED, POOL, assignment};
use crate::worker::{Worker, settings};

const PLENTY: u64 = 1 << 30;

/// A pool beside the endpoint's own.
const FAMILY: &str = "family";

/// Greets a worker and gives it a pool in which every call is asked for.
async fn greet(coordinator: &mut Coordinator, concurrency: u32) -> Stream {
    let mut stream = coordinator.next().await;
    let FromWorker::Inventory(_) = stream.hear().await else { panic!("it comes first") };
    let slices_ms = SLICES_MS;
    stream.say(FromCoordinator::Welcome { term: 1, heartbeat_ms: 100, slices_ms }).await;
    stream.say(FromCoordinator::Slice(metered(concurrency))).await;
    stream.say(FromCoordinator::ResultCredit(PLENTY)).await;
    stream
}

/// A worker whose endpoint replies so.
async fn begin(replies: Vec<Reply>) -> (Stream, Scripted, Worker, Coordinator) {
    let mut coordinator = Coordinator::start().await;
    let endpoint = Scripted::start(replies).await;
    let mut settings = settings();
    settings.endpoints.insert(POOL.to_owned(), priced(&endpoint));
    let worker = Worker::start(&coordinator, settings).await;
    let stream = greet(&mut coordinator, 1).await;
    (stream, endpoint, worker, coordinator)
}

fn withdrawn(frame: FromWorker) -> Option<Vec<u64>> {
    if let FromWorker::Withdrawn(some) = frame { Some(some) } else { None }
}

#[tokio::test]
async fn no_call_begins_before_it_is_granted() {
    let mut coordinator = Coordinator::start().await;
    let worker = Worker::start(&coordinator, settings()).await;
    let mut stream = greet(&mut coordinator, 2).await;
    stream.assign((0..5).map(assignment)).await;
    stream.answer_need().await;
    let asked = stream.asks(2).await;
    assert_eq!(asked.iter().map(|ask| ask.number).collect::<Vec<_>>(), [1, 2], "one for each slot");
    assert!(asked.iter().all(|ask| ask.pools == [POOL] && ask.need == NEED), "{asked:?}");
    assert!(asked.iter().all(|ask| ask.cost_most == Some(COST_MOST)), "{asked:?}");
    stream.hear_no_delivery().await;
    assert_eq!(worker.endpoint.log().calls, 0);
    stream.grant([2]).await;
    let mut ended = stream.ended_calls(4).await;
    assert_eq!(ended[0].grant, Some(2));
    stream.grant([1]).await;
    ended.extend(stream.ended_calls(1).await);
    assert_eq!(ended[4].grant, Some(1));
    assert!(ended.iter().all(|call| call.how == CallEnd::Answered && call.pools == [POOL]));
    assert_eq!(worker.endpoint.log().calls, 5);
}

/// What is asked for a job that is expected to take one token of input, and how many its body has at
/// least.
async fn ask_for_less(protocol: Protocol, cache_prefix: bool) -> (Ask, u64) {
    let changed = Changed::new(|plan| plan.models[0].parameters.cache_prefix = cache_prefix);
    let mut coordinator = Coordinator::start().await;
    let endpoint = Scripted::start(vec![]).await;
    let mut settings = settings();
    let dialect = Dialect::new(protocol, &endpoint.url).expect("it is an address");
    settings.endpoints.insert(POOL.to_owned(), EndpointSettings { dialect, ..priced(&endpoint) });
    let _worker = Worker::start(&coordinator, settings).await;
    let mut stream = greet(&mut coordinator, 1).await;
    let need = Need { input: 1, output: 7 };
    stream.assign([Assignment { need, ..changed.assignment(0, 0, &[]) }]).await;
    stream.answer_need_with(changed.json).await;
    let asked = stream.asks(1).await.remove(0);
    stream.grant([asked.number]).await;
    endpoint.asked_times(1).await;
    let written = endpoint.asked()[0].body.len() as u64 / 8;
    assert!(written > 1);
    (asked, written)
}

#[tokio::test]
async fn a_body_that_is_larger_than_what_was_expected_is_asked_for_by_its_size() {
    let all = [
        (Protocol::OpenAiChat, false),
        // What the cache serves counts there as well.
        (Protocol::OpenAiChat, true),
        (Protocol::AnthropicMessages, false),
    ];
    for (protocol, cache_prefix) in all {
        let (asked, written) = ask_for_less(protocol, cache_prefix).await;
        assert_eq!((asked.need, asked.certain), (Need { input: written, output: 7 }, written));
    }
}

#[tokio::test]
async fn where_what_a_cache_serves_counts_for_nothing_what_was_expected_stands() {
    let (asked, written) = ask_for_less(Protocol::AnthropicMessages, true).await;
    assert_eq!((asked.need, asked.certain), (Need { input: 1, output: 7 }, written));
}

#[tokio::test]
async fn what_was_asked_for_and_not_used_is_void_with_its_connection() {
    let mut coordinator = Coordinator::start().await;
    let worker = Worker::start(&coordinator, settings()).await;
    let mut stream = greet(&mut coordinator, 2).await;
    stream.assign((0..2).map(assignment)).await;
    stream.answer_need().await;
    stream.asks(2).await;
    worker.network.store(false, Ordering::SeqCst);
    stream.break_off().await;
    worker.network.store(true, Ordering::SeqCst);
    let mut stream = greet(&mut coordinator, 2).await;
    assert_eq!(stream.hear_until("withdrawals", withdrawn).await, [1, 2]);
    let again = stream.asks(2).await;
    assert_eq!(again.iter().map(|ask| ask.number).collect::<Vec<_>>(), [3, 4]);
    // What the last connection might have granted is nothing here.
    stream.grant([1, 2]).await;
    stream.hear_no_delivery().await;
    assert_eq!(worker.endpoint.log().calls, 0);
    stream.grant([3, 4]).await;
    assert_eq!(stream.deliveries(2).await.len(), 2);
}

#[tokio::test]
async fn what_can_never_fit_is_a_failure_with_the_coordinators_words() {
    let (mut stream, endpoint, _worker, _coordinator) = begin(vec![]).await;
    stream.assign([assignment(0)]).await;
    stream.answer_need().await;
    let asked = stream.asks(1).await;
    let words = "needs more tokens than a minute has".to_owned();
    let refused = vec![(asked[0].number, words.clone())];
    stream.answer(Vec::new(), refused, Vec::new(), Duration::ZERO).await;
    let delivered = stream.deliveries(1).await;
    let class = FailureClass::Rejected;
    assert_eq!(delivered[0].outcome, Outcome::Failed { class, status: None, message: words });
    assert_eq!((delivered[0].calls, endpoint.asked().len()), (0, 0));
}

#[tokio::test]
async fn what_is_declined_goes_back_as_it_came() {
    let (mut stream, endpoint, _worker, _coordinator) = begin(vec![]).await;
    stream.assign([assignment(0)]).await;
    stream.answer_need().await;
    let asked = stream.asks(1).await;
    stream.answer(Vec::new(), Vec::new(), vec![asked[0].number], Duration::ZERO).await;
    let delivered = stream.deliveries(1).await;
    assert_eq!((&delivered[0].outcome, delivered[0].calls), (&Outcome::Released, 0));
    assert_eq!(endpoint.asked().len(), 0);
}

#[tokio::test]
async fn what_was_granted_long_before_it_came_is_given_back_and_asked_for_again() {
    let (mut stream, endpoint, _worker, _coordinator) = begin(vec![says("ok"), says("ok")]).await;
    stream.assign((0..2).map(assignment)).await;
    stream.answer_need().await;
    stream.ended_calls(1).await;
    assert_eq!(stream.asks(1).await[0].number, 2);
    stream.grant_late([2], Duration::from_secs(30)).await;
    assert_eq!(stream.hear_until("withdrawals", withdrawn).await, [2]);
    assert_eq!(stream.asks(1).await[0].number, 3);
    assert_eq!(endpoint.asked().len(), 1);
    stream.grant([3]).await;
    assert_eq!(stream.ended_calls(1).await[0].grant, Some(3));
}

#[tokio::test]
async fn what_is_granted_without_a_slot_and_what_a_drain_leaves_unused_is_withdrawn() {
    let mut coordinator = Coordinator::start().await;
    let worker = Worker::start(&coordinator, settings()).await;
    let mut stream = greet(&mut coordinator, 2).await;
    stream.assign((0..2).map(assignment)).await;
    stream.answer_need().await;
    stream.asks(2).await;
    stream.say(FromCoordinator::Slice(metered(0))).await;
    stream.grant([1, 2]).await;
    let mut numbers = stream.hear_until("withdrawals", withdrawn).await;
    if numbers.len() < 2 {
        numbers.extend(stream.hear_until("withdrawals", withdrawn).await);
    }
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2]);
    stream.say(FromCoordinator::Slice(metered(1))).await;
    let again = stream.hear_until("asks", asks).await;
    assert_eq!(again.iter().map(|ask| ask.number).collect::<Vec<_>>(), [3]);
    worker.stop.cancel();
    assert_eq!(stream.hear_until("withdrawals", withdrawn).await, [3]);
    assert_eq!(worker.endpoint.log().calls, 0);
}

#[tokio::test]
async fn each_call_is_told_of_with_its_own_grant_and_what_it_took() {
    let (mut stream, endpoint, _worker, _coordinator) =
        begin(vec![throttles(), fails(529), fails(500), says("ok")]).await;
    stream.assign([assignment(0)]).await;
    stream.answer_need().await;
    let calls = stream.ended_calls(4).await;
    assert_eq!(calls.iter().map(|call| call.grant).collect::<Vec<_>>(), [1, 2, 3, 4].map(Some));
    let [throttled, overloaded, failed, answered] = &calls[..] else { panic!("there are four") };
    assert!(matches!(throttled.how, CallEnd::Throttled { retry_after: Some(_) }), "{throttled:?}");
    let told = throttled.told.requests.expect("its headers say so");
    assert_eq!((told.limit, told.remaining, told.per_day), (Some(60), Some(0), false));
    assert_eq!(overloaded.how, CallEnd::Overloaded { retry_after: None });
    assert_eq!((failed.how, failed.usage, failed.cost), (CallEnd::Broken, None, None));
    assert_eq!(answered.how, CallEnd::Answered);
    let usage = Need { input: INPUT_TOKENS, output: OUTPUT_TOKENS };
    assert_eq!((answered.usage, answered.cost), (Some(usage), Some(cost(1))));
    let asked = endpoint.asked();
    assert!(asked.iter().all(|one| one.body == asked[0].body), "the identical request");
}

#[tokio::test]
async fn a_call_that_nobody_heard_is_told_of_so_that_it_is_given_back() {
    let mut coordinator = Coordinator::start().await;
    let mut settings = settings();
    // A port that nobody can listen on.
    let nowhere = crate::worker::served("http://127.0.0.1:1/v1");
    settings
        .endpoints
        .insert(POOL.to_owned(), EndpointSettings { prices: BTreeMap::new(), ..nowhere });
    let _worker = Worker::start(&coordinator, settings).await;
    let mut stream = greet(&mut coordinator, 1).await;
    stream.assign([assignment(0)]).await;
    stream.answer_need().await;
    let calls = stream.ended_calls(2).await;
    for (nth, call) in (1..).zip(calls) {
        assert_eq!(
            (call.grant, call.how, call.cost),
            (Some(nth), CallEnd::Unsent, Some(Money::ZERO))
        );
    }
}

#[tokio::test]
async fn a_job_of_two_pools_needs_a_slot_and_a_grant_of_both() {
    let mut coordinator = Coordinator::start().await;
    let worker =
        Worker::start_with(&coordinator, settings(), EndpointBehaviour::default(), None).await;
    let (mut stream, _) = coordinator.greet(4).await;
    stream.say(FromCoordinator::ResultCredit(PLENTY)).await;
    let family = Slice { pool: FAMILY.to_owned(), ..metered(0) };
    stream.say(FromCoordinator::Slice(family.clone())).await;
    let pools = vec![POOL.to_owned(), FAMILY.to_owned()];
    let of_both = Assignment { pools: pools.clone(), ..assignment(0) };
    stream.assign([of_both, assignment(1)]).await;
    stream.answer_need().await;
    // The other job of the endpoint goes on meanwhile, and asks nobody.
    let delivered = stream.deliveries(1).await;
    assert_eq!(delivered[0].job, assignment(1).job);
    stream.say(FromCoordinator::Slice(Slice { concurrency: 1, ..family })).await;
    let asked = stream.asks(1).await;
    assert_eq!(asked[0].pools, pools);
    assert_eq!(worker.endpoint.log().calls, 1);
    stream.grant([asked[0].number]).await;
    let ended = stream.ended_calls(1).await;
    assert_eq!((&ended[0].pools, ended[0].grant), (&pools, Some(asked[0].number)));
}

#[tokio::test]
async fn a_throttle_holds_up_the_route_that_met_it_and_no_other() {
    let (mut stream, endpoint, _worker, _coordinator) =
        begin(vec![throttles_for_long(), says("ok")]).await;
    for name in [POOL, FAMILY] {
        stream.allow(name, 1).await;
    }
    let pools = vec![POOL.to_owned(), FAMILY.to_owned()];
    stream.assign([Assignment { pools, ..assignment(0) }]).await;
    stream.answer_need().await;
    let throttled = stream.ended_calls(1).await;
    assert_eq!(throttled[0].pools, [POOL, FAMILY]);
    stream.assign([assignment(1)]).await;
    assert_eq!(stream.deliveries(1).await[0].job, assignment(1).job);
    let waits = |frame| {
        let FromWorker::Heartbeat(heartbeat) = frame else { return None };
        Some(heartbeat.waits).filter(|waits| !waits.is_empty())
    };
    let waits = stream.hear_until("a wait", waits).await;
    assert!(waits.keys().eq([FAMILY]) && waits[FAMILY].contains("throttled"), "{waits:?}");
    assert_eq!(endpoint.asked().len(), 2);
}

#[tokio::test]
async fn an_outage_makes_no_more_repeats_than_the_budget_of_the_pool() {
    const JOBS: u32 = 30;
    const STOCK: usize = (REPEATS_AT_START + JOBS / 5) as usize;
    const BEYOND: u32 = 20;
    let begun = Instant::now();
    let (stream, endpoint, _worker, _coordinator) = {
        let (mut stream, endpoint, worker, coordinator) = begin(Vec::new()).await;
        stream.say(FromCoordinator::Slice(slice(None, JOBS))).await;
        stream.assign((0..JOBS).map(assignment)).await;
        stream.answer_need().await;
        (stream, endpoint, worker, coordinator)
    };
    endpoint.asked_times(JOBS as usize + STOCK + BEYOND as usize).await;
    let took = begun.elapsed();
    assert!(
        took >= REPEAT_EVERY * (BEYOND - 1),
        "{BEYOND} repeats beyond the stock within {took:?}"
    );
    drop(stream);
}
