//! Who leads, who waits, and who takes over.

use std::time::Duration;

use iago_sweep::AttemptCause;

use crate::fleet::stored::{Stored, jobs};
use crate::fleet::{Fleet, LONG, Setup, until};

/// First new dispatch after the leader was killed, with the default term of ten seconds.
const AFTER_A_KILL: Duration = Duration::from_secs(14);
/// The same after it left in good order.
const AFTER_A_STOP: Duration = Duration::from_secs(1);

/// `c1` leads, `c2` stands by, two workers are at it, and this many calls were made.
async fn with_a_standby(setup: Setup, calls: u64) -> Fleet {
    let mut fleet = Fleet::at_work(setup, &["w1", "w2"]).await;
    fleet.start_coordinator("c2").await;
    fleet.until_said("c2", "standing by leader=\"c1").await;
    fleet.until_calls(calls).await;
    fleet
}

/// When the first job was called that nobody can have had before `then`: beyond all that workers may
/// have had with them at that time.
fn first_new_dispatch(fleet: &Fleet, then: Duration) -> Option<Duration> {
    let had = usize::try_from(fleet.out_max(2)).expect("few");
    fleet.first_calls_since(then).get(had).map(|call| call.at - then)
}

async fn until_dispatch(fleet: &Fleet, then: Duration) -> Duration {
    let mut first = None;
    until("the new leader's first dispatch", LONG, || {
        first = first_new_dispatch(fleet, then);
        first.is_some()
    })
    .await;
    first.expect("it was waited for")
}

async fn end_well(fleet: &Fleet) -> Stored {
    fleet.until_state("done").await;
    let stored = fleet.assert_truth_at_the_price_of_one().await;
    assert_eq!(stored.count(AttemptCause::Abandoned), 0, "no worker was lost");
    stored
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_dispatches_within_14_s_of_a_kill() {
    let setup = Setup { hold_s: 10, adoption_grace_s: 15, ..Setup::default() };
    let mut fleet = with_a_standby(setup, 500).await;
    fleet.kill(&["c1"]);
    let killed = fleet.elapsed();
    let took = until_dispatch(&fleet, killed).await;
    assert!(took <= AFTER_A_KILL, "{took:?}\n{}", fleet.said("c2"));
    end_well(&fleet).await;
    fleet.assert_said("c2", "leading term=2 holder=\"c2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_dispatches_within_1_s_of_a_stop() {
    let setup = Setup { hold_s: 10, adoption_grace_s: 15, alone: true, ..Setup::default() };
    let mut fleet = with_a_standby(setup, 500).await;
    let stopped = fleet.elapsed();
    assert_eq!(fleet.terminate("c1").await, Some(0), "{}", fleet.said("c1"));
    let took = until_dispatch(&fleet, stopped).await;
    assert!(took <= AFTER_A_STOP, "{took:?}\n{}", fleet.said("c2"));
    end_well(&fleet).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_slept_through_its_term_writes_nothing_more() {
    let mut fleet = stopped_in_the_middle(Setup::default()).await;
    fleet.until_said("c2", "leading term=2").await;
    fleet.process("c1").signal("CONT");
    // Its renewal finds out, or its next commit: whichever comes first.
    fleet.until_said("c1", "another coordinator leads").await;
    fleet.until_said("c1", "standing by leader=\"c2").await;
    end_well(&fleet).await;
    assert!(fleet.process("c1").is_running(), "it stands by, for when it is needed");
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_leave_a_leader_that_says_nothing() {
    // Until they notice, nobody may give to others what they have.
    let setup = Setup { prompts: 40, adoption_grace_s: 15, ..Setup::default() };
    let mut fleet = stopped_in_the_middle(setup).await;
    for worker in ["w1", "w2"] {
        fleet.until_said(worker, "connected term=2").await;
    }
    end_well(&fleet).await;
    fleet.process("c1").signal("CONT");
    fleet.until_said("c1", "standing by leader=\"c2").await;
    end_well(&fleet).await;
}

/// A third of it is done, and the leader is stopped in its tracks.
async fn stopped_in_the_middle(setup: Setup) -> Fleet {
    let all = jobs(setup.prompts) as u64;
    let mut fleet = with_a_standby(setup, all / 3).await;
    fleet.process("c1").signal("STOP");
    assert!(fleet.calls() < all * 2 / 3, "it was to sleep from the middle on");
    fleet
}
