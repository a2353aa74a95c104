//! `iago run`: everything on one machine, in one process, over the real protocol.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use iago_coordinator::{
    Change, CompileError, Settings as CoordinatorSettings, Sources, Standing, compile, lead,
    standing,
};
use iago_protocol::wire::jobs_client::JobsClient;
use iago_protocol::wire::{DrainRequest, End, Progress, Submitted, WatchRequest};
use iago_store::{State, Store, Totals};
use iago_store_sqlite::SqliteStore;
use iago_sweep::{Digest, FailureFact, JobId, Plan, SweepId};
use tokio::time::Instant;
use tonic::transport::Channel;

use crate::args::RunArgs;
use crate::endpoints::{self, Endpoints};
use crate::exit::{Exit, Stop};
use crate::output::{data, talk};
use crate::present::{Around, report, write_html};
use crate::process::{Process, submit};
use crate::settings::Settings;
use crate::sources;
use crate::watch::{Watcher, brief, grouped};

/// Runs a sweep, or goes on with it, and shows its report.
pub(crate) async fn run(args: RunArgs) -> Result<Exit, Stop> {
    let begun = Instant::now();
    let mut prepared = prepare(&args).await?;
    let ran = Box::pin(work(&args, &mut prepared)).await?;
    let shown = show(&args, &*prepared.store, &ran, begun.elapsed()).await;
    // A clean close moves the write-ahead log into the database; nothing is lost without it.
    if let Some(store) = Arc::into_inner(prepared.store) {
        store.close().await?;
    }
    shown
}

/// Runs a sweep and tells only how it ended, with its sums.
pub(crate) async fn execute(args: &RunArgs) -> Result<(End, Totals), Stop> {
    let mut prepared = prepare(args).await?;
    let ran = Box::pin(work(args, &mut prepared)).await?;
    Ok((ran.end, prepared.store.totals(ran.sweep).await?))
}

/// A coordinator that leads, for a sweep that is not handed in yet.
pub(crate) struct Coordinated {
    pub(crate) client: JobsClient<Channel>,
    process: Process,
}

/// Leads the sweep's store, with the sweep's endpoints.
pub(crate) async fn coordinate(args: &RunArgs) -> Result<Coordinated, Stop> {
    let Prepared { store, endpoints, .. } = prepare(args).await?;
    lead_here(store, &endpoints).await
}

/// Everything that stands before the first fact is written.
struct Prepared {
    sources: Arc<Sources>,
    endpoints: Endpoints,
    store: Arc<SqliteStore>,
    digest: Digest,
    stands: Standing,
}

async fn prepare(args: &RunArgs) -> Result<Prepared, Stop> {
    let settings = Settings::load(args.config.as_deref())?;
    let sources = Arc::new(sources::read(&args.sweep, args.limit)?);
    let plan = compile(&sources).map_err(|error| bad_sweep(&error))?;
    for warning in iago_sweep_file::warnings(&plan) {
        talk(&format!("iago: warning: {warning}"));
    }
    let sections = endpoints::select(&plan, &settings)?;
    let endpoints = match args.limit {
        None => endpoints::start(sections, &plan.prompts).await?,
        // A pilot must meet the same truth as the full sweep, which is ranked over the whole set.
        Some(_) => {
            let whole = Sources { prompts_max: None, ..(*sources).clone() };
            let whole = compile(&whole).map_err(|error| bad_sweep(&error))?;
            endpoints::start(sections, &whole.prompts).await?
        }
    };
    let (store, stands) = open(args, &plan, &endpoints).await?;
    Ok(Prepared { sources, endpoints, store: Arc::new(store), digest: plan.digest(), stands })
}

async fn lead_here(store: Arc<SqliteStore>, endpoints: &Endpoints) -> Result<Coordinated, Stop> {
    let holder = format!("process {}", std::process::id());
    let pools = endpoints.pools.clone();
    let (handle, driver) = lead(store, CoordinatorSettings { holder, pools }).await?;
    let process = Process::start(handle, driver);
    let client = JobsClient::new(process.connect().await?);
    Ok(Coordinated { client, process })
}

fn bad_sweep(error: &CompileError) -> Stop {
    Stop::new(Exit::BadSweep, error.to_string())
}

/// Opens the store and sees how the plan stands to it. Where there is work to do, the endpoints are
/// looked at before anything is written.
async fn open(
    args: &RunArgs,
    plan: &Plan,
    endpoints: &Endpoints,
) -> Result<(SqliteStore, Standing), Stop> {
    if !args.store.exists() {
        endpoints.examine().await?;
    }
    let store = SqliteStore::open(&args.store).await?;
    let stands = standing(&store, plan.clone())
        .await
        .map_err(|error| Stop::new(Exit::Io, error.to_string()))?;
    if args.retry || !is_finished(&stands) {
        endpoints.examine().await?;
    }
    Ok((store, stands))
}

