//! The workers: through which connection each is reached, when it was last heard of, and how much it
//! may send. A worker is known by its boot, and outlives its connections.

use std::collections::BTreeMap;

use iago_protocol::wire::CoordinatorFrame;
use iago_protocol::{Assignment, FromCoordinator, Heartbeat, Inventory, split};
use iago_scheduler::WorkerId;
use iago_sweep::Text;
use tokio::time::{Duration, Instant};
use tracing::{info, warn};

use crate::inbox::{Line, Link, Parting};
use crate::settings::Settings;

/// A look for silent workers that comes this late says that the coordinator was away (stopped, or
/// waiting for its store), not the workers: what they said meanwhile is still to be read.
const AWAY_MIN: Duration = Duration::from_secs(5);

/// Whoever was heard of this lately is alive, and its name is in use.
const ALIVE_MAX: Duration = Duration::from_secs(5);

/// Bytes of deliveries that one worker may have sent without their being committed: what bounds the
/// coordinator's memory while its store is slow.
pub(crate) const RESULT_BYTES_MAX: u64 = 16 << 20;

/// Assignments that share a frame, and the bytes of their inputs, but for the last one's.
const ASSIGNMENTS_MAX: usize = 64;
const INPUT_BYTES_MAX: usize = 1 << 20;

#[derive(Debug)]
struct Peer {
    name: String,
    boot: String,
    /// `None` while it is away.
    connection: Option<Connection>,
    /// When it was last heard of, or its connection ended.
    heard: Instant,
    /// It has delivered everything, and begins nothing that still comes.
    has_left: bool,
    last: Heartbeat,
}

#[derive(Debug)]
struct Connection {
    link: Link,
    line: Line,
}

/// What became of a worker that introduced itself.
pub(crate) enum Arrival {
    /// It may work; and an earlier worker of the same name is gone for certain.
    Accepted(WorkerId, Option<WorkerId>),
    /// A living worker has its name.
    NameInUse,
}

/// The workers.
#[derive(Debug)]
pub(crate) struct Peers {
    peers: BTreeMap<WorkerId, Peer>,
    links: BTreeMap<Link, WorkerId>,
    last_id: u64,
    reconnect_grace: Duration,
    silence_max: Duration,
    /// What workers that are gone had counted.
    gone: Heartbeat,
    /// When silent workers were last looked for.
    looked: Option<Instant>,
    /// Workers whose connection was given up since they were last asked for.
    given_up: Vec<WorkerId>,
}

