//! The loop: drain what has happened, decide, commit, and only then act.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use iago_protocol::wire::End;
use iago_protocol::{Assignment, FromCoordinator, FromWorker, Inventory, Lease, Slice};
use iago_scheduler::{Action, Assigned, Event, Leased, PauseReason, Scheduler, WorkerId};
use iago_store::{READ_MAX, State, Store, StoreError};
use iago_sweep::{Coordinate, Fact, JobId, SweepId, Text};
use tokio::time::{Duration, Instant, MissedTickBehavior};
use tracing::{info, warn};

use crate::inbox::{Ends, Handle, Message};
use crate::peers::{Outbox, Peers};
use crate::settings::Settings;
use crate::submit::Loaded;

/// Messages in one turn; the facts of a turn share one transaction.
const BATCH_MAX: usize = 500;
/// How often people are told how it goes, and silent workers are looked for.
const TICK: Duration = Duration::from_millis(200);
/// How often a worker is asked to say that it lives.
const HEARTBEAT_MS: u32 = 1_000;

/// A coordinator that leads a store.
pub struct Driver<S> {
    pub(crate) store: Arc<S>,
    pub(crate) settings: Settings,
    pub(crate) term: u64,
    pub(crate) scheduler: Scheduler,
    pub(crate) sweeps: BTreeMap<SweepId, Loaded>,
    peers: Peers,
    ends: Ends,
    /// Sweeps that have come to an end of their own.
    ended: BTreeSet<SweepId>,
    end: Option<(End, String)>,
}

/// Takes the lead of a store. Nothing happens until [`Driver::run`] is polled.
pub async fn lead<S: Store>(
    store: Arc<S>,
    settings: Settings,
) -> Result<(Handle, Driver<S>), StoreError> {
    let term = store.lead(&settings.holder).await?;
    let pools = settings.pools.iter().map(|pool| (pool.name.clone(), pool.window())).collect();
    let (handle, ends) = Handle::new();
    let scheduler = Scheduler::new(term, pools);
    let (sweeps, peers) = (BTreeMap::new(), Peers::default());
    let (ended, end) = (BTreeSet::new(), None);
    Ok((handle, Driver { store, settings, term, scheduler, sweeps, peers, ends, ended, end }))
}

