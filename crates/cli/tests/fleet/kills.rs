//! `kill -9` in mid-sweep. What a dead worker had with it is asked again, and nothing else is.

use iago_store::Act;
use iago_sweep::AttemptCause;

use crate::fleet::stored::{jobs, repeated};
use crate::fleet::{Fleet, Setup};

const WORKERS: [&str; 3] = ["w1", "w2", "w3"];

/// Three workers at the flagship, a third of it done.
async fn a_third_of_it_done() -> Fleet {
    a_third_done_of(Setup::default()).await
}

async fn a_third_done_of(setup: Setup) -> Fleet {
    let third = jobs(setup.prompts) as u64 / 3;
    let fleet = Fleet::at_work(setup, &WORKERS).await;
    fleet.until_calls(third).await;
    fleet
}

/// What was done to it was done in the middle.
fn assert_in_the_middle(fleet: &Fleet) {
    assert!(fleet.calls() < jobs(fleet.setup.prompts) as u64 * 2 / 3, "it was too late for that");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_one_worker_leaves_the_rest_to_the_others() {
    let mut fleet = a_third_of_it_done().await;
    fleet.kill(&["w1"]);
    assert_in_the_middle(&fleet);
    fleet.until_state("done").await;
    let stored = fleet.assert_truth_at_the_price_of_the_dead().await;
    assert!(stored.count(AttemptCause::Abandoned) > 0, "it died with nothing to do");
    assert!(stored.count(AttemptCause::Abandoned) <= fleet.out_max(1));
    fleet.assert_said("c1", "worker lost: its leases are given up worker=\"w1\"");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_all_workers_leaves_everything_to_those_that_come_next() {
    let mut fleet = a_third_of_it_done().await;
    fleet.kill(&WORKERS);
    assert_in_the_middle(&fleet);
    for name in ["w4", "w5"] {
        fleet.start_worker(name);
    }
    fleet.until_state("done").await;
    let stored = fleet.assert_truth_at_the_price_of_the_dead().await;
    assert!(stored.count(AttemptCause::Abandoned) <= fleet.out_max(WORKERS.len()));
    for name in WORKERS {
        fleet.assert_said("c1", &format!("worker lost: its leases are given up worker=\"{name}\""));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_worker_that_starts_anew_under_its_name() {
    let mut fleet = a_third_done_of(Setup { prompts: 40, ..Setup::default() }).await;
    fleet.kill(&["w2"]);
    fleet.start_worker("w2");
    assert_in_the_middle(&fleet);
    fleet.until_state("done").await;
    fleet.assert_truth_at_the_price_of_the_dead().await;
    assert!(fleet.process("w2").is_running(), "{}", fleet.said("w2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_coordinator_costs_no_call() {
    let mut fleet = a_third_of_it_done().await;
    fleet.kill(&["c1"]);
    fleet.start_coordinator("c1").await;
    assert_in_the_middle(&fleet);
    fleet.until_state("done").await;
    let stored = fleet.assert_truth_at_the_price_of_one().await;
    assert_eq!(stored.count(AttemptCause::Abandoned), 0, "nobody was lost");
    let leads = stored.audit.iter().filter(|audited| audited.act == Act::Lead).count();
    assert_eq!(leads, 2, "once, and once again: {:?}", stored.audit);
    for name in WORKERS {
        fleet.assert_said(name, "no coordinator: calls go on, and their results are kept");
        fleet.assert_said(name, "connected term=2 unfinished=");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_coordinator_and_workers_leaves_only_what_was_out() {
    let mut fleet = a_third_of_it_done().await;
    fleet.kill(&["c1", "w1", "w2", "w3"]);
    assert_in_the_middle(&fleet);
    fleet.start_coordinator("c1").await;
    for name in WORKERS {
        fleet.start_worker(name);
    }
    fleet.until_state("done").await;
    let stored = fleet.assert_truth().await;
    let log = fleet.log();
    // Nobody is left who knows of these calls. What was answered and not yet stored is among them.
    assert_eq!(log.calls - stored.rows.totals.calls(), repeated(&log));
    assert!(repeated(&log) <= fleet.out_max(WORKERS.len()), "{} repeated", repeated(&log));
    assert_eq!(log.by_key.len(), jobs(fleet.setup.prompts), "one key for each job");
    fleet.assert_said("c1", "the grace is over: what no worker has claimed goes out again");
}
