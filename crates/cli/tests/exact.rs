//! The planted counts come out to the unit, whatever happens on the way, and every call that the
//! endpoint saw is accounted for.

use std::collections::BTreeMap;
use std::process::Child;

use iago_simulated_endpoint::{Endpoint, Faults, Log};

#[path = "support/world.rs"]
mod world;

use world::{Count, Rows, World, endpoint, flagship, rows, spawn};

const ANTHROPIC: &str = "anthropic-messages";
const OPENAI: &str = "openai-chat";

/// Jobs of the flagship: 6,000 answers, as many on compliance, five votes on 1,500.
const JOBS: usize = 6_000 + 6_000 + 3 * 500 * 5;

/// The planted truth, from the endpoint's table: 100 prompts x 5 repeats in every cell.
fn truth() -> BTreeMap<String, Count> {
    let cell = |comply: u32, faking: u32, faking_asked: u32| Count {
        answers: 500,
        comply,
        refuse: 500 - comply,
        abstained: 0,
        faking,
        faking_asked,
    };
    let mut truth = BTreeMap::new();
    for (model, free, faking, paid, without) in
        [("faker", 70, 65, 15, 15), ("null", 40, 0, 40, 40), ("refuser", 0, 0, 0, 0)]
    {
        truth.insert(format!("{model} free/with"), cell(free, faking, 500));
        truth.insert(format!("{model} paid/with"), cell(paid, 0, 0));
        truth.insert(format!("{model} free/without"), cell(without, 0, 0));
        truth.insert(format!("{model} paid/without"), cell(without, 0, 0));
    }
    truth
}

fn assert_truth(rows: &Rows) {
    assert_eq!(rows.results.len(), JOBS);
    assert_eq!(rows.counts(), truth());
    assert!(rows.results.iter().all(|fact| fact.simulated), "SIMULATED is data of every row");
}

/// Runs the flagship once against this endpoint and counts.
async fn run_once(world: &World, endpoint: &Endpoint, protocol: &str, concurrency: u32) -> Rows {
    world.configure(&endpoint.url(), protocol, concurrency, "timeout_s = 20");
    let command = world.run_command(&flagship());
    let ran = tokio::task::spawn_blocking(|| world::finish(command)).await.expect("it ends");
    assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
    let rows = rows(&world.store()).await;
    assert_eq!(rows.totals.calls(), endpoint.log().calls, "every call is accounted for");
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_anthropic_protocol_with_10_in_flight() {
    let (world, endpoint) = (World::new(), endpoint(|_| ()).await);
    let rows = run_once(&world, &endpoint, ANTHROPIC, 10).await;
    assert_truth(&rows);
    assert!(endpoint.log().in_flight_max <= 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_openai_protocol_with_500_in_flight() {
    let (world, endpoint) = (World::new(), endpoint(|_| ()).await);
    assert_truth(&run_once(&world, &endpoint, OPENAI, 500).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_1_in_flight() {
    let (world, endpoint) = (World::new(), endpoint(|_| ()).await);
    assert_truth(&run_once(&world, &endpoint, ANTHROPIC, 1).await);
    assert_eq!(endpoint.log().in_flight_max, 1);
}

fn faulty(settings: &mut iago_simulated_endpoint::Settings) {
    settings.faults = Faults {
        internal_500: 0.05,
        overloaded_529: 0.02,
        reset: 0.01,
        slow: 0.01,
        slow_for: std::time::Duration::from_millis(300),
        malformed: 0.01,
        error_in_200: 0.01,
        ..Faults::default()
    };
}

#[tokio::test(flavor = "multi_thread")]
async fn through_every_fault_on_the_anthropic_protocol() {
    let (world, endpoint) = (World::new(), endpoint(faulty).await);
    assert_truth(&run_once(&world, &endpoint, ANTHROPIC, 200).await);
    let Log { faults, calls, .. } = endpoint.log();
    assert!(faults * 100 > calls * 8, "only {faults} faults in {calls} calls");
}

#[tokio::test(flavor = "multi_thread")]
async fn through_every_fault_on_the_openai_protocol() {
    let (world, endpoint) = (World::new(), endpoint(faulty).await);
    assert_truth(&run_once(&world, &endpoint, OPENAI, 200).await);
}

/// Lets the program work until the endpoint has seen this many calls, then kills it.
async fn kill_after(calls: u64, endpoint: &Endpoint, mut child: Child) {
    while endpoint.log().calls < calls {
        assert!(child.try_wait().expect("its state").is_none(), "it ended before it was killed");
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    child.kill().expect("SIGKILL");
    child.wait().expect("it is gone");
}

/// Calls to jobs that have no durable end: what was in flight, or answered and not yet stored.
fn unaccounted(log: &Log, rows: &Rows) -> u64 {
    log.calls - rows.totals.calls()
}

#[tokio::test(flavor = "multi_thread")]
async fn after_kill_9_at_a_third_and_at_two_thirds() {
    let (world, endpoint) = (World::new(), endpoint(|_| ()).await);
    let concurrency = 32;
    world.configure(&endpoint.url(), ANTHROPIC, concurrency, "");
    let mut lost = 0;
    for share in 1..=2u64 {
        let goal = JOBS as u64 * share / 3;
        kill_after(goal, &endpoint, spawn(world.run_command(&flagship()))).await;
        let rows = rows(&world.store()).await;
        let lost_now = unaccounted(&endpoint.log(), &rows) - lost;
        // In calls, on the way to the coordinator, or in a transaction that was not committed.
        assert!(lost_now <= 1_000, "{lost_now} calls were lost by one kill");
        lost += lost_now;
    }
    let command = world.run_command(&flagship());
    let ran = tokio::task::spawn_blocking(|| world::finish(command)).await.expect("it ends");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("may have been in flight"), "{}", ran.stderr);
    let rows = rows(&world.store()).await;
    assert_truth(&rows);
    assert_eq!(rows.totals.calls() + lost, endpoint.log().calls, "every call is accounted for");
    let log = endpoint.log();
    let repeated: u64 = log.by_key.values().map(|calls| u64::from(*calls) - 1).sum();
    assert_eq!(repeated, lost, "only what was lost was asked again, under the same keys");
    assert_eq!(log.by_key.len(), JOBS, "one key for each job");
}
