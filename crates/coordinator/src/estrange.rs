//! People's labels are of answers, and a gold file names them by their places. Where an answer to
//! another request stands in such a place, the label is none of it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use iago_store::{Store, StoreError};
use iago_sweep::{Coordinate, Digest, JobId, Plan, Rating, SweepId};

/// What no prompt's id ends in: a label that is taken off its transcript is one of no transcript, and
/// is counted among those.
const NOWHERE: char = '\u{0}';

/// A plan whose labels are all of the answers that are stored: one that was given to an answer to
/// another request is of no transcript. Labels that do not say which request they mean stay, and so do
/// those of answers that are not there yet.
pub(crate) async fn estrange<S: Store>(
    store: &S,
    sweep: SweepId,
    plan: &Plan,
) -> Result<Plan, StoreError> {
    let mut plan = plan.clone();
    let mut asked: BTreeMap<JobId, Option<Digest>> = BTreeMap::new();
    let mut sets = std::mem::take(&mut plan.gold);
    let places = Places::of(&plan);
    for set in &mut sets {
        let answers = places.answers_of(&set.stage);
        for rating in &mut set.ratings {
            let Some(request) = rating.request else { continue };
            let Some(job) = answers.and_then(|stage| places.find(stage, rating)) else { continue };
            if let Entry::Vacant(entry) = asked.entry(job) {
                entry.insert(read_request(store, sweep, job).await?);
            }
            if asked.get(&job).copied().flatten().is_some_and(|found| found != request) {
                rating.prompt.push(NOWHERE);
            }
        }
    }
    plan.gold = sets;
    Ok(plan)
}

/// The request of a stored result; `None` where there is none yet.
async fn read_request<S: Store>(
    store: &S,
    sweep: SweepId,
    job: JobId,
) -> Result<Option<Digest>, StoreError> {
    let found = store.results(sweep, Some(job.number() - 1), 1).await?;
    Ok(found.into_iter().find(|fact| fact.job == job).map(|fact| fact.request))
}

/// The numbers of what a label names.
struct Places {
    answers: BTreeMap<String, u32>,
    cells: BTreeMap<(String, String), u32>,
    prompts: BTreeMap<String, u32>,
}

impl Places {
    fn of(plan: &Plan) -> Self {
        let stages = plan
            .stages
            .iter()
            .filter_map(|stage| Some((stage.name.clone(), plan.stage_number(stage.of()?)?)));
        let cells = plan.cells.iter().map(|cell| (cell.model.clone(), cell.condition.clone()));
        Self {
            answers: stages.collect(),
            cells: cells.zip(0..).collect(),
            prompts: plan.prompts.iter().map(|prompt| prompt.id.clone()).zip(0..).collect(),
        }
    }

    /// The stage whose answers a judge stage grades.
    fn answers_of(&self, stage: &str) -> Option<u32> {
        self.answers.get(stage).copied()
    }

    fn find(&self, stage: u32, of: &Rating) -> Option<JobId> {
        let cell = *self.cells.get(&(of.model.clone(), of.condition.clone()))?;
        let prompt = *self.prompts.get(&of.prompt)?;
        let at = Coordinate { stage, cell, prompt, repeat: of.repeat, ..Coordinate::default() };
        JobId::pack(at).ok()
    }
}
