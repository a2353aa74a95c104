//! The connected workers: where their frames go, and when they were last heard of.

use std::collections::BTreeMap;

use iago_protocol::wire::CoordinatorFrame;
use iago_protocol::{Assignment, FromCoordinator, Heartbeat, split};
use iago_scheduler::WorkerId;
use tokio::sync::mpsc;
use tokio::time::{Duration, Instant};
use tonic::Status;
use tracing::warn;

/// Silence after which a worker counts as lost.
const SILENCE_MAX: Duration = Duration::from_secs(15);

/// A look for silent workers that comes this late says that the coordinator was away (stopped, or
/// waiting for its disk), not the workers: what they said meanwhile is still in the inbox.
const AWAY_MIN: Duration = Duration::from_secs(5);

/// Assignments that share a frame, and the bytes of their inputs, but for the last one's.
const ASSIGNMENTS_MAX: usize = 64;
const INPUT_BYTES_MAX: usize = 1 << 20;

pub(crate) type Outbox = mpsc::Sender<Result<CoordinatorFrame, Status>>;

struct Peer {
    outbox: Outbox,
    heard: Instant,
    last: Heartbeat,
}

/// The connected workers.
#[derive(Default)]
pub(crate) struct Peers {
    peers: BTreeMap<WorkerId, Peer>,
    /// What workers that are gone had counted.
    gone: Heartbeat,
    /// When silent workers were last looked for.
    looked: Option<Instant>,
}

impl Peers {
    pub(crate) fn join(&mut self, worker: WorkerId, outbox: Outbox) {
        let peer = Peer { outbox, heard: Instant::now(), last: Heartbeat::default() };
        self.peers.insert(worker, peer);
    }

    pub(crate) fn leave(&mut self, worker: WorkerId) {
        if let Some(peer) = self.peers.remove(&worker) {
            add(&mut self.gone, &peer.last);
        }
    }

    pub(crate) fn heard(&mut self, worker: WorkerId, heartbeat: Option<Heartbeat>) {
        if let Some(peer) = self.peers.get_mut(&worker) {
            peer.heard = Instant::now();
            peer.last = heartbeat.unwrap_or_else(|| std::mem::take(&mut peer.last));
        }
    }

    /// Workers that have been silent for too long.
    pub(crate) fn silent(&mut self, now: Instant) -> Vec<WorkerId> {
        let looked = self.looked.replace(now);
        if looked.is_some_and(|looked| now.duration_since(looked) > AWAY_MIN) {
            self.peers.values_mut().for_each(|peer| peer.heard = now);
        }
        let is_silent = |peer: &Peer| now.duration_since(peer.heard) > SILENCE_MAX;
        self.peers.iter().filter(|(_, peer)| is_silent(peer)).map(|(worker, _)| *worker).collect()
    }

    /// Sends a frame without waiting: a worker whose outbox is full does not hold up the others,
    /// it is dropped, and its leases with it. False if it was.
    pub(crate) fn send(&mut self, worker: WorkerId, frame: FromCoordinator) -> bool {
        let Some(peer) = self.peers.get(&worker) else { return true };
        let sent = split(CoordinatorFrame::from(frame))
            .into_iter()
            .all(|part| peer.outbox.try_send(Ok(part)).is_ok());
        if !sent {
            warn!(worker = worker.0, "a worker does not take its frames");
            self.leave(worker);
        }
        sent
    }

    /// Sends assignments in frames of a bounded size. False if the worker was dropped.
    pub(crate) fn assign(&mut self, worker: WorkerId, assignments: Vec<Assignment>) -> bool {
        let (mut frame, mut bytes) = (Vec::new(), 0);
        for assignment in assignments {
            bytes += assignment.input.as_ref().map_or(0, |input| input.raw.len());
            frame.push(assignment);
            if frame.len() == ASSIGNMENTS_MAX || bytes >= INPUT_BYTES_MAX {
                bytes = 0;
                let full = std::mem::take(&mut frame);
                if !self.send(worker, FromCoordinator::Assignments(full)) {
                    return false;
                }
            }
        }
        frame.is_empty() || self.send(worker, FromCoordinator::Assignments(frame))
    }

    pub(crate) fn workers(&self) -> Vec<WorkerId> {
        self.peers.keys().copied().collect()
    }

    /// What all workers together have counted.
    pub(crate) fn counted(&self) -> Heartbeat {
        let mut sum = self.gone.clone();
        for peer in self.peers.values() {
            add(&mut sum, &peer.last);
            sum.waits.extend(peer.last.waits.clone());
        }
        sum
    }
}

fn add(sum: &mut Heartbeat, one: &Heartbeat) {
    sum.calls = sum.calls.saturating_add(one.calls);
    sum.throttles = sum.throttles.saturating_add(one.throttles);
    for (class, count) in &one.troubles {
        let of_class = sum.troubles.entry(class.clone()).or_default();
        *of_class = of_class.saturating_add(*count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_counts_only_while_the_coordinator_listens() {
        let (outbox, _frames) = mpsc::channel(1);
        let mut peers = Peers::default();
        peers.join(WorkerId(7), outbox);
        let start = Instant::now();
        assert!(peers.silent(start).is_empty());
        let woken = start + 4 * SILENCE_MAX;
        assert!(peers.silent(woken).is_empty(), "the coordinator was away, not the worker");
        let silent_after =
            (1..60).find(|seconds| !peers.silent(woken + Duration::from_secs(*seconds)).is_empty());
        assert_eq!(silent_after, Some(SILENCE_MAX.as_secs() + 1));
    }
}
