//! One case: endpoints, a coordinator, workers, and sweeps that never end while it is looked at.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use iago_coordinator::{Settings as Coordinator, Sources, lead};
use iago_simulated_endpoint::{Endpoint, Limit, Settings};
use iago_store::Store;
use iago_store_sqlite::SqliteStore;
use iago_sweep::{Plan, SweepId};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use super::cases::{Case, What};
use super::measured::{Looks, jain, row};
use crate::endpoints::{self, Endpoints};
use crate::exit::Stop;
use crate::process::Process;
use crate::settings::endpoints::Settings as EndpointSettings;
use crate::sources;
use crate::submission::{Submission, submit};

const PROMPTS: u32 = 1_000;
const REPEATS: u32 = 100;
/// Calls at once, over all workers.
const CONCURRENCY: u32 = 64;
const LATENCY: Duration = Duration::from_millis(200);
const LATENCY_SPREAD: f64 = 0.5;
/// How long the first call may take to come.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is looked for.
const LOOK: Duration = Duration::from_millis(50);

/// What runs while a case is looked at; it ends with this value.
struct Drill {
    main: Endpoint,
    other: Option<Endpoint>,
    store: Arc<SqliteStore>,
    sweeps: Vec<SweepId>,
    _workers: JoinSet<()>,
}

/// Runs a case and gives its row.
pub(super) async fn run(case: &Case, folder: &Path) -> Result<String> {
    let drill = Drill::start(case, folder).await?;
    let begun = drill.first_call().await?;
    if let Some((at, limit)) = case.change() {
        sleep_until(begun + at).await;
        drill.main.set_limit(Some(limit));
    }
    sleep_until(begun + case.from).await;
    let before = [Some(drill.main.log()), drill.other.as_ref().map(Endpoint::log)];
    let answered_before = drill.answered().await?;
    sleep_until(begun + case.until).await;
    let after = [Some(drill.main.log()), drill.other.as_ref().map(Endpoint::log)];
    let limit = case.change().map_or_else(|| case.limit(), |(_, limit)| limit);
    let mut rows = String::new();
    for ((before, after), limit) in before.into_iter().zip(after).zip([Some(limit), case.other()]) {
        let (Some(before), Some(after), Some(limit)) = (before, after, limit) else { continue };
        // What is blocked says nothing.
        if case.what == What::BesideBlocked && limit.requests_per_minute == Some(1) {
            continue;
        }
        let counted = Looks { before, after }.count(&limit, case.from, case.until);
        let counted = counted.context("nothing was admitted")?;
        let more = drill.fairness(&answered_before).await?;
        rows += &row(case, &limit, &counted, &more);
    }
    Ok(rows)
}

impl Drill {
    async fn start(case: &Case, folder: &Path) -> Result<Self> {
        let main = serve(case.limit()).await?;
        let other = match case.other() {
            Some(limit) => Some(serve(limit).await?),
            None => None,
        };
        let config = write_endpoints(case, folder, &main, other.as_ref())?;
        let store = Arc::new(SqliteStore::open(&folder.join("store.sqlite")).await?);
        let files = write_sweeps(case, folder)?;
        let (sources, plans) = read(&files)?;
        let settings = EndpointSettings::load(Some(&config)).map_err(words)?;
        let plan = plans.first().context("there is a sweep")?;
        let file = sources.first().context("there is its file")?;
        let sections = endpoints::select(file, plan, &settings).map_err(words)?;
        let Endpoints { pools, coordinated, served, .. } =
            endpoints::start(sections, &plan.prompts).await.map_err(words)?;
        let settings = Coordinator::alone(format!("bench {}", case.name()), pools, coordinated);
        let (handle, driver) = lead(Arc::clone(&store), settings).await?;
        let process = Process::start(Arc::clone(&store), handle, driver);
        let mut client = process.client().await.map_err(words)?;
        let mut sweeps = Vec::new();
        for (sources, plan) in sources.into_iter().zip(&plans) {
            let plan = plan.digest();
            let submission = Submission {
                sources,
                plan,
                retry_failed: false,
                submitted_ms: 0,
                extend: None,
                against: None,
            };
            let submitted = submit(&mut client, &submission).await?;
            sweeps.push(SweepId(submitted.into_inner().sweep));
        }
        let mut workers = JoinSet::new();
        for worker in 0..case.workers {
            let (process, served) = (process.clone(), served.clone());
            workers.spawn(async move {
                let name = format!("worker-{worker}");
                drop(process.work_as(&name, name.clone(), served, BTreeMap::new()).await);
            });
        }
        Ok(Self { main, other, store, sweeps, _workers: workers })
    }

    async fn first_call(&self) -> Result<Instant> {
        let begun = Instant::now();
        while self.main.log().calls == 0 {
            if begun.elapsed() > PATIENCE {
                bail!("no call came within {PATIENCE:?}");
            }
            sleep(LOOK).await;
        }
        Ok(Instant::now())
    }

