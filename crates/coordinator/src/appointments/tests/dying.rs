//! A coordinator that dies at any moment around a due minute, and another one that takes over.

use super::fragile::Fragile;
use super::*;

/// Lets a coordinator lead over the due minute that dies after so many steps in its store, and then
/// another one to the end of the run. Says whether the first one died.
async fn survive(steps: usize, more: &str, cancel: bool) -> bool {
    let (store, clock, leader) = led(more).await;
    drop(leader);
    let fragile = Arc::new(Fragile::new(&store, steps));
    let dead = fragile.dead.clone();
    let first = async {
        let leader = Leader::new(Arc::clone(&fragile), clock).await;
        see_to_the_end(&store, &leader, cancel).await;
    };
    let has_died = tokio::select! {
        () = dead.cancelled() => true,
        () = first => false,
    };
    if has_died {
        let leader = Leader::new(Arc::clone(&store), clock).await;
        see_to_the_end(&store, &leader, cancel).await;
    }
    let runs = runs(&store).await;
    assert_eq!(runs.len(), 1, "after {steps} steps");
    let expected = if cancel { RunState::Ended } else { RunState::Expired };
    assert_eq!(runs[0].0.state, expected, "after {steps} steps");
    assert!(runs[0].1.verdict.is_some(), "after {steps} steps");
    let cancelled = [(Kind::Night, iago_store::State::Cancelled)];
    assert_eq!(sweeps(&store).await, cancelled, "after {steps} steps");
    assert_eq!(messages(&store).await, 1, "after {steps} steps");
    has_died
}

async fn see_to_the_end(store: &MemoryStore, leader: &Leader, cancel: bool) {
    let sweep = sweep_of_run(store).await;
    if cancel {
        let heads = store.sweeps().await.expect("the store answers");
        let is_cancelled =
            |head: &iago_store::SweepHead| head.state == iago_store::State::Cancelled;
        if !heads.iter().any(is_cancelled) {
            leader.steer(sweep, Order::Cancel).await;
        }
    }
    end(store).await;
}

#[tokio::test(start_paused = true)]
async fn a_coordinator_may_die_anywhere_and_there_is_one_run_with_one_verdict() {
    for (more, cancel) in [("", true), (SHORT, false)] {
        let mut steps = 0;
        while survive(steps, more, cancel).await {
            steps += 1;
        }
        assert!(steps > 20, "it died only {steps} times");
    }
}
