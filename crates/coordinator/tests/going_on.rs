//! What outlives a leader, a pause or an end: retries, plans, answers that come late, and workers that
//! come back. The worker's every frame is the test's own.

use std::time::Duration;

use iago_coordinator::{Served as Endpoint, Settings};
use iago_protocol::wire::End;
use iago_protocol::wire::{Spend, SweepRequest};
use iago_store::Store;
use iago_sweep::{Digest, Money, Plan, SweepId, Weight};
use tokio::time::{Instant, sleep_until};

#[path = "support/hand.rs"]
mod hand;
#[path = "support/house.rs"]
mod house;
#[path = "support/served.rs"]
mod served;
#[path = "support/sweep.rs"]
mod sweep;

use hand::{Hand, answered, exhausted, failed};
use house::House;
use served::with;
use sweep::{POOL, hand_in, settings, submit, text, watch};

#[tokio::test]
async fn a_retry_outlives_the_leader_that_took_it() {
    let mut house = House::new(settings()).await;
    let sweep = submit(&house.served, &house.operator, "retried", 3).await;
    let mut hand = house.join("w1").await;
    for assignment in hand.take(3).await {
        hand.deliver(assignment.held(), failed()).await;
    }
    let done = watch(&house.served, &house.operator, sweep).await;
    assert_eq!((done.end(), done.failures), (End::Done, 3));
    let request = with(&house.operator, SweepRequest { sweep: sweep.0 });
    house.jobs().retry_failed(request).await.expect("it is taken");
    let again = hand.take(3).await;
    assert!(again.iter().all(|job| job.attempt > 1), "{again:?}");
    house.replace(settings()).await;
    let mut hand = house.join("w2").await;
    for assignment in hand.take(3).await {
        hand.deliver(assignment.held(), answered()).await;
    }
    assert_eq!(hand.take(3).await.len(), 3, "their judges");
}

#[tokio::test]
async fn an_answer_that_comes_after_the_end_is_graded() {
    let mut house = House::new(settings()).await;
    let sweep = submit(&house.served, &house.operator, "late", 1).await;
    let mut hand = house.join("w1").await;
    let late = hand.take(1).await.remove(0);
    hand.deliver(late.held(), failed()).await;
    let done = watch(&house.served, &house.operator, sweep).await;
    assert_eq!((done.end(), done.failures), (End::Done, 1));
    // What is done is not in the memory of the next leader.
    house.replace(settings()).await;
    let mut hand = house.join("w1").await;
    // Another execution of the job, which everybody had given up.
    let mut held = late.held();
    held.attempt += 1;
    hand.deliver(held, answered()).await;
    let judge = hand.take(1).await.remove(0);
    assert!(!judge.said.is_empty(), "{judge:?}");
    let again = watch(&house.served, &house.operator, sweep);
    hand.deliver(judge.held(), answered()).await;
    assert_eq!(again.await.end(), End::Done);
}

#[tokio::test]
async fn a_failure_of_a_paused_sweep_that_comes_to_the_next_leader_counts_in_its_round() {
    let mut house = House::new(settings()).await;
    let sweep = submit(&house.served, &house.operator, "paused", 1).await;
    let mut hand = house.join("w1").await;
    let first = hand.take(1).await.remove(0);
    hand.deliver(first.held(), failed()).await;
    let request = || with(&house.operator, SweepRequest { sweep: sweep.0 });
    house.jobs().retry_failed(request()).await.expect("it is taken");
    let again = hand.take(1).await.remove(0);
    house.jobs().pause(request()).await.expect("it is taken");
    house.replace(settings()).await;
    let mut hand = Hand::join_with(&house.served, &house.worker, "w1", vec![again.held()]).await;
    hand.deliver(again.held(), failed()).await;
    let failures = house.store.failures(sweep).await.expect("the store answers");
    assert_eq!(failures.iter().map(|failure| failure.round).collect::<Vec<_>>(), [0, 1]);
}

#[tokio::test]
async fn every_plan_at_work_is_there_for_whoever_needs_it() {
    const SWEEPS: usize = 70;
    let house = House::new(settings()).await;
    let mut hand = house.join("w1").await;
    for number in 0..SWEEPS {
        submit(&house.served, &house.operator, &format!("sweep{number}"), 1).await;
        let assignment = hand.take(1).await.remove(0);
        let plan = hand.need(assignment.plan).await;
        assert_eq!(Digest::of(&plan), assignment.plan, "sweep {number}");
    }
}

#[tokio::test]
async fn a_plan_of_a_paused_sweep_is_there_for_whoever_still_works_on_it() {
    let mut house = House::new(settings()).await;
    let sweep = submit(&house.served, &house.operator, "paused", 1).await;
    let mut hand = house.join("w1").await;
    let held = hand.take(1).await.remove(0);
    let request = with(&house.operator, SweepRequest { sweep: sweep.0 });
    house.jobs().pause(request).await.expect("it is taken");
    house.replace(settings()).await;
    let mut hand = Hand::join_with(&house.served, &house.worker, "w1", vec![held.held()]).await;
    assert_eq!(Digest::of(&hand.need(held.plan).await), held.plan);
}

