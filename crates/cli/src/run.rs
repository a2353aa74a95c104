//! `iago run`: everything on one machine, in one process, over the real protocol.

mod anchors;
mod compared;
mod failures;
mod follow;
mod pilot;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use iago_coordinator::{
    Around, Change, PresentError, Settings as CoordinatorSettings, Sources, Standing, lead,
    report_stored, standing,
};
use iago_protocol::wire::{End, Progress};
use iago_store::{Nights, State, Store, Totals};
use iago_store_sqlite::SqliteStore;
use iago_sweep::{Digest, Plan, SweepId};
use tokio::time::Instant;

use crate::account::{spend_of, spend_words, sum_words};
use crate::args::RunArgs;
use crate::clock::now_ms;
use crate::endpoints::{self, Endpoints};
use crate::exit::{Exit, Stop};
use crate::forecast::Projected;
use crate::output::{data, talk};
use crate::present::{look_further, write_html};
use crate::process::Process;
use crate::settings::endpoints::Settings;
use crate::sources;
use crate::submission::{Jobs, Submission, announce, compile, submit};
use crate::watch::{brief, counted};
use compared::tell_verdict;
use failures::tell_failures;
use follow::{Watched, follow};
use pilot::Pilot;

/// Runs a sweep, or goes on with it, and shows its report.
pub(crate) async fn run(args: RunArgs) -> Result<Exit, Stop> {
    let begun = Instant::now();
    let mut prepared = prepare(&args).await?;
    let ended = match Box::pin(work(&args, &mut prepared)).await {
        Ok(ran) => {
            let store = &prepared.store;
            show(&args, store, &ran, prepared.pilot.as_ref(), begun.elapsed()).await
        }
        Err(stop) => Err(stop),
    };
    // Whoever copies the one file is to have all of it. Where this fails the log stands beside it, and
    // nothing is lost.
    drop(prepared.store.settle().await);
    ended
}

/// Runs a sweep and tells only how it ended, with its sums.
pub(crate) async fn execute(args: &RunArgs) -> Result<(End, Totals), Stop> {
    let mut prepared = prepare(args).await?;
    let ran = Box::pin(work(args, &mut prepared)).await?;
    Ok((ran.end, prepared.store.totals(ran.sweep).await?))
}

/// A coordinator that leads, for a sweep that is not handed in yet.
pub(crate) struct Coordinated {
    pub(crate) client: Jobs,
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
    pilot: Option<Pilot>,
}

async fn prepare(args: &RunArgs) -> Result<Prepared, Stop> {
    let settings = Settings::load(args.config.as_deref())?;
    let sources = Arc::new(sources::read(&args.sweep, args.limit)?);
    let plan = compile(&sources)?;
    let used = endpoints::select(&sources, &plan, &settings)?;
    let pilot = Pilot::of(&sources, &used)?;
    // A pilot must meet the same truth as the full sweep, which is ranked over the whole set.
    let prompts = pilot.as_ref().map_or(&plan.prompts, |pilot| &pilot.whole.prompts);
    let endpoints = endpoints::start(used, prompts).await?.and_programs(&settings)?;
    let (store, stands) = open(args, &plan, pilot.as_ref(), &endpoints).await?;
    // What is stored of more than the pilot is no guess at the whole.
    let pilot = pilot.filter(|_| !matches!(stands, Standing::Part(_)));
    let (store, digest) = (Arc::new(store), plan.digest());
    Ok(Prepared { sources, endpoints, store, digest, stands, pilot })
}

async fn lead_here(store: Arc<SqliteStore>, endpoints: &Endpoints) -> Result<Coordinated, Stop> {
    let holder = format!("process {}", std::process::id());
    let (pools, served) = (endpoints.pools.clone(), endpoints.coordinated.clone());
    let settings = CoordinatorSettings::alone(holder, pools, served);
    let (handle, driver) = lead(Arc::clone(&store), settings).await?;
    let process = Process::start(store, handle, driver);
    let client = process.client().await?;
    Ok(Coordinated { client, process })
}

