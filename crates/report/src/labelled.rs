//! What people's labels name: transcripts by their names, and the requests that the answers there are to.
//!
//! Labels are of answers, and a gold file names them by their places. Where an answer to another request stands in such a
//! place, the label is none of it.

use std::collections::BTreeMap;

use iago_sweep::{Coordinate, Digest, JobId, Plan, Rating, ResultFact};

/// A transcript: cell, prompt and repeat.
pub(crate) type Place = (usize, usize, usize);

/// Where the transcripts of a plan are, by the names that a file of labels gives them.
pub(crate) struct Numbers<'a> {
    prompts: BTreeMap<&'a str, usize>,
    cells: BTreeMap<(&'a str, &'a str), usize>,
}

impl<'a> Numbers<'a> {
    pub(crate) fn of(plan: &'a Plan) -> Self {
        let prompts = plan.prompts.iter().map(|prompt| prompt.id.as_str());
        let cells = plan.cells.iter().map(|cell| (cell.model.as_str(), cell.condition.as_str()));
        Self { prompts: prompts.zip(0..).collect(), cells: cells.zip(0..).collect() }
    }

    pub(crate) fn find(&self, of: &Rating) -> Option<Place> {
        let cell = self.cells.get(&(of.model.as_str(), of.condition.as_str()))?;
        Some((*cell, *self.prompts.get(of.prompt.as_str())?, of.repeat as usize))
    }
}

/// The requests that labelled answers are to, as far as their labels say which request they mean.
#[derive(Clone, Debug)]
pub(crate) struct Requests(BTreeMap<JobId, Option<Digest>>);

impl Requests {
    /// Those of a plan's labels, none of them known.
    pub(crate) fn of(plan: &Plan) -> Self {
        let numbers = Numbers::of(plan);
        let mut jobs = BTreeMap::new();
        for set in &plan.gold {
            let answers = find_answers(plan, &set.stage);
            let said = set.ratings.iter().filter(|rating| rating.request.is_some());
            let named = said.filter_map(|rating| pack(answers?, numbers.find(rating)?));
            jobs.extend(named.map(|job| (job, None)));
        }
        Self(jobs)
    }

    /// Takes in a result. The first of a job is the one that counts.
    pub(crate) fn take(&mut self, fact: &ResultFact) {
        if let Some(known) = self.0.get_mut(&fact.job) {
            known.get_or_insert(fact.request);
        }
    }

    /// Whether the answer in a label's place is one to another request. A label that does not say which request it means is
    /// of whatever stands there, and so is one of an answer that is not there yet.
    pub(crate) fn contradict(&self, plan: &Plan, judge: &str, rating: &Rating, at: Place) -> bool {
        let job = || pack(find_answers(plan, judge)?, at);
        rating.request.is_some_and(|meant| {
            let found = job().and_then(|job| self.0.get(&job).copied().flatten());
            found.is_some_and(|found| found != meant)
        })
    }
}

/// The stage whose answers a judge grades.
fn find_answers(plan: &Plan, judge: &str) -> Option<u32> {
    plan.stage_number(plan.stages.iter().find(|stage| stage.name == judge)?.of()?)
}

fn pack(stage: u32, (cell, prompt, repeat): Place) -> Option<JobId> {
    let [cell, prompt, repeat] = [cell, prompt, repeat].map(u32::try_from);
    let at = Coordinate {
        stage,
        cell: cell.ok()?,
        prompt: prompt.ok()?,
        repeat: repeat.ok()?,
        ..Coordinate::default()
    };
    JobId::pack(at).ok()
}
