//! Commits what was decided, and only then does it.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;

use iago_protocol::wire::End;
use iago_protocol::{Assignment, FromCoordinator, Lease};
use iago_scheduler::{Action, Assigned, PauseReason, PoolId, Share, WorkerId};
use iago_store::{Nights, READ_MAX, State, Store, StoreError};
use iago_sweep::{Coordinate, Fact, JobId, ReadingFact, SweepId, Text};
use tokio::time::{Duration, Instant, sleep, sleep_until};
use tracing::{info, warn};

use crate::driver::{Driver, Halt, reach};
use crate::progress::STOPPED;
use crate::submit::Loaded;

/// How long a store may take before people are told that it is slow.
const SLOW_MIN: Duration = Duration::from_secs(2);
/// How long to wait before a store that failed is asked again.
pub(crate) const RETRY: Duration = Duration::from_millis(500);
/// Sweeps that have ended and are kept in memory, for what still arrives of them.
const ENDED_MAX: usize = 8;

/// The actions of a turn by kind, in the order in which they are done.
#[derive(Default)]
struct Sorted {
    reopened: Vec<SweepId>,
    facts: BTreeMap<SweepId, Vec<Fact>>,
    acknowledged: BTreeMap<WorkerId, u64>,
    slices: Vec<(WorkerId, PoolId, Share)>,
    assigned: BTreeMap<WorkerId, Vec<Assigned>>,
    ends: Vec<Action>,
}

impl Sorted {
    fn of(actions: Vec<Action>) -> Self {
        let mut sorted = Self::default();
        for action in actions {
            match action {
                Action::Record(sweep, fact) => sorted.facts.entry(sweep).or_default().push(fact),
                Action::Assign(worker, job) => {
                    sorted.assigned.entry(worker).or_default().push(job);
                }
                Action::Acknowledge(worker, sequence) => {
                    let last = sorted.acknowledged.entry(worker).or_default();
                    *last = sequence.max(*last);
                }
                Action::Reopened(sweep) => sorted.reopened.push(sweep),
                Action::Slice(worker, pool, share) => sorted.slices.push((worker, pool, share)),
                end @ (Action::Finished(_)
                | Action::Paused(..)
                | Action::Cancelled(_)
                | Action::Drained) => sorted.ends.push(end),
            }
        }
        sorted
    }
}

impl<S: Store + Nights> Driver<S> {
    /// Commits what is to be recorded, and then does the rest.
    pub(crate) async fn act(&mut self, actions: Vec<Action>) -> Result<(), Halt> {
        let Sorted { reopened, mut facts, acknowledged, slices, assigned, ends } =
            Sorted::of(actions);
        self.reopen(reopened).await?;
        self.prepare_late(&mut facts).await?;
        for (sweep, facts) in facts {
            self.commit(sweep, facts).await?;
        }
        for (sweep, readings) in std::mem::take(&mut self.readings) {
            self.keep(sweep, &readings).await?;
        }
        for (worker, sequence) in acknowledged {
            self.peers.send(worker, FromCoordinator::Acknowledged(sequence));
        }
        for (link, bytes) in std::mem::take(&mut self.received) {
            self.peers.make_room(link, bytes);
        }
        for (worker, pool, share) in slices {
            self.slice(worker, pool, share);
        }
        for (worker, jobs) in assigned {
            let assignments = self.assignments(jobs).await?;
            // Reading what they grade may have taken longer than the term lasted.
            self.unless_ended(self.tenure.held()).await?;
            self.peers.assign(worker, assignments);
        }
        for end in ends {
            self.note_end(end).await?;
        }
        Ok(())
    }

    /// Facts of a sweep that the store does not have cannot be kept; everything else is committed,
    /// or the loop ends.
    async fn commit(&mut self, sweep: SweepId, facts: Vec<Fact>) -> Result<(), Halt> {
        let term = self.term;
        let ask = |store: Arc<S>| {
            let facts = facts.clone();
            async move { store.append(sweep, term, facts).await }
        };
        match self.insist(ask).await {
            Ok(_) => Ok(()),
            Err(Halt::Broken(StoreError::Missing { .. })) => {
                warn!(%sweep, "facts of a sweep that is not in this store are not kept");
                Ok(())
            }
            Err(halt) => Err(halt),
        }
    }

