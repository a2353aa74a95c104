//! Coordinators, workers and clients as processes of their own, on a private Postgres, with the doors
//! locked: TLS with certificates made here, and tokens made by the program itself.

#![allow(dead_code, unreachable_pub, reason = "each test uses a part of this")]

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use iago_private_postgres::Cluster;
use iago_simulated_endpoint::{Endpoint, Settings, Trouble};
use serde_json::Value;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use crate::world::{self, Ran, World, flagship, iago, requests};

pub mod calls;
pub mod certificates;
pub mod process;
pub mod stored;

use process::Process;

/// Everything ends long before this, or hangs.
pub const LONG: Duration = Duration::from_secs(150);
/// How often a condition is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// Two cores carry two fleets; one that measures time wants both.
const ROOM: usize = 2;
static ROOMS: Semaphore = Semaphore::const_new(ROOM);

/// Answers that a worker keeps while nobody takes them, in MiB.
pub const SPOOL_MIB: u64 = 8;
const PRICES: &str = "[endpoints.simulated.prices]
sim-fakes-alignment = { input = 0.0, output = 0.0 }
sim-null = { input = 0.0, output = 0.0 }
sim-always-refuses = { input = 0.0, output = 0.0 }
sim-judge = { input = 0.0, output = 0.0 }
";
const JOBS_PORT: u16 = 8910;
const WORKERS_PORT: u16 = 8911;

/// One cluster for all tests that leave it alone. It ends with this process.
pub static CLUSTER: LazyLock<Arc<Cluster>> = LazyLock::new(new_cluster);

/// A cluster for a test that does something to it.
pub fn new_cluster() -> Arc<Cluster> {
    Arc::new(Cluster::start().expect("a private Postgres"))
}

/// Waits for a condition; fails when it has not come in time.
pub async fn until(what: &str, within: Duration, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < within, "waited {within:?} in vain for {what}");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// What a fleet is like. The times are short, so that a test need not wait for what it does not test.
pub struct Setup {
    /// Of the flagship's prompts, how many are asked; the planted counts are exact for these.
    pub prompts: usize,
    /// Of every answer, so that a kill finds calls in flight.
    pub latency: Duration,
    /// Calls at once, over all workers.
    pub concurrency: u32,
    pub hold_s: u64,
    pub adoption_grace_s: u64,
    pub reconnect_grace_s: u64,
    pub silence_max_s: u64,
    /// Where coordinators listen: `c1` on the first, and so on.
    pub hosts: Vec<Ipv4Addr>,
    /// Where the endpoint listens.
    pub endpoint: Ipv4Addr,
    pub cluster: Option<Arc<Cluster>>,
    /// Nothing else may run meanwhile, since it measures time.
    pub alone: bool,
    /// The texts that the endpoint knows of; `None`: the flagship's requests.
    pub texts: Option<Vec<String>>,
    /// Variables of coordinators.
    pub environment: Vec<(String, String)>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            prompts: 100,
            latency: Duration::from_millis(20),
            concurrency: 48,
            hold_s: 2,
            adoption_grace_s: 2,
            reconnect_grace_s: 2,
            silence_max_s: 60,
            hosts: vec![own_host(), own_host()],
            endpoint: Ipv4Addr::LOCALHOST,
            cluster: None,
            alone: false,
            texts: None,
            environment: Vec::new(),
        }
    }
}

impl Setup {
    /// An endpoint for these prompts.
    pub fn simulated(&self, world: &World, trouble: Trouble) -> Settings {
        let flagship = || requests().into_iter().take(self.prompts).collect();
        Settings {
            listen: SocketAddr::from((self.endpoint, 0)),
            prompts: self.texts.clone().unwrap_or_else(flagship),
            latency: self.latency,
            log_file: Some(world.path("calls.jsonl")),
            trouble,
            ..Settings::default()
        }
    }
}

/// A loopback address that nobody else listens on, by process and count. On an address of one's own
/// no port can be taken, neither by another test nor by somebody's outgoing connection.
fn own_host() -> Ipv4Addr {
    static NEXT: AtomicU8 = AtomicU8::new(1);
    let [_, _, middle, low] = std::process::id().to_be_bytes();
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    assert_ne!(next, u8::MAX, "there are addresses for 254 coordinators");
    Ipv4Addr::new(127, middle | 1, low, next)
}

/// A fleet, with a database of its own.
pub struct Fleet {
    /// The first to go: their logs are in the folder.
    processes: BTreeMap<String, Process>,
    pub world: World,
    pub endpoint: Endpoint,
    pub setup: Setup,
    pub cluster: Arc<Cluster>,
    pub database: String,
    pub worker_token: String,
    pub operator_token: String,
    started: Instant,
    _room: SemaphorePermit<'static>,
}

