//! What failed for good, in words, with the endpoint's own.

use std::collections::BTreeMap;

use iago_store::Store;
use iago_sweep::{Coordinate, FailureFact, JobId, Plan, SweepId};

use crate::exit::Stop;
use crate::output::talk;
use crate::programs::program_of;

/// Says for each stage and model how many jobs failed for good, and the endpoint's words for one.
pub(super) async fn tell_failures<S: Store>(
    store: &S,
    sweep: SweepId,
    plan: &Plan,
) -> Result<bool, Stop> {
    let mut last: BTreeMap<JobId, FailureFact> = BTreeMap::new();
    for failure in store.failures(sweep).await? {
        last.insert(failure.job, failure);
    }
    let jobs: Vec<JobId> = last.keys().copied().collect();
    for page in jobs.chunks(iago_store::READ_MAX) {
        for (answered, _) in store.read(sweep, page).await? {
            last.remove(&answered);
        }
    }
    let mut groups: BTreeMap<String, (u64, &FailureFact)> = BTreeMap::new();
    for failure in last.values() {
        let at = failure.job.at();
        let stage = plan.stages.get(at.stage as usize).map_or("?", |stage| &stage.name);
        let whom = whom(plan, at);
        let group = format!("stage `{stage}`, {whom}, {}", failure.class);
        groups.entry(group).or_insert((0, failure)).0 += 1;
    }
    for (group, (jobs, failure)) in &groups {
        let noun = if *jobs == 1 { "job" } else { "jobs" };
        talk(&format!("{jobs} {noun} failed for good: {group}: {}", failure.message));
    }
    Ok(!groups.is_empty())
}

/// Who was to answer a job.
fn whom(plan: &Plan, at: Coordinate) -> String {
    if let Some(model) = plan.model_asked(at.stage, at.cell) {
        return format!("model `{}`", model.name);
    }
    match program_of(plan, at.stage) {
        Some(program) => format!("program `{program}`"),
        None => "scored here".to_owned(),
    }
}