impl Peers {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            peers: BTreeMap::new(),
            links: BTreeMap::new(),
            last_id: 0,
            reconnect_grace: settings.reconnect_grace,
            silence_max: settings.silence_max,
            gone: Heartbeat::default(),
            looked: None,
            given_up: Vec::new(),
        }
    }

    /// A worker introduces itself on a new connection.
    pub(crate) fn join(&mut self, link: Link, inventory: &Inventory, line: Line) -> Arrival {
        let Inventory { boot, name, .. } = inventory;
        let known = self.find(|peer| peer.boot == *boot);
        let namesake = self.find(|peer| peer.name == *name && peer.boot != *boot);
        if namesake.is_some_and(|id| self.is_alive(id)) {
            return Arrival::NameInUse;
        }
        let id = known.unwrap_or_else(|| self.next_id());
        let before = self.peers.remove(&id);
        if let Some(old) = before.as_ref().and_then(|peer| peer.connection.as_ref()) {
            self.links.remove(&old.link);
        }
        let last = before.map(|peer| peer.last).unwrap_or_default();
        let connection = Some(Connection { link, line });
        let (boot, name) = (boot.clone(), name.clone());
        let peer = Peer { name, boot, connection, heard: Instant::now(), has_left: false, last };
        self.peers.insert(id, peer);
        self.links.insert(link, id);
        Arrival::Accepted(id, namesake)
    }

    /// The worker at the other end of a connection; `None` if that was given up.
    pub(crate) fn worker(&self, link: Link) -> Option<WorkerId> {
        self.links.get(&link).copied()
    }

    /// A connection ended. Gives its worker, and whether that is gone for good.
    pub(crate) fn part(&mut self, link: Link, parting: Parting) -> Option<(WorkerId, bool)> {
        let id = self.links.remove(&link)?;
        let peer = self.peers.get_mut(&id)?;
        (peer.connection, peer.heard) = (None, Instant::now());
        let gone = peer.has_left;
        info!(worker = peer.name, ?parting, gone, "worker disconnected");
        Some((id, gone))
    }

    /// A worker is gone for good.
    pub(crate) fn forget(&mut self, worker: WorkerId) {
        let Some(peer) = self.peers.remove(&worker) else { return };
        if let Some(connection) = &peer.connection {
            self.links.remove(&connection.link);
        }
        add(&mut self.gone, &peer.last);
    }

    pub(crate) fn heard(&mut self, worker: WorkerId, heartbeat: Option<Heartbeat>) {
        if let Some(peer) = self.peers.get_mut(&worker) {
            peer.heard = Instant::now();
            peer.last = heartbeat.unwrap_or_else(|| std::mem::take(&mut peer.last));
        }
    }

    pub(crate) fn leaving(&self, worker: WorkerId) {
        if let Some(peer) = self.peers.get(&worker) {
            info!(worker = peer.name, "worker drains");
        }
    }

    pub(crate) fn left(&mut self, worker: WorkerId) {
        if let Some(peer) = self.peers.get_mut(&worker) {
            peer.has_left = true;
        }
    }

    /// Workers that have been away or silent for too long.
    pub(crate) fn lost(&mut self, now: Instant) -> Vec<WorkerId> {
        let looked = self.looked.replace(now);
        if looked.is_some_and(|looked| now.duration_since(looked) > AWAY_MIN) {
            self.peers.values_mut().for_each(|peer| peer.heard = now);
        }
        let is_lost = |peer: &Peer| {
            let grace = match peer.connection {
                Some(_) => self.silence_max,
                None => self.reconnect_grace,
            };
            now.duration_since(peer.heard) > grace
        };
        let lost = self.peers.iter().filter(|(_, peer)| is_lost(peer));
        lost.map(|(worker, peer)| {
            warn!(worker = peer.name, "worker lost: its leases are given up");
            *worker
        })
        .collect()
    }

    /// Sends a frame without waiting: a worker that does not take its frames does not hold up the
    /// others; its connection is given up.
    pub(crate) fn send(&mut self, worker: WorkerId, frame: FromCoordinator) {
        let Some(peer) = self.peers.get(&worker) else { return };
        let Some(connection) = &peer.connection else { return };
        let sent = split(CoordinatorFrame::from(frame))
            .into_iter()
            .all(|part| connection.line.outbox.try_send(Ok(part)).is_ok());
        if !sent {
            warn!(worker = peer.name, "worker does not take its frames");
            self.give_up(worker);
        }
    }

    /// Gives up the connection of a worker, which may come back.
    fn give_up(&mut self, worker: WorkerId) {
        let Some(peer) = self.peers.get_mut(&worker) else { return };
        let Some(connection) = peer.connection.take() else { return };
        peer.heard = Instant::now();
        self.links.remove(&connection.link);
        self.given_up.push(worker);
    }

    /// Workers whose connection was given up since this was last asked, and that have not come back.
    pub(crate) fn take_given_up(&mut self) -> Vec<WorkerId> {
        let away =
            |worker: &WorkerId| self.peers.get(worker).is_some_and(|of| of.connection.is_none());
        let mut given_up = std::mem::take(&mut self.given_up);
        given_up.retain(away);
        given_up
    }

    /// Sends assignments in frames of a bounded size.
    pub(crate) fn assign(&mut self, worker: WorkerId, assignments: Vec<Assignment>) {
        let (mut frame, mut bytes) = (Vec::new(), 0);
        for assignment in assignments {
            bytes += assignment.said.iter().map(weigh).sum::<usize>();
            frame.push(assignment);
            if frame.len() == ASSIGNMENTS_MAX || bytes >= INPUT_BYTES_MAX {
                bytes = 0;
                let full = std::mem::take(&mut frame);
                self.send(worker, FromCoordinator::Assignments(full));
            }
        }
        if !frame.is_empty() {
            self.send(worker, FromCoordinator::Assignments(frame));
        }
    }

    /// Deliveries that came through a connection were committed: as many bytes more may come.
    pub(crate) fn make_room(&mut self, link: Link, bytes: u64) {
        let Some(worker) = self.worker(link) else { return };
        let connection = self.peers.get(&worker).and_then(|peer| peer.connection.as_ref());
        let Some(Connection { line, .. }) = connection else { return };
        line.granted.send_modify(|granted| *granted = granted.saturating_add(bytes));
        let granted = *line.granted.borrow();
        self.send(worker, FromCoordinator::ResultCredit(granted));
    }

    pub(crate) fn workers(&self) -> Vec<WorkerId> {
        self.peers.keys().copied().collect()
    }

    /// How many workers are connected.
    pub(crate) fn connected(&self) -> u32 {
        let connected = self.peers.values().filter(|peer| peer.connection.is_some()).count();
        u32::try_from(connected).unwrap_or(u32::MAX)
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

    fn find(&self, is_it: impl Fn(&Peer) -> bool) -> Option<WorkerId> {
        self.peers.iter().find(|(_, peer)| is_it(peer)).map(|(id, _)| *id)
    }

    fn is_alive(&self, worker: WorkerId) -> bool {
        self.peers
            .get(&worker)
            .is_some_and(|peer| peer.connection.is_some() && peer.heard.elapsed() < ALIVE_MAX)
    }

    fn next_id(&mut self) -> WorkerId {
        self.last_id += 1;
        WorkerId(self.last_id)
    }
}

