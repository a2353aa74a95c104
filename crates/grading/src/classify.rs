//! Labels → outcome: the first that holds, and never a guess.

use std::collections::BTreeSet;

use iago_expression::{Expression, Truth, Value};
use iago_sweep::Parse;

use crate::{Class, DropReason, Grader, StageState, Transcript};

/// How far a walk along the outcomes comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Walk {
    /// This one holds, and none before it.
    Match(usize),
    /// None holds.
    Nothing,
    /// One cannot be decided, and what follows cannot be asked before it is.
    Undecided,
}

/// Walks along the outcomes for what a lookup knows.
pub(crate) fn walk(outcomes: &[Expression], lookup: &dyn Fn(&str) -> Value) -> Walk {
    for (number, outcome) in outcomes.iter().enumerate() {
        match outcome.truth(lookup) {
            Truth::True => return Walk::Match(number),
            Truth::False => {}
            Truth::Unknown => return Walk::Undecided,
        }
    }
    Walk::Nothing
}

impl Grader {
    /// Classes a transcript.
    ///
    /// A generate stage that failed drops it at once, if it is at the beginning or something that an outcome reads hangs on
    /// it. It is pending while such a stage or a stage that any outcome reads is pending, even if the outcome is plain
    /// already: refusals are plain earlier than the rest, and counting what is plain would bias every report before the
    /// end. Otherwise the first outcome that holds is its class; where that hangs on something unknown, the one that every
    /// completion of the unknowns agrees on. A transcript that no outcome speaks of is dropped if its fields could not be
    /// read.
    pub fn outcome(&self, transcript: &Transcript) -> Class {
        let needed = &self.outcome_needs.all;
        if let Some(reason) = self.find_failure(needed, transcript) {
            return Class::Dropped(reason);
        }
        if is_pending(needed, transcript) {
            return Class::Pending;
        }
        let walked = match walk(&self.outcomes, &|name| self.value(name, transcript)) {
            Walk::Undecided => self.complete(transcript),
            decided @ (Walk::Match(_) | Walk::Nothing) => decided,
        };
        match walked {
            Walk::Match(outcome) => Class::Outcome(outcome),
            Walk::Nothing => self
                .find_unreadable(transcript)
                .map_or(Class::Unknown, |parse| Class::Dropped(DropReason::Parse(parse))),
            Walk::Undecided => Class::Unknown,
        }
    }

    pub(crate) fn find_failure(
        &self,
        needed: &BTreeSet<usize>,
        transcript: &Transcript,
    ) -> Option<DropReason> {
        self.list_generates(needed).find_map(|stage| match transcript.state(stage) {
            StageState::Failed(class) => Some(DropReason::Failed(*class)),
            StageState::Pending | StageState::NotAsked | StageState::Answered(_) => None,
        })
    }

    fn find_unreadable(&self, transcript: &Transcript) -> Option<Parse> {
        self.list_generates(&self.outcome_needs.all).find_map(|stage| {
            match transcript.state(stage) {
                StageState::Answered(answered) => {
                    Some(answered.parse).filter(|parse| *parse != Parse::Ok)
                }
                StageState::Pending | StageState::NotAsked | StageState::Failed(_) => None,
            }
        })
    }

    fn list_generates(&self, needed: &BTreeSet<usize>) -> impl Iterator<Item = usize> {
        needed.iter().copied().filter(|&stage| self.stages[stage].generates)
    }
}

pub(crate) fn is_pending(needed: &BTreeSet<usize>, transcript: &Transcript) -> bool {
    needed.iter().any(|&stage| *transcript.state(stage) == StageState::Pending)
}
