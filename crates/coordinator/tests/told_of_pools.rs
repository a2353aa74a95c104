//! What workers are told of pools beside their part of them: that a person has acted, what a limit
//! turned out to be, and that a job goes back. Time is paused; the worker's every frame is the test's own.

use std::time::Duration;

use iago_coordinator::{PoolSettings, Settings};
use iago_ledger::Limits;
use iago_protocol::wire::SweepRequest;
use iago_protocol::{Ask, Call, FromCoordinator, FromWorker, Inventory, Slice};
use iago_sweep::{CallEnd, Need, Told};

#[path = "support/hand.rs"]
mod hand;
#[path = "support/house.rs"]
mod house;
#[path = "support/served.rs"]
mod served;
#[path = "support/sweep.rs"]
mod sweep;

use hand::Hand;
use house::House;
use served::{inventory, with};
use sweep::{POOL, settings_with};

const OTHER: &str = "other";
const HOUR: Duration = Duration::from_secs(3600);

/// Two endpoints of which nothing is known. These workers send no heartbeats, and are not to be taken
/// for dead.
fn two_pools() -> Settings {
    let other = PoolSettings { name: OTHER.to_owned(), limits: Limits::default() };
    Settings { silence_max: HOUR, ..settings_with(Limits::default(), vec![other]) }
}

async fn join(house: &House, slices: Vec<Slice>) -> Hand {
    let pools = [POOL, OTHER].map(str::to_owned).to_vec();
    let first = Inventory { pools, slices, slots: 100, ..inventory("w1") };
    Hand::join_as(&house.served, &house.worker, first).await
}

fn brought(pool: &str, limit_in_force: Option<u64>) -> Slice {
    Slice { pool: pool.to_owned(), concurrency: 3, number: 1, limit_in_force, ..Slice::default() }
}

async fn next_slice(hand: &mut Hand, pool: &str) -> Slice {
    loop {
        if let FromCoordinator::Slice(slice) = hand.listen().await
            && slice.pool == pool
        {
            return slice;
        }
    }
}

fn ask(number: u64, pool: &str) -> FromWorker {
    let (pools, need) = (vec![pool.to_owned()], Need { input: 10, output: 10 });
    FromWorker::Asks(vec![Ask { number, pools, need, certain: 1, cost_most: None }])
}

fn throttled(pool: &str) -> FromWorker {
    FromWorker::Calls(vec![Call {
        grant: None,
        pools: vec![pool.to_owned()],
        took_ms: 1,
        how: CallEnd::Throttled { retry_after: Some(HOUR) },
        usage: None,
        cost: None,
        told: Told::default(),
    }])
}

async fn steer(house: &House, sweep: iago_sweep::SweepId, resumes: bool) {
    let request = with(&house.operator, SweepRequest { sweep: sweep.0 });
    let mut jobs = house.jobs();
    let steered = if resumes { jobs.resume(request).await } else { jobs.pause(request).await };
    steered.expect("it is done");
}

#[tokio::test(start_paused = true)]
async fn a_block_is_over_when_a_person_acts_and_not_because_a_pool_is_metered() {
    let house = House::piped(two_pools()).await;
    let sweep = sweep::submit(&house.served, &house.operator, "lifted", 1).await;
    let mut hand = join(&house, Vec::new()).await;
    let first = next_slice(&mut hand, POOL).await;
    assert!(first.lifts, "its connection is new");
    hand.say(throttled(POOL)).await;
    let metered = next_slice(&mut hand, POOL).await;
    assert!(metered.metered && !metered.lifts, "{metered:?}");
    steer(&house, sweep, false).await;
    steer(&house, sweep, true).await;
    while !next_slice(&mut hand, POOL).await.lifts {}
}

