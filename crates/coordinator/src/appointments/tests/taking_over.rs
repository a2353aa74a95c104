//! A coordinator that takes over goes on where the one before it was.

use super::fragile::Fragile;
use super::*;

/// A leader with a schedule that is due every ten minutes, when its first run has begun.
async fn led_often(overlap: &str) -> (Arc<MemoryStore>, Clock, Leader, SweepId) {
    let (store, clock) = (Arc::new(MemoryStore::default()), Clock::set(noon()));
    let leader = Leader::new(Arc::clone(&store), clock).await;
    let often =
        Terms { timetable: every_ten_minutes(), ..terms(&format!("overlap = \"{overlap}\"")) };
    leader.wish(Wish::Put(Box::new(offer(often)))).await.expect("it is taken");
    let sweep = sweep_of_run(&store).await;
    (store, clock, leader, sweep)
}

#[tokio::test(start_paused = true)]
async fn a_run_that_waits_is_started_by_whoever_leads_by_then() {
    let (store, clock, leader, sweep) = led_often("queue").await;
    sleep(660 * SECOND).await;
    drop(leader);
    let next = Leader::new(Arc::clone(&store), clock).await;
    sleep(60 * SECOND).await;
    assert_eq!(states(&store).await, [RunState::Running, RunState::Waiting]);
    next.steer(sweep, Order::Cancel).await;
    sleep(2 * SECOND).await;
    assert_eq!(states(&store).await, [RunState::Ended, RunState::Running]);
}

#[tokio::test(start_paused = true)]
async fn what_was_decided_on_is_not_decided_on_again() {
    let (store, clock, leader, _) = led_often("skip").await;
    leader.wish(Wish::Pause(name())).await.expect("it is there");
    sleep(1_860 * SECOND).await;
    let before = runs(&store).await.len();
    assert_eq!(before, 4);
    drop(leader);
    let watched = Arc::new(Fragile::failing(&store, usize::MAX));
    let _next = Leader::new(Arc::clone(&watched), clock).await;
    sleep(60 * SECOND).await;
    assert_eq!((watched.count("dates"), watched.count("change")), (1, 0));
    assert_eq!(runs(&store).await.len(), before);
}
