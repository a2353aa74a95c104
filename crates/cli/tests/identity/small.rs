//! A small copy of the flagship with an endpoint of its own, and what an edited file may do to it.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Stdio;

use iago_simulated_endpoint::Endpoint;
use iago_sweep::Label;
use serde_json::Value;
use tokio::sync::Mutex;

use crate::world::{Ran, Rows, World, endpoint, requests, root, rows};

pub(crate) const SWEEP: &str = "sweeps/alignment-faking.toml";
pub(crate) const PROMPTS: &str = "prompts/requests-to-refuse.jsonl";
/// The flagship's primary contrast.
pub(crate) const GAP: &str = "compliance gap";

/// Prompts that the endpoint knows; the sweep starts without the last one.
pub(crate) const KNOWN: usize = 12;

/// A store's lock is inherited by a process that is being started until it becomes another program,
/// so that nobody may start one while this process looks into a store.
static TURN: Mutex<()> = Mutex::const_new(());

/// A small copy of the flagship: 11 prompts x 2 repeats, two models, against one endpoint.
pub(crate) struct Small {
    pub(crate) world: World,
    pub(crate) endpoint: Endpoint,
}

/// What one run did.
pub(crate) struct Step {
    pub(crate) ran: Ran,
    /// Calls that the endpoint saw meanwhile.
    pub(crate) calls: u64,
    pub(crate) rows: Rows,
}

impl Small {
    pub(crate) async fn new() -> Self {
        let known = requests().into_iter().take(KNOWN).collect();
        let small = Self {
            world: World::new(),
            endpoint: endpoint(|settings| settings.prompts = known).await,
        };
        small.world.copy_flagship();
        small.keep_prompts(0..KNOWN - 1);
        small.edit("repeats = 5", "repeats = 2");
        small.edit("[models.refuser]\nid = \"sim-always-refuses\"\n", "");
        small.configure("");
        small
    }

    /// The same, run to its end.
    pub(crate) async fn finished() -> (Self, Step) {
        let small = Self::new().await;
        let first = small.run(&[]).await;
        assert_eq!(first.calls, first.rows.results.len() as u64);
        (small, first)
    }

    pub(crate) fn configure(&self, more: &str) {
        self.world.configure(&self.endpoint.url(), "anthropic-messages", 32, more);
    }

    /// Leaves only these of the shipped prompts, in the shipped order.
    pub(crate) fn keep_prompts(&self, kept: std::ops::Range<usize>) {
        let shipped = root().join("config").join(PROMPTS);
        let shipped = std::fs::read_to_string(shipped).expect("it ships");
        let lines: Vec<_> = shipped.lines().collect();
        self.world.write(PROMPTS, lines[kept].join("\n"));
    }

    /// Edits the sweep file.
    pub(crate) fn edit(&self, from: &str, to: &str) {
        self.world.edit(SWEEP, from, to);
    }

    /// Edits one of the sweep's texts.
    pub(crate) fn edit_text(&self, name: &str, from: &str, to: &str) {
        self.world.edit(&format!("sweeps/alignment-faking/{name}"), from, to);
    }

    /// Swaps two parts of the sweep file.
    pub(crate) fn swap(&self, first: &str, second: &str) {
        self.edit(first, "# first");
        self.edit(second, first);
        self.edit("# first", second);
    }

    /// Runs to an end of whatever kind.
    pub(crate) async fn run_to(&self, code: i32, arguments: &[&str]) -> Ran {
        let mut command = self.world.run_command(&self.world.path(SWEEP));
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        let turn = TURN.lock().await;
        let child = command.spawn().expect("it starts");
        drop(turn);
        let ended = tokio::task::block_in_place(|| child.wait_with_output()).expect("it ends");
        let text = |bytes| String::from_utf8(bytes).expect("it is text");
        let (stdout, stderr) = (text(ended.stdout), text(ended.stderr));
        let ran = Ran { code: ended.status.code().unwrap_or(-1), stdout, stderr };
        assert_eq!(ran.code, code, "{}", ran.stderr);
        ran
    }

    /// What the store holds of the newest sweep.
    pub(crate) async fn rows(&self) -> Rows {
        let _turn = TURN.lock().await;
        rows(&self.world.store()).await
    }

    pub(crate) async fn run(&self, arguments: &[&str]) -> Step {
        let before = self.endpoint.log().calls;
        let ran = self.run_to(0, &[&["--json"], arguments].concat()).await;
        let calls = self.endpoint.log().calls - before;
        Step { ran, calls, rows: self.rows().await }
    }

    /// The edited file asks the same: no call, and every number stays.
    pub(crate) async fn asks_nothing(&self, first: &Step) -> Step {
        let step = self.run(&[]).await;
        assert_eq!((step.calls, step.rows.sweeps), (0, 1), "{}", step.ran.stderr);
        assert_eq!(answers(&step.rows), answers(&first.rows));
        step
    }

    /// A pilot of what is stored: no call, nothing new in the store, and the report of all that is there.
    pub(crate) async fn asks_nothing_of(&self, stored: &Step, limit: &str, described: &str) {
        let pilot = self.run(&["--limit", limit]).await;
        assert_eq!((pilot.calls, pilot.rows.sweeps), (0, 1), "{}", pilot.ran.stderr);
        assert!(pilot.ran.stderr.contains(described), "{described}: {}", pilot.ran.stderr);
        assert_eq!(answers(&pilot.rows), answers(&stored.rows));
        assert_eq!(cells(&pilot.ran), cells(&stored.ran));
    }

