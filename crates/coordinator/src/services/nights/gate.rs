//! What a sweep's gates say, judged now, by whatever is stored.

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use iago_nightly::{Flip, Morning, RunEnd, RunKey, Terms};
use iago_protocol::wire::gate_part::Part;
use iago_protocol::wire::{FlipTold, GatePart, GateRequest, Transcript, TranscriptsRequest};
use iago_store::{Baseline, Comparison, Nights, State, Store, SweepHead};
use iago_sweep::{Plan, SweepId};
use jiff::Timestamp;
use tonic::Status;

use crate::appointments::{read_run, read_schedule};
use crate::night::{Facts, Subject};
use crate::report::PresentError;
use crate::services::status::head;
use crate::standing::stored_plan;
use crate::transcripts;
use crate::trouble::{of_standing, of_store};

/// Of so many flips it is told what was said: each takes the reading of two cells.
const FLIPS_MAX: u32 = 10;

/// Judges a sweep against a baseline: the morning first, and then so many of the worst flips.
pub(crate) async fn gate<S: Store + Nights>(
    store: Arc<S>,
    request: GateRequest,
    now: Timestamp,
) -> Result<BoxStream<'static, Result<GatePart, Status>>, Status> {
    let sweep = SweepId(request.sweep);
    let comparison = find_comparison(&*store, sweep, &request.baseline).await?;
    let subject = subject(&*store, sweep, comparison.clone(), now).await?;
    let facts = Facts::gather(&*store, &subject).await.map_err(of_present)?;
    let morning = facts.assess(&subject).morning;
    let json = serde_json::to_vec(&morning).map_err(|error| Status::internal(error.to_string()))?;
    let flips = worst(&morning, request.flips.min(FLIPS_MAX) as usize);
    let mut parts = vec![GatePart { part: Some(Part::Morning(json)) }];
    for flip in flips {
        let told = tell(&store, &facts, (comparison.of, sweep), flip).await?;
        parts.push(GatePart { part: Some(Part::Flip(told)) });
    }
    Ok(stream::iter(parts.into_iter().map(Ok)).boxed())
}

/// What a sweep is to be compared with: what it was submitted against, or another baseline by its name.
async fn find_comparison<S: Nights>(
    store: &S,
    sweep: SweepId,
    baseline: &str,
) -> Result<Comparison, Status> {
    let all = store.comparisons(sweep).await.map_err(of_store)?;
    let mut own: Vec<Comparison> = all.into_iter().filter(|of| of.sweep == sweep).collect();
    if baseline.is_empty() {
        return match own.len() {
            0 => Err(Status::failed_precondition(format!(
                "{sweep} was not submitted against a baseline: name one with `--baseline NAME` \
                 (`iago baseline list` shows those that there are)"
            ))),
            1 => Ok(own.swap_remove(0)),
            _ => Err(Status::failed_precondition(format!(
                "{sweep} was submitted against several baselines: name one of {} with `--baseline`",
                own.iter().map(|of| format!("`{}`", of.baseline)).collect::<Vec<_>>().join(", ")
            ))),
        };
    }
    if let Some(found) = own.iter().position(|of| of.baseline == baseline) {
        return Ok(own.swap_remove(found));
    }
    let known = store.baselines().await.map_err(of_store)?;
    let found = known.into_iter().find(|of| of.name == baseline).ok_or_else(|| {
        Status::not_found(format!(
            "there is no baseline `{baseline}`: `iago baseline list` shows those that there are, and \
             `iago baseline set {baseline} SWEEP` sets it"
        ))
    })?;
    let Baseline { name, sweep: of, revision, .. } = found;
    if of == sweep {
        return Err(Status::failed_precondition(format!(
            "{sweep} is the baseline `{name}` itself, and compared with itself nothing ever changes: run it again \
             with `--against {name}`, which asks all of it anew"
        )));
    }
    Ok(Comparison { sweep, baseline: name, of, revision, anchors: None })
}

