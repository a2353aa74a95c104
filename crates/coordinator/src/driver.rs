//! The loop: drain what has happened, decide, commit, and only then act.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use iago_protocol::FromCoordinator;
use iago_protocol::wire::End;
use iago_scheduler::{Action, Event, Limits, Scheduler};
use iago_store::{Nights, Store, StoreError};
use iago_sweep::{Digest, PoolId, ReadingFact, SweepId};
use tokio::task::JoinSet;
use tokio::time::{Duration, Instant, Interval, MissedTickBehavior, sleep_until};
use tokio_util::sync::CancellationToken;
use tonic::Status;
use tracing::{info, warn};

use crate::appointments::Appointments;
use crate::days::{Days, take_over};
use crate::inbox::{Ends, Handle, Link, Message, Reply, Waits};
use crate::metering::Metering;
use crate::parts::Slices;
use crate::peers::Peers;
use crate::settings::{PoolSettings, Settings};
use crate::submit::{Loaded, Taken};
use crate::tenure::Tenure;

/// Messages in one turn; the facts of a turn share one transaction for each sweep.
const BATCH_MAX: usize = 500;
/// Bytes of deliveries in one transaction, but for the last message's.
const BATCH_BYTES_MAX: u64 = 4 << 20;
/// How often people are told how it goes, and silent workers are looked for.
const TICK: Duration = Duration::from_millis(200);

/// A coordinator that leads a store.
pub struct Driver<S> {
    pub(crate) store: Arc<S>,
    pub(crate) settings: Settings,
    pub(crate) term: u64,
    pub(crate) scheduler: Scheduler,
    pub(crate) sweeps: BTreeMap<SweepId, Loaded>,
    /// Every plan that a worker may have an assignment of.
    pub(crate) plans: BTreeMap<Digest, Arc<Vec<u8>>>,
    pub(crate) peers: Peers,
    pub(crate) ends: Ends,
    /// Sweeps that have come to an end, and how; the oldest end first.
    pub(crate) endings: BTreeMap<SweepId, (End, String)>,
    pub(crate) ended: VecDeque<SweepId>,
    pub(crate) tenure: Tenure,
    pub(crate) stop: CancellationToken,
    /// What workers may still have from an earlier leader is left alone.
    pub(crate) in_grace: bool,
    pub(crate) slices: Slices,
    pub(crate) metering: Metering,
    pub(crate) days: Days,
    /// The limits in force that workers were last told of.
    pub(crate) limits_told: BTreeMap<PoolId, u64>,
    /// Calls at once that pools turned out to take, still to be divided.
    pub(crate) learnt: Vec<Event>,
    /// When it ends; not before a worker could come back.
    pub(crate) grace_until: Option<Instant>,
    /// Bytes of deliveries that the present turn commits.
    pub(crate) received: BTreeMap<Link, u64>,
    /// Sweeps that are not in memory, and of which something came in the present turn.
    pub(crate) late: BTreeSet<SweepId>,
    /// What results of the present turn were read as anew.
    pub(crate) readings: BTreeMap<SweepId, Vec<ReadingFact>>,
    /// Sweeps whose stored texts are read anew; it ends with this leader.
    pub(crate) reading: JoinSet<()>,
    /// Which these are, until they are loaded.
    pub(crate) being_read: BTreeSet<SweepId>,
    /// How often each sweep was paused or cancelled here.
    pub(crate) stops: BTreeMap<SweepId, u64>,
    /// Sweeps of which a later revision is stored than the one that is at work.
    pub(crate) overtaken: BTreeSet<SweepId>,
    /// What is due when; `None` where this process does not stay for it.
    pub(crate) appointments: Option<Appointments>,
    /// Messages to be read before silent workers are looked for; `None`: nobody is to look.
    pub(crate) unread: Option<usize>,
    /// What keeps the store from taking facts; empty: nothing.
    pub(crate) store_trouble: String,
}

/// Why a loop ended.
#[derive(Debug)]
pub(crate) enum Halt {
    /// It was told to, or nobody can reach it any more.
    Stopped,
    /// Another coordinator leads.
    Deposed,
    /// The store failed.
    Broken(StoreError),
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        if matches!(error, StoreError::Deposed { .. }) {
            return Self::Deposed;
        }
        Self::Broken(error)
    }
}