/// Bytes of a text, with its reasoning.
fn weigh(text: &Text) -> usize {
    text.raw.len() + text.reasoning.as_ref().map_or(0, String::len)
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
    use tokio::sync::{mpsc, watch};

    use super::*;

    fn peers() -> Peers {
        let mut settings = Settings::alone(String::new(), Vec::new(), Vec::new());
        settings.reconnect_grace = Duration::from_secs(10);
        settings.silence_max = Duration::from_secs(60);
        Peers::new(&settings)
    }

    fn join(peers: &mut Peers, link: u64, name: &str, boot: &str) -> Option<u64> {
        let (outbox, frames) = mpsc::channel(4);
        std::mem::forget(frames); // an open connection, for as long as the test runs
        let inventory =
            Inventory { boot: boot.to_owned(), name: name.to_owned(), ..Inventory::default() };
        let line = Line { outbox, granted: watch::Sender::new(RESULT_BYTES_MAX) };
        match peers.join(Link(link), &inventory, line) {
            Arrival::Accepted(worker, _) => Some(worker.0),
            Arrival::NameInUse => None,
        }
    }

    fn lost_after(peers: &mut Peers, start: Instant) -> Option<u64> {
        (1..120).find(|seconds| !peers.lost(start + Duration::from_secs(*seconds)).is_empty())
    }

    #[tokio::test(start_paused = true)]
    async fn silence_counts_only_while_the_coordinator_listens() {
        let mut peers = peers();
        join(&mut peers, 1, "w", "b");
        let start = Instant::now();
        assert!(peers.lost(start).is_empty());
        let woken = start + Duration::from_secs(300);
        assert!(peers.lost(woken).is_empty(), "the coordinator was away, not the worker");
        assert_eq!(lost_after(&mut peers, woken), Some(61));
    }

    #[tokio::test(start_paused = true)]
    async fn a_worker_whose_stream_broke_has_its_grace_and_may_come_back() {
        let mut peers = peers();
        let worker = join(&mut peers, 1, "w", "b");
        assert_eq!(peers.part(Link(1), Parting::Broke).map(|(_, gone)| gone), Some(false));
        let start = Instant::now();
        peers.lost(start);
        assert!(peers.lost(start + Duration::from_secs(4)).is_empty());
        assert_eq!(join(&mut peers, 2, "w", "b"), worker, "the same boot is the same worker");
        assert!(peers.worker(Link(1)).is_none() && peers.worker(Link(2)).is_some());
        peers.part(Link(2), Parting::Broke);
        assert_eq!(lost_after(&mut peers, start + Duration::from_secs(4)), Some(7));
    }

    #[tokio::test(start_paused = true)]
    async fn two_living_workers_never_share_a_name() {
        let mut peers = peers();
        assert!(join(&mut peers, 1, "w", "first").is_some());
        assert!(join(&mut peers, 2, "w", "second").is_none());
        tokio::time::advance(ALIVE_MAX).await;
        assert!(join(&mut peers, 3, "w", "second").is_some(), "the first one is silent");
    }
}