#[tokio::test]
async fn the_grace_waits_for_the_first_worker_that_comes() {
    const GRACE: Duration = Duration::from_secs(1);
    let with_grace = || Settings { adoption_grace: GRACE, ..settings() };
    let mut house = House::new(with_grace()).await;
    submit(&house.served, &house.operator, "grace", 2).await;
    let mut first = house.join("w1").await;
    let held: Vec<_> = first.take(2).await.iter().map(|job| job.held()).collect();
    house.replace(with_grace()).await;
    // Cut off from everybody for longer than the grace lasts.
    sleep_until(Instant::now() + GRACE + GRACE / 4).await;
    let mut idle = house.join("w2").await;
    let mut back = Hand::join_with(&house.served, &house.worker, "w1", held.clone()).await;
    for held in held {
        back.deliver(held, answered()).await;
    }
    let graded = tokio::select! {
        taken = idle.assignments() => taken,
        taken = back.assignments() => taken,
    };
    assert!(graded.iter().all(|job| !job.said.is_empty()), "only what is new: {graded:?}");
    let attempts = house.store.attempts(graded[0].sweep).await.expect("the store answers");
    assert_eq!(attempts, [], "nothing was done twice");
}

#[tokio::test]
async fn a_dead_worker_is_found_however_much_the_others_say() {
    let silence_max = Duration::from_secs(1);
    let house = House::new(Settings { silence_max, ..settings() }).await;
    submit(&house.served, &house.operator, "dead", 1).await;
    let mut dead = house.join("w1").await;
    let lost = dead.take(1).await.remove(0);
    let mut busy = house.join("w2").await;
    let _chatter = busy.chatter();
    assert_eq!(busy.take(1).await[0].job, lost.job);
}

/// Some of its turns were answered before it failed.
#[tokio::test]
async fn what_a_failure_cost_outlives_the_leader_that_took_it() {
    let mut house = House::new(settings()).await;
    let sweep = submit(&house.served, &house.operator, "paid", 3).await;
    let mut hand = house.join("w1").await;
    let jobs = hand.take(3).await;
    hand.deliver_for(Some(Money(70)), jobs[0].held(), exhausted()).await;
    hand.deliver_for(Some(Money(5)), jobs[1].held(), failed()).await;
    for leader in 1..=2 {
        let request = || with(&house.operator, SweepRequest { sweep: sweep.0 });
        let told = loop {
            match house.jobs().get(request()).await.map(tonic::Response::into_inner) {
                // The loop tells now and then.
                Ok(told) if told.progress.as_ref().is_some_and(|of| of.failures == 2) => {
                    break told;
                }
                Ok(_) | Err(_) => tokio::task::yield_now().await,
            }
        };
        let spent = told.progress.as_ref().map(|progress| progress.spent_picodollars);
        assert_eq!((spent, told.spent_picodollars), (Some(75), 75), "leader {leader}");
        assert_eq!((told.unpriced, told.calls), (0, 2));
        let failed = |spend: Option<Spend>| spend.map(|spend| (spend.failed, spend.answered));
        assert_eq!(failed(told.spend), Some((75, 0)));
        assert_eq!(failed(told.progress.and_then(|of| of.spend)), Some((75, 0)));
        house.replace(settings()).await;
    }
}

#[tokio::test]
async fn a_failure_is_unpriced_only_where_something_may_have_been_billed() {
    let house = House::new(settings()).await;
    let sweep = submit(&house.served, &house.operator, "unpriced", 3).await;
    let mut hand = house.join("w1").await;
    let jobs = hand.take(3).await;
    hand.deliver(jobs[0].held(), exhausted()).await;
    hand.deliver(jobs[1].held(), failed()).await;
    let totals = house.store.totals(sweep).await.unwrap();
    assert_eq!((totals.failures, totals.cost, totals.unpriced), (2, Money::ZERO, 0));
}

/// Its worker never heard that it was stored.
#[tokio::test]
async fn an_answer_that_is_delivered_again_to_the_next_leader_is_paid_for_once() {
    let mut house = House::new(settings()).await;
    let sweep = submit(&house.served, &house.operator, "twice", 2).await;
    let mut hand = house.join("w1").await;
    let job = hand.take(2).await.remove(0);
    hand.deliver_for(Some(Money(40)), job.held(), answered()).await;
    house.replace(settings()).await;
    let mut hand = house.join("w1").await;
    hand.deliver_for(Some(Money(40)), job.held(), answered()).await;
    let request = || with(&house.operator, SweepRequest { sweep: sweep.0 });
    let spend = loop {
        let told = house.jobs().get(request()).await.expect("it is there").into_inner();
        // The loop tells now and then.
        match told.progress.filter(|of| of.calls == 1).and_then(|of| of.spend) {
            Some(spend) => break spend,
            None => tokio::task::yield_now().await,
        }
    };
    assert_eq!((spend.answered, spend.late), (40, 0));
}

/// A budget stands in the file, and whoever leads next has only what is stored.
#[tokio::test]
async fn a_sweep_that_is_handed_in_under_other_terms_keeps_them() {
    let free = Endpoint { endpoint: POOL.to_owned(), free: true, ..Endpoint::default() };
    let house = House::new(Settings { served: vec![free], ..settings() }).await;
    let hand_in = async |terms: u32| {
        let text = format!("budget_usd = {terms}\nweight = {terms}\n{}", text("raised"));
        hand_in(&house.served, &house.operator, &text, 3).await.expect("it is taken in")
    };
    let sweep = SweepId(hand_in(1).await.sweep);
    let raised = hand_in(2).await;
    assert_eq!((raised.sweep, raised.revision, raised.finished), (sweep.0, 1, false));
    assert!(raised.note.ends_with("a budget of $2.00 and a weight of 2"), "{}", raised.note);
    let stored = house.store.plan(sweep, 1).await.expect("it is stored");
    let stored: Plan = serde_json::from_slice(&stored).expect("a plan");
    assert_eq!((stored.budget, stored.weight), (Some(Money(2_000_000_000_000)), Weight(2)));
    let once_more = hand_in(2).await;
    assert_eq!(once_more.revision, 1);
    assert!(once_more.note.starts_with("at work already"), "{}", once_more.note);
}