/// Takes the lead of a store. Nothing happens until the driver runs.
///
/// # Errors
///
/// [`StoreError::Led`] while another coordinator leads.
pub async fn lead<S: Store + Nights>(
    store: Arc<S>,
    settings: Settings,
) -> Result<(Handle, Driver<S>), StoreError> {
    let taken = Instant::now();
    let term = store.lead(&settings.holder, settings.hold).await?;
    let tenure = if settings.hold.is_zero() {
        Tenure::unchallenged()
    } else {
        Tenure::renewed(Arc::clone(&store), term, settings.hold, taken)
    };
    let used = take_over(&*store, term, &settings).await?;
    let (handle, ends) = Handle::new(term);
    let mut driver = Driver::new((store, settings), (term, tenure), ends);
    driver.metering.count_before(used);
    Ok((handle, driver))
}

impl<S: Store + Nights> Driver<S> {
    fn new(
        (store, settings): (Arc<S>, Settings),
        (term, tenure): (u64, Tenure),
        ends: Ends,
    ) -> Self {
        let limits = |pool: &PoolSettings| Limits { concurrency: pool.concurrency() };
        let pools = settings.pools.iter().map(|pool| (pool.name.clone(), limits(pool))).collect();
        Self {
            scheduler: Scheduler::new(term, pools),
            peers: Peers::new(&settings),
            in_grace: settings.resumes,
            slices: Slices::default(),
            metering: Metering::new(&settings),
            limits_told: BTreeMap::new(),
            days: Days::default(),
            learnt: Vec::new(),
            store,
            settings,
            term,
            sweeps: BTreeMap::new(),
            plans: BTreeMap::new(),
            ends,
            endings: BTreeMap::new(),
            ended: VecDeque::new(),
            tenure,
            stop: CancellationToken::new(),
            grace_until: None,
            received: BTreeMap::new(),
            late: BTreeSet::new(),
            readings: BTreeMap::new(),
            reading: JoinSet::new(),
            being_read: BTreeSet::new(),
            stops: BTreeMap::new(),
            overtaken: BTreeSet::new(),
            appointments: None,
            unread: None,
            store_trouble: String::new(),
        }
    }

    /// Leads until every handle is dropped, or until the store fails.
    pub async fn run(self) {
        self.run_until(CancellationToken::new()).await;
    }

    /// Leads until it is told to stop, is deposed, or the store fails.
    pub(crate) async fn run_until(mut self, stop: CancellationToken) -> Halt {
        self.stop = stop;
        let halt = match self.lead_on().await {
            Ok(never) => match never {},
            Err(halt) => halt,
        };
        match &halt {
            Halt::Broken(error) => self.break_off(error),
            Halt::Stopped => self.close_days().await,
            Halt::Deposed => {}
        }
        halt
    }

