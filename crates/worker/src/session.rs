//! A worker's life: one stream to a coordinator, and an attempt for each assignment.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use iago_protocol::wire::WorkerFrame;
use iago_protocol::wire::workers_client::WorkersClient;
use iago_protocol::{
    Assembler, Assignment, Delivery, FRAME_BYTES_MAX, FromCoordinator, FromWorker, Heartbeat,
    Inventory, Outcome, PROTOCOL_VERSION, WireError, split,
};
use iago_sweep::{Digest, FailureClass, Money};
use tokio::sync::mpsc;
use tokio::time::{Duration, Interval, MissedTickBehavior};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::transport::Channel;
use tracing::{info, warn};

use crate::client::{Client, ClientError};
use crate::job::{Attempted, Bench, PoolBlock, attempt};
use crate::pool::Pool;
use crate::settings::{EndpointSettings, Settings};
use crate::tally::Tally;
use crate::work::{Work, WorkError};

/// Assignments that a worker has room for: they wait for slots here, not on the way.
const ASSIGNMENTS_MAX: u64 = 4096;
/// Frames that may wait to be sent.
const OUTBOX_MAX: usize = 64;
/// Ended attempts that may wait to be put into a frame.
const ENDED_MAX: usize = 1024;
/// Deliveries that share a frame.
const DELIVERIES_MAX: usize = 128;

