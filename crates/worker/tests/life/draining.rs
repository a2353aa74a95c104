use std::sync::atomic::Ordering;
use std::time::Duration;

use iago_protocol::{Delivery, FromCoordinator, FromWorker, Outcome};
use iago_simulated_endpoint::Settings as EndpointBehaviour;
use iago_worker::{Worked, WorkerError};

use crate::coordinator::{Coordinator, Stream};
use crate::sweep::assignment;
use crate::worker::{Worker, settings};

const PLENTY: u64 = 1 << 30;

/// An endpoint whose calls outlast what a test does meanwhile.
fn slow() -> EndpointBehaviour {
    EndpointBehaviour { latency: Duration::from_secs(1), ..EndpointBehaviour::default() }
}

fn answered(delivered: &[Delivery]) -> usize {
    delivered.iter().filter(|one| matches!(one.outcome, Outcome::Answered { .. })).count()
}

async fn hear_leaving(stream: &mut Stream) {
    stream
        .hear_until("that it leaves", |frame| {
            assert!(!matches!(frame, FromWorker::Deliveries(_)), "too early: {frame:?}");
            matches!(frame, FromWorker::Leaving).then_some(())
        })
        .await;
}

#[tokio::test]
async fn a_worker_that_is_stopped_ends_its_calls_delivers_everything_and_hangs_up() {
    let mut coordinator = Coordinator::start().await;
    let worker = Worker::start_with(&coordinator, settings(), slow(), None).await;
    let (mut stream, _) = coordinator.greet(2).await;
    stream.say(FromCoordinator::ResultCredit(PLENTY)).await;
    stream.assign((0..10).map(assignment)).await;
    stream.answer_need().await;
    worker.calls(2).await;
    worker.stop.cancel();
    hear_leaving(&mut stream).await;
    // What crosses with its leaving goes back, without a plan and without a call.
    stream.assign((10..12).map(assignment)).await;
    let delivered = stream.deliveries(12).await;
    assert_eq!(answered(&delivered), 2);
    assert_eq!(delivered.iter().filter(|one| one.outcome == Outcome::Released).count(), 10);
    stream.hear_no_delivery().await;
    stream.say(FromCoordinator::Acknowledged(12)).await;
    let mut last = None;
    while let Some(frame) = stream.hear_any().await {
        assert_eq!(last, None, "the last frame says that it is: {frame:?}");
        last = (!matches!(frame, FromWorker::Heartbeat(_))).then_some(frame);
    }
    assert_eq!(last, Some(FromWorker::Left));
    drop(stream);
    assert_eq!(worker.endpoint.log().calls, 2);
    assert_eq!(worker.end().await.expect("it drained"), Worked { calls: 2, delivered: 12 });
}

#[tokio::test]
async fn a_worker_that_has_nothing_leaves_at_once() {
    let mut coordinator = Coordinator::start().await;
    let worker = Worker::start(&coordinator, settings()).await;
    let (mut stream, _) = coordinator.greet(1).await;
    worker.stop.cancel();
    hear_leaving(&mut stream).await;
    while stream.hear_any().await.is_some() {}
    drop(stream);
    assert_eq!(worker.end().await.expect("it drained"), Worked { calls: 0, delivered: 0 });
}

#[tokio::test]
async fn without_a_coordinator_too() {
    let mut coordinator = Coordinator::start().await;
    let worker = Worker::start(&coordinator, settings()).await;
    let (stream, _) = coordinator.greet(1).await;
    worker.network.store(false, Ordering::SeqCst);
    stream.break_off().await;
    worker.stop.cancel();
    assert_eq!(worker.end().await.expect("it drained"), Worked { calls: 0, delivered: 0 });
}

#[tokio::test]
async fn a_worker_that_is_stopped_while_it_is_away_delivers_once_it_can() {
    let mut coordinator = Coordinator::start().await;
    let worker = Worker::start_with(&coordinator, settings(), slow(), None).await;
    let (mut stream, _) = coordinator.greet(2).await;
    stream.assign((0..5).map(assignment)).await;
    stream.answer_need().await;
    worker.calls(2).await;
    worker.network.store(false, Ordering::SeqCst);
    stream.break_off().await;
    worker.stop.cancel();
    worker.network.store(true, Ordering::SeqCst);
    let (mut stream, inventory) = coordinator.greet(2).await;
    assert_eq!(inventory.held.len() + inventory.unacknowledged.len(), 5);
    hear_leaving(&mut stream).await;
    stream.say(FromCoordinator::ResultCredit(PLENTY)).await;
    assert_eq!(answered(&stream.deliveries(5).await), 2);
    stream.say(FromCoordinator::Acknowledged(5)).await;
    while stream.hear_any().await.is_some() {}
    drop(stream);
    assert_eq!(worker.end().await.expect("it drained"), Worked { calls: 2, delivered: 5 });
}

#[tokio::test]
async fn a_worker_that_finds_nobody_in_time_says_what_is_lost() {
    let mut coordinator = Coordinator::start().await;
    let worker = Worker::start(&coordinator, settings()).await;
    let (mut stream, _) = coordinator.greet(2).await;
    stream.assign((0..5).map(assignment)).await;
    stream.answer_need().await;
    stream.calls(5).await;
    worker.network.store(false, Ordering::SeqCst);
    stream.break_off().await;
    worker.stop.cancel();
    // From here on there are only timers, and they need not be waited for.
    tokio::time::pause();
    let ended = worker.end_however_late().await;
    assert!(matches!(ended, Err(WorkerError::Undelivered(5))), "{ended:?}");
}
