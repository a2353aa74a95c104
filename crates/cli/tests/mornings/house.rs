//! What every night here needs: the assistant's sweep in a folder, a baseline of it with twice its repeats,
//! and a schedule.

use std::path::{Path, PathBuf};
use std::time::Duration;

use iago_simulated_endpoint::{Endpoint, Trouble};
use serde_json::Value;

use crate::fleet::{Fleet, Setup};
use crate::receiver::Receiver;

/// The schedule, and the name under which its baseline is pinned.
pub(crate) const SCHEDULE: &str = "assistant";
pub(crate) const BASELINE: &str = "assistant/first";
/// The receiver's secret: base64 of some bytes, as its documentation asks for.
pub(crate) const SECRET: &str = "whsec_bm9ib2R5IGVsc2Uga25vd3MgdGhpcyBzZWNyZXQu";

/// The files of the sweep, from the folder `config`.
const FILES: [&str; 5] = [
    "sweeps/nightly.toml",
    "sweeps/assistant/system.md",
    "sweeps/assistant/judge-quality.md",
    "prompts/assistant-suite.jsonl",
    "gold/assistant-quality.jsonl",
];
/// As [`Trouble`] has it, what answers in another one's place.
const WORKER: &str = "w1";

/// A fleet with a schedule and its baseline.
pub(crate) struct House {
    pub(crate) fleet: Fleet,
    pub(crate) receiver: Receiver,
    /// The endpoint that answers tonight, where it is not the fleet's.
    tonight: Option<Endpoint>,
    nights: u32,
}

impl House {
    /// With `c1` leading, a worker, and the baseline pinned; nothing is scheduled yet.
    pub(crate) async fn new(latency: Duration) -> Self {
        let receiver = Receiver::start();
        let environment = [("HOOK_URL", receiver.url()), ("HOOK_SECRET", SECRET.to_owned())];
        let setup = Setup {
            texts: Some(texts()),
            latency,
            environment: environment.map(|(name, value)| (name.to_owned(), value)).into(),
            ..Setup::default()
        };
        let mut fleet = Fleet::new(setup).await;
        lay_out(&fleet);
        fleet.lead().await;
        fleet.start_worker(WORKER);
        let house = Self { fleet, receiver, tonight: None, nights: 0 };
        house.pin_baseline().await;
        house
    }

    async fn pin_baseline(&self) {
        let sweep = self.config("sweeps/baseline.toml");
        self.fleet.ask(&["submit", &sweep]);
        self.fleet.until_state("done").await;
        self.fleet.ask(&["baseline", "set", BASELINE, "1"]);
    }

    /// Adds the schedule, due at `cron` in UTC, with further lines.
    pub(crate) fn schedule(&self, cron: &str, more: &str) {
        let text = format!(
            "sweep = \"../sweeps/nightly.toml\"\ncron = \"{cron}\"\nzone = \"UTC\"\n\
             baseline = {{ pinned = \"{BASELINE}\", repeats = 6, max_age = \"30d\" }}\n{more}\n\
             [[tell]]\nwebhook = \"hook\"\nurl_env = \"HOOK_URL\"\nsecret_env = \"HOOK_SECRET\"\n\
             on = [\"pass\", \"regression\", \"inconclusive\", \"unreliable-baseline\", \"changed-model\", \
             \"changed-judge\", \"infrastructure\", \"deadline\", \"missed\"]\n"
        );
        self.write(&format!("schedules/{SCHEDULE}.toml"), &text);
        self.fleet.ask(&["schedule", "add", &self.config(&format!("schedules/{SCHEDULE}.toml"))]);
    }

    /// From now on something is wrong: a worker that finds another endpoint takes the place of the one
    /// there was.
    pub(crate) async fn trouble(&mut self, trouble: Trouble) {
        let settings = self.fleet.setup.simulated(&self.fleet.world, trouble);
        let endpoint = Endpoint::start(settings).await.expect("a free port");
        self.answer_at(&endpoint.url()).await;
        self.tonight = Some(endpoint);
    }