/// Opens the store and sees how the plan stands to it. Where there is work to do, the endpoints are
/// looked at before anything is written.
async fn open(
    args: &RunArgs,
    plan: &Plan,
    pilot: Option<&Pilot>,
    endpoints: &Endpoints,
) -> Result<(SqliteStore, Standing), Stop> {
    if !args.store.exists() {
        endpoints.examine().await?;
    }
    let store = SqliteStore::open(&args.store).await?;
    let whole = pilot.map(|pilot| &pilot.whole);
    let baseline = find_baseline(&store, args.against.as_deref()).await?;
    let stands = standing(&store, plan.clone(), whole, baseline)
        .await
        .map_err(|error| Stop::new(Exit::Io, error.to_string()))?;
    // Anchors are judged also where the sweep itself is finished.
    if args.retry || args.against.is_some() || !is_finished(&stands) {
        endpoints.examine().await?;
    }
    Ok((store, stands))
}

/// The sweep that is compared with; the coordinator refuses a name that no baseline has.
async fn find_baseline(store: &SqliteStore, name: Option<&str>) -> Result<Option<SweepId>, Stop> {
    let Some(name) = name else { return Ok(None) };
    let known = store.baselines().await?;
    Ok(known.into_iter().find(|known| known.name == name).map(|known| known.sweep))
}

