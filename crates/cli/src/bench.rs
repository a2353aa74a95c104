//! `iago bench`: what a job costs on this machine, with everything real but the model.
//!
//! The endpoint is a process of its own, so that its work is not counted; coordinator, protocol,
//! worker and store are those of `iago run`.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use iago_coordinator::compile;
use iago_protocol::wire::End;
use tokio::time::Instant;

use crate::args::{BenchArgs, RunArgs};
use crate::exit::{Exit, Stop};
use crate::output::data;
use crate::process::submit;
use crate::run::{Coordinated, coordinate, execute};
use crate::sources;
use crate::watch::grouped;

/// Prompts in the made-up set; repeats make up the number of jobs.
const PROMPTS: u32 = 1_000;
/// Jobs of the sweep that is only handed in.
const LARGE: u32 = 1_000_000;
/// Jobs of the sweep that is held to a limit, and the limit, in calls a minute.
const PACED_JOBS: u32 = 3_000;
const PACED_LIMIT: u32 = 6_000;
/// Clock ticks in a second, as Linux reports CPU time to programs (`USER_HZ`, fixed at 100).
const TICKS_PER_S: f64 = 100.0;

/// Measures and prints a table.
pub(crate) async fn bench(args: BenchArgs) -> Result<Exit, Stop> {
    let folder = std::env::temp_dir().join(format!("iago-bench-{}", std::process::id()));
    let table = Box::pin(measure(&args, &folder)).await;
    drop(std::fs::remove_dir_all(&folder));
    data(&table?);
    Ok(Exit::Done)
}

async fn measure(args: &BenchArgs, folder: &Path) -> Result<String> {
    std::fs::create_dir_all(folder)?;
    let endpoint = SimulatedProcess::start(&[])?;
    let accepted = accept(folder, &endpoint, args).await?;
    let ran = Box::pin(run_jobs(folder, &endpoint, args)).await?;
    let paced = Box::pin(run_paced(folder, args)).await?;
    Ok(format!(
        "SIMULATED endpoint with no latency, in a process of its own\n{accepted}{ran}{paced}\
         SIMULATED: this measures iago, not a model\n"
    ))
}

/// How long a large sweep takes to be accepted, and what it weighs.
async fn accept(folder: &Path, endpoint: &SimulatedProcess, args: &BenchArgs) -> Result<String> {
    let run = files(folder, "large", LARGE, &endpoint.url, args.concurrency, "")?;
    let sources = Arc::new(sources::read(&run.sweep, None).map_err(words)?);
    let digest = compile(&sources)?.digest();
    let Coordinated { mut client, .. } = coordinate(&run).await.map_err(words)?;
    let (before, begun) = (memory("VmRSS")?, Instant::now());
    submit(&mut client, sources, digest, false, 0).await.map_err(words)?;
    let (took, after) = (begun.elapsed(), memory("VmRSS")?);
    let bytes_per_job = after.saturating_sub(before) * 1024 / u64::from(LARGE);
    Ok(format!(
        "accept   {} jobs in {:.3} s, {bytes_per_job} bytes of memory per job\n",
        grouped(LARGE.into()),
        took.as_secs_f64()
    ))
}

async fn run_jobs(folder: &Path, endpoint: &SimulatedProcess, args: &BenchArgs) -> Result<String> {
    let jobs = args.jobs.div_ceil(PROMPTS) * PROMPTS;
    let run = files(folder, "bench", jobs, &endpoint.url, args.concurrency, "")?;
    let (cpu, begun) = (cpu_time()?, Instant::now());
    let (end, _) = Box::pin(execute(&run)).await.map_err(words)?;
    let (took, cpu) = (begun.elapsed().as_secs_f64(), (cpu_time()? - cpu).as_secs_f64());
    if end != End::Done {
        bail!("the sweep did not end: {end:?}");
    }
    let thousands = f64::from(jobs) / 1000.0;
    Ok(format!(
        "run      {} jobs, {} at once, in {took:.1} s: {:.0} jobs/s\n\
         cpu      {:.3} s per 1,000 jobs (coordinator, protocol, worker and SQLite together)\n\
         memory   {} MiB at most\n",
        grouped(jobs.into()),
        args.concurrency,
        f64::from(jobs) / took,
        cpu / thousands,
        memory("VmHWM")? / 1024
    ))
}

