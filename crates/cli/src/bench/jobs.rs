//! `iago bench jobs`: what a job costs in `iago run`, with everything real but the model.
//!
//! The endpoint is a process of its own, so that its work is not counted; coordinator, protocol,
//! worker and store are those of `iago run`.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use iago_coordinator::compile;
use iago_protocol::wire::End;
use tokio::time::Instant;

use super::args::JobsArgs;
use super::made_up::{write_endpoint, write_sweep};
use super::meter::{cpu_time, memory_kib};
use crate::args::RunArgs;
use crate::exit::Stop;
use crate::run::{Coordinated, coordinate, execute};
use crate::sources;
use crate::submission::{Submission, submit};
use crate::watch::grouped;

/// Prompts in the made-up set; repeats make up the number of jobs.
const PROMPTS: u32 = 1_000;
/// Jobs of the sweep that is only handed in.
const LARGE: u32 = 1_000_000;
/// Jobs of the sweep that is held to a limit, and the limit, in calls a minute.
const PACED_JOBS: u32 = 3_000;
const PACED_LIMIT: u32 = 6_000;

/// Measures a large sweep that is only handed in, one that is worked on, and one held to a limit.
pub(super) async fn measure(args: &JobsArgs, folder: &Path) -> Result<String> {
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
async fn accept(folder: &Path, endpoint: &SimulatedProcess, args: &JobsArgs) -> Result<String> {
    let run = files(folder, "large", LARGE, &endpoint.url, args.concurrency, "")?;
    let sources = Arc::new(sources::read(&run.sweep, None).map_err(words)?);
    let plan = compile(&sources)?.digest();
    let submission = Submission {
        sources,
        plan,
        retry_failed: false,
        submitted_ms: 0,
        extend: None,
        against: None,
    };
    let Coordinated { mut client, .. } = coordinate(&run).await.map_err(words)?;
    let (before, begun) = (memory_kib(std::process::id(), "VmRSS")?, Instant::now());
    submit(&mut client, &submission).await.context("it was refused")?;
    let (took, after) = (begun.elapsed(), memory_kib(std::process::id(), "VmRSS")?);
    let bytes_per_job = after.saturating_sub(before) * 1024 / u64::from(LARGE);
    Ok(format!(
        "accept   {} jobs in {:.3} s, {bytes_per_job} bytes of memory per job\n",
        grouped(LARGE.into()),
        took.as_secs_f64()
    ))
}

async fn run_jobs(folder: &Path, endpoint: &SimulatedProcess, args: &JobsArgs) -> Result<String> {
    let jobs = args.jobs.div_ceil(PROMPTS) * PROMPTS;
    let run = files(folder, "bench", jobs, &endpoint.url, args.concurrency, "")?;
    let (cpu, begun) = (cpu_time(std::process::id())?, Instant::now());
    let (end, _) = Box::pin(execute(&run)).await.map_err(words)?;
    let (took, cpu) =
        (begun.elapsed().as_secs_f64(), (cpu_time(std::process::id())? - cpu).as_secs_f64());
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
        memory_kib(std::process::id(), "VmHWM")? / 1024
    ))
}

/// How close to its limit a paced sweep comes.
async fn run_paced(folder: &Path, args: &JobsArgs) -> Result<String> {
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

/// Writes a sweep of that many jobs, with its endpoint.
fn files(
    folder: &Path,
    name: &str,
    jobs: u32,
    url: &str,
    concurrency: u32,
    more: &str,
) -> Result<RunArgs> {
    let sweep = write_sweep(folder, name, PROMPTS, jobs / PROMPTS)?;
    let config = Some(write_endpoint(folder, url, concurrency, more)?);
    let store = folder.join(format!("{name}.sqlite"));
    Ok(RunArgs {
        sweep,
        store,
        config,
        limit: None,
        against: None,
        retry: false,
        json: false,
        html: None,
    })
}

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
