//! `iago submit` and `iago extend`: compiled here first, with the same errors as `iago run`.

use std::path::Path;
use std::sync::Arc;

use iago_coordinator::Sources;
use iago_protocol::wire::Submitted;
use iago_sweep::{Plan, SweepId};

use crate::args::{ClientArgs, ExtendArgs, SubmitArgs};
use crate::client::{Client, json, watch};
use crate::clock::now_ms;
use crate::endpoints::check_parameters;
use crate::exit::{Exit, Stop};
use crate::output::{data, talk};
use crate::settings::client::Settings;
use crate::sources;
use crate::submission::{Jobs, Submission, announce, compile, submit};
use crate::watch::Watcher;

/// Hands a sweep in and prints its number.
pub(crate) async fn run(args: SubmitArgs) -> Result<Exit, Stop> {
    let (plan, mut submission) = prepare(&args.sweep, args.limit)?;
    submission.against = args.against;
    check(&args.client, &submission.sources, &plan)?;
    let mut client = Client::new(&args.client)?;
    let submitted = hand_in(&mut client, &mut submission).await?;
    tell(&args.client, &plan, &submitted)?;
    if args.watch {
        return follow(&mut client, &plan, &submitted).await;
    }
    if !submitted.finished {
        talk(&format!("`iago watch {}` shows how it goes", submitted.sweep));
    }
    Ok(Exit::Done)
}

/// Watches a sweep, and then the anchors that it is compared with.
async fn follow(client: &mut Client, plan: &Plan, submitted: &Submitted) -> Result<Exit, Stop> {
    let sweep = submitted.sweep;
    let watcher = Watcher::new(format!("{} {}", plan.name, SweepId(sweep)), plan);
    let ended = watch::follow(client, sweep, watcher, false).await?;
    let Some(anchors) = submitted.anchors.filter(|_| ended != Exit::Interrupted) else {
        return Ok(ended);
    };
    let title = format!("the baseline of {}, judged again in {}", plan.name, SweepId(anchors));
    let judged = watch::follow(client, anchors, Watcher::from_afar(title), false).await?;
    Ok(if ended == Exit::Done { judged } else { ended })
}

/// Hands more of a sweep in.
pub(crate) async fn extend(args: ExtendArgs) -> Result<Exit, Stop> {
    let (plan, mut submission) = prepare(&args.file, None)?;
    check(&args.client, &submission.sources, &plan)?;
    let mut client = Client::new(&args.client)?;
    submission.extend = Some(client.find(&args.sweep).await?);
    let submitted = hand_in(&mut client, &mut submission).await?;
    tell(&args.client, &plan, &submitted)?;
    Ok(Exit::Done)
}

fn prepare(file: &Path, limit: Option<u32>) -> Result<(Plan, Submission), Stop> {
    let sources = Arc::new(sources::read(file, limit)?);
    let plan = compile(&sources)?;
    let digest = plan.digest();
    let submission = Submission {
        sources,
        plan: digest,
        retry_failed: false,
        submitted_ms: 0,
        extend: None,
        against: None,
    };
    Ok((plan, submission))
}

/// Nothing is handed in that a model is known to refuse, as far as endpoints are known here.
fn check(args: &ClientArgs, sources: &Sources, plan: &Plan) -> Result<(), Stop> {
    let settings = Settings::load(args.config.as_deref(), args.coordinator.as_deref())?;
    let Some(endpoints) = settings.endpoints()? else { return Ok(()) };
    check_parameters(sources, plan, &endpoints)
}

async fn hand_in(client: &mut Client, submission: &mut Submission) -> Result<Submitted, Stop> {
    submission.submitted_ms = now_ms();
    let submission = &*submission;
    let asked = client.ask(async |mut jobs: Jobs| submit(&mut jobs, submission).await).await;
    // A file that does not go with what is there is at fault, not the state of a sweep.
    let at_fault = |exit| if exit == Exit::Incomplete { Exit::BadSweep } else { exit };
    asked.map_err(|stop| Stop::new(at_fault(stop.exit), stop.message))
}

fn tell(args: &ClientArgs, plan: &Plan, submitted: &Submitted) -> Result<(), Stop> {
    announce(plan, submitted);
    if args.json {
        data(&json::line(&json::submitted(submitted)))
    } else {
        data(&format!("{}\n", submitted.sweep))
    }
}