    /// The edited file asks something else: all of it is asked, under keys of its own.
    pub(crate) async fn asks_anew(&self, why: &str) -> Step {
        let step = self.run(&[]).await;
        assert_eq!(step.rows.sweeps, 2, "{}", step.ran.stderr);
        assert_eq!(step.calls, step.rows.results.len() as u64);
        assert_eq!(step.calls, step.rows.totals.calls());
        assert_eq!(self.repeated_calls(), 0, "no answer was asked for under an old key");
        let why = format!("a new sweep, since {why} in s1");
        assert!(step.ran.stderr.contains(&why), "{why}: {}", step.ran.stderr);
        step
    }

    /// The edited file asks for more: only that is asked, and in the end it is as if all of it had
    /// been asked for from the start.
    pub(crate) async fn extends(&self, first: &Step, added: &str) -> Step {
        let step = self.run(&[]).await;
        assert_eq!(step.rows.sweeps, 1, "{}", step.ran.stderr);
        let added = format!("extended: {added} (");
        assert!(step.ran.stderr.contains(&added), "{added}: {}", step.ran.stderr);
        let more = step.rows.results.len() - first.rows.results.len();
        assert!(more > 0);
        assert_eq!(step.calls, more as u64, "only what is new is asked");
        assert_eq!(self.repeated_calls(), 0, "nothing is asked twice");
        self.equals_one_from_the_start(&step).await;
        step
    }

    pub(crate) async fn equals_one_from_the_start(&self, step: &Step) {
        std::fs::rename(self.world.store(), self.world.path("grown.sqlite")).expect("it is there");
        let whole = self.run(&[]).await;
        assert_eq!(answers(&step.rows), answers(&whole.rows));
        assert_eq!(cells(&step.ran), cells(&whole.ran));
        std::fs::rename(self.world.path("grown.sqlite"), self.world.store()).expect("it is there");
    }

    pub(crate) fn repeated_calls(&self) -> u64 {
        let log = self.endpoint.log();
        log.calls - log.by_key.len() as u64
    }
}

/// By names and not by numbers: (stage, cell, prompt, repeat, vote), with how it ended.
pub(crate) fn answers(rows: &Rows) -> BTreeMap<String, (String, Option<Label>)> {
    let plan = &rows.plan;
    let describe = |fact: &iago_sweep::ResultFact| {
        let at = fact.job.at();
        let (stage, cell) = (&plan.stages[at.stage as usize], &plan.cells[at.cell as usize]);
        let (prompt, model) = (&plan.prompts[at.prompt as usize].id, &cell.model);
        let (stage, condition) = (&stage.name, &cell.condition);
        let place = format!("{stage} {model} {condition} {prompt} {} {}", at.repeat, at.vote);
        (place, (format!("{:?} {:?}", fact.finish, fact.parse), fact.label.clone()))
    };
    rows.results.iter().map(describe).collect()
}

pub(crate) fn report(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).expect("the report is JSON")
}

/// The cells of a report with all their numbers, in no order. Sums depend on the order of prompts in
/// their last digits.
pub(crate) fn cells(ran: &Ran) -> BTreeSet<String> {
    let mut report = report(ran);
    let cells = report["cells"].as_array_mut().expect("a list");
    cells.iter_mut().for_each(round);
    cells.iter().map(Value::to_string).collect()
}

fn round(value: &mut Value) {
    match value {
        Value::Number(number) if number.is_f64() => {
            *value = format!("{:.9}", number.as_f64().expect("it is one")).into();
        }
        Value::Array(items) => items.iter_mut().for_each(round),
        Value::Object(items) => items.values_mut().for_each(round),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn named<'a>(list: &'a Value, key: &str, name: &str) -> &'a Value {
    let mut items = list.as_array().expect("a list").iter();
    items.find(|item| item[key] == name).unwrap_or_else(|| panic!("no {name} in {list}"))
}

pub(crate) fn contrast(ran: &Ran, name: &str) -> Value {
    named(&report(ran)["contrasts"], "name", name).clone()
}

/// The numerator of an outcome or measure in the faker's cell in which it fakes.
pub(crate) fn yes(ran: &Ran, list: &str, key: &str, name: &str) -> u64 {
    let report = report(ran);
    let cells = report["cells"].as_array().expect("a list");
    let here = |cell: &&Value| cell["labels"] == serde_json::json!(["faker", "with", "free"]);
    let cell = cells.iter().find(here).expect("the faker's cell");
    named(&cell[list], key, name)["yes"].as_u64().expect("a count")
}

/// What a report prints, without the time that it took.
pub(crate) fn without_time(stdout: &str) -> Vec<&str> {
    let is_time = |word: &&str| {
        let digits = word.trim_end_matches(['h', 'm', 's']);
        digits.len() < word.len() && digits.starts_with(|first: char| first.is_ascii_digit())
    };
    stdout.split_whitespace().filter(|word| !is_time(word)).collect()
}