    /// From now on every answer takes so long.
    pub(crate) async fn slow_down(&mut self, latency: Duration) {
        self.fleet.setup.latency = latency;
        self.trouble(Trouble::default()).await;
    }

    /// The same with an address.
    pub(crate) async fn answer_at(&mut self, url: &str) {
        let before = if self.nights == 0 { WORKER.to_owned() } else { self.worker() };
        self.fleet.terminate(&before).await;
        self.nights += 1;
        self.fleet.configure(url, "");
        let worker = self.worker();
        self.fleet.start_worker(&worker);
    }

    fn worker(&self) -> String {
        format!("{WORKER}-night-{}", self.nights)
    }

    /// Has a night run now, to its verdict.
    pub(crate) fn night(&self) -> Judged {
        self.fleet.ask(&["schedule", "run-now", SCHEDULE]);
        self.judged()
    }

    /// The verdict of the latest run.
    pub(crate) fn judged(&self) -> Judged {
        let ran = self.fleet.client(&["gate", "--schedule", SCHEDULE, "--wait", "--json"]);
        let json = serde_json::from_str(&ran.stdout);
        let json = json.unwrap_or_else(|error| panic!("{error}: {}\n{}", ran.stdout, ran.stderr));
        Judged { code: ran.code, json }
    }

    /// All runs on record, the oldest first.
    pub(crate) fn history(&self) -> Vec<Value> {
        let ran = self.fleet.ask(&["schedule", "history", SCHEDULE, "--json"]);
        serde_json::from_str(&ran.stdout).expect("it is JSON")
    }

    /// A file of the folder `config` in this world.
    pub(crate) fn config(&self, name: &str) -> String {
        config(&self.fleet, name).display().to_string()
    }

    /// Writes one.
    pub(crate) fn write(&self, name: &str, text: &str) {
        write(&config(&self.fleet, name), text);
    }

    /// What one says.
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.config(name)).expect("it is there")
    }
}

/// What `iago gate` says.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) code: i32,
    pub(crate) json: Value,
}

impl Judged {
    pub(crate) fn word(&self) -> &str {
        self.json["word"].as_str().expect("a word")
    }

    pub(crate) fn morning(&self) -> &Value {
        &self.json["morning"]
    }

    /// What it came to for a measure.
    pub(crate) fn gate(&self, measure: &str) -> &Value {
        let gates = self.morning()["verdict"]["gates"].as_array().expect("gates");
        let gate = gates.iter().find(|gate| gate["measure"] == measure);
        gate.unwrap_or_else(|| panic!("no gate for {measure}: {gates:?}"))
    }

    /// The words and the exit code say the same, and why is said.
    pub(crate) fn assert_is(&self, word: &str, code: i32) {
        assert_eq!((self.word(), self.code), (word, code), "{:#}", self.json);
    }
}

/// The sweep as it is delivered, and the baseline's, which asks twice as often.
fn lay_out(fleet: &Fleet) {
    for name in FILES {
        let text = std::fs::read_to_string(delivered(name)).expect("it is delivered");
        write(&config(fleet, name), &text);
    }
    let nightly = std::fs::read_to_string(delivered("sweeps/nightly.toml")).expect("it is there");
    let baseline = nightly.replace("\nrepeats = 3\n", "\nrepeats = 6\n");
    assert_ne!(baseline, nightly, "the sweep has three repeats");
    write(&config(fleet, "sweeps/baseline.toml"), &baseline);
}

fn delivered(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config").join(name)
}

fn config(fleet: &Fleet, name: &str) -> PathBuf {
    fleet.world.path("config").join(name)
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("a folder");
    std::fs::write(path, text).expect("a file");
}

/// All that prompts of the suite say: of these texts the planted counts are exact.
fn texts() -> Vec<String> {
    let suite = std::fs::read_to_string(delivered("prompts/assistant-suite.jsonl"));
    let rows = suite.expect("it is delivered");
    let rows = rows.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    rows.flat_map(|row| {
        ["text", "reference", "kind"].map(|field| row[field].as_str().unwrap_or("").to_owned())
    })
    .collect()
}
