use std::time::Duration;

use iago_protocol::{FromCoordinator, FromWorker, Outcome, Slice};
use iago_simulated_endpoint::Settings as EndpointBehaviour;

use crate::coordinator::{Coordinator, slice};
use crate::sweep::{POOL, assignment};
use crate::worker::{Worker, settings};

const PLENTY: u64 = 1 << 30;

#[tokio::test]
async fn another_slice_changes_the_pace_of_what_waits_for_it() {
    let mut coordinator = Coordinator::start().await;
    let worker = Worker::start(&coordinator, settings()).await;
    let (mut stream, _) = coordinator.greet(0).await;
    stream.say(FromCoordinator::ResultCredit(PLENTY)).await;
    stream.assign((0..20).map(assignment)).await;
    stream.answer_need().await;
    // No slots, then no pace, then a call a minute, the first in a minute: nothing starts.
    for (limit, concurrency) in [(None, 0), (Some(0), 8), (Some(1), 8)] {
        stream.say(FromCoordinator::Slice(slice(limit, concurrency))).await;
        for _ in 0..2 {
            let calls = stream.hear_until("a heartbeat", calls).await;
            assert_eq!((calls, worker.endpoint.log().calls), (0, 0), "{limit:?} {concurrency}");
        }
    }
    stream.say(FromCoordinator::Slice(slice(None, 2))).await;
    assert_eq!(stream.deliveries(20).await.len(), 20);
    assert!(worker.endpoint.log().in_flight_max <= 2);
}

fn calls(frame: FromWorker) -> Option<u64> {
    if let FromWorker::Heartbeat(heartbeat) = frame { Some(heartbeat.calls) } else { None }
}

#[tokio::test]
async fn more_slots_are_used_at_once() {
    let mut coordinator = Coordinator::start().await;
    let behaviour =
        EndpointBehaviour { latency: Duration::from_millis(50), ..EndpointBehaviour::default() };
    let worker = Worker::start_with(&coordinator, settings(), behaviour, None).await;
    let (mut stream, _) = coordinator.greet(1).await;
    stream.say(FromCoordinator::ResultCredit(PLENTY)).await;
    stream.assign((0..7).map(assignment)).await;
    stream.answer_need().await;
    let early = stream.deliveries(1).await.len();
    assert_eq!(worker.endpoint.log().in_flight_max, 1);
    stream.say(FromCoordinator::Slice(slice(None, 3))).await;
    stream.deliveries(7 - early).await;
    assert_eq!(worker.endpoint.log().in_flight_max, 3);
}

#[tokio::test]
async fn a_slice_is_answered_once_no_more_calls_are_under_way_than_it_allows() {
    let mut coordinator = Coordinator::start().await;
    let behaviour =
        EndpointBehaviour { latency: Duration::from_secs(1), ..EndpointBehaviour::default() };
    let worker = Worker::start_with(&coordinator, settings(), behaviour, None).await;
    let (mut stream, _) = coordinator.greet(3).await;
    assert_eq!(
        stream.hear_until("an answer", |frame| within(&frame)).await,
        1,
        "nothing is under way"
    );
    stream.assign((0..3).map(assignment)).await;
    stream.answer_need().await;
    let under_way = |frame| calls(frame).filter(|_| worker.endpoint.log().in_flight_max == 3);
    stream.hear_until("three calls", under_way).await;
    stream.say(FromCoordinator::Slice(Slice { number: 8, ..slice(None, 1) })).await;
    stream.say(FromCoordinator::Slice(Slice { number: 9, ..slice(None, 0) })).await;
    assert_eq!(
        stream.hear_until("an answer", |frame| within(&frame)).await,
        9,
        "only the latest counts"
    );
    assert_eq!(worker.endpoint.log().answered, 3);
}

fn within(frame: &FromWorker) -> Option<u64> {
    if let FromWorker::Within { number, .. } = frame { Some(*number) } else { None }
}

#[tokio::test]
async fn a_block_lasts_until_a_slice_that_lifts_it() {
    let mut coordinator = Coordinator::start().await;
    let behaviour =
        EndpointBehaviour { api_key: Some("right".to_owned()), ..EndpointBehaviour::default() };
    let worker = Worker::start_with(&coordinator, settings(), behaviour, None).await;
    let (mut stream, _) = coordinator.greet(1).await;
    stream.say(FromCoordinator::ResultCredit(PLENTY)).await;
    let blocked = |frame| {
        if let FromWorker::PoolBlocked { pool, .. } = frame { Some(pool) } else { None }
    };
    stream.assign([assignment(0)]).await;
    stream.answer_need().await;
    assert_eq!(stream.hear_until("the block", blocked).await, POOL);
    assert_eq!(stream.deliveries(1).await[0].outcome, Outcome::Released);
    // Behind a block nothing is called, whatever else is divided anew.
    stream.say(FromCoordinator::Slice(slice(None, 1))).await;
    stream.assign([assignment(1)]).await;
    assert_eq!(stream.deliveries(1).await[0].calls, 0);
    stream.say(FromCoordinator::Slice(Slice { lifts: true, ..slice(None, 1) })).await;
    stream.assign([assignment(2)]).await;
    assert_eq!(stream.deliveries(1).await[0].calls, 1);
    assert_eq!(worker.endpoint.log().calls, 2);
    // A coordinator that is new hears of it before it hands anything out.
    stream.break_off().await;
    let mut stream = coordinator.next().await;
    assert_eq!(stream.hear_until("the block", blocked).await, POOL);
}

#[tokio::test]
async fn a_slice_that_has_run_out_without_a_connection_lets_nothing_start() {
    let mut coordinator = Coordinator::start().await;
    let behaviour =
        EndpointBehaviour { latency: Duration::from_millis(30), ..EndpointBehaviour::default() };
    let worker = Worker::start_with(&coordinator, settings(), behaviour, None).await;
    let (mut stream, _) = coordinator.greet(1).await;
    stream.say(FromCoordinator::Welcome { term: 1, heartbeat_ms: 100, slices_ms: 0 }).await;
    stream.assign((0..30).map(assignment)).await;
    stream.answer_need().await;
    worker.calls(1).await;
    stream.break_off().await;

    let mut stream = coordinator.next().await;
    let FromWorker::Inventory(inventory) = stream.hear().await else {
        panic!("the inventory comes first");
    };
    assert_eq!(inventory.slices, [slice(None, 1)], "what it may have used until now");
    stream.say(FromCoordinator::Welcome { term: 2, heartbeat_ms: 100, slices_ms: 0 }).await;
    stream.say(FromCoordinator::ResultCredit(PLENTY)).await;
    // What was under way has ended by the second heartbeat.
    let mut seen = Vec::new();
    for _ in 0..5 {
        seen.push(stream.hear_until("a heartbeat", calls).await);
    }
    assert_eq!(seen[2], seen[4], "{seen:?}");
    assert!(seen[4] < 30, "{seen:?}");
    stream.say(FromCoordinator::Slice(slice(None, 1))).await;
    worker.calls(30).await;
}