async fn subject<S: Store + Nights>(
    store: &S,
    sweep: SweepId,
    comparison: Comparison,
    now: Timestamp,
) -> Result<Subject, Status> {
    let of = head(store, sweep).await?;
    let plan = stored_plan(store, sweep, of.revision).await.map_err(of_standing)?;
    let first = stored_plan(store, sweep, 0).await.map_err(of_standing)?;
    let mut is_at_rest = is_done(&of);
    if let Some(anchors) = comparison.anchors {
        is_at_rest &= is_done(&head(store, anchors).await?);
    }
    let look = look_of(&plan, &first);
    let (run, terms) = scheduled(store, sweep).await?.unzip();
    Ok(Subject {
        sweep,
        run,
        zone: terms.as_ref().map(|terms| terms.timetable.zone_name().to_owned()),
        end: if is_at_rest { RunEnd::Ended } else { RunEnd::Stopped },
        look,
        // Without looks there is nothing that a later one would add to.
        first_repeats: if look > 1 { first.repeats } else { plan.repeats },
        // What a schedule asks is asked of its own baseline, and of no other that somebody names.
        baseline_terms: terms
            .and_then(|terms| terms.baseline)
            .filter(|terms| terms.pinned == comparison.baseline),
        comparison: Some(comparison),
        now,
    })
}

/// Which run of a schedule a sweep is, if it is any, with the terms that the schedule had then. Without these
/// a night would pass for less than its schedule asks: then there is no verdict.
async fn scheduled<S: Nights>(
    store: &S,
    sweep: SweepId,
) -> Result<Option<(RunKey, Terms)>, Status> {
    let Some(stored) = store.run_of(sweep).await.map_err(of_store)? else { return Ok(None) };
    let key = &stored.row.key;
    let unreadable = || {
        Status::data_loss(format!(
            "{sweep} is a run of schedule `{name}`, whose terms of that night cannot be read: `iago gate \
             --schedule {name}` says what was judged that night",
            name = key.schedule
        ))
    };
    let run = read_run(&stored.row.run).ok_or_else(unreadable)?;
    let version = store.version(&key.schedule, run.version).await.map_err(of_store)?;
    let schedule = version.and_then(|json| read_schedule(&json)).ok_or_else(unreadable)?;
    Ok(Some((run.key, schedule.terms)))
}

fn is_done(head: &SweepHead) -> bool {
    head.state == State::Done
}

/// Which look a sweep is at that had fewer repeats at first.
fn look_of(plan: &Plan, first: &Plan) -> u32 {
    let top_up = plan.gating.as_ref().and_then(|gating| gating.top_up.as_ref());
    let more = plan.repeats.saturating_sub(first.repeats);
    top_up.map_or(1, |of| (1 + more / of.repeats.max(1)).clamp(1, of.looks.max(1)))
}

/// The flips that got worse, the furthest first.
fn worst(morning: &Morning, most: usize) -> Vec<&Flip> {
    let share = |yes: iago_nightly::Yes| f64::from(yes.yes) / f64::from(yes.of.max(1));
    let far = |flip: &Flip| (share(flip.tonight) - share(flip.baseline)).abs();
    let mut worse: Vec<&Flip> = morning.flips.iter().filter(|flip| flip.worse).collect();
    worse.sort_by(|one, other| far(other).total_cmp(&far(one)));
    worse.truncate(most);
    worse
}

/// A flip with a transcript of each side that says what most of its side say.
async fn tell<S: Store>(
    store: &Arc<S>,
    facts: &Facts,
    (then, now): (SweepId, SweepId),
    flip: &Flip,
) -> Result<FlipTold, Status> {
    let (earlier, later) = facts.typical(flip);
    let Flip { measure, model, condition, prompt, .. } = flip.clone();
    Ok(FlipTold {
        baseline: said(store, then, flip, earlier).await?,
        tonight: said(store, now, flip, later).await?,
        measure,
        model,
        condition,
        prompt,
    })
}

async fn said<S: Store>(
    store: &Arc<S>,
    sweep: SweepId,
    flip: &Flip,
    repeat: Option<u32>,
) -> Result<Option<Transcript>, Status> {
    let request = TranscriptsRequest {
        sweep: sweep.0,
        model: flip.model.clone(),
        condition: flip.condition.clone(),
        prompt: flip.prompt.clone(),
        repeat,
        limit: 1,
        ..TranscriptsRequest::default()
    };
    transcripts::find(Arc::clone(store), request).await?.next().await.transpose()
}

pub(super) fn of_present(error: PresentError) -> Status {
    match error {
        PresentError::Store(error) => of_store(error),
        PresentError::Report(_) | PresentError::Plan(_) => Status::data_loss(error.to_string()),
    }
}