impl<S: Store> Driver<S> {
    /// Leads until every handle is dropped, or until the store fails.
    pub async fn run(mut self) {
        let mut batch = Vec::with_capacity(BATCH_MAX);
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                received = self.ends.inbox.recv_many(&mut batch, BATCH_MAX) => {
                    if received == 0 {
                        return;
                    }
                }
                _ = tick.tick() => {
                    // What is still to be read may be a sign of life.
                    if self.ends.inbox.is_empty() {
                        let silent = self.peers.silent(Instant::now());
                    batch.extend(silent.into_iter().map(Message::Left));
                    }
                    self.publish();
                }
            }
            if let Err(broken) = self.turn(&mut batch).await {
                return self.break_off(&broken);
            }
        }
    }

    /// One turn: everything in the batch is decided on, committed together, then acted on.
    async fn turn(&mut self, batch: &mut Vec<Message>) -> Result<(), StoreError> {
        if batch.is_empty() {
            return Ok(());
        }
        let mut actions = Vec::new();
        for message in batch.drain(..) {
            self.take(message, &mut actions).await?;
        }
        loop {
            self.scheduler.dispatch(&mut actions);
            let lost = self.act(std::mem::take(&mut actions)).await?;
            if lost.is_empty() {
                return Ok(());
            }
            for worker in lost {
                self.scheduler.apply(Event::Left(worker), &mut actions);
            }
        }
    }

    async fn take(
        &mut self,
        message: Message,
        actions: &mut Vec<Action>,
    ) -> Result<(), StoreError> {
        match message {
            Message::Submit(submission, reply) => {
                let submitted = self.submit(*submission, actions).await;
                drop(reply.send(submitted));
            }
            Message::Joined(worker, inventory, outbox) => {
                self.join(worker, inventory, outbox, actions);
            }
            Message::Said(worker, said) => self.hear(worker, said, actions),
            Message::Left(worker) => {
                self.peers.leave(worker);
                self.scheduler.apply(Event::Left(worker), actions);
            }
            Message::Drain => {
                self.scheduler.apply(Event::Drain, actions);
                for worker in self.peers.workers() {
                    self.peers.send(worker, FromCoordinator::Drain);
                }
            }
        }
        Ok(())
    }

    fn join(
        &mut self,
        worker: WorkerId,
        inventory: Inventory,
        outbox: Outbox,
        actions: &mut Vec<Action>,
    ) {
        let Inventory { boot, pools, held, .. } = inventory;
        info!(worker = worker.0, boot, held = held.len(), "worker connected");
        self.peers.join(worker, outbox);
        let welcome = FromCoordinator::Welcome { term: self.term, heartbeat_ms: HEARTBEAT_MS };
        self.peers.send(worker, welcome);
        for pool in self.settings.pools.clone() {
            self.peers.send(
                worker,
                FromCoordinator::Slice(Slice {
                    pool: pool.name,
                    requests_per_minute: pool.requests_per_minute,
                    concurrency: pool.concurrency,
                }),
            );
        }
        let pools = pools.iter().filter_map(|name| self.scheduler.pool(name)).collect();
        let held = held.into_iter().map(|held| Leased {
            lease: held.lease.sequence,
            term: held.lease.term,
            sweep: held.sweep,
            job: held.job,
            attempt: held.attempt,
        });
        self.scheduler.apply(Event::Joined(worker, pools, held.collect()), actions);
    }

    fn hear(&mut self, worker: WorkerId, said: FromWorker, actions: &mut Vec<Action>) {
        let mut heartbeat = None;
        match said {
            FromWorker::Inventory(_) => warn!(worker = worker.0, "a second inventory"),
            FromWorker::Credit(jobs) => self.scheduler.apply(Event::Credit(worker, jobs), actions),
            FromWorker::Deliveries(deliveries) => {
                for delivery in deliveries {
                    let settled = self.settle(delivery);
                    self.scheduler.apply(Event::Settled(worker, Box::new(settled)), actions);
                }
            }
            FromWorker::PoolBlocked { pool, reason } => {
                warn!(pool, "pool blocked");
                if let Some(pool) = self.scheduler.pool(&pool) {
                    self.scheduler.apply(Event::PoolBlocked(pool, reason), actions);
                }
            }
            FromWorker::Heartbeat(said) => heartbeat = Some(said),
            FromWorker::Need(digest) => {
                let found = self.sweeps.values().find(|loaded| loaded.digest == digest);
                if let Some(loaded) = found {
                    let data = loaded.json.as_ref().clone();
                    self.peers.send(worker, FromCoordinator::Blob { digest, data });
                }
            }
        }
        self.peers.heard(worker, heartbeat);
    }

    /// Commits what is to be recorded, and then does the rest. Gives the workers that were lost.
    async fn act(&mut self, actions: Vec<Action>) -> Result<Vec<WorkerId>, StoreError> {
        let mut facts: BTreeMap<SweepId, Vec<Fact>> = BTreeMap::new();
        let mut assigned: BTreeMap<WorkerId, Vec<Assigned>> = BTreeMap::new();
        let mut acknowledged: BTreeMap<WorkerId, u64> = BTreeMap::new();
        let mut ends = Vec::new();
        for action in actions {
            match action {
                Action::Record(sweep, fact) => facts.entry(sweep).or_default().push(fact),
                Action::Assign(worker, job) => assigned.entry(worker).or_default().push(job),
                Action::Acknowledge(worker, sequence) => {
                    let last = acknowledged.entry(worker).or_default();
                    *last = sequence.max(*last);
                }
                end @ (Action::Finished(_) | Action::Paused(..) | Action::Drained) => {
                    ends.push(end);
                }
            }
        }
        for (sweep, facts) in facts {
            self.store.append(sweep, self.term, facts).await?;
        }
        let mut lost = Vec::new();
        for (worker, sequence) in acknowledged {
            if !self.peers.send(worker, FromCoordinator::Acknowledged(sequence)) {
                lost.push(worker);
            }
        }
        for (worker, jobs) in assigned {
            let assignments = self.assignments(jobs).await?;
            if !self.peers.assign(worker, assignments) {
                lost.push(worker);
            }
        }
        for end in ends {
            self.note_end(end).await?;
        }
        Ok(lost)
    }

    async fn assignments(&self, jobs: Vec<Assigned>) -> Result<Vec<Assignment>, StoreError> {
        let mut inputs = self.inputs(&jobs).await?;
        let assignments = jobs.into_iter().filter_map(|assigned| {
            let Assigned { lease, sweep, job, attempt } = assigned;
            let loaded = self.sweeps.get(&sweep)?;
            let input = loaded.graded(job).and_then(|graded| inputs.get_mut(&(sweep, graded)));
            Some(Assignment {
                lease: Lease { term: self.term, sequence: lease },
                sweep,
                job,
                attempt,
                plan: loaded.digest,
                input: input.cloned(),
                key: loaded.key(sweep, job),
            })
        });
        Ok(assignments.collect())
    }

    /// The answers that these jobs are to grade, by key.
    async fn inputs(
        &self,
        jobs: &[Assigned],
    ) -> Result<BTreeMap<(SweepId, JobId), Text>, StoreError> {
        let mut wanted: BTreeMap<SweepId, Vec<JobId>> = BTreeMap::new();
        for Assigned { sweep, job, .. } in jobs {
            let graded = self.sweeps.get(sweep).and_then(|loaded| loaded.graded(*job));
            wanted.entry(*sweep).or_default().extend(graded);
        }
        let mut inputs = BTreeMap::new();
        for (sweep, mut keys) in wanted {
            keys.sort_unstable();
            keys.dedup();
            for page in keys.chunks(READ_MAX) {
                let texts = self.store.read(sweep, page).await?;
                inputs.extend(texts.into_iter().map(|(job, text)| ((sweep, job), text)));
            }
        }
        Ok(inputs)
    }

    async fn note_end(&mut self, end: Action) -> Result<(), StoreError> {
        let (end, reason) = match end {
            Action::Finished(sweep) => {
                self.store.control(sweep, State::Done).await?;
                self.ended.insert(sweep);
                (End::Done, String::new())
            }
            Action::Paused(sweep, reason) => {
                let blocked = matches!(reason, PauseReason::Blocked { .. });
                let words = self.explain(sweep, &reason);
                self.store.control(sweep, State::Paused(words.clone())).await?;
                self.ended.insert(sweep);
                (if blocked { End::Blocked } else { End::Paused }, words)
            }
            Action::Drained => {
                // A sweep that ended first stays what it came to.
                for sweep in self.sweeps.keys().filter(|sweep| !self.ended.contains(sweep)) {
                    self.store.control(*sweep, State::Paused("stopped".to_owned())).await?;
                }
                (End::Drained, String::new())
            }
            Action::Record(..) | Action::Assign(..) | Action::Acknowledge(..) => return Ok(()),
        };
        self.end = self.end.take().or(Some((end, reason)));
        self.publish();
        Ok(())
    }

    fn publish(&self) {
        let counted = self.peers.counted();
        let mut progress = self.progress(counted);
        if let Some((end, reason)) = &self.end {
            progress.set_end(*end);
            progress.end_reason.clone_from(reason);
        }
        self.ends.progress.send_replace(progress);
    }

    /// The store failed: nothing that was not committed is acknowledged, and nobody is told that
    /// it was. The next start recovers from what was. Whoever watches is told why; the log's line
    /// is a second one.
    fn break_off(&mut self, broken: &StoreError) {
        warn!(error = %broken, "the store failed");
        self.end = Some((End::Broken, broken.to_string()));
        self.publish();
    }
}

impl Loaded {
    /// The job whose answer this job grades.
    fn graded(&self, job: JobId) -> Option<JobId> {
        let at = job.at();
        let stage = self.plan.parent_of(at.stage)?;
        JobId::pack(Coordinate { stage, vote: 0, ..at }).ok()
    }
}