    async fn answered(&self) -> Result<Vec<u64>> {
        let mut answered = Vec::new();
        for sweep in &self.sweeps {
            answered.push(self.store.totals(*sweep).await?.results);
        }
        Ok(answered)
    }

    /// How evenly several sweeps were served since then.
    async fn fairness(&self, before: &[u64]) -> Result<String> {
        if self.sweeps.len() < 2 {
            return Ok(String::new());
        }
        let now = self.answered().await?;
        let since: Vec<u64> = now.iter().zip(before).map(|(now, before)| now - before).collect();
        Ok(format!("; Jain {:.3} of {since:?}", jain(&since)))
    }
}

async fn serve(limit: Limit) -> Result<Endpoint> {
    let (latency, latency_spread) = (LATENCY, LATENCY_SPREAD);
    let settings = Settings { limit: Some(limit), latency, latency_spread, ..Settings::default() };
    Ok(Endpoint::start(settings).await?)
}

fn read(files: &[PathBuf]) -> Result<(Vec<Arc<Sources>>, Vec<Plan>)> {
    let (mut all, mut plans) = (Vec::new(), Vec::new());
    for file in files {
        let sources = Arc::new(sources::read(file, None).map_err(words)?);
        plans.push(iago_coordinator::compile(&sources)?);
        all.push(sources);
    }
    Ok((all, plans))
}

fn write_endpoints(
    case: &Case,
    folder: &Path,
    main: &Endpoint,
    other: Option<&Endpoint>,
) -> Result<PathBuf> {
    let known = match case.what {
        What::Unknown | What::Changed(_) => String::new(),
        What::Known
        | What::Rotating
        | What::Tokens
        | What::TwoPools
        | What::TwoSweeps
        | What::BesideBlocked => told(&case.limit()),
    };
    let mut text = section("main", main, &known);
    if let (Some(endpoint), Some(limit)) = (other, case.other()) {
        text += &section("other", endpoint, &told(&limit));
    }
    let path = folder.join("endpoints.toml");
    std::fs::write(&path, text)?;
    Ok(path)
}

fn section(name: &str, endpoint: &Endpoint, known: &str) -> String {
    let url = endpoint.url();
    format!(
        "[endpoints.{name}]\nprotocol = \"anthropic-messages\"\nurl = \"{url}\"\nauth = \"none\"\n\
         concurrency = {CONCURRENCY}\n{known}\n"
    )
}

fn told(limit: &Limit) -> String {
    let mut known = String::new();
    if let Some(requests) = limit.requests_per_minute {
        writeln!(known, "requests_per_minute = {requests}").expect("a string takes everything");
    }
    if let Some(tokens) = limit.input_tokens_per_minute {
        writeln!(known, "input_tokens_per_minute = {tokens}").expect("a string takes everything");
    }
    known
}

fn write_sweeps(case: &Case, folder: &Path) -> Result<Vec<PathBuf>> {
    // Of lengths that differ by half, so that tokens are no other count of calls.
    let length = |n: u32| if case.what == What::Tokens { 50 + n % 100 } else { 1 };
    let rows: String = (0..PROMPTS)
        .map(|n| format!("p{n},Say ok ({n}).{}\n", " And again.".repeat(length(n) as usize)))
        .collect();
    std::fs::write(folder.join("prompts.csv"), format!("id,text\n{rows}"))?;
    let names: &[&str] = if case.what == What::TwoSweeps { &["one", "two"] } else { &["one"] };
    let other = if case.other().is_some() { MODEL.replace("NAME", "other") } else { String::new() };
    let models = MODEL.replace("NAME", "main") + &other;
    names
        .iter()
        .map(|name| {
            let text = SWEEP
                .replace("NAME", name)
                .replace("REPEATS", &REPEATS.to_string())
                .replace("MODELS", &models);
            let path = folder.join(format!("{name}.toml"));
            std::fs::write(&path, text)?;
            Ok(path)
        })
        .collect()
}

fn words(stop: Stop) -> anyhow::Error {
    anyhow::Error::msg(stop.message)
}

const MODEL: &str = r#"
[models.NAME]
endpoint = "NAME"
id = "sim-echo"
max_output_tokens = 16
temperature = 1.0
"#;

const SWEEP: &str = r#"
name = "NAME"
seed = 1
repeats = REPEATS
[prompts]
path = "prompts.csv"
id = "id"
fields = { request = "text" }
MODELS
[stages.reply]
kind = "generate"
messages = [{ role = "user", template = "{{ request }}" }]
[stages.reply.fields]
answer = { tag = "OUTPUT", required = true }
[[outcomes]]
name = "answered"
when = "reply.parse == 'ok'"
[[measures]]
name = "answered"
of = "reply.parse == 'ok'"
"#;
