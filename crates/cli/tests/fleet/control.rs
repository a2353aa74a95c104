//! What an operator does to a running sweep, through the command line.

use iago_store::Act;
use iago_sweep::AttemptCause;

use crate::fleet::stored::{Stored, jobs};
use crate::fleet::{Fleet, Setup};
use crate::world::{endpoint, requests};

const PROMPTS: usize = 20;

fn small() -> Setup {
    Setup { prompts: PROMPTS, ..Setup::default() }
}

/// What people did, in order.
fn acts(stored: &Stored) -> Vec<Act> {
    let of_people = |act: &Act| ![Act::Lead, Act::Resign, Act::Grant].contains(act);
    stored.audit.iter().rev().map(|audited| audited.act).filter(of_people).collect()
}

fn assert_done_by(stored: &Stored, asked: &[Act]) {
    assert_eq!(acts(stored), asked);
    let people = stored.audit.iter().filter(|audited| asked.contains(&audited.act));
    for audited in people {
        assert!(audited.who.contains("the-operator"), "{audited:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_ends_what_is_in_flight_and_a_resume_goes_on() {
    let fleet = Fleet::at_work(small(), &["w1", "w2"]).await;
    fleet.until_calls(jobs(PROMPTS) as u64 / 3).await;
    fleet.ask(&["pause", "1"]);
    fleet.until_state("paused").await;
    let paused = fleet.stored().await;
    let calls = fleet.calls();
    assert_eq!(calls, paused.rows.totals.calls(), "all that was called is stored");
    assert!(paused.rows.results.len() < jobs(PROMPTS), "it was to pause in the middle");
    let status = fleet.status().expect("it answers");
    let reason = status["reason"].as_str().unwrap_or_default();
    assert!(reason.contains("the-operator"), "{status}");

    fleet.ask(&["resume", "1"]);
    fleet.until_state("done").await;
    let stored = fleet.assert_truth_at_the_price_of_one().await;
    assert_eq!(stored.count(AttemptCause::Abandoned), 0);
    assert_done_by(&stored, &[Act::Submit, Act::Pause, Act::Resume]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_outlives_its_coordinator() {
    let mut fleet = Fleet::at_work(small(), &["w1"]).await;
    fleet.until_calls(jobs(PROMPTS) as u64 / 3).await;
    fleet.ask(&["pause", "1"]);
    fleet.until_state("paused").await;
    let calls = fleet.calls();
    fleet.kill(&["c1"]);
    fleet.start_coordinator("c1").await;
    fleet.until_state("paused").await;
    assert_eq!(fleet.calls(), calls, "nothing was asked meanwhile");
    fleet.ask(&["resume", "1"]);
    fleet.until_state("done").await;
    fleet.assert_truth_at_the_price_of_one().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_sweep_keeps_what_it_has_and_asks_nothing_more() {
    let fleet = Fleet::at_work(small(), &["w1", "w2"]).await;
    fleet.until_calls(jobs(PROMPTS) as u64 / 3).await;
    fleet.ask(&["cancel", "1"]);
    fleet.until_state("cancelled").await;
    let stored = fleet.stored().await;
    let had = stored.rows.results.len();
    assert!(had < jobs(PROMPTS), "it was to be cancelled in the middle");
    assert_eq!(fleet.calls(), stored.rows.totals.calls(), "every call is accounted for");
    assert_done_by(&stored, &[Act::Submit, Act::Cancel]);
    let resumed = fleet.client(&["resume", "1"]);
    assert_ne!(resumed.code, 0, "a cancelled sweep is over: {}", resumed.stdout);
    assert!(fleet.ask(&["report", "1"]).stdout.contains("INTERIM"), "what it has can be read");
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_jobs_are_asked_again_by_retry() {
    let mut fleet = Fleet::new(Setup { prompts: 1, ..Setup::default() }).await;
    let broken = endpoint(|settings| {
        settings.prompts = requests().into_iter().take(1).collect();
        settings.faults.internal_500 = 0.9;
    })
    .await;
    fleet.lead().await;
    fleet.submit();
    fleet.configure(&broken.url(), "");
    fleet.start_worker("w1");
    fleet.until_state("done").await;
    let failed = fleet.stored().await;
    assert!(failed.rows.totals.failures > 0);
    assert_eq!(failed.rows.totals.calls(), broken.log().calls, "every call is accounted for");
    assert_eq!(fleet.terminate("w1").await, Some(0));

    fleet.configure(&fleet.endpoint.url(), "");
    fleet.start_worker("w2");
    fleet.ask(&["retry", "1"]);
    fleet.until_state("done").await;
    let stored = fleet.assert_truth().await;
    let calls = broken.log().calls + fleet.calls();
    assert_eq!(stored.rows.totals.calls(), calls, "every call is accounted for");
    let fresh = stored.rows.results.len() - failed.rows.results.len();
    assert_eq!(fleet.calls(), fresh as u64, "what was answered is not asked again");
    assert_done_by(&stored, &[Act::Submit, Act::Retry]);
}

#[tokio::test(flavor = "multi_thread")]
async fn watch_ends_with_the_sweep() {
    let fleet = Fleet::at_work(Setup { prompts: 4, ..Setup::default() }, &["w1"]).await;
    let ran = fleet.ask(&["watch", "alignment-faking"]);
    let status = fleet.status().expect("it answers");
    assert_eq!(status["state"], "done", "{}", ran.stderr);
    fleet.assert_truth_at_the_price_of_one().await;
    let said = fleet.ask(&["transcripts", "1", "--model", "faker", "--limit", "3", "--json"]);
    assert_eq!(said.stdout.lines().count(), 3, "{}", said.stdout);
    assert!(said.stdout.contains("\"simulated\":true"), "{}", said.stdout);
}
