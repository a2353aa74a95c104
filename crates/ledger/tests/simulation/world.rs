//! Workers, an endpoint and the ledger between them, in virtual time.

use std::collections::BTreeMap;
use std::time::Duration;

use iago_ledger::{Action, Ask, Ended, Event, Ledger, Limits};
use iago_sweep::{CallEnd, Need, PoolId, Told, WorkerId};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::endpoint::{Endpoint, Kind};

/// What is tried.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    pub(crate) kind: Kind,
    /// The endpoint's limit, in calls a minute.
    pub(crate) limit: f64,
    /// What the ledger knows of it.
    pub(crate) known: Option<u32>,
    pub(crate) retry_after: bool,
    /// The share of calls that are refused whatever the rate, and what they are told to wait.
    pub(crate) noise: f64,
    pub(crate) noise_wait: Option<Duration>,
    pub(crate) latency: Duration,
    pub(crate) slots: u64,
    pub(crate) workers: u64,
    /// Endpoints of their own that draw from the one pool; workers take turns among them. One: the pool is the endpoint.
    pub(crate) routes: u64,
    /// How late the driver wakes up, at most.
    pub(crate) late: Duration,
    pub(crate) seed: u64,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            kind: Kind::Minute,
            limit: 600.0,
            known: None,
            retry_after: false,
            noise: 0.0,
            noise_wait: None,
            latency: Duration::from_millis(500),
            slots: 48,
            workers: 4,
            routes: 1,
            late: Duration::from_millis(5),
            seed: 1,
        }
    }
}

enum Happening {
    Arrives(u64, Option<u64>, Duration),
    Ends(u64, Option<u64>, Duration, CallEnd),
    Wakes,
    Changes(f64),
    Restarts,
}

pub(crate) struct World {
    setting: Setting,
    endpoint: Endpoint,
    ledger: Ledger,
    dice: ChaCha8Rng,
    now: Duration,
    agenda: BTreeMap<(Duration, u64), Happening>,
    sequence: u64,
    next_ask: u64,
    /// Asks that are not granted yet, and whose they are.
    waiting: BTreeMap<u64, u64>,
    wakes_at: Option<(Duration, u64)>,
    wakes: u64,
    pub(crate) taken: Vec<u64>,
    pub(crate) refused: Vec<u64>,
    pub(crate) by_worker: Vec<u64>,
}

const POOL: PoolId = PoolId(0);

impl World {
    pub(crate) fn new(setting: Setting) -> Self {
        let mut world = Self {
            setting,
            endpoint: Endpoint::new(setting.kind, setting.limit),
            ledger: new_ledger(Duration::ZERO, &setting),
            dice: ChaCha8Rng::seed_from_u64(setting.seed),
            now: Duration::ZERO,
            agenda: BTreeMap::new(),
            sequence: 0,
            next_ask: 0,
            waiting: BTreeMap::new(),
            wakes_at: None,
            wakes: 0,
            taken: Vec::new(),
            refused: Vec::new(),
            by_worker: vec![0; usize::try_from(setting.workers).expect("few")],
        };
        for slot in 0..setting.slots {
            world.want(slot % setting.workers);
        }
        world.decide();
        world
    }

    /// The endpoint's limit changes then.
    pub(crate) fn change_limit(&mut self, at: Duration, limit: f64) {
        self.plan(at, Happening::Changes(limit));
    }

    /// The ledger is lost then, and a new one begins that knows nothing of the calls before.
    pub(crate) fn restart_ledger(&mut self, at: Duration) {
        self.plan(at, Happening::Restarts);
    }

    pub(crate) fn run(&mut self, until: Duration) {
        while let Some(entry) = self.agenda.first_entry() {
            if entry.key().0 > until {
                break;
            }
            self.now = entry.key().0;
            let happening = entry.remove();
            self.happen(&happening);
            self.decide();
        }
        self.now = until;
    }

    /// Calls a minute that the endpoint took, from one second to another.
    pub(crate) fn rate(&self, from: usize, to: usize) -> f64 {
        real(count(&self.taken, from, to)) * 60.0 / (to - from) as f64
    }

    /// The share of calls that were refused.
    pub(crate) fn refused_share(&self, from: usize, to: usize) -> f64 {
        let refused = real(count(&self.refused, from, to));
        refused / (refused + real(count(&self.taken, from, to))).max(1.0)
    }

    /// How often the driver woke up because the ledger said so.
    pub(crate) fn wakes(&self) -> u64 {
        self.wakes
    }

    fn happen(&mut self, happening: &Happening) {
        match *happening {
            Happening::Arrives(worker, number, started) => self.arrive(worker, number, started),
            Happening::Ends(worker, number, started, how) => self.end(worker, number, started, how),
            Happening::Wakes => {
                self.wakes_at = None;
                self.wakes += 1;
            }
            Happening::Restarts => self.restart(),
            Happening::Changes(limit) => self.endpoint.set_limit(self.now, limit),
        }
    }

