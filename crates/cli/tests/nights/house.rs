//! A coordinator, a worker and a model on one machine, with a store in a file and no tokens.

use std::net::Ipv4Addr;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use iago_simulated_endpoint::{Endpoint, Settings, Trouble};
use tokio::time::{Instant, sleep};

use crate::world::{Ran, World, finish, iago, root};

/// Everything comes long before this, or never.
const LONG: Duration = Duration::from_secs(150);
const LOOK_EVERY: Duration = Duration::from_millis(50);

const SCHEDULE: &str = "sweep = \"../sweeps/nightly.toml\"\ncron = \"0 2 * * *\"\nzone = \"Europe/Zurich\"\n\
                        baseline = { pinned = \"monday\" }\n";

pub(crate) struct House {
    pub(crate) world: World,
    endpoint: Endpoint,
    processes: Vec<Child>,
}

impl Drop for House {
    fn drop(&mut self) {
        for process in &mut self.processes {
            drop(process.kill());
            drop(process.wait());
        }
    }
}

impl House {
    pub(crate) async fn new() -> Self {
        Self::with_folder("").await
    }

    /// One whose coordinator has a folder of schedules.
    pub(crate) async fn with_folder(schedules: &str) -> Self {
        let world = World::new();
        for file in [
            "sweeps/nightly.toml",
            "sweeps/assistant/system.md",
            "sweeps/assistant/judge-quality.md",
            "prompts/assistant-suite.jsonl",
            "gold/assistant-quality.jsonl",
        ] {
            world.write(file, std::fs::read(root().join("config").join(file)).expect("it ships"));
        }
        world.write("schedules/every-night.toml", SCHEDULE);
        let settings = Settings { prompts: suite(), ..Settings::default() };
        let endpoint = Endpoint::start(settings).await.expect("a free port");
        world.configure(&endpoint.url(), "anthropic-messages", 32, "");
        let host = own_host();
        world.write(
            "coordinator.toml",
            format!(
                "store = \"sqlite:store.sqlite\"\nschedules = \"{schedules}\"\n\
                 [jobs]\nlisten = \"{host}:8910\"\n[workers]\nlisten = \"{host}:8911\"\n\
                 [doors]\ntokens = false\n"
            ),
        );
        world.write("worker.toml", format!("coordinators = [\"http://{host}:8911\"]\n"));
        world.write("client.toml", format!("coordinators = [\"http://{host}:8910\"]\n"));
        let mut house = Self { world, endpoint, processes: Vec::new() };
        house.start("coordinator");
        house.until("the coordinator leads", || house.finish(&["status"]).code == 0).await;
        house.start("worker");
        house
    }

    fn start(&mut self, service: &str) {
        let mut command = iago();
        command.args([service, "--config"]).arg(self.world.path(&format!("{service}.toml")));
        command.current_dir(self.world.path("")).stdout(Stdio::null());
        let log = self.world.path(&format!("{service}.log"));
        command.stderr(std::fs::File::create(log).expect("it can be written"));
        self.processes.push(command.spawn().expect("it starts"));
    }

    /// Runs the suite with twice the repeats, and gives that run a name.
    pub(crate) fn pin_a_baseline(&self) {
        self.world.edit("sweeps/nightly.toml", "repeats = 3\n", "repeats = 6\n");
        self.ask(&["submit", "sweeps/nightly.toml", "--watch"]);
        self.world.edit("sweeps/nightly.toml", "repeats = 6\n", "repeats = 3\n");
        let pinned = self.ask(&["baseline", "set", "monday", "assistant-nightly"]).stdout;
        assert!(
            pinned.starts_with("baseline   monday: assistant-nightly s1, revision 0, done\n"),
            "{pinned}"
        );
    }

    /// From now on another one answers under the model's name, and says that it is the same.
    pub(crate) fn model_gets_worse(&self) {
        let swapped = [("sim-assistant".to_owned(), "sim-assistant-worse-30".to_owned())];
        let trouble = Trouble { swapped: swapped.into(), ..Trouble::default() };
        self.endpoint.set_trouble(trouble).expect("there are such models");
    }

    /// Runs a command of people.
    pub(crate) fn finish(&self, arguments: &[&str]) -> Ran {
        let mut command = iago();
        command.args(arguments).args(["--config", "client.toml"]);
        command.current_dir(self.world.path(""));
        finish(command)
    }

    /// The same of one that has to succeed.
    pub(crate) fn ask(&self, arguments: &[&str]) -> Ran {
        let ran = self.finish(arguments);
        let log = || std::fs::read_to_string(self.world.path("coordinator.log"));
        assert_eq!(ran.code, 0, "{arguments:?}: {ran:?}\n{:?}", log());
        ran
    }

    /// The same, with all of its data and the beginning of its talk.
    pub(crate) fn assert_told(&self, arguments: &[&str], stdout: &str, stderr: &str) {
        let ran = self.ask(arguments);
        assert_eq!(ran.stdout, stdout, "{arguments:?}");
        assert!(ran.stderr.starts_with(stderr), "{arguments:?}: {ran:?}");
    }

    pub(crate) async fn until(&self, what: &str, is_so: impl Fn() -> bool) {
        let begun = Instant::now();
        while !is_so() {
            assert!(begun.elapsed() < LONG, "waited in vain until {what}");
            sleep(LOOK_EVERY).await;
        }
    }
}

fn suite() -> Vec<String> {
    let text = std::fs::read_to_string(root().join("config/prompts/assistant-suite.jsonl"));
    let row = |line: &str| serde_json::from_str::<serde_json::Value>(line).expect("it is JSON");
    let text = text.expect("it ships");
    text.lines().map(|line| row(line)["text"].as_str().expect("a text").to_owned()).collect()
}

/// A loopback address that nobody else listens on, by process and count.
fn own_host() -> Ipv4Addr {
    static NEXT: AtomicU8 = AtomicU8::new(1);
    let [_, _, middle, low] = std::process::id().to_be_bytes();
    Ipv4Addr::new(127, middle | 1, low, NEXT.fetch_add(1, Ordering::Relaxed))
}