fn is_finished(stands: &Standing) -> bool {
    match stands {
        Standing::New { .. } | Standing::Known { change: Some(Change::Extension(_)), .. } => false,
        Standing::Known { head, change: None | Some(Change::Analysis), .. } => {
            head.state == State::Done
        }
    }
}

/// What a run came to.
struct Ran {
    sweep: SweepId,
    plan: Plan,
    end: End,
    reason: String,
    progress: Progress,
    /// Calls that the store knew of when this run began.
    calls_before: u64,
}

async fn work(args: &RunArgs, prepared: &mut Prepared) -> Result<Ran, Stop> {
    let Prepared { sources, endpoints, store, digest, stands } = prepared;
    let Coordinated { mut client, process } = lead_here(Arc::clone(store), endpoints).await?;
    let sources = Arc::clone(sources);
    let submitted = submit(&mut client, sources, *digest, args.retry, now_ms()).await?;
    let numbered = match stands {
        Standing::New { plan, .. } | Standing::Known { plan, .. } => plan.clone(),
    };
    announce(&numbered, &submitted);
    let sweep = SweepId(submitted.sweep);
    let calls_before = store.totals(sweep).await?.calls();
    if submitted.finished {
        return Ok(Ran {
            sweep,
            plan: numbered,
            end: End::Done,
            reason: String::new(),
            progress: Progress::default(),
            calls_before,
        });
    }
    let boot = format!("{} {}", std::process::id(), now_ms());
    let settings = iago_worker::Settings { boot, endpoints: endpoints.served.clone() };
    let channel = process.connect().await?;
    let worker = tokio::spawn(async move { iago_worker::work(channel, settings).await });
    let (end, reason, progress) = watch(client, sweep, &numbered, worker).await?;
    Ok(Ran { sweep, plan: numbered, end, reason, progress, calls_before })
}

fn announce(plan: &Plan, submitted: &Submitted) {
    let jobs = plan.transcripts();
    let id = SweepId(submitted.sweep);
    talk(&format!(
        "{} {id}: {} ({} transcripts asked for)",
        plan.name,
        submitted.note,
        grouped(jobs)
    ));
    if submitted.possibly_lost_jobs > 0 {
        talk(&format!(
            "an earlier process ended in the middle: up to {} jobs may have been in flight and are asked again",
            grouped(submitted.possibly_lost_jobs)
        ));
    }
}

type Worker = tokio::task::JoinHandle<Result<(), iago_worker::WorkerError>>;

/// Watches until the sweep has ended, one way or another.
async fn watch(
    mut client: JobsClient<Channel>,
    sweep: SweepId,
    plan: &Plan,
    mut worker: Worker,
) -> Result<(End, String, Progress), Stop> {
    let lost = |status: tonic::Status| Stop::new(Exit::Io, status.message());
    let request = WatchRequest { sweep: sweep.0 };
    let mut stream = client.watch(request).await.map_err(lost)?.into_inner();
    let mut watcher = Watcher::new(format!("{} {sweep}", plan.name), plan);
    let mut interrupts = 0;
    let mut latest = Progress::default();
    loop {
        tokio::select! {
            progress = stream.message() => {
                let Some(progress) = progress.map_err(lost)? else {
                    return Err(Stop::new(Exit::Io, "the coordinator in this process has stopped"));
                };
                watcher.show(&progress, Instant::now());
                latest = progress;
                if latest.end() != End::Unspecified {
                    watcher.clear();
                    return Ok((latest.end(), latest.end_reason.clone(), latest));
                }
            }
            ended = &mut worker => {
                watcher.clear();
                let words = || Stop::new(Exit::Io, worker_ended(ended));
                let last = last_word(&mut stream).await.ok_or_else(words)?;
                return Ok((last.end(), last.end_reason.clone(), last));
            }
            _ = tokio::signal::ctrl_c() => {
                interrupts += 1;
                watcher.clear();
                if interrupts > 1 {
                    return Err(Stop::new(Exit::Interrupted, STOPPED));
                }
                talk(&format!(
                    "stopping: {} jobs in flight are being finished and kept; Ctrl-C again stops at once",
                    grouped(latest.in_flight)
                ));
                client.drain(DrainRequest {}).await.map_err(lost)?;
            }
        }
    }
}

/// How long a coordinator has to say why it stopped its worker.
const LAST_WORD_MAX: Duration = Duration::from_secs(2);

/// Why everything has stopped, where the coordinator says so. It closes its streams as it goes, and
/// which of them is seen first is chance.
async fn last_word(stream: &mut tonic::Streaming<Progress>) -> Option<Progress> {
    let search = async {
        loop {
            let progress = stream.message().await.ok()??;
            if progress.end() != End::Unspecified {
                return Some(progress);
            }
        }
    };
    tokio::time::timeout(LAST_WORD_MAX, search).await.ok()?
}

const STOPPED: &str = "stopped at once: what was in flight is lost and will be asked again; run the \
same command to go on";