    fn restart(&mut self) {
        self.ledger = new_ledger(self.now, &self.setting);
        for worker in std::mem::take(&mut self.waiting).into_values() {
            self.want(worker);
        }
    }

    fn arrive(&mut self, worker: u64, number: Option<u64>, started: Duration) {
        let noisy = self.setting.noise > 0.0 && self.chance() < self.setting.noise;
        let answer = if noisy {
            Err(self.setting.noise_wait)
        } else {
            let hint = self.setting.retry_after;
            self.endpoint.call(self.now).map_err(|wait| hint.then_some(wait))
        };
        let second = usize::try_from(self.now.as_secs()).expect("short");
        let tally = if answer.is_ok() { &mut self.taken } else { &mut self.refused };
        tally.resize(tally.len().max(second + 1), 0);
        tally[second] += 1;
        let jitter = self.dice(self.setting.latency / 2);
        let (latency, how) = match answer {
            Ok(()) => (self.setting.latency * 3 / 4 + jitter, CallEnd::Answered),
            Err(retry_after) => {
                let soon = (self.setting.latency / 2).min(Duration::from_millis(200));
                (soon, CallEnd::Throttled { retry_after })
            }
        };
        self.plan(self.now + latency, Happening::Ends(worker, number, started, how));
    }

    fn end(&mut self, worker: u64, number: Option<u64>, started: Duration, how: CallEnd) {
        if how == CallEnd::Answered {
            self.by_worker[usize::try_from(worker).expect("few")] += 1;
        }
        let took = self.now - started;
        let ended = Ended {
            number,
            pools: self.pools(worker),
            took,
            how,
            usage: None,
            cost: None,
            told: Told::default(),
        };
        self.tell(Event::Ended(WorkerId(worker), ended));
        self.want(worker);
    }

    /// A slot is free.
    fn want(&mut self, worker: u64) {
        if !self.ledger.metered(POOL) {
            return self.start(worker, None);
        }
        let number = self.next_ask;
        self.next_ask += 1;
        self.waiting.insert(number, worker);
        let pools = self.pools(worker);
        let ask = Ask { number, pools, need: Need::default(), certain: 0, cost_most: None };
        self.tell(Event::Asked(WorkerId(worker), ask));
    }

    fn pools(&self, worker: u64) -> Vec<PoolId> {
        let routes = self.setting.routes;
        let own = u32::try_from(1 + worker % routes).expect("few");
        if routes == 1 { vec![POOL] } else { vec![PoolId(own), POOL] }
    }

    fn start(&mut self, worker: u64, number: Option<u64>) {
        let way = Duration::from_millis(5) + self.dice(Duration::from_millis(20));
        self.plan(self.now + way, Happening::Arrives(worker, number, self.now));
    }

    fn tell(&mut self, event: Event) {
        let mut actions = Vec::new();
        self.ledger.apply(self.now, event, &mut actions);
        self.act(actions);
    }

    fn decide(&mut self) {
        let mut actions = Vec::new();
        self.ledger.grant(self.now, &mut actions);
        self.act(actions);
        if let Some(planned) = self.wakes_at.take() {
            self.agenda.remove(&planned);
        }
        if let Some(next) = self.ledger.next_moment(self.now) {
            assert!(next > self.now, "a driver would spin");
            let at = next + self.dice(self.setting.late);
            self.wakes_at = Some((at, self.sequence));
            self.plan(at, Happening::Wakes);
        }
    }

    fn act(&mut self, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Grant(worker, number) => {
                    self.waiting.remove(&number);
                    self.start(worker.0, Some(number));
                }
                Action::Refuse(..) | Action::Decline(..) => {
                    panic!("nothing is too large or too much")
                }
                Action::Meter(..) | Action::Concurrency(..) => {}
            }
        }
    }

    fn plan(&mut self, at: Duration, happening: Happening) {
        self.agenda.insert((at, self.sequence), happening);
        self.sequence += 1;
    }

    /// Between 0 and 1.
    fn chance(&mut self) -> f64 {
        f64::from(self.dice.next_u32()) / f64::from(u32::MAX)
    }

    fn dice(&mut self, below: Duration) -> Duration {
        let micros = u64::try_from(below.as_micros()).expect("short").max(1);
        Duration::from_micros(self.dice.next_u64() % micros)
    }
}

/// Of the shared pool, and of one without limits for each endpoint.
fn new_ledger(now: Duration, setting: &Setting) -> Ledger {
    let own = Limits { concurrency: Some(4096), ..Limits::default() };
    let shared = Limits { requests_per_minute: setting.known, ..own };
    Ledger::new(now, [shared].into_iter().chain((0..setting.routes).map(|_| own)).collect())
}

fn count(seconds: &[u64], from: usize, to: usize) -> u64 {
    seconds.iter().take(to).skip(from).sum()
}

#[expect(clippy::cast_precision_loss, reason = "a test")]
fn real(count: u64) -> f64 {
    count as f64
}
