//! A small sweep with a gate, its baseline, and a worker that answers as the test says.

#![allow(dead_code, unreachable_pub, reason = "each test uses a part of this")]

use std::time::Duration;

use iago_coordinator::{Clock, Settings};
use iago_protocol::wire::{BaselineSet, SweepRequest};
use iago_protocol::{Assignment, Outcome};
use iago_sweep::SweepId;
use tokio::time::timeout;

use crate::hand::{Hand, answered, labelled};
use crate::house::House;
use crate::served::{list, with};
use crate::sweep::{settings, submit, text};

pub const PROMPTS: u32 = 4;

/// The small sweep with a gate, which is looked at twice, and whose baseline is judged again.
pub fn gated(name: &str) -> String {
    let gates = r#"
[[gates]]
measure = "yes"
better = "higher"
margin = 0.05
tier = "critical"
[gating]
alpha = 0.05
missing = "worst-case"
top_up = { repeats = 1, looks = 2, spend = "pocock" }
rejudge_baseline = true
"#;
    text(name).replace("repeats = 1\n", "repeats = 2\n") + gates
}

/// A coordinator whose clock shows a few seconds before noon, and a worker that is never lost.
pub async fn house() -> House {
    let before: jiff::Timestamp = "2026-09-15T11:59:55Z".parse().expect("a moment");
    let silence_max = Duration::from_secs(24 * 60 * 60);
    let house =
        House::piped(Settings { clock: Clock::set(before), silence_max, ..settings() }).await;
    list(&house.served, &house.operator).await.expect("it leads");
    house
}

/// Answers everything that is handed out, in the way that judges answer, until nothing came for a while.
/// Gives the sweeps of the jobs, in the order in which they were handed out.
pub async fn answer_all(hand: &mut Hand, label: &str) -> Vec<SweepId> {
    let say = |job: &Assignment| if job.said.is_empty() { answered() } else { labelled(label) };
    answer_each(hand, say).await.into_iter().map(|job| job.sweep).collect()
}

/// The same, with what the test says of each job; gives the jobs.
pub async fn answer_each(hand: &mut Hand, say: impl Fn(&Assignment) -> Outcome) -> Vec<Assignment> {
    let mut answered = Vec::new();
    while let Ok(jobs) = timeout(Duration::from_secs(15), hand.assignments()).await {
        for job in jobs {
            hand.deliver(job.held(), say(&job)).await;
            answered.push(job);
        }
    }
    answered
}

/// A finished sweep, under a name to compare with.
pub async fn baseline(house: &House, hand: &mut Hand, name: &str) -> SweepId {
    let sweep = submit(&house.served, &house.operator, "before", PROMPTS).await;
    answer_all(hand, "yes").await;
    set_baseline(house, sweep, name).await;
    sweep
}

pub async fn set_baseline(house: &House, sweep: SweepId, name: &str) {
    let set = BaselineSet { name: name.to_owned(), sweep: sweep.0, ..BaselineSet::default() };
    house.nights().set_baseline(with(&house.operator, set)).await.expect("it is done");
}

pub fn with_token(house: &House, sweep: i64) -> tonic::Request<SweepRequest> {
    with(&house.operator, SweepRequest { sweep })
}
