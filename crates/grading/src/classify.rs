//! Labels → outcome: the first that holds, and never a guess.

use std::collections::BTreeMap;

use iago_expression::{Expression, Truth, Value, completions};
use iago_sweep::Parse;

use crate::{Class, DropReason, Grader, StageState, Transcript};

/// How many ways of completing one transcript's unknowns are tried. Six abstaining judges of four labels each fit;
/// beyond it the transcript is unknown.
const COMPLETIONS_MAX: usize = 4096;

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
    /// A generate stage that failed drops it at once. It is pending while a generate stage or a stage that any outcome
    /// reads is pending, even if the outcome is plain already: refusals are plain earlier than the rest, and counting
    /// what is plain would bias every report before the end. Otherwise the first outcome that holds is its class; where
    /// that hangs on something unknown, the one that every completion of the unknowns agrees on. A transcript that no
    /// outcome speaks of is dropped if its fields could not be read.
    pub fn outcome(&self, transcript: &Transcript) -> Class {
        if let Some(reason) = self.find_failure(transcript) {
            return Class::Dropped(reason);
        }
        let needed = self.generates.union(&self.outcome_stages);
        if needed.into_iter().any(|&stage| *transcript.state(stage) == StageState::Pending) {
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

    pub(crate) fn find_failure(&self, transcript: &Transcript) -> Option<DropReason> {
        self.generates.iter().find_map(|&stage| match transcript.state(stage) {
            StageState::Failed(class) => Some(DropReason::Failed(*class)),
            StageState::Pending | StageState::NotAsked | StageState::Answered(_) => None,
        })
    }

    fn find_unreadable(&self, transcript: &Transcript) -> Option<Parse> {
        self.generates.iter().find_map(|&stage| match transcript.state(stage) {
            StageState::Answered(answered) => {
                Some(answered.parse).filter(|parse| *parse != Parse::Ok)
            }
            StageState::Pending | StageState::NotAsked | StageState::Failed(_) => None,
        })
    }

    /// What every completion of the unknowns comes to; undecided if they differ, or are too many to try.
    fn complete(&self, transcript: &Transcript) -> Walk {
        let unknowns = self.list_unknowns(transcript);
        let ways =
            unknowns.iter().try_fold(1usize, |ways, (_, values)| ways.checked_mul(values.len()));
        if ways.is_none_or(|ways| ways > COMPLETIONS_MAX) {
            return Walk::Undecided;
        }
        let mut walks = completions(&unknowns).map(|completion: BTreeMap<String, Value>| {
            walk(&self.outcomes, &|name| {
                completion.get(name).cloned().unwrap_or_else(|| self.value(name, transcript))
            })
        });
        let Some(first) = walks.next() else { return Walk::Undecided };
        if walks.all(|other| other == first) { first } else { Walk::Undecided }
    }

    /// The names that the outcomes read and the transcript does not know, with all that they can be. A share of votes is
    /// left out: it has no end of values, and stays unknown in every completion.
    fn list_unknowns(&self, transcript: &Transcript) -> Vec<(String, Vec<Value>)> {
        let mut unknowns = BTreeMap::new();
        for name in self.outcomes.iter().flat_map(Expression::names) {
            let values = self.names.domain(name).and_then(iago_expression::Domain::values);
            if let Some(values) = values
                && self.value(name, transcript) == Value::Unknown
            {
                unknowns.insert(name.clone(), values);
            }
        }
        unknowns.into_iter().collect()
    }
}
