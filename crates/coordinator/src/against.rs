//! What a sweep is compared with: the transcripts of a baseline, judged again beside it.

use iago_scheduler::{Action, Known};
use iago_store::{
    Baseline, Kind, NewComparison, NewSweep, Nights, State, Store, StoreError, SweepHead,
};
use iago_sweep::{Plan, SweepId};
use tonic::Status;

use crate::driver::Driver;
use crate::inbox::{Submission, Waits};
use crate::night::{anchors_plan, copy_answers, split_budget};
use crate::place::revision;
use crate::services::status::head;
use crate::standing::{Change, Standing, StandingError, find_head, standing_of, stored_plan};
use crate::submit::{Taken, invalid};
use crate::trouble::{of_standing, of_store};

/// How a sweep stands to the others that want the same pools.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rank {
    /// The highest goes first; 0 for what people submit.
    pub(crate) priority: i8,
    /// It is to be no further than that sweep.
    pub(crate) in_step_with: Option<SweepId>,
}

impl Rank {
    /// Tells the scheduler.
    pub(crate) fn tell(self, known: &mut Known) {
        known.priority(self.priority);
        if let Some(other) = self.in_step_with {
            known.in_step_with(other);
        }
    }
}

/// What a sweep of this plan is compared with: the baseline, and the sweep of its anchors where something
/// is judged again. The budget of tonight's plan is for both.
pub(crate) async fn compare_with<S: Store>(
    store: &S,
    tonight: &mut Plan,
    baseline: &Baseline,
    created_ms: i64,
) -> Result<NewComparison, StandingError> {
    let Baseline { name, sweep, revision: pinned, .. } = baseline;
    let then = stored_plan(store, *sweep, *pinned).await?;
    let anchors = anchors_plan(tonight, &then).map(|mut anchors| {
        split_budget(tonight, &mut anchors);
        let note = format!("transcripts of baseline {name} ({sweep}), judged again");
        let revision = revision(0, &anchors, &note);
        NewSweep { name: anchors.name, revision, created_ms, kind: Kind::Anchors }
    });
    Ok(NewComparison { baseline: name.clone(), of: *sweep, revision: *pinned, anchors })
}

/// Copies into a sweep of anchors what is not judged again. What is there already stays.
pub(crate) async fn fill_anchors<S: Store + Nights>(
    store: &S,
    term: u64,
    anchors: SweepId,
    plan: &Plan,
) -> Result<(), StoreError> {
    let with = store.comparisons(anchors).await?;
    let with = with.into_iter().find(|with| with.anchors == Some(anchors));
    let with = with.ok_or(StoreError::missing(anchors))?;
    copy_answers(store, term, (with.of, with.revision), anchors, plan).await
}

impl<S: Store + Nights> Driver<S> {
    /// What a sweep that is handed in is to be compared with. A pilot is compared with nothing: it has not
    /// the prompts of the baseline, and may be a part of a sweep that is stored.
    pub(crate) async fn find_comparison(
        &self,
        name: &str,
        submission: &Submission,
        tonight: &mut Plan,
    ) -> Result<NewComparison, Status> {
        if submission.sources.prompts_max.is_some() {
            return Err(Status::failed_precondition(format!(
                "a part of a sweep is not compared with a baseline: run the whole sweep against `{name}`, \
                 without a limit, or the part without a baseline"
            )));
        }
        let baselines = self.store.baselines().await.map_err(of_store)?;
        let found = baselines.into_iter().find(|baseline| baseline.name == name);
        let baseline = found.ok_or_else(|| {
            Status::not_found(format!(
                "there is no baseline named `{name}`: `iago baseline list` shows those that there are, \
                 `iago baseline set {name} SWEEP` makes it one"
            ))
        })?;
        if submission.extend == Some(baseline.sweep) {
            return Err(itself(name, baseline.sweep));
        }
        let created_ms = submission.submitted_ms;
        compare_with(&*self.store, tonight, &baseline, created_ms).await.map_err(of_standing)
    }

    /// A sweep that was taken in is compared with a baseline from here on, and its anchors are worked on
    /// beside it. Where it asks for more than it did when it was first compared, so do they.
    pub(crate) async fn compare(
        &mut self,
        taken: &mut Taken,
        with: NewComparison,
        actions: &mut Vec<Action>,
    ) -> Result<(), Status> {
        let sweep = taken.sweep();
        if sweep == with.of {
            return Err(itself(&with.baseline, sweep));
        }
        let asked = with.anchors.as_ref().map(|new| serde_json::from_slice(&new.revision.plan));
        let asked: Option<Plan> = asked.transpose().map_err(invalid)?;
        let with = self.store.compare(self.term, sweep, with).await.map_err(of_store)?;
        let Some(anchors) = with.anchors else { return Ok(()) };
        taken.note_anchors(anchors);
        let head = match asked {
            Some(asked) => self.grow_anchors(anchors, asked).await?,
            None => head(&*self.store, anchors).await?,
        };
        if head.state == State::Done || self.is_at_work(&head) {
            return Ok(());
        }
        // They are filled beside the loop first.
        let opened = self.open(head, false, actions).await;
        if opened.is_err() && self.overtaken.contains(&anchors) {
            self.late.insert(anchors);
        }
        if let Some(unread) = opened? {
            self.read_ahead(*unread, Waits::Nobody);
        }
        Ok(())
    }

    /// Anchors as they are stored, once they ask for all that they are asked for now. They are found again
    /// as they were made at first, perhaps beside a part of what is compared by now.
    async fn grow_anchors(&mut self, anchors: SweepId, asked: Plan) -> Result<SweepHead, Status> {
        match standing_of(&*self.store, anchors, asked).await.map_err(of_standing)? {
            Standing::Known { head, plan, change: Some(change @ Change::Extension(_)) } => {
                self.place_changed(head, plan, change.to_string(), true).await?;
                find_head(&*self.store, anchors).await.map_err(of_store)
            }
            // What asks for less, or is read in another way, is compared with all that there is.
            Standing::Known { head, .. } => Ok(head),
            Standing::New { .. } | Standing::Part(_) => head(&*self.store, anchors).await,
        }
    }

    /// How a sweep stands to the others on its pools.
    pub(crate) async fn find_rank(&self, sweep: SweepId, kind: Kind) -> Result<Rank, StoreError> {
        let priority = self.priority_of(sweep);
        let in_step_with = match kind {
            Kind::Asked | Kind::Night => None,
            Kind::Anchors => {
                let with = self.store.comparisons(sweep).await?;
                let with = with.into_iter().find(|with| with.anchors == Some(sweep));
                with.map(|with| with.sweep)
            }
        };
        Ok(Rank { priority, in_step_with })
    }
}

fn itself(name: &str, sweep: SweepId) -> Status {
    Status::failed_precondition(format!(
        "{sweep} is the baseline `{name}` itself, and compared with itself nothing ever changes: submit a \
         sweep of its own, which extends nothing"
    ))
}
