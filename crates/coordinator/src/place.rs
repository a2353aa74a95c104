//! Where a plan stands in the store: new, known, known and revised, or part of something larger.

use std::ops::ControlFlow;

use iago_protocol::wire::Submitted;
use iago_store::{Kind, Names, NewRevision, NewSweep, Nights, State, Store, SweepHead};
use iago_sweep::{Plan, SweepId};
use tonic::Status;

use crate::compile::compile_whole;
use crate::driver::Driver;
use crate::inbox::Submission;
use crate::standing::{Change, Standing, find_head, standing, standing_of, stored_plan};
use crate::submit::invalid;
use crate::trouble::{of_standing, of_store};

/// Where a submitted plan came to stand.
pub(crate) struct Place {
    pub(crate) sweep: SweepId,
    pub(crate) revision: u32,
    pub(crate) plan: Plan,
    pub(crate) created_ms: i64,
    pub(crate) note: String,
    pub(crate) state: State,
    pub(crate) round: u32,
    /// What the sweep is for.
    pub(crate) kind: Kind,
    /// It is at work here already, at this very revision.
    pub(crate) at_work: bool,
}

impl Place {
    /// A sweep as the store has it.
    pub(crate) fn stored(head: SweepHead, plan: Plan) -> Self {
        let SweepHead { id: sweep, revision, created_ms, note, state, round, kind, .. } = head;
        Self { sweep, revision, plan, created_ms, note, state, round, kind, at_work: false }
    }

    /// The same place, once what was done meanwhile is in the store: how it came to it stays.
    pub(crate) fn found_again(self, head: SweepHead, plan: Plan) -> Self {
        Self { note: self.note, state: self.state, ..Self::stored(head, plan) }
    }
}

impl<S: Store + Nights> Driver<S> {
    async fn find_standing(
        &self,
        plan: Plan,
        submission: &Submission,
        baseline: Option<SweepId>,
    ) -> Result<Standing, Status> {
        let (store, sources) = (&*self.store, &submission.sources);
        let stands = match submission.extend {
            Some(sweep) => {
                let head = find_head(store, sweep).await.map_err(of_store)?;
                check_extensible(&head)?;
                standing_of(store, sweep, plan).await
            }
            None => {
                let whole = compile_whole(sources).map_err(invalid)?;
                standing(store, plan, whole.as_ref(), baseline).await
            }
        };
        stands.map_err(of_standing)
    }

    /// Stores the plan where it is new. A part of what is there needs no place. `baseline` is the sweep that
    /// it is to be compared with.
    pub(crate) async fn place(
        &mut self,
        plan: Plan,
        submission: &Submission,
        baseline: Option<SweepId>,
    ) -> Result<ControlFlow<Submitted, Place>, Status> {
        let created_ms = submission.submitted_ms;
        let place = match self.find_standing(plan, submission, baseline).await? {
            Standing::Part(part) => {
                let at_work = self.is_at_work(&part.head);
                let settled = part.settle(at_work, submission.retry_failed);
                return settled.map(ControlFlow::Break).map_err(Status::failed_precondition);
            }
            Standing::New { why, .. } if submission.extend.is_some() => {
                let why = why.unwrap_or_else(|| "it has another name".to_owned());
                Err(Status::failed_precondition(format!(
                    "this is no extension: {why}; submit it as a sweep of its own"
                )))
            }
            Standing::New { plan, why } => self.place_new(plan, why, created_ms).await,
            Standing::Known { head, plan, change: None } => {
                self.place_known(head, plan, submission.retry_failed).await
            }
            Standing::Known { head, plan, change: Some(change) } => {
                let asks_more = matches!(change, Change::Extension(_));
                self.place_changed(head, plan, change.to_string(), asks_more).await
            }
        };
        place.map(ControlFlow::Continue)
    }

