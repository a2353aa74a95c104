//! Runs that people set on purpose to compare with.

use std::collections::BTreeMap;

use iago_protocol::wire::{BaselineRequest, BaselineSet, BaselineTold, BaselinesListed};
use iago_report::Answerers;
use iago_store::{Baseline, Kind, NewBaseline, Nights, State, Store, SweepHead};
use iago_sweep::SweepId;
use tonic::Status;

use crate::report::fold_material;
use crate::services::status::head;
use crate::standing::stored_plan;
use crate::trouble::{of_standing, of_store};

use super::gate::of_present;

/// A longer name is a slip.
const NAME_CHARACTERS_MAX: usize = 200;

/// Pins a sweep as it stands. Only one that is done: a baseline that still moves is none.
pub(crate) async fn set<S: Store + Nights>(
    store: &S,
    request: BaselineSet,
    by: &str,
) -> Result<BaselineTold, Status> {
    check_name(&request.name)?;
    let sweep = head(store, SweepId(request.sweep)).await?;
    check_sweep(&sweep)?;
    let before = find(store, &request.name).await?;
    let new = NewBaseline {
        name: request.name,
        sweep: sweep.id,
        revision: sweep.revision,
        by: by.to_owned(),
        replaces: request.replace,
    };
    let set = store.set_baseline(new).await.map_err(of_store)?;
    let replaced = before.filter(|of| (of.sweep, of.revision) != (set.sweep, set.revision));
    let replaced = replaced.map(|of| format!("{} at revision {}", of.sweep, of.revision));
    let told = tell_all(store, set).await?;
    Ok(BaselineTold { replaced: replaced.unwrap_or_default(), ..told })
}

/// Every baseline, by name; without what takes the reading of all results.
pub(crate) async fn list<S: Store + Nights>(store: &S) -> Result<BaselinesListed, Status> {
    let mut baselines = Vec::new();
    for baseline in store.baselines().await.map_err(of_store)? {
        baselines.push(tell(store, baseline).await?);
    }
    Ok(BaselinesListed { baselines })
}

/// Forgets a baseline, and tells what it was. The sweep stays, and so does what was compared with it.
pub(crate) async fn remove<S: Store + Nights>(
    store: &S,
    request: BaselineRequest,
) -> Result<BaselineTold, Status> {
    let was = match find(store, &request.name).await? {
        Some(baseline) => tell(store, baseline).await?,
        None => BaselineTold::default(),
    };
    store.drop_baseline(&request.name).await.map_err(of_store)?;
    Ok(was)
}

async fn find<S: Nights>(store: &S, name: &str) -> Result<Option<Baseline>, Status> {
    let all = store.baselines().await.map_err(of_store)?;
    Ok(all.into_iter().find(|baseline| baseline.name == name))
}

fn check_name(name: &str) -> Result<(), Status> {
    let refused =
        |why: &str| Err(Status::invalid_argument(format!("this is no name of a baseline: {why}")));
    if name.trim().is_empty() {
        return refused("it is empty; write one like `assistant-nightly/2026-09-14`");
    }
    if name.trim() != name || name.chars().any(char::is_control) {
        return refused(
            "it begins or ends with a space, or has a control character; take them out",
        );
    }
    if name.chars().count() > NAME_CHARACTERS_MAX {
        return refused(&format!("it has more than {NAME_CHARACTERS_MAX} characters; shorten it"));
    }
    Ok(())
}

fn check_sweep(sweep: &SweepHead) -> Result<(), Status> {
    let id = sweep.id;
    if sweep.kind == Kind::Anchors {
        return Err(Status::failed_precondition(format!(
            "{id} judges the transcripts of a baseline again, and is nobody's answers: set the sweep that \
             it stands beside"
        )));
    }
    let way_out = match &sweep.state {
        State::Done => return Ok(()),
        State::Running => format!("is running: wait for its end with `iago watch {id}`"),
        State::Paused(_) => format!("is paused: go on with it, `iago resume {id}`"),
        State::Cancelled => format!("was cancelled: go on with it, `iago resume {id}`"),
    };
    Err(Status::failed_precondition(format!(
        "{id} {way_out}; a baseline has to be done, or it would still move"
    )))
}

/// What it stands for, and what came of that: all results are read.
async fn tell_all<S: Store>(store: &S, baseline: Baseline) -> Result<BaselineTold, Status> {
    let (sweep, revision) = (baseline.sweep, baseline.revision);
    let plan = stored_plan(store, sweep, revision).await.map_err(of_standing)?;
    let folded = fold_material(store, sweep, &plan, |_| {}).await.map_err(of_present)?;
    let progress = folded.material.progress();
    let mut models = join_ids(folded.material.answering_models());
    models.extend(join_ids(folded.material.answering_judges()));
    Ok(BaselineTold {
        results: progress.answered,
        failures: progress.failed,
        models: models.into_iter().collect(),
        ..tell(store, baseline).await?
    })
}

/// What it stands for.
async fn tell<S: Store>(store: &S, baseline: Baseline) -> Result<BaselineTold, Status> {
    let Baseline { name, sweep, revision, set_ms, by } = baseline;
    let of = head(store, sweep).await?;
    let plan = stored_plan(store, sweep, revision).await.map_err(of_standing)?;
    Ok(BaselineTold {
        name,
        sweep: sweep.0,
        revision,
        set_ms,
        by,
        sweep_name: of.name,
        created_ms: of.created_ms,
        repeats: plan.repeats,
        state: state(&of.state).to_owned(),
        ..BaselineTold::default()
    })
}

fn join_ids(answered: BTreeMap<String, Answerers>) -> BTreeMap<String, String> {
    let join = |who: Answerers| who.ids.into_iter().collect::<Vec<_>>().join(", ");
    answered.into_iter().map(|(of, who)| (of, join(who))).collect()
}

fn state(state: &State) -> &'static str {
    match state {
        State::Running => "running",
        State::Paused(_) => "paused",
        State::Done => "done",
        State::Cancelled => "cancelled",
    }
}
