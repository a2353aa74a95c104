//! What it means that a stage has no answer.
//!
//! A stage that was not asked has, in a stored sweep, no result; why, its opener says:
//!
//! | its `when`, its parent, its opener | it is | and reads as |
//! | --- | --- | --- |
//! | `when` is false whatever was said, or for the label that its opener has | excluded | not asked |
//! | the parent could not be read, or what it hangs on was lost | lost | not asked, and a measure asks why |
//! | the label of its opener is unknown, and with it whether `when` holds | unsettled | unknown |
//!
//! What hangs on an excluded stage is excluded, on a lost one lost, on an unsettled one unsettled. Taking what is
//! unsettled for what is excluded would be a coerced class: a judge that abstained would have said "no" to every stage
//! behind it.

use iago_expression::{Truth, Value};
use iago_sweep::Parse;

use crate::names::Origin;
use crate::{Grader, StageState, Transcript};

/// Why a stage was not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It does not concern this transcript.
    Excluded,
    /// There was nothing that it could work on, although it concerns the transcript.
    Lost,
    /// Whether it concerns the transcript hangs on a label that is unknown.
    Unsettled,
}

impl Grader {
    /// Why a stage was not asked; `None` for a stage that was, or may still be.
    pub(crate) fn standing(&self, stage: usize, transcript: &Transcript) -> Option<Standing> {
        // A plan that a file made has no circles; a stored one might.
        let hops = self.stages.len();
        (*transcript.state(stage) == StageState::NotAsked)
            .then(|| self.explain(stage, transcript, hops))
    }

    fn explain(&self, stage: usize, transcript: &Transcript, hops: usize) -> Standing {
        let Some((rules, hops)) = self.stages.get(stage).zip(hops.checked_sub(1)) else {
            return Standing::Excluded;
        };
        // `when` may read how the parent ended. That may be why there is nothing to work on, so it does not count here.
        let before = |name: &str| self.value_before(name, transcript.cell, transcript.prompt);
        if rules.when.as_ref().is_some_and(|when| when.truth(&before) == Truth::False) {
            return Standing::Excluded;
        }
        let Some(parent) = rules.parent else { return Standing::Excluded };
        match transcript.state(parent) {
            StageState::Answered(answered) if answered.parse == Parse::Ok => {}
            StageState::Answered(_) | StageState::Failed(_) | StageState::Pending => {
                return Standing::Lost;
            }
            StageState::NotAsked => return self.explain(parent, transcript, hops),
        }
        match rules.opener.filter(|opener| *opener != parent) {
            Some(opener) => self.explain_by_opener(stage, opener, transcript, hops),
            None => Standing::Excluded,
        }
    }

    /// The parent could be read, and the opener did not open the stage.
    fn explain_by_opener(
        &self,
        stage: usize,
        opener: usize,
        transcript: &Transcript,
        hops: usize,
    ) -> Standing {
        if *transcript.state(opener) == StageState::NotAsked {
            return self.explain(opener, transcript, hops);
        }
        let behind = |name: &str| self.value_at_opening(name, stage, transcript);
        let when = self.stages[stage].when.as_ref();
        match when.map_or(Truth::Unknown, |when| when.truth(&behind)) {
            Truth::False => Standing::Excluded,
            // It would have been opened, or nobody can say that it would not.
            Truth::True | Truth::Unknown => Standing::Unsettled,
        }
    }

    /// The value of a name as `when` reads it while its stage is decided on, whose parent could be read.
    pub(crate) fn value_at_opening(
        &self,
        name: &str,
        stage: usize,
        transcript: &Transcript,
    ) -> Value {
        match self.names.origin(name) {
            Some(Origin::Parse(of)) if Some(of) == self.stages[stage].parent => {
                Parse::Ok.word().into()
            }
            _ => self.value(name, transcript),
        }
    }

    pub(crate) fn is_lost(&self, stage: usize, transcript: &Transcript) -> bool {
        self.standing(stage, transcript) == Some(Standing::Lost)
    }

    pub(crate) fn is_excluded(&self, stage: usize, transcript: &Transcript) -> bool {
        self.standing(stage, transcript) == Some(Standing::Excluded)
    }

    pub(crate) fn is_unsettled(&self, stage: usize, transcript: &Transcript) -> bool {
        self.standing(stage, transcript) == Some(Standing::Unsettled)
    }
}