    /// Keeps what results were read as anew. If it is not done, it is done when the sweep is next
    /// loaded.
    async fn keep(&mut self, sweep: SweepId, readings: &[ReadingFact]) -> Result<(), Halt> {
        let term = self.term;
        let ask = |store: Arc<S>| {
            let readings = readings.to_vec();
            async move { store.keep_readings(sweep, term, readings).await }
        };
        self.insist(ask).await
    }

    /// Asks the store until it answers, where it is worth waiting for.
    pub(crate) async fn insist<T, F>(&mut self, ask: impl Fn(Arc<S>) -> F) -> Result<T, Halt>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        loop {
            match self.ask_once(ask(Arc::clone(&self.store))).await? {
                Ok(answer) => {
                    self.store_recovered();
                    return Ok(answer);
                }
                Err(error @ (StoreError::Unavailable { .. } | StoreError::Full { .. }))
                    if self.settings.waits_for_store =>
                {
                    self.store_failed(in_words(&error));
                    self.ask_once(sleep(RETRY)).await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Waits for the store, or until it is to be asked again. Calls are granted meanwhile.
    async fn ask_once<T>(&mut self, asked: impl Future<Output = T>) -> Result<T, Halt> {
        tokio::pin!(asked);
        let mut slow = Instant::now() + SLOW_MIN;
        loop {
            let (stop, lost) = (self.stop.clone(), self.tenure.lost());
            tokio::select! {
                biased;
                answer = &mut asked => return Ok(answer),
                () = stop.cancelled() => return Err(Halt::Stopped),
                () = lost.cancelled() => return Err(Halt::Deposed),
                () = sleep_until(slow) => {
                    self.store_failed("the store does not answer".to_owned());
                    slow = Instant::now() + SLOW_MIN;
                }
                // Of jobs that are handed out already: that is committed.
                () = reach(self.metering.next()) => self.grant_calls(),
            }
        }
    }

    async fn unless_ended(&self, waiting: impl Future<Output = ()>) -> Result<(), Halt> {
        let lost = self.tenure.lost();
        tokio::select! {
            () = self.stop.cancelled() => Err(Halt::Stopped),
            () = lost.cancelled() => Err(Halt::Deposed),
            () = waiting => Ok(()),
        }
    }

    fn store_failed(&mut self, words: String) {
        if self.store_trouble.is_empty() {
            warn!(error = words, "the store takes nothing: nothing is acknowledged or handed out");
        }
        self.store_trouble = words;
        self.publish();
    }

    fn store_recovered(&mut self) {
        if !self.store_trouble.is_empty() {
            info!("the store takes facts again");
            self.store_trouble.clear();
        }
    }

    async fn assignments(&mut self, jobs: Vec<Assigned>) -> Result<Vec<Assignment>, Halt> {
        let said = self.said(&jobs).await?;
        let assignments = jobs.into_iter().filter_map(|assigned| {
            let Assigned { lease, sweep, job, attempt, route, need, cost_most } = assigned;
            let loaded = self.sweeps.get(&sweep)?;
            let texts = loaded.hangs_on(job).into_iter().map_while(|on| said.get(&(sweep, on)));
            Some(Assignment {
                lease: Lease { term: self.term, sequence: lease },
                sweep,
                job,
                attempt,
                plan: loaded.digest,
                said: texts.cloned().collect(),
                key: loaded.key(sweep, job),
                pools: loaded.routes.get(&route).cloned().unwrap_or_default(),
                need,
                cost_most,
            })
        });
        Ok(assignments.collect())
    }

    /// The answers that these jobs hang on, by key.
    async fn said(&mut self, jobs: &[Assigned]) -> Result<BTreeMap<(SweepId, JobId), Text>, Halt> {
        let mut wanted: BTreeMap<SweepId, Vec<JobId>> = BTreeMap::new();
        for Assigned { sweep, job, .. } in jobs {
            let on = self.sweeps.get(sweep).map(|loaded| loaded.hangs_on(*job));
            wanted.entry(*sweep).or_default().extend(on.into_iter().flatten());
        }
        let mut said = BTreeMap::new();
        for (sweep, mut keys) in wanted {
            keys.sort_unstable();
            keys.dedup();
            for page in keys.chunks(READ_MAX) {
                let page: Arc<[JobId]> = page.into();
                let ask = |store: Arc<S>| {
                    let page = Arc::clone(&page);
                    async move { store.read(sweep, &page).await }
                };
                let texts = self.insist(ask).await?;
                said.extend(texts.into_iter().map(|(job, text)| ((sweep, job), text)));
            }
        }
        Ok(said)
    }

    async fn note_end(&mut self, end: Action) -> Result<(), Halt> {
        match end {
            // What was at work has ended, and there is more: whoever leads next must find it running.
            Action::Finished(sweep) if self.overtaken.contains(&sweep) => {
                info!(%sweep, "an earlier revision has ended, and a later one is to be loaded");
            }
            Action::Finished(sweep) => {
                self.set_state(sweep, State::Done).await?;
                self.end(sweep, End::Done, String::new());
            }
            Action::Cancelled(sweep) => {
                self.set_state(sweep, State::Cancelled).await?;
                self.end(sweep, End::Cancelled, String::new());
            }
            Action::Paused(sweep, reason) => {
                let blocked = matches!(reason, PauseReason::Blocked { .. });
                let words = self.explain(sweep, &reason);
                self.set_state(sweep, State::Paused(words.clone())).await?;
                self.end(sweep, if blocked { End::Blocked } else { End::Paused }, words);
            }
            Action::Drained => self.note_drained().await?,
            Action::Record(..)
            | Action::Assign(..)
            | Action::Acknowledge(..)
            | Action::Reopened(_)
            | Action::Slice(..) => {}
        }
        self.publish();
        Ok(())
    }

    async fn note_drained(&mut self) -> Result<(), Halt> {
        // A sweep that ended first stays what it came to.
        let open = self.sweeps.keys().filter(|sweep| !self.endings.contains_key(sweep));
        for sweep in open.copied().collect::<Vec<SweepId>>() {
            self.set_state(sweep, State::Paused(STOPPED.to_owned())).await?;
            self.end(sweep, End::Drained, String::new());
        }
        Ok(())
    }

    pub(crate) async fn set_state(&mut self, sweep: SweepId, state: State) -> Result<(), Halt> {
        let term = self.term;
        let ask = |store: Arc<S>| {
            let state = state.clone();
            async move { store.control(term, sweep, state).await }
        };
        self.look_at_appointments();
        self.insist(ask).await
    }

    fn end(&mut self, sweep: SweepId, end: End, reason: String) {
        // Not the reason: a provider that rejects a request may repeat it.
        info!(%sweep, end = end.as_str_name(), "sweep ended");
        self.endings.entry(sweep).or_insert((end, reason));
        self.ended.retain(|other| *other != sweep);
        self.ended.push_back(sweep);
        while self.ended.len() > ENDED_MAX {
            let Some(oldest) = self.ended.pop_front() else { break };
            self.scheduler.forget(oldest);
            self.sweeps.remove(&oldest);
            self.endings.remove(&oldest);
        }
    }
}

/// What is said while it is waited for.
fn in_words(error: &StoreError) -> String {
    let StoreError::Full { path } = error else { return error.to_string() };
    let path = path.display();
    format!(
        "the disk of {path} is full or cannot be written: free some space, and it goes on by itself"
    )
}

impl Loaded {
    /// The jobs whose answers this job needs, nearest first.
    fn hangs_on(&self, job: JobId) -> Vec<JobId> {
        let at = job.at();
        let stages = self.plan.ancestors_of(at.stage).into_iter();
        stages.filter_map(|stage| JobId::pack(Coordinate { stage, vote: 0, ..at }).ok()).collect()
    }
}