fn is_finished(stands: &Standing) -> bool {
    match stands {
        Standing::New { .. } | Standing::Known { change: Some(Change::Extension(_)), .. } => false,
        // Texts that are read anew may turn out to be answers that are to be judged. Mostly nobody is
        // called, and an endpoint that is out of reach by then is waited for.
        Standing::Known { head, change: None | Some(Change::Analysis(_)), .. } => {
            head.state == State::Done
        }
        // Nothing is asked for it.
        Standing::Part(_) => true,
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
    let Prepared { sources, endpoints, store, digest, stands, pilot: _ } = prepared;
    let Coordinated { mut client, process } = lead_here(Arc::clone(store), endpoints).await?;
    let submission = Submission {
        sources: Arc::clone(sources),
        plan: *digest,
        retry_failed: args.retry,
        submitted_ms: now_ms(),
        extend: None,
        against: args.against.clone(),
    };
    let submitted = submit(&mut client, &submission).await.map_err(|status| refused(&status))?;
    let submitted = submitted.into_inner();
    let numbered = match stands {
        Standing::New { plan, .. } | Standing::Known { plan, .. } => plan.clone(),
        Standing::Part(part) => part.plan.clone(),
    };
    announce(&numbered, &submitted);
    let sweep = SweepId(submitted.sweep);
    let calls_before = store.totals(sweep).await?.calls();
    let anchors = submitted.anchors.map(SweepId);
    if submitted.finished && anchors.is_none() {
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
    let (served, programs) = (endpoints.served.clone(), endpoints.programs.clone());
    let worker = tokio::spawn(process.clone().work(boot, served, programs));
    let (end, reason, progress) =
        follow(client, Watched { sweep, plan: &numbered, anchors }, worker).await?;
    Ok(Ran { sweep, plan: numbered, end, reason, progress, calls_before })
}

fn refused(status: &tonic::Status) -> Stop {
    use tonic::Code::{FailedPrecondition, InvalidArgument, NotFound};
    let exit = if matches!(status.code(), FailedPrecondition | InvalidArgument) {
        Exit::BadSweep
    } else if status.code() == NotFound {
        // What it is to be compared with.
        Exit::NoInput
    } else {
        Exit::Io
    };
    Stop::new(exit, status.message())
}

/// Prints the report and says how it ended.
async fn show(
    args: &RunArgs,
    store: &Arc<SqliteStore>,
    ran: &Ran,
    pilot: Option<&Pilot>,
    elapsed: Duration,
) -> Result<Exit, Stop> {
    if ran.end == End::Broken {
        return Err(Stop::new(Exit::Io, ran.reason.clone()));
    }
    let totals = store.totals(ran.sweep).await?;
    let calls = totals.calls() - ran.calls_before;
    let summary = format!("{} in {}", counted(calls, "call"), brief(elapsed));
    let open: u64 =
        ran.progress.stages.iter().map(|stage| stage.known - stage.done - stage.failed).sum();
    let done: u64 = ran.progress.stages.iter().map(|stage| stage.done).sum();
    let complete = matches!(ran.end, End::Done);
    if complete || done > 0 {
        let projected = project(&**store, ran, pilot).await?;
        print_report(args, &**store, ran, (open, elapsed), projected.as_ref()).await?;
        if let Some(projected) = projected.filter(|_| !args.json) {
            data(&projected.words)?;
        }
        if let Some(baseline) = &args.against {
            tell_verdict(args, store, ran.sweep, baseline).await?;
        }
    }
    talk(&summary);
    let apart = spend_words(&spend_of(&totals, &ran.plan));
    if !apart.is_empty() {
        talk(&format!("spent on {apart}"));
    }
    if totals.unpriced > 0 {
        talk(&format!("spent {}", sum_words(totals.cost, totals.unpriced)));
    }
    let resume = "run the same command again to go on";
    match ran.end {
        End::Done if tell_failures(&**store, ran.sweep, &ran.plan).await? => {
            talk("once the cause is mended, the same command with --retry asks them again");
            Ok(Exit::Incomplete)
        }
        End::Done => Ok(Exit::Done),
        End::Blocked => Err(Stop::new(
            Exit::of_block(&ran.reason),
            format!("paused: {}; no job was lost; mend it, then {resume}", ran.reason),
        )),
        End::Drained => {
            talk(&format!("stopped; {resume}"));
            Ok(Exit::Interrupted)
        }
        End::Paused | End::Unspecified | End::Broken | End::Cancelled => Err(Stop::new(
            Exit::Incomplete,
            // What was rejected has failed, and is tried again only on request.
            match ran.progress.failures {
                0 => format!("paused: {}; mend it, then {resume}", ran.reason),
                _ => format!("paused: {}; mend it, then {resume}, with --retry", ran.reason),
            },
        )),
    }
}

async fn print_report<S: Store>(
    args: &RunArgs,
    store: &S,
    ran: &Ran,
    (open, elapsed): (u64, Duration),
    projected: Option<&Projected>,
) -> Result<(), Stop> {
    let place = args.store.display().to_string();
    let around = Around {
        open,
        // The report counts the calls of all runs; a time of this run beside them would mislead.
        elapsed: (ran.calls_before == 0).then_some(elapsed),
        hint: if open > 0 { this_command(args) } else { look_further(ran.sweep.0, &place) },
        store: place,
    };
    let report = report_stored(store, ran.sweep, around).await.map_err(unreported)?;
    if args.json {
        let json = report.json();
        data(&projected.map_or_else(|| json.clone(), |projected| projected.within(&json)))?;
    } else {
        data(&report.terminal(crate::output::terminal_width(), crate::output::data_is_watched()))?;
    }
    let html = write_html(&report, args.html.as_deref(), &args.store, &ran.plan.name, ran.sweep)?;
    talk(&format!("report {}", shown(&html)));
    Ok(())
}

/// What the whole sweep would take, once a pilot has shown it.
async fn project<S: Store>(
    store: &S,
    ran: &Ran,
    pilot: Option<&Pilot>,
) -> Result<Option<Projected>, Stop> {
    let Some(Pilot { whole, settings }) = pilot else { return Ok(None) };
    let whole = whole.clone().numbered_after(&ran.plan);
    Projected::by_pilot(store, ran.sweep, &whole, settings).await
}

fn unreported(error: PresentError) -> Stop {
    match error {
        PresentError::Store(error) => error.into(),
        PresentError::Report(_) | PresentError::Plan(_) => Stop::new(Exit::Io, error.to_string()),
    }
}

/// The command that goes on with this sweep, as it would be typed.
fn this_command(args: &RunArgs) -> String {
    let mut words = format!("iago run {} --store {}", args.sweep.display(), args.store.display());
    for (option, file) in [("--config", &args.config), ("--html", &args.html)] {
        if let Some(file) = file {
            words.extend([" ", option, " ", &file.display().to_string()]);
        }
    }
    if let Some(against) = &args.against {
        words.extend([" --against ", against]);
    }
    if let Some(limit) = args.limit {
        words.extend([" --limit ", &limit.to_string()]);
    }
    words
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