    async fn place_new(
        &mut self,
        plan: Plan,
        why: Option<String>,
        created_ms: i64,
    ) -> Result<Place, Status> {
        let note =
            why.map_or_else(|| "a new sweep".to_owned(), |why| format!("a new sweep, since {why}"));
        let revision = revision(0, &plan, &note);
        let new = NewSweep { name: plan.name.clone(), revision, created_ms, kind: Kind::Asked };
        let sweep = self.store.submit(self.term, new).await.map_err(of_store)?;
        let state = State::Done; // no earlier process was at work on it
        let (revision, round, kind, at_work) = (0, 0, Kind::Asked, false);
        Ok(Place { sweep, revision, plan, created_ms, note, state, round, kind, at_work })
    }

    /// A sweep that asks and reads the very same. Where work goes on, it does so under the terms of the
    /// file that was handed in, for whoever leads next as well.
    async fn place_known(
        &mut self,
        head: SweepHead,
        plan: Plan,
        retry_failed: bool,
    ) -> Result<Place, Status> {
        if head.state != State::Done || retry_failed {
            let old =
                stored_plan(&*self.store, head.id, head.revision).await.map_err(of_standing)?;
            if let Some(note) = new_terms(&old, &plan) {
                return self.place_changed(head, plan, note, false).await;
            }
        }
        let at_work = self.is_at_work(&head);
        let note = "known: going on where it stands".to_owned();
        Ok(Place { note, at_work, ..Place::stored(head, plan) })
    }

    /// Stores a revision. Whoever leads next goes on with what it asks beyond what was there, and with
    /// the reading of it, whatever happens to this process.
    pub(crate) async fn place_changed(
        &mut self,
        head: SweepHead,
        plan: Plan,
        note: String,
        asks_more: bool,
    ) -> Result<Place, Status> {
        let number = head.revision + 1;
        let new = revision(number, &plan, &note);
        self.store.revise(self.term, head.id, new).await.map_err(of_store)?;
        self.overtaken.insert(head.id);
        if asks_more || !plan.reread.is_empty() {
            let told = self.store.control(self.term, head.id, State::Running).await;
            if told.is_err() {
                self.late.insert(head.id);
            }
            told.map_err(of_store)?;
        }
        Ok(Place { revision: number, note, ..Place::stored(head, plan) })
    }
}

/// Whether people may ask more of a sweep. Anchors have the baseline's answers and ask for no other.
fn check_extensible(head: &SweepHead) -> Result<(), Status> {
    if head.kind != Kind::Anchors {
        return Ok(());
    }
    Err(Status::failed_precondition(format!(
        "sweep {} judges transcripts of a baseline again, and asks no model for more: extend the sweep that \
         it is compared with, or submit this one as a sweep of its own",
        head.id
    )))
}

/// What of a sweep may change without changing what it asks or reads: how much it may cost, and its
/// part of what it shares. `None` where that is as it was.
fn new_terms(old: &Plan, new: &Plan) -> Option<String> {
    let budget = (old.budget != new.budget).then(|| match new.budget {
        Some(budget) => format!("a budget of {budget}"),
        None => "no budget".to_owned(),
    });
    let weight = (old.weight != new.weight).then(|| format!("a weight of {}", new.weight.0));
    let terms: Vec<String> = budget.into_iter().chain(weight).collect();
    (!terms.is_empty()).then(|| format!("known: going on with {}", terms.join(" and ")))
}

/// A revision of a sweep, to be stored.
pub(crate) fn revision(number: u32, plan: &Plan, note: &str) -> NewRevision {
    NewRevision {
        number,
        // A plan has string keys and finite numbers only, so it always has a JSON form.
        plan: serde_json::to_vec(plan).unwrap_or_default(),
        ask: plan.ask_hash(),
        analysis: plan.analysis_hash(),
        note: note.to_owned(),
        names: names(plan),
    }
}

fn names(plan: &Plan) -> Names {
    let cell = |cell: &iago_sweep::Cell| (cell.model.clone(), cell.condition.clone());
    Names {
        stages: plan.stages.iter().map(|stage| stage.name.clone()).collect(),
        cells: plan.cells.iter().map(cell).collect(),
        prompts: plan.prompts.iter().map(|prompt| prompt.id.clone()).collect(),
    }
}

#[cfg(test)]
mod tests;