impl Fleet {
    /// Everything but processes.
    pub async fn new(setup: Setup) -> Self {
        let rooms = if setup.alone { ROOM } else { 1 };
        let room = ROOMS.acquire_many(u32::try_from(rooms).expect("few")).await;
        let world = World::new();
        let cluster = setup.cluster.clone().unwrap_or_else(|| Arc::clone(&CLUSTER));
        let database = cluster.new_database().expect("a database");
        let started = Instant::now();
        let settings = setup.simulated(&world, Trouble::default());
        let endpoint = Endpoint::start(settings).await.expect("a free port");
        let mut fleet = Self {
            world,
            endpoint,
            setup,
            cluster,
            database,
            worker_token: String::new(),
            operator_token: String::new(),
            processes: BTreeMap::new(),
            started,
            _room: room.expect("it is never closed"),
        };
        fleet.write_certificates();
        fleet.configure(&fleet.endpoint.url(), "");
        fleet.write_coordinators();
        fleet.write("client", &fleet.urls(JOBS_PORT), "IAGO_TOKEN", "");
        fleet.worker_token = fleet.create_token("worker");
        fleet.operator_token = fleet.create_token("operator");
        fleet
    }

    /// A fleet with `c1` leading, the sweep handed in, and these workers at it.
    pub async fn at_work(setup: Setup, workers: &[&str]) -> Self {
        let mut fleet = Self::new(setup).await;
        fleet.lead().await;
        fleet.submit();
        for worker in workers {
            fleet.start_worker(worker);
        }
        fleet
    }

    /// Points the endpoint `simulated` at this address, for processes that start from now on.
    pub fn configure(&self, url: &str, more: &str) {
        let concurrency = self.setup.concurrency;
        // Beyond loopback a sweep with a budget wants to be told what its models cost.
        let prices = if self.setup.endpoint.is_loopback() { "" } else { PRICES };
        let more = format!("timeout_s = 60\n{more}\n{prices}");
        self.world.configure(url, "anthropic-messages", concurrency, &more);
    }

    fn write_certificates(&self) {
        let names: Vec<String> = self.setup.hosts.iter().map(ToString::to_string).collect();
        let made = certificates::make(names);
        self.world.write("ca.pem", made.authority);
        self.world.write("certificate.pem", made.certificate);
        self.world.write("key.pem", made.key);
    }

    fn write_coordinators(&self) {
        let Setup { hold_s, adoption_grace_s, reconnect_grace_s, silence_max_s, .. } = self.setup;
        let [endpoints, certificate, key] =
            ["endpoints.toml", "certificate.pem", "key.pem"].map(|name| self.world.path(name));
        for (index, host) in self.setup.hosts.iter().enumerate() {
            let name = format!("c{}", index + 1);
            let text = format!(
                "name = \"{name}\"\nstore = \"{store}\"\nendpoints = {endpoints:?}\n\
                 [jobs]\nlisten = \"{host}:{JOBS_PORT}\"\n\
                 [workers]\nlisten = \"{host}:{WORKERS_PORT}\"\n\
                 reconnect_grace_s = {reconnect_grace_s}\nsilence_max_s = {silence_max_s}\n\
                 [doors]\ntokens = true\ncertificate = {certificate:?}\nkey = {key:?}\n\
                 [leadership]\nhold_s = {hold_s}\nadoption_grace_s = {adoption_grace_s}\n",
                store = self.database,
            );
            self.world.write(&format!("{name}.toml"), text);
        }
    }

    /// Writes the configuration of a client or a worker.
    fn write(&self, name: &str, coordinators: &[String], token_env: &str, more: &str) {
        let ca = self.world.path("ca.pem");
        let text = format!(
            "{more}coordinators = {coordinators:?}\ntoken_env = \"{token_env}\"\nca = {ca:?}\n"
        );
        self.world.write(&format!("{name}.toml"), text);
    }

    fn urls(&self, port: u16) -> Vec<String> {
        self.setup.hosts.iter().map(|host| format!("https://{host}:{port}")).collect()
    }

    fn create_token(&self, scope: &str) -> String {
        let mut command = self.command();
        command.args(["token", "create", "--scope", scope, "--name", &format!("the-{scope}")]);
        command.arg("--config").arg(self.world.path("c1.toml"));
        let ran = world::finish(command);
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.stdout.trim().to_owned()
    }

    /// The program in this world's folder, with nobody's token.
    pub fn command(&self) -> Command {
        let mut command = iago();
        command.current_dir(self.world.path(""));
        command
    }

    pub fn config(&self, name: &str) -> PathBuf {
        self.world.path(&format!("{name}.toml"))
    }
}

