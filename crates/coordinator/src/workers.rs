//! Workers come, speak, fall silent and are given up.

use iago_protocol::{FromCoordinator, FromWorker, Held, Inventory, Slice};
use iago_scheduler::{Action, Event, Leased, WorkerId};
use iago_store::{Nights, Store};
use iago_sweep::Digest;
use tokio::time::{Duration, Instant};
use tonic::Status;
use tracing::{info, warn};

use crate::driver::{Driver, Halt};
use crate::inbox::{Line, Link, Parting};
use crate::peers::{Arrival, RESULT_BYTES_MAX};

/// How often a worker is asked to say that it lives.
const HEARTBEAT_MS: u32 = 1_000;

impl<S: Store + Nights> Driver<S> {
    pub(crate) fn join(
        &mut self,
        link: Link,
        inventory: Inventory,
        line: Line,
        actions: &mut Vec<Action>,
    ) {
        let refusal = line.outbox.clone();
        let (worker, namesake) = match self.peers.join(link, &inventory, line) {
            Arrival::Accepted(worker, namesake) => (worker, namesake),
            Arrival::NameInUse => {
                warn!(worker = inventory.name, "refused: a worker of this name is connected");
                return drop(refusal.try_send(Err(name_in_use(&inventory.name))));
            }
        };
        if let Some(gone) = namesake {
            self.forget(gone);
            self.scheduler.apply(Event::Left(gone), actions);
        }
        if self.in_grace {
            let end = Instant::now() + self.settings.adoption_grace;
            self.grace_until.get_or_insert(end);
        }
        let Inventory { name, pools, held, unacknowledged, slices, .. } = inventory;
        let (held_now, unacked) = (held.len(), unacknowledged.len());
        info!(worker = name, held = held_now, unacknowledged = unacked, "worker connected");
        self.welcome(worker, &slices);
        let pools = self.settings.pools_served(&pools);
        let leases = held.into_iter().chain(unacknowledged).map(|held| leased(&held));
        self.scheduler.apply(Event::Joined(worker, pools, leases.collect()), actions);
    }

    fn welcome(&mut self, worker: WorkerId, slices: &[Slice]) {
        let slices_ms = u32::try_from(self.slices_last().as_millis()).unwrap_or(u32::MAX);
        let (term, heartbeat_ms) = (self.term, HEARTBEAT_MS);
        self.peers.send(worker, FromCoordinator::Welcome { term, heartbeat_ms, slices_ms });
        self.peers.send(worker, FromCoordinator::ResultCredit(RESULT_BYTES_MAX));
        self.metering.join(worker);
        self.bring_slices(worker, slices);
    }

    /// A connection ended.
    pub(crate) fn part(&mut self, link: Link, parting: Parting, actions: &mut Vec<Action>) {
        let Some((worker, gone)) = self.peers.part(link, parting) else { return };
        self.metering.part(worker);
        let event = if gone { Event::Departed(worker) } else { Event::Away(worker) };
        self.scheduler.apply(event, actions);
        if gone {
            self.forget(worker);
        }
    }

    pub(crate) fn forget(&mut self, worker: WorkerId) {
        self.peers.forget(worker);
        self.slices.forget(worker);
        self.metering.part(worker);
    }

    /// A worker uses what it was given for as long as nobody else is given it.
    fn slices_last(&self) -> Duration {
        self.settings.reconnect_grace.min(self.settings.silence_max)
    }

    pub(crate) async fn hear(
        &mut self,
        (link, worker): (Link, WorkerId),
        said: FromWorker,
        actions: &mut Vec<Action>,
    ) -> Result<(), Halt> {
        let mut heartbeat = None;
        match said {
            FromWorker::Inventory(_) => warn!(worker = worker.0, "a second inventory"),
            FromWorker::Credit(jobs) => self.scheduler.apply(Event::Credit(worker, jobs), actions),
            FromWorker::Deliveries(deliveries) => {
                for delivery in deliveries {
                    *self.received.entry(link).or_default() += delivery.weight() as u64;
                    self.receive(worker, delivery, actions).await?;
                }
            }
            FromWorker::PoolBlocked { pool, reason } => self.block(&pool, reason, actions),
            FromWorker::Heartbeat(said) => heartbeat = Some(said),
            FromWorker::Within { pool, number } => self.within(worker, &pool, number),
            FromWorker::Asks(asks) => self.hear_asks(worker, asks),
            FromWorker::Withdrawn(numbers) => self.metering.withdraw(worker, &numbers),
            FromWorker::Calls(calls) => self.hear_calls(worker, calls),
            FromWorker::Left => self.peers.left(worker),
            FromWorker::Leaving => {
                self.peers.leaving(worker);
                self.scheduler.apply(Event::Leaving(worker), actions);
            }
            FromWorker::Need(digest) => self.give_plan(worker, digest).await?,
        }
        self.peers.heard(worker, heartbeat);
        Ok(())
    }

    fn block(&mut self, pool: &str, reason: String, actions: &mut Vec<Action>) {
        warn!(pool, "pool blocked until a person acts");
        if let Some(pool) = self.scheduler.pool(pool) {
            self.scheduler.apply(Event::PoolBlocked(pool, reason), actions);
        }
    }

    async fn give_plan(&mut self, worker: WorkerId, digest: Digest) -> Result<(), Halt> {
        if let Some(plan) = self.find_plan(digest).await? {
            let data = plan.as_ref().clone();
            self.peers.send(worker, FromCoordinator::Blob { digest, data });
        }
        Ok(())
    }

    /// Turns away workers that were not heard of for too long, once everything is read that had come
    /// by the last tick.
    pub(crate) async fn look_for_the_lost(&mut self, read: usize) -> Result<(), Halt> {
        match self.unread.map(|unread| unread.saturating_sub(read)) {
            Some(0) => self.unread = None,
            unread => {
                self.unread = unread;
                return Ok(());
            }
        }
        let mut actions = Vec::new();
        for worker in self.peers.lost(Instant::now()) {
            self.forget(worker);
            self.scheduler.apply(Event::Left(worker), &mut actions);
        }
        self.tell_slices();
        if actions.is_empty() { Ok(()) } else { self.finish_turn(actions).await }
    }
}

fn leased(held: &Held) -> Leased {
    let Held { lease, sweep, job, attempt } = *held;
    Leased { lease: lease.sequence, term: lease.term, sweep, job, attempt }
}

fn name_in_use(name: &str) -> Status {
    Status::already_exists(format!(
        "a worker named `{name}` is at work here: give this one another name, or stop that one"
    ))
}