/// How close to its limit a paced sweep comes.
async fn run_paced(folder: &Path, args: &BenchArgs) -> Result<String> {
    let limit = format!("requests_per_minute = {PACED_LIMIT}");
    let told = PACED_LIMIT.to_string();
    let endpoint = SimulatedProcess::start(&["--requests-per-minute", &told])?;
    let run = files(folder, "paced", PACED_JOBS, &endpoint.url, args.concurrency, &limit)?;
    let begun = Instant::now();
    let (end, totals) = Box::pin(execute(&run)).await.map_err(words)?;
    let took = begun.elapsed().as_secs_f64();
    if end != End::Done {
        bail!("the paced sweep did not end: {end:?}");
    }
    // The worker's burst is a tenth of a second's worth of the limit.
    let least = f64::from(PACED_JOBS - PACED_LIMIT / 600) / (f64::from(PACED_LIMIT) / 60.0);
    Ok(format!(
        "pace     {} jobs at {} a minute in {took:.1} s: {:.3} of (calls - burst) / rate; {} throttled\n",
        grouped(PACED_JOBS.into()),
        grouped(PACED_LIMIT.into()),
        took / least,
        totals.throttles
    ))
}

fn words(stop: Stop) -> anyhow::Error {
    anyhow::Error::msg(stop.message)
}

/// Writes a one-stage sweep of that many jobs, with its prompts and its endpoint.
fn files(
    folder: &Path,
    name: &str,
    jobs: u32,
    url: &str,
    concurrency: u32,
    more: &str,
) -> Result<RunArgs> {
    let (sweep, config) = (folder.join(format!("{name}.toml")), folder.join("endpoints.toml"));
    let prompts: String = (0..PROMPTS).map(|n| format!("p{n},Say ok ({n}).\n")).collect();
    std::fs::write(folder.join("prompts.csv"), format!("id,text\n{prompts}"))?;
    let repeats = jobs / PROMPTS;
    std::fs::write(&sweep, SWEEP.replace("NAME", name).replace("REPEATS", &repeats.to_string()))?;
    std::fs::write(
        &config,
        format!(
            "[endpoints.bench]\nprotocol = \"anthropic-messages\"\nurl = \"{url}\"\n\
             concurrency = {concurrency}\nauth = \"none\"\n{more}\n"
        ),
    )?;
    let store = folder.join(format!("{name}.sqlite"));
    let (config, html) = (Some(config), None);
    Ok(RunArgs { sweep, store, config, limit: None, retry: false, json: false, html })
}

const SWEEP: &str = r#"
name = "NAME"
seed = 1
repeats = REPEATS
[prompts]
path = "prompts.csv"
id = "id"
fields = { request = "text" }
[models.echo]
endpoint = "bench"
id = "sim-echo"
max_output_tokens = 16
temperature = 1.0
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

/// The endpoint in a process of its own; it ends with this value.
struct SimulatedProcess {
    child: Child,
    url: String,
}

impl SimulatedProcess {
    fn start(more: &[&str]) -> Result<Self> {
        let iago = std::env::current_exe().context("cannot find this program")?;
        let mut child = Command::new(iago)
            .args(["simulated-endpoint", "--listen", "127.0.0.1:0"])
            .args(more)
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the endpoint")?;
        let stdout = child.stdout.take().context("the endpoint has no output")?;
        let mut url = String::new();
        BufReader::new(stdout).read_line(&mut url)?;
        Ok(Self { child, url: url.trim().to_owned() })
    }
}

impl Drop for SimulatedProcess {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// CPU time of this process so far, in and for user code.
fn cpu_time() -> Result<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").context("CPU time needs Linux")?;
    // The second field is the program's name in brackets and may hold spaces.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: Vec<f64> = fields.skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
    Ok(Duration::from_secs_f64(ticks.iter().sum::<f64>() / TICKS_PER_S))
}

/// A line of the process's memory status, in KiB.
fn memory(what: &str) -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status").context("memory needs Linux")?;
    let line = status.lines().find(|line| line.starts_with(what)).context("no such line")?;
    Ok(line.split_whitespace().nth(1).context("no number")?.parse()?)
}
