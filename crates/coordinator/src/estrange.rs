//! People's labels are of answers, and a gold file names them by their places. Where an answer to
//! another request stands in such a place, the label is none of it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Excluded, Unbounded};

use iago_store::{Store, StoreError};
use iago_sweep::{Coordinate, Digest, Gold, JobId, Plan, Rating, SweepId};

/// Results in one page.
const PAGE: usize = 1_000;

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
    let mut sets = std::mem::take(&mut plan.gold);
    let places = Places::of(&plan);
    let find = |set: &Gold| {
        let jobs = set.ratings.iter().filter_map(|of| places.find(&set.stage, of));
        jobs.collect::<Vec<_>>()
    };
    let labelled = sets.iter().flat_map(find).collect();
    let found = read_requests(store, sweep, &labelled).await?;
    for set in &mut sets {
        for rating in &mut set.ratings {
            let answered = places.find(&set.stage, rating).and_then(|job| found.get(&job));
            if answered.is_some_and(|request| Some(*request) != rating.request) {
                rating.prompt.push(NOWHERE);
            }
        }
    }
    plan.gold = sets;
    Ok(plan)
}

/// The requests that these jobs' stored results answer. Labels stand close together, so that whole
/// pages are read.
async fn read_requests<S: Store>(
    store: &S,
    sweep: SweepId,
    jobs: &BTreeSet<JobId>,
) -> Result<BTreeMap<JobId, Digest>, StoreError> {
    let (mut found, mut next) = (BTreeMap::new(), jobs.first());
    while let Some(job) = next {
        let page = store.results(sweep, Some(job.number() - 1), PAGE).await?;
        let last = page.last().filter(|_| page.len() == PAGE).map(|fact| fact.job);
        next = last.and_then(|last| jobs.range((Excluded(last), Unbounded)).next());
        let labelled = page.into_iter().filter(|fact| jobs.contains(&fact.job));
        found.extend(labelled.map(|fact| (fact.job, fact.request)));
    }
    Ok(found)
}

/// The numbers of what a label names.
struct Places {
    /// By judge stage, the stage whose answers it grades.
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

    /// The job whose answer was labelled for a judge stage; `None` where the label does not say which
    /// request it means, or names nothing that the plan has.
    fn find(&self, judge: &str, of: &Rating) -> Option<JobId> {
        of.request?;
        let stage = *self.answers.get(judge)?;
        let cell = *self.cells.get(&(of.model.clone(), of.condition.clone()))?;
        let prompt = *self.prompts.get(&of.prompt)?;
        let at = Coordinate { stage, cell, prompt, repeat: of.repeat, ..Coordinate::default() };
        JobId::pack(at).ok()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use iago_store::{MemoryStore, Names, NewRevision, NewSweep};
    use iago_sweep::{Fact, Finish, Parse, ResultFact, Text, Usage};

    use super::*;

    fn job(number: i64) -> JobId {
        JobId::from_number(number).expect("it is not negative")
    }

    fn result(number: i64) -> Fact {
        let fact = ResultFact {
            job: job(number),
            term: 1,
            attempt: 1,
            finish: Finish::Stop,
            parse: Parse::Ok,
            label: None,
            opens: 0,
            decided: 0,
            usage: Usage::default(),
            cost: None,
            latency_ms: 1,
            calls: 1,
            throttles: 0,
            echoed_model: None,
            request: Digest::of(number.to_string()),
            simulated: true,
        };
        Fact::Result(Box::new(fact), Text::default())
    }

    #[tokio::test]
    async fn the_requests_of_labelled_answers_are_found_wherever_they_stand() {
        let store = MemoryStore::default();
        let term = store.lead("c", Duration::ZERO).await.unwrap();
        let (plan, note, names) = (Vec::new(), String::new(), Names::default());
        let [ask, analysis] = [Digest::of("ask"), Digest::of("analysis")];
        let revision = NewRevision { number: 0, plan, ask, analysis, note, names };
        let new = NewSweep { name: String::new(), revision, created_ms: 0 };
        let sweep = store.submit(term, new).await.unwrap();
        let all = i64::try_from(3 * PAGE).unwrap();
        store.append(sweep, term, (0..all).map(result).collect()).await.unwrap();
        let wanted = [0, 7, 1_500, all - 1, all + 5].map(job).into();
        let found = read_requests(&store, sweep, &wanted).await.unwrap();
        let expected = [0, 7, 1_500, all - 1];
        assert_eq!(found, expected.map(|of| (job(of), Digest::of(of.to_string()))).into());
    }
}