/// Processes.
impl Fleet {
    /// Starts a coordinator, and waits until it leads or stands by.
    pub async fn start_coordinator(&mut self, name: &str) {
        let before = self.said(name).len();
        let mut command = self.command();
        command.args(["--log", "info", "coordinator", "--config"]).arg(self.config(name));
        command.envs(self.setup.environment.iter().cloned());
        self.start(name, command);
        let knows_its_place =
            |said: &str| ["leading", "standing by"].iter().any(|word| said.contains(word));
        let what = format!("{name} to lead or to stand by");
        until(&what, LONG, || knows_its_place(&self.said(name)[before..])).await;
    }

    /// Starts `c1`, and waits until it takes orders.
    pub async fn lead(&mut self) {
        self.start_coordinator("c1").await;
        until("c1 to take orders", LONG, || self.client(&["status"]).code == 0).await;
    }

    /// Starts a worker. It finds its coordinator by itself, whichever it is.
    pub fn start_worker(&mut self, name: &str) {
        self.start_worker_with(name, iago());
    }

    /// The same with a command that ends in the program, such as `nsenter … iago`.
    pub fn start_worker_with(&mut self, name: &str, mut command: Command) {
        let endpoints = self.world.path("endpoints.toml");
        let own =
            format!("name = \"{name}\"\nendpoints = {endpoints:?}\nspool_mib = {SPOOL_MIB}\n");
        self.write(name, &self.urls(WORKERS_PORT), "IAGO_WORKER_TOKEN", &own);
        command.args(["--log", "info", "worker", "--config"]).arg(self.config(name));
        command.env("IAGO_WORKER_TOKEN", &self.worker_token);
        command.current_dir(self.world.path(""));
        self.start(name, command);
    }

    fn start(&mut self, name: &str, command: Command) {
        let process = Process::start(name, command, &self.log_path(name));
        let earlier = self.processes.insert(name.to_owned(), process);
        assert!(earlier.is_none(), "{name} runs already");
    }

    /// A process that runs.
    pub fn process(&mut self, name: &str) -> &mut Process {
        self.processes.get_mut(name).unwrap_or_else(|| panic!("{name} does not run"))
    }

    /// `kill -9`, of all at once as far as that is possible.
    pub fn kill(&mut self, names: &[&str]) {
        for name in names {
            self.process(name).signal("KILL");
        }
        for name in names {
            self.processes.remove(*name).expect("it ran").kill();
        }
    }

    /// SIGTERM, and its exit code.
    pub async fn terminate(&mut self, name: &str) -> Option<i32> {
        let mut process = self.processes.remove(name).expect("it runs");
        process.signal("TERM");
        process.ended(LONG).await.code()
    }

    fn log_path(&self, name: &str) -> PathBuf {
        self.world.path(&format!("{name}.log"))
    }

    /// Everything that processes of this name have said.
    pub fn said(&self, name: &str) -> String {
        std::fs::read_to_string(self.log_path(name)).unwrap_or_default()
    }

    /// Waits until a process has said this.
    pub async fn until_said(&self, name: &str, phrase: &str) {
        let what = format!("{name} to say `{phrase}`");
        until(&what, LONG, || self.said(name).contains(phrase)).await;
    }

    /// How often a log has this.
    pub fn times_said(&self, name: &str, phrase: &str) -> usize {
        self.said(name).matches(phrase).count()
    }

    /// The log tells what happened.
    pub fn assert_said(&self, name: &str, phrase: &str) {
        let said = self.said(name);
        assert!(said.contains(phrase), "{name} never said `{phrase}`:\n{said}");
    }
}

/// Clients, and what can be seen from outside.
impl Fleet {
    /// Runs a command of an operator to its end.
    pub fn client(&self, arguments: &[&str]) -> Ran {
        let mut command = self.command();
        command.args(arguments).arg("--config").arg(self.config("client"));
        command.env("IAGO_TOKEN", &self.operator_token);
        world::finish(command)
    }

    /// The same, where it must succeed.
    pub fn ask(&self, arguments: &[&str]) -> Ran {
        let ran = self.client(arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {}\n{}", ran.stdout, ran.stderr);
        ran
    }

    /// Hands in the flagship, or as many of its prompts as this fleet asks.
    pub fn submit(&self) {
        let sweep = flagship().display().to_string();
        self.ask(&["submit", &sweep, "--limit", &self.setup.prompts.to_string()]);
    }

    /// `status 1 --json`; nothing while nobody answers.
    pub fn status(&self) -> Option<Value> {
        let ran = self.client(&["status", "1", "--json"]);
        (ran.code == 0).then(|| serde_json::from_str(&ran.stdout).expect("it is JSON"))
    }

    /// Waits until the sweep is in this state.
    pub async fn until_state(&self, state: &str) {
        let begun = Instant::now();
        let mut last = None;
        while last.as_ref().is_none_or(|status: &Value| status["state"] != state) {
            assert!(begun.elapsed() < LONG, "not {state} after {LONG:?}: {last:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
            last = self.status().or(last);
        }
    }
}