/// Why a worker stopped.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The coordinator went away or refused.
    #[error("lost the coordinator: {0}")]
    Lost(#[from] Box<tonic::Status>),
    /// What came over the wire makes no sense.
    #[error("the coordinator speaks another language: {0}")]
    Wire(#[from] WireError),
    /// HTTP cannot be set up.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// A plan cannot be worked on.
    #[error("{0}")]
    Plan(String),
}

/// Works for the coordinator at the other end of `channel` until it hangs up.
pub async fn work(channel: Channel, settings: Settings) -> Result<(), WorkerError> {
    let (outbox, frames) = mpsc::channel(OUTBOX_MAX);
    let (ended, mut ends) = mpsc::channel(ENDED_MAX);
    let mut session = Session::new(settings, outbox, ended)?;
    session.introduce().await;
    let stream = WorkersClient::new(channel).work(ReceiverStream::new(frames)).await;
    let mut inbound = stream.map_err(Box::new)?.into_inner();
    let mut beat = heartbeat(Duration::from_secs(1));
    loop {
        tokio::select! {
            frame = inbound.message() => match frame.map_err(Box::new)? {
                Some(frame) => session.receive(frame).await?,
                None => break,
            },
            Some(first) = ends.recv() => session.deliver(first, &mut ends).await,
            _ = beat.tick() => session.beat().await,
        }
    }
    session.attempts.close();
    info!(calls = session.tally.calls(), "coordinator hung up");
    Ok(())
}

fn heartbeat(every: Duration) -> Interval {
    let mut beat = tokio::time::interval(every);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    beat
}

struct Session {
    boot: String,
    endpoints: BTreeMap<String, Arc<EndpointSettings>>,
    client: Client,
    tally: Arc<Tally>,
    pools: BTreeMap<String, Arc<Pool>>,
    works: BTreeMap<Digest, Arc<Work>>,
    /// Assignments that wait for their plan; bounded by the credit given.
    waiting: BTreeMap<Digest, Vec<Assignment>>,
    attempts: TaskTracker,
    drain: CancellationToken,
    outbox: mpsc::Sender<WorkerFrame>,
    ended: mpsc::Sender<Attempted>,
    assembler: Assembler,
    credit: u64,
    sequence: u64,
    acknowledged: u64,
    last_lease: u64,
}

impl Session {
    fn new(
        settings: Settings,
        outbox: mpsc::Sender<WorkerFrame>,
        ended: mpsc::Sender<Attempted>,
    ) -> Result<Self, WorkerError> {
        Ok(Self {
            boot: settings.boot,
            endpoints: settings
                .endpoints
                .into_iter()
                .map(|(name, endpoint)| (name, Arc::new(endpoint)))
                .collect(),
            client: Client::new()?,
            tally: Arc::default(),
            pools: BTreeMap::new(),
            works: BTreeMap::new(),
            waiting: BTreeMap::new(),
            attempts: TaskTracker::new(),
            drain: CancellationToken::new(),
            outbox,
            ended,
            assembler: Assembler::default(),
            credit: ASSIGNMENTS_MAX,
            sequence: 0,
            acknowledged: 0,
            last_lease: 0,
        })
    }

    async fn introduce(&self) {
        let inventory = Inventory {
            boot: self.boot.clone(),
            protocol: PROTOCOL_VERSION,
            pools: self.endpoints.keys().cloned().collect(),
            held: Vec::new(),
        };
        self.send(FromWorker::Inventory(inventory)).await;
        self.send(FromWorker::Credit(self.credit)).await;
    }

    /// Sends a frame, in parts where it is large. A closed stream shows on the receiving side.
    async fn send(&self, frame: FromWorker) {
        for part in split(WorkerFrame::from(frame)) {
            if self.outbox.send(part).await.is_err() {
                return;
            }
        }
    }

    async fn receive(
        &mut self,
        frame: iago_protocol::wire::CoordinatorFrame,
    ) -> Result<(), WorkerError> {
        let Some(whole) = self.assembler.take(frame)? else { return Ok(()) };
        match FromCoordinator::try_from(whole)? {
            FromCoordinator::Welcome { term, .. } => info!(term, "connected"),
            FromCoordinator::Slice(slice) => {
                self.pools.entry(slice.pool.clone()).or_insert_with(|| Arc::new(Pool::new(&slice)));
            }
            FromCoordinator::Assignments(assignments) => {
                for assignment in assignments {
                    self.last_lease = assignment.lease.sequence;
                    self.take(assignment).await;
                }
            }
            FromCoordinator::Acknowledged(sequence) => self.acknowledge(sequence).await,
            FromCoordinator::Blob { digest, data } => self.learn(digest, &data)?,
            FromCoordinator::Drain => {
                info!("no more work will come");
                // What only waits for a slot, its pace or an endpoint that is out of reach would
                // hold up the end for as long as that takes: it goes back.
                self.drain.cancel();
            }
        }
        Ok(())
    }

    async fn take(&mut self, assignment: Assignment) {
        if let Some(work) = self.works.get(&assignment.plan) {
            let work = Arc::clone(work);
            return self.start(work, assignment);
        }
        let plan = assignment.plan;
        let waiting = self.waiting.entry(plan).or_default();
        waiting.push(assignment);
        if waiting.len() == 1 {
            self.send(FromWorker::Need(plan)).await;
        }
    }

    fn learn(&mut self, digest: Digest, json: &[u8]) -> Result<(), WorkerError> {
        let work = Work::compile(digest, json).map_err(|error: WorkError| {
            warn!(plan = %digest.short(), "a plan cannot be used");
            WorkerError::Plan(error.to_string())
        })?;
        let work = Arc::new(work);
        self.works.insert(digest, Arc::clone(&work));
        for assignment in self.waiting.remove(&digest).unwrap_or_default() {
            self.start(Arc::clone(&work), assignment);
        }
        Ok(())
    }

    fn start(&self, work: Arc<Work>, assignment: Assignment) {
        let at = assignment.job.at();
        let name = work.plan.model_asked(at.stage, at.cell).map(|model| model.endpoint.as_str());
        let found = name.and_then(|name| {
            Some((Arc::clone(self.endpoints.get(name)?), Arc::clone(self.pools.get(name)?)))
        });
        let ended = self.ended.clone();
        let Some((endpoint, pool)) = found else {
            let unserved = unserved(&assignment);
            self.attempts.spawn(async move { drop(ended.send(unserved).await) });
            return;
        };
        let bench = Bench {
            client: self.client.clone(),
            tally: Arc::clone(&self.tally),
            work,
            endpoint,
            pool,
            drain: self.drain.clone(),
        };
        self.attempts.spawn(async move {
            // A bug must cost one job and not the run: its lease would be out for ever.
            let broken = broken(&assignment);
            let run = AssertUnwindSafe(attempt(bench, assignment)).catch_unwind();
            drop(ended.send(run.await.unwrap_or(broken)).await);
        });
    }

    async fn deliver(&mut self, first: Attempted, ends: &mut mpsc::Receiver<Attempted>) {
        let mut deliveries = Vec::new();
        let mut bytes = 0;
        let mut next = Some(first);
        while let Some(Attempted { mut delivery, blocked }) = next {
            if let Some(PoolBlock { pool, reason }) = blocked {
                self.send(FromWorker::PoolBlocked { pool, reason }).await;
            }
            self.sequence += 1;
            delivery.sequence = self.sequence;
            bytes += weight(&delivery);
            deliveries.push(delivery);
            let full = deliveries.len() >= DELIVERIES_MAX || bytes >= FRAME_BYTES_MAX / 2;
            next = if full { None } else { ends.try_recv().ok() };
        }
        self.send(FromWorker::Deliveries(deliveries)).await;
    }

    async fn acknowledge(&mut self, sequence: u64) {
        self.credit += sequence.saturating_sub(self.acknowledged);
        self.acknowledged = sequence.max(self.acknowledged);
        self.send(FromWorker::Credit(self.credit)).await;
    }

    async fn beat(&self) {
        let waits = self.pools.iter().filter_map(|(name, pool)| {
            pool.gate(|gate, now| gate.waits_for(now)).map(|waits_for| (name.clone(), waits_for))
        });
        let heartbeat = Heartbeat {
            last_lease: self.last_lease,
            calls: self.tally.calls(),
            throttles: self.tally.throttles(),
            troubles: self.tally.troubles(),
            waits: waits.collect(),
        };
        self.send(FromWorker::Heartbeat(heartbeat)).await;
    }
}

/// About how many bytes of a frame a delivery takes.
fn weight(delivery: &Delivery) -> usize {
    const FIXED: usize = 160;
    match &delivery.outcome {
        Outcome::Answered { text, .. } => {
            FIXED + text.raw.len() + text.reasoning.as_ref().map_or(0, String::len)
        }
        Outcome::Failed { message, .. } => FIXED + message.len(),
        Outcome::Released => FIXED,
    }
}

/// A job that this worker has no endpoint for goes back untouched.
fn unserved(assignment: &Assignment) -> Attempted {
    uncalled(assignment, Outcome::Released)
}

/// A job whose attempt panicked is set aside.
fn broken(assignment: &Assignment) -> Attempted {
    let class = FailureClass::Quarantined;
    let message = "iago broke on this job; please report it with the log".to_owned();
    uncalled(assignment, Outcome::Failed { class, status: None, message })
}

fn uncalled(assignment: &Assignment, outcome: Outcome) -> Attempted {
    let delivery = Delivery {
        sequence: 0,
        lease: assignment.lease,
        sweep: assignment.sweep,
        job: assignment.job,
        attempt: assignment.attempt,
        calls: 0,
        throttles: 0,
        cost: Some(Money::ZERO),
        simulated: false,
        outcome,
    };
    Attempted { delivery, blocked: None }
}
