//! The database crashes, or stops answering, and comes back.

use std::time::Duration;

use iago_sweep::AttemptCause;

use crate::fleet::stored::jobs;
use crate::fleet::{Fleet, SPOOL_MIB, Setup, new_cluster, until};

/// How long the database says nothing.
const PAUSE: Duration = Duration::from_secs(60);
/// When calls must have stopped at the latest: whatever was out has been called by then.
const CALLS_STOP: Duration = Duration::from_secs(10);
/// What a process may need beside what it keeps for others, in MiB.
const OWN_MEMORY_MAX: u64 = 64;
/// Answers that a coordinator has and has not committed, of one worker, in MiB.
const UNCOMMITTED_MAX: u64 = 16;

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_of_the_database_costs_no_call() {
    let cluster = Some(new_cluster());
    let mut fleet = Fleet::at_work(Setup { cluster, ..Setup::default() }, &["w1", "w2"]).await;
    let third = jobs(fleet.setup.prompts) as u64 / 3;
    fleet.until_calls(third).await;
    fleet.cluster.crash().expect("it ends");
    fleet.cluster.restart().expect("it starts");
    assert!(fleet.calls() < 2 * third, "it was to crash in the middle");
    fleet.until_state("done").await;
    let stored = fleet.assert_truth_at_the_price_of_one().await;
    assert_eq!(stored.count(AttemptCause::Abandoned), 0, "no worker was lost");
    assert!(fleet.process("c1").is_running());
    fleet.assert_said("c1", "the store takes nothing: nothing is acknowledged or handed out");
    fleet.assert_said("c1", "the store takes facts again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_says_nothing_for_a_minute_stops_calls_and_loses_nothing() {
    let cluster = Some(new_cluster());
    let setup = Setup { cluster, latency: Duration::ZERO, ..Setup::default() };
    let mut fleet = Fleet::at_work(setup, &["w1", "w2"]).await;
    fleet.until_calls(jobs(fleet.setup.prompts) as u64 / 3).await;
    let (paused, before) = (fleet.elapsed(), fleet.calls());
    fleet.cluster.pause().expect("SIGSTOP");
    until("its silence to be over half", PAUSE, || fleet.elapsed() - paused > CALLS_STOP).await;
    let stopped_at = fleet.calls();
    let more = stopped_at - before;
    // What was out, and what was committed and on its way when it stopped.
    assert!(more <= 2 * fleet.out_max(2), "{more} calls without a database");
    until("the end of its silence", 2 * PAUSE, || fleet.elapsed() - paused > PAUSE).await;
    assert_eq!(fleet.calls(), stopped_at, "calls had stopped");
    fleet.cluster.resume().expect("SIGCONT");
    fleet.until_state("done").await;
    fleet.assert_truth_at_the_price_of_one().await;
    let coordinator = OWN_MEMORY_MAX + 2 * UNCOMMITTED_MAX;
    let worker = OWN_MEMORY_MAX + SPOOL_MIB;
    for (name, bound) in [("c1", coordinator), ("w1", worker), ("w2", worker)] {
        let peak = fleet.process(name).memory_peak();
        assert!(peak <= bound, "{name} had {peak} MiB of {bound}");
    }
    fleet.assert_said("c1", "the store takes facts again");
}