/// Answers of another endpoint keep it at work: nobody has to pause it first.
#[tokio::test(start_paused = true)]
async fn a_block_is_over_when_a_person_asks_for_a_sweep_that_is_at_work() {
    for is_handed_in in [false, true] {
        let house = House::piped(two_pools()).await;
        let mut hand = join(&house, Vec::new()).await;
        let (pool, reason) = (OTHER.to_owned(), "no key".to_owned());
        hand.say(FromWorker::PoolBlocked { pool, reason }).await;
        hand.say(throttled(OTHER)).await;
        while !next_slice(&mut hand, OTHER).await.metered {}
        let model = "[models.n]\nid = \"n\"\nendpoint = \"other\"\n[judges.j]";
        let text = sweep::text("blocked").replace("[judges.j]", model);
        let hand_in = || sweep::hand_in(&house.served, &house.operator, &text, 1);
        let sweep = iago_sweep::SweepId(hand_in().await.expect("it is taken in").sweep);
        let first = hand.take(1).await.remove(0);
        if is_handed_in {
            let note = hand_in().await.expect("it is known").note;
            assert_eq!(note, "at work already; endpoints that were given up are asked again");
        } else {
            steer(&house, sweep, true).await;
        }
        let freed = hand.take(1).await.remove(0);
        assert_ne!(freed.job.at().cell, first.job.at().cell);
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_goes_on_with_a_sweep_frees_its_own_pools_only() {
    let house = House::piped(two_pools()).await;
    let mut hand = join(&house, Vec::new()).await;
    let sweep = sweep::submit(&house.served, &house.operator, "own", 1).await;
    hand.say(throttled(POOL)).await;
    hand.say(throttled(OTHER)).await;
    while !next_slice(&mut hand, OTHER).await.metered {}
    hand.say(ask(1, OTHER)).await;
    hand.say(ask(2, POOL)).await;
    steer(&house, sweep, false).await;
    steer(&house, sweep, true).await;
    loop {
        if let FromCoordinator::Grants { granted, .. } = hand.listen().await {
            assert_eq!(granted, [2], "the other endpoint asked for an hour");
            return;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_pool_turned_out_to_take_outlives_who_found_it_out() {
    let house = House::piped(two_pools()).await;
    let mut hand = join(&house, vec![brought(POOL, Some(600))]).await;
    let mut slice = next_slice(&mut hand, POOL).await;
    while slice.limit_in_force.is_none() || !slice.metered {
        slice = next_slice(&mut hand, POOL).await;
    }
    assert_eq!(slice.limit_in_force, Some(600));
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_is_configured_is_not_carried_over() {
    let limits = Limits { requests_per_minute: Some(6_000), ..Limits::default() };
    let settings = Settings { silence_max: HOUR, ..settings_with(limits, Vec::new()) };
    let house = House::piped(settings).await;
    let mut hand = join(&house, vec![brought(POOL, Some(60))]).await;
    let slice = next_slice(&mut hand, POOL).await;
    assert_eq!((slice.limit_in_force, slice.requests_per_minute), (None, Some(6_000)));
    sweep::submit(&house.served, &house.operator, "raised", 1).await;
    let request = with(&house.operator, iago_protocol::wire::ListRequest {});
    let told = house.jobs().list(request).await.expect("it is there").into_inner();
    let pools = told.sweeps.into_iter().filter_map(|told| told.progress).flat_map(|of| of.pools);
    let limits: Vec<_> = pools.filter(|pool| pool.name == POOL).flat_map(|of| of.limits).collect();
    assert_eq!(limits.first().and_then(|limit| limit.limit), Some(6_000), "{limits:?}");
}

#[tokio::test(start_paused = true)]
async fn jobs_of_a_pool_that_is_no_more_go_back_instead_of_being_called_for_nothing() {
    let house = House::piped(two_pools()).await;
    let mut hand = join(&house, vec![brought("gone", None)]).await;
    let slice = next_slice(&mut hand, "gone").await;
    assert!(slice.metered && !slice.lifts, "each of its calls is asked for: {slice:?}");
    hand.say(ask(7, "gone")).await;
    loop {
        if let FromCoordinator::Grants { granted, refused, declined, .. } = hand.listen().await {
            assert_eq!((granted, refused, declined), (vec![], vec![], vec![7]));
            return;
        }
    }
}
