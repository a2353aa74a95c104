//! Workers come, speak, fall silent and are given up.

use iago_protocol::{FromCoordinator, FromWorker, Inventory};
use iago_scheduler::{Action, Event, Leased, WorkerId};
use iago_store::Store;
use tokio::time::{Duration, Instant};
use tonic::Status;
use tracing::{info, warn};

use crate::driver::{Driver, Halt};
use crate::inbox::{Line, Link};
use crate::peers::{Arrival, RESULT_BYTES_MAX};

/// How often a worker is asked to say that it lives.
const HEARTBEAT_MS: u32 = 1_000;

impl<S: Store> Driver<S> {
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
        self.bring_slices(worker, &slices);
        let (held_now, unacked) = (held.len(), unacknowledged.len());
        info!(worker = name, held = held_now, unacknowledged = unacked, "worker connected");
        let slices_ms = u32::try_from(self.slices_last().as_millis()).unwrap_or(u32::MAX);
        let (term, heartbeat_ms) = (self.term, HEARTBEAT_MS);
        self.peers.send(worker, FromCoordinator::Welcome { term, heartbeat_ms, slices_ms });
        self.peers.send(worker, FromCoordinator::ResultCredit(RESULT_BYTES_MAX));
        let pools = pools.iter().filter_map(|name| self.scheduler.pool(name)).collect();
        let leases = held.into_iter().chain(unacknowledged).map(|held| Leased {
            lease: held.lease.sequence,
            term: held.lease.term,
            sweep: held.sweep,
            job: held.job,
            attempt: held.attempt,
        });
        self.scheduler.apply(Event::Joined(worker, pools, leases.collect()), actions);
    }

    pub(crate) fn forget(&mut self, worker: WorkerId) {
        self.peers.forget(worker);
        self.slices.forget(worker);
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
            FromWorker::PoolBlocked { pool, reason } => {
                warn!(pool, "pool blocked until a person acts");
                if let Some(pool) = self.scheduler.pool(&pool) {
                    self.scheduler.apply(Event::PoolBlocked(pool, reason), actions);
                }
            }
            FromWorker::Heartbeat(said) => heartbeat = Some(said),
            FromWorker::Within { pool, number } => {
                for worker in self.within(worker, &pool, number) {
                    self.scheduler.apply(Event::Away(worker), actions);
                }
            }
            FromWorker::Left => self.peers.left(worker),
            FromWorker::Leaving => {
                self.peers.leaving(worker);
                self.scheduler.apply(Event::Leaving(worker), actions);
            }
            FromWorker::Need(digest) => {
                if let Some(plan) = self.find_plan(digest).await? {
                    let data = plan.as_ref().clone();
                    self.peers.send(worker, FromCoordinator::Blob { digest, data });
                }
            }
        }
        self.peers.heard(worker, heartbeat);
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
        for worker in self.tell_slices() {
            self.scheduler.apply(Event::Away(worker), &mut actions);
        }
        if actions.is_empty() { Ok(()) } else { self.finish_turn(actions).await }
    }
}

fn name_in_use(name: &str) -> Status {
    Status::already_exists(format!(
        "a worker named `{name}` is at work here: give this one another name, or stop that one"
    ))
}