    async fn lead_on(&mut self) -> Result<std::convert::Infallible, Halt> {
        if self.settings.resumes {
            self.load_appointments().await?;
            self.resume_all().await?;
        }
        let (stop, lost) = (self.stop.clone(), self.tenure.lost());
        let mut batch = Vec::with_capacity(BATCH_MAX);
        let mut tick = ticks();
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return Err(Halt::Stopped),
                () = lost.cancelled() => return Err(Halt::Deposed),
                () = reach(self.grace_until), if self.in_grace => self.end_grace().await?,
                _ = tick.tick() => self.note_time().await?,
                // Before what is granted: each turn grants as well.
                received = self.ends.inbox.recv_many(&mut batch, BATCH_MAX) => if received == 0 {
                    return Err(Halt::Stopped);
                },
                () = reach(self.metering.next()) => {
                    self.grant_alone().await?;
                    continue;
                }
            }
            let read = batch.len();
            self.turn(&mut batch).await?;
            self.look_for_the_lost(read).await?;
        }
    }

    /// One turn: everything in the batch is decided on, committed together, then acted on.
    async fn turn(&mut self, batch: &mut Vec<Message>) -> Result<(), Halt> {
        let mut actions = Vec::new();
        for message in batch.drain(..) {
            self.take(message, &mut actions).await?;
            if self.received.values().sum::<u64>() >= BATCH_BYTES_MAX {
                self.finish_turn(std::mem::take(&mut actions)).await?;
            }
        }
        self.finish_turn(actions).await?;
        self.take_up_late().await
    }

    async fn note_time(&mut self) -> Result<(), Halt> {
        // What is still to be read may be a sign of life.
        self.unread.get_or_insert(self.ends.inbox.len());
        self.note_days().await?;
        self.keep_appointments().await?;
        self.tell_limits();
        self.publish();
        Ok(())
    }

    /// Grants between two turns: nothing is handed out for that, unless more or fewer calls may be under
    /// way by now.
    async fn grant_alone(&mut self) -> Result<(), Halt> {
        self.grant_calls();
        if self.learnt.is_empty() { Ok(()) } else { self.hand_out(Vec::new()).await }
    }

    pub(crate) async fn finish_turn(&mut self, actions: Vec<Action>) -> Result<(), Halt> {
        // Grants are no facts, and nothing that is lost with them has to be kept: a worker asks again.
        // So they wait for no commit.
        self.grant_calls();
        self.hand_out(actions).await
    }

    async fn hand_out(&mut self, mut actions: Vec<Action>) -> Result<(), Halt> {
        loop {
            self.use_concurrency(&mut actions);
            // Who may have been replaced hands out nothing, even if the store would still let it.
            if self.tenure.is_held(Instant::now()) {
                self.scheduler.dispatch(&mut actions);
            }
            self.act(std::mem::take(&mut actions)).await?;
            if !self.let_go(&mut actions) {
                return Ok(());
            }
        }
    }

    /// Connections were given up. False if none were.
    fn let_go(&mut self, actions: &mut Vec<Action>) -> bool {
        let given_up = self.peers.take_given_up();
        for worker in &given_up {
            self.metering.part(*worker);
            self.scheduler.apply(Event::Away(*worker), actions);
        }
        !given_up.is_empty()
    }

    async fn take(&mut self, message: Message, actions: &mut Vec<Action>) -> Result<(), Halt> {
        match message {
            Message::Submit(submission, reply) => {
                self.commit_first(actions).await?;
                match self.submit(*submission, actions).await {
                    Ok(Taken::Unread(unread)) => self.read_ahead(*unread, Waits::Submitter(reply)),
                    Ok(Taken::In(submitted)) => self.tell(reply, Ok(submitted)),
                    Err(status) => self.tell(reply, Err(status)),
                }
            }
            Message::Read(unread, read, waits) => {
                self.commit_first(actions).await?;
                self.take_read(*unread, read, waits, actions).await?;
            }
            Message::Steer(sweep, order, reply) => {
                self.commit_first(actions).await?;
                match self.steer(sweep, order, actions).await {
                    Ok(Some(unread)) => self.read_ahead(*unread, Waits::Operator(reply)),
                    Ok(None) => self.tell(reply, Ok(())),
                    Err(status) => self.tell(reply, Err(status)),
                }
            }
            Message::Wish(wish, reply) => {
                self.commit_first(actions).await?;
                self.take_wish(*wish, reply);
                self.keep_appointments().await?;
            }
            Message::News(news) => {
                self.commit_first(actions).await?;
                self.take_news(*news).await?;
            }
            Message::Joined(link, inventory, line) => self.join(link, inventory, line, actions),
            Message::Said(link, said) => {
                if let Some(worker) = self.peers.worker(link) {
                    self.hear((link, worker), said, actions).await?;
                }
            }
            Message::Left(link, parting) => self.part(link, parting, actions),
            Message::Drain => {
                self.scheduler.apply(Event::Drain, actions);
                for worker in self.peers.workers() {
                    self.peers.send(worker, FromCoordinator::Drain);
                }
            }
        }
        Ok(())
    }

    /// Answers somebody. Whoever asks next how it goes is not told of the time before.
    pub(crate) fn tell<T>(&self, reply: Reply<T>, answer: Result<T, Status>) {
        self.publish();
        drop(reply.send(answer));
    }

    /// What reads a sweep from the store must find there what this turn has decided so far.
    async fn commit_first(&mut self, actions: &mut Vec<Action>) -> Result<(), Halt> {
        self.act(std::mem::take(actions)).await?;
        self.let_go(actions);
        Ok(())
    }

    async fn end_grace(&mut self) -> Result<(), Halt> {
        self.in_grace = false;
        info!("the grace is over: what no worker has claimed goes out again");
        let mut actions = Vec::new();
        self.scheduler.apply(Event::GraceOver, &mut actions);
        self.tell_slices();
        self.finish_turn(actions).await
    }

    /// The store failed: nothing that was not committed is acknowledged, and nobody is told that
    /// it was. The next start recovers from what was. Whoever watches is told why; the log's line
    /// is a second one.
    fn break_off(&mut self, broken: &StoreError) {
        warn!(error = %broken, "the store failed");
        for sweep in self.sweeps.keys() {
            self.endings.insert(*sweep, (End::Broken, broken.to_string()));
        }
        self.publish();
    }
}

/// Waits for a moment; for ever where there is none.
pub(crate) async fn reach(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

fn ticks() -> Interval {
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tick
}
