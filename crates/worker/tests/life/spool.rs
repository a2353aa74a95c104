use std::sync::atomic::Ordering;

use iago_protocol::{Delivery, FromCoordinator, FromWorker};
use iago_worker::Settings;

use crate::coordinator::Coordinator;
use crate::sweep::assignment;
use crate::worker::{Worker, settings};

const PLENTY: u64 = 1 << 30;

/// A heartbeat in which the worker waits for room.
fn waits_for_room(frame: FromWorker) -> Option<u64> {
    let FromWorker::Heartbeat(heartbeat) = frame else { return None };
    let waits = heartbeat.waits.values().any(|why| why.contains("take what was answered"));
    waits.then_some(heartbeat.calls)
}

#[tokio::test]
async fn a_full_spool_stops_calls_until_there_is_room() {
    let mut coordinator = Coordinator::start().await;
    // The first answer fills it. Two calls are under way, and as each of them ends another may start
    // before that is seen.
    let small = Settings { spool_bytes_max: 1, ..settings() };
    let worker = Worker::start(&coordinator, small).await;
    let (mut stream, _) = coordinator.greet(2).await;
    stream.assign((0..20).map(assignment)).await;
    stream.answer_need().await;
    let calls = stream.hear_until("a full spool", waits_for_room).await;
    assert!((1..=4).contains(&calls), "{calls} calls");

    // Neither credit nor a new connection is room: only an acknowledgement is.
    worker.network.store(false, Ordering::SeqCst);
    stream.break_off().await;
    worker.network.store(true, Ordering::SeqCst);
    let (mut stream, _) = coordinator.greet(2).await;
    stream.say(FromCoordinator::ResultCredit(PLENTY)).await;
    let mut latest = stream.deliveries(1).await;
    let calls = stream.hear_until("a full spool", waits_for_room).await;
    assert!((1..=4).contains(&calls), "{calls} calls");

    let mut delivered = 0;
    loop {
        let up_to = latest.last().expect("a frame has some").sequence;
        delivered += latest.len();
        stream.say(FromCoordinator::Acknowledged(up_to)).await;
        if delivered >= 20 {
            break;
        }
        latest = stream.deliveries(1).await;
    }
    assert_eq!((delivered, worker.endpoint.log().calls), (20, 20));
}

#[tokio::test]
async fn deliveries_keep_to_the_credit_and_none_is_too_large_for_it() {
    let mut coordinator = Coordinator::start().await;
    let _worker = Worker::start(&coordinator, settings()).await;
    let (mut stream, _) = coordinator.greet(8).await;
    stream.assign((0..6).map(assignment)).await;
    stream.answer_need().await;
    stream.calls(6).await;
    stream.hear_no_delivery().await;
    // The first is larger than all that was granted: it goes out alone.
    stream.say(FromCoordinator::ResultCredit(1)).await;
    let first = stream.deliveries(1).await;
    let weight = first[0].weight() as u64;
    stream.hear_no_delivery().await;
    stream.say(FromCoordinator::ResultCredit(3 * weight)).await;
    let more = stream.deliveries(2).await;
    assert_eq!([sequences(&first), sequences(&more)], [vec![1], vec![2, 3]]);
    // Again one is larger than what is left, and waits until it is alone.
    stream.say(FromCoordinator::ResultCredit(3 * weight + 1)).await;
    stream.hear_no_delivery().await;
    stream.say(FromCoordinator::Acknowledged(3)).await;
    assert_eq!(sequences(&stream.deliveries(1).await), [4]);
    stream.hear_no_delivery().await;
}

fn sequences(deliveries: &[Delivery]) -> Vec<u64> {
    deliveries.iter().map(|delivery| delivery.sequence).collect()
}