fn worker_ended(
    ended: Result<Result<(), iago_worker::WorkerError>, tokio::task::JoinError>,
) -> String {
    match ended {
        Ok(Ok(())) => "the worker in this process has stopped".to_owned(),
        Ok(Err(error)) => format!("the worker in this process stopped: {error}"),
        Err(_panicked) => "the worker in this process broke; what is stored is safe".to_owned(),
    }
}

/// Prints the report and says how it ended.
async fn show<S: Store>(
    args: &RunArgs,
    store: &S,
    ran: &Ran,
    elapsed: Duration,
) -> Result<Exit, Stop> {
    if ran.end == End::Broken {
        return Err(Stop::new(Exit::Io, ran.reason.clone()));
    }
    let calls = store.totals(ran.sweep).await?.calls() - ran.calls_before;
    let noun = if calls == 1 { "call" } else { "calls" };
    let summary = format!("{} {noun} in {}", grouped(calls), brief(elapsed));
    let open: u64 =
        ran.progress.stages.iter().map(|stage| stage.known - stage.done - stage.failed).sum();
    let done: u64 = ran.progress.stages.iter().map(|stage| stage.done).sum();
    let complete = matches!(ran.end, End::Done);
    if complete || done > 0 {
        print_report(args, store, ran, open, elapsed).await?;
    }
    talk(&summary);
    let resume = "run the same command again to go on";
    match ran.end {
        End::Done if tell_failures(store, ran).await? => {
            talk("once the cause is mended, the same command with --retry asks them again");
            Ok(Exit::Incomplete)
        }
        End::Done => Ok(Exit::Done),
        End::Blocked => Err(Stop::new(
            Exit::Credential,
            format!("paused: {}; no job was lost; mend it, then {resume}", ran.reason),
        )),
        End::Drained => {
            talk(&format!("stopped; {resume}"));
            Ok(Exit::Interrupted)
        }
        End::Paused | End::Unspecified | End::Broken => Err(Stop::new(
            Exit::Incomplete,
            // What was rejected has failed, and is tried again only on request.
            match ran.progress.failures {
                0 => format!("paused: {}; mend it, then {resume}", ran.reason),
                _ => format!("paused: {}; mend it, then {resume}, with --retry", ran.reason),
            },
        )),
    }
}

/// Says for each stage and model how many jobs failed for good, and the endpoint's words for one.
async fn tell_failures<S: Store>(store: &S, ran: &Ran) -> Result<bool, Stop> {
    let mut last: BTreeMap<JobId, FailureFact> = BTreeMap::new();
    for failure in store.failures(ran.sweep).await? {
        last.insert(failure.job, failure);
    }
    let jobs: Vec<JobId> = last.keys().copied().collect();
    for page in jobs.chunks(iago_store::READ_MAX) {
        for (answered, _) in store.read(ran.sweep, page).await? {
            last.remove(&answered);
        }
    }
    let mut groups: BTreeMap<String, (u64, &FailureFact)> = BTreeMap::new();
    for failure in last.values() {
        let at = failure.job.at();
        let stage = ran.plan.stages.get(at.stage as usize).map_or("?", |stage| &stage.name);
        let model = ran.plan.model_asked(at.stage, at.cell).map_or("?", |model| &model.name);
        let group = format!("stage `{stage}`, model `{model}`, {}", failure.class);
        groups.entry(group).or_insert((0, failure)).0 += 1;
    }
    for (group, (jobs, failure)) in &groups {
        let noun = if *jobs == 1 { "job" } else { "jobs" };
        talk(&format!("{jobs} {noun} failed for good: {group}: {}", failure.message));
    }
    Ok(!groups.is_empty())
}

async fn print_report<S: Store>(
    args: &RunArgs,
    store: &S,
    ran: &Ran,
    open: u64,
    elapsed: Duration,
) -> Result<(), Stop> {
    let around = Around {
        open,
        // The report counts the calls of all runs; a time of this run beside them would mislead.
        elapsed: (ran.calls_before == 0).then_some(elapsed),
        store: args.store.clone(),
        hint: if open > 0 { this_command(args) } else { String::new() },
    };
    let report = report(store, ran.sweep, &ran.plan, around).await?;
    if args.json {
        data(&report.json());
    } else {
        data(&report.terminal(crate::output::width(), crate::output::data_is_watched()));
    }
    let html = write_html(&report, args.html.as_deref(), &args.store, &ran.plan.name, ran.sweep)?;
    talk(&format!("report {}", shown(&html)));
    Ok(())
}

/// The command that goes on with this sweep, as it would be typed.
fn this_command(args: &RunArgs) -> String {
    let mut words = format!("iago run {} --store {}", args.sweep.display(), args.store.display());
    for (option, file) in [("--config", &args.config), ("--html", &args.html)] {
        if let Some(file) = file {
            words.extend([" ", option, " ", &file.display().to_string()]);
        }
    }
    if let Some(limit) = args.limit {
        words.extend([" --limit ", &limit.to_string()]);
    }
    words
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[expect(clippy::disallowed_methods, reason = "the shell reads the clock, once, to record it")]
fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
