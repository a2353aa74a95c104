use std::sync::atomic::Ordering;
use std::time::Duration;

use iago_protocol::{Delivery, FromCoordinator, FromWorker, Outcome, PROTOCOL_VERSION};
use iago_simulated_endpoint::Settings as EndpointBehaviour;
use iago_sweep::LOCAL_POOL;

use crate::coordinator::{Coordinator, slice};
use crate::sweep::{POOL, assignment};
use crate::worker::{Worker, settings};

/// An endpoint that takes its time.
fn slow() -> EndpointBehaviour {
    EndpointBehaviour { latency: Duration::from_millis(30), ..EndpointBehaviour::default() }
}

const PLENTY: u64 = 1 << 30;

#[tokio::test]
async fn a_worker_says_who_it_is_and_what_it_has_room_for() {
    let mut coordinator = Coordinator::start().await;
    let _worker = Worker::start(&coordinator, settings()).await;
    let (mut stream, inventory) = coordinator.greet(8).await;
    assert_eq!((inventory.name.as_str(), inventory.boot.as_str()), ("w1", "boot-1"));
    assert_eq!((inventory.protocol, inventory.slots), (PROTOCOL_VERSION, 64));
    assert_eq!(inventory.pools, [LOCAL_POOL, POOL], "and what needs no endpoint");
    assert!(inventory.held.is_empty() && inventory.unacknowledged.is_empty());
    assert_eq!(stream.hear().await, FromWorker::Credit(64));
}

#[tokio::test]
async fn a_delivery_that_was_not_acknowledged_is_sent_again_until_it_is() {
    let mut coordinator = Coordinator::start().await;
    let worker = Worker::start(&coordinator, settings()).await;
    let (mut stream, _) = coordinator.greet(1).await;
    stream.say(FromCoordinator::ResultCredit(PLENTY)).await;
    stream.assign((0..3).map(assignment)).await;
    stream.answer_need().await;
    let first = stream.deliveries(3).await;
    assert_eq!(first.iter().map(|delivery| delivery.sequence).collect::<Vec<_>>(), [1, 2, 3]);
    stream.say(FromCoordinator::Acknowledged(1)).await;
    stream
        .hear_until("room for one more", |frame| {
            matches!(frame, FromWorker::Credit(65)).then_some(())
        })
        .await;

    // Twice, because the second connection ends as the first one did.
    for _ in 0..2 {
        stream.break_off().await;
        let inventory;
        (stream, inventory) = coordinator.greet(1).await;
        let kept: Vec<_> = first[1..].iter().map(Delivery::held).collect();
        assert_eq!((inventory.held, inventory.unacknowledged), (vec![], kept));
        assert_eq!(stream.hear().await, FromWorker::Credit(62), "two are still here");
        stream.say(FromCoordinator::ResultCredit(PLENTY)).await;
        assert_eq!(stream.deliveries(2).await, first[1..]);
    }

    stream.say(FromCoordinator::Acknowledged(3)).await;
    stream.hear_until("room", |frame| matches!(frame, FromWorker::Credit(64)).then_some(())).await;
    stream.break_off().await;
    let (_, inventory) = coordinator.greet(1).await;
    assert!(inventory.unacknowledged.is_empty());
    assert_eq!(worker.endpoint.log().calls, 3, "nothing was asked twice");
}

#[tokio::test]
async fn calls_go_on_while_the_coordinator_is_away() {
    let mut coordinator = Coordinator::start().await;
    let worker = Worker::start_with(&coordinator, settings(), slow(), None).await;
    let (mut stream, _) = coordinator.greet(0).await;
    stream.assign((0..10).map(assignment)).await;
    stream.answer_need().await;
    worker.network.store(false, Ordering::SeqCst);
    // The slot that they wait for is the last that is heard of this coordinator.
    stream.say(FromCoordinator::Slice(slice(None, 1))).await;
    stream.break_off().await;
    worker.calls(10).await;

    worker.network.store(true, Ordering::SeqCst);
    let (mut stream, inventory) = coordinator.greet(1).await;
    assert_eq!(inventory.held.len() + inventory.unacknowledged.len(), 10);
    stream.say(FromCoordinator::ResultCredit(PLENTY)).await;
    let delivered = stream.deliveries(10).await;
    assert!(delivered.iter().all(|one| matches!(one.outcome, Outcome::Answered { .. })));
    assert_eq!(worker.endpoint.log().calls, 10);
}

#[tokio::test]
async fn the_same_assignment_twice_makes_one_call() {
    let mut coordinator = Coordinator::start().await;
    let worker = Worker::start(&coordinator, settings()).await;
    let (mut stream, _) = coordinator.greet(1).await;
    // While its plan is waited for, while it is in work or done, and once it is in the spool.
    stream.assign([assignment(0), assignment(0)]).await;
    stream.answer_need().await;
    stream.assign([assignment(0), assignment(1)]).await;
    stream.calls(2).await;
    stream.assign([assignment(0)]).await;
    let used = |frame| matches!(frame, FromWorker::Credit(67)).then_some(());
    stream.hear_until("the room that repetitions used", used).await;
    stream.say(FromCoordinator::ResultCredit(PLENTY)).await;
    let delivered = stream.deliveries(2).await;
    assert_eq!(delivered.iter().map(|one| one.sequence).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(worker.endpoint.log().by_key.values().copied().collect::<Vec<_>>(), [1, 1]);
}

#[tokio::test]
async fn a_plan_whose_answer_was_lost_is_asked_for_again() {
    let mut coordinator = Coordinator::start().await;
    let _worker = Worker::start(&coordinator, settings()).await;
    let (mut stream, _) = coordinator.greet(1).await;
    stream.assign([assignment(0)]).await;
    stream.hear_until("a need", |frame| matches!(frame, FromWorker::Need(_)).then_some(())).await;
    stream.break_off().await;
    let (mut stream, inventory) = coordinator.greet(1).await;
    assert_eq!(inventory.held, [assignment(0).held()]);
    stream.say(FromCoordinator::ResultCredit(PLENTY)).await;
    stream.answer_need().await;
    assert_eq!(stream.deliveries(1).await.len(), 1);
}

#[tokio::test]
async fn a_worker_that_is_to_have_one_connection_ends_with_it() {
    let mut coordinator = Coordinator::start().await;
    let once = iago_worker::Settings { reconnects: false, ..settings() };
    let worker = Worker::start(&coordinator, once).await;
    let (mut stream, _) = coordinator.greet(1).await;
    stream.say(FromCoordinator::ResultCredit(PLENTY)).await;
    stream.assign([assignment(0)]).await;
    stream.answer_need().await;
    assert_eq!(stream.deliveries(1).await.len(), 1);
    // From here on nothing starts, whatever comes.
    stream.say(FromCoordinator::Drain).await;
    stream.assign([assignment(1)]).await;
    let returned = stream.deliveries(1).await;
    assert_eq!(returned[0].outcome, Outcome::Released);
    stream.say(FromCoordinator::Acknowledged(2)).await;
    drop(stream);
    let worked = worker.end().await.expect("a coordinator may hang up");
    assert_eq!((worked.calls, worked.delivered), (1, 2));
}
