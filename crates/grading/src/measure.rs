//! What a measure says of one transcript.
//!
//! The difficulty is the judge that was not asked. If its `when` excludes the transcript, the measure does not apply. If
//! there was nothing to grade, the transcript is missing from the measure, and missing data must be shown and bounded;
//! unless an outcome speaks for it (a refusal by the API is a refusal), and then it counts like any other.

use std::collections::BTreeSet;

use iago_expression::{Expression, Truth, Value};
use iago_sweep::Parse;

use crate::compile::MeasureRules;
use crate::{Class, Grader, Reading, StageState, Transcript};

impl Grader {
    /// Reads a measure, by its number in the plan, off a transcript. A number that no measure has reads as unknown.
    ///
    /// It is pending while a generate stage or a stage that the measure reads is pending, for the reason given at
    /// [`Grader::outcome`].
    pub fn measure(&self, measure: usize, transcript: &Transcript) -> Reading {
        let Some(rules) = self.measures.get(measure) else { return Reading::Unknown };
        if let Some(reason) = self.find_failure(transcript) {
            return Reading::Dropped(reason);
        }
        let read = self.names.stages_read(rules.expressions());
        if self.generates.union(&read).any(|&stage| *transcript.state(stage) == StageState::Pending)
        {
            return Reading::Pending;
        }
        let lost: BTreeSet<usize> =
            read.into_iter().filter(|&stage| self.is_lost(stage, transcript)).collect();
        if lost.is_empty() {
            return self.read(rules, transcript, &lost, Reading::Unknown);
        }
        match self.outcome(transcript) {
            Class::Outcome(_) => self.read_counted(rules, transcript, &lost),
            Class::Dropped(reason) => self.read(rules, transcript, &lost, Reading::Dropped(reason)),
            Class::Unknown => self.read(rules, transcript, &lost, Reading::Unknown),
            Class::Pending => self.read(rules, transcript, &lost, Reading::Pending),
        }
    }

    /// With an outcome, what was lost reads as not asked: it is known that no judge could say `comply`.
    fn read_counted(
        &self,
        rules: &MeasureRules,
        transcript: &Transcript,
        lost: &BTreeSet<usize>,
    ) -> Reading {
        let lookup = |name: &str| self.value(name, transcript);
        match rules.given.as_ref().map_or(Truth::True, |given| given.truth(&lookup)) {
            Truth::False => Reading::Outside,
            Truth::Unknown => Reading::Unknown,
            Truth::True => self.read_numerator(&rules.of, transcript, lost),
        }
    }

    /// Without an outcome, what was lost is unknown to `given`, so that a transcript which might have belonged to the
    /// measure is missing from it, and not outside. `missing` is what that reads as.
    fn read(
        &self,
        rules: &MeasureRules,
        transcript: &Transcript,
        lost: &BTreeSet<usize>,
        missing: Reading,
    ) -> Reading {
        let lookup = |name: &str| {
            let stage = self.names.origin(name).and_then(crate::names::Origin::stage);
            let is_lost = stage.is_some_and(|stage| lost.contains(&stage));
            if is_lost { Value::Unknown } else { self.value(name, transcript) }
        };
        let reads_lost =
            |expression: &Expression| !self.names.stages_read([expression]).is_disjoint(lost);
        if let Some(given) = &rules.given {
            match given.truth(&lookup) {
                Truth::False => return Reading::Outside,
                Truth::Unknown if reads_lost(given) => return missing,
                Truth::Unknown => return Reading::Unknown,
                Truth::True => {}
            }
        }
        if reads_lost(&rules.of) {
            return missing;
        }
        self.read_numerator(&rules.of, transcript, lost)
    }

    fn read_numerator(
        &self,
        of: &Expression,
        transcript: &Transcript,
        lost: &BTreeSet<usize>,
    ) -> Reading {
        let skipped = |stage: &usize| {
            *transcript.state(*stage) == StageState::NotAsked && !lost.contains(stage)
        };
        if self.names.stages_read([of]).iter().any(skipped) {
            return Reading::NotAsked;
        }
        match of.truth(&|name| self.value(name, transcript)) {
            Truth::True => Reading::Yes,
            Truth::False => Reading::No,
            Truth::Unknown => Reading::Unknown,
        }
    }

    /// Whether a judge was not asked because there was nothing to grade, although the transcript is one that it is
    /// asked about.
    fn is_lost(&self, stage: usize, transcript: &Transcript) -> bool {
        let Some(rules) = self.stages.get(stage) else { return false };
        let Some(parent) = rules.parent else { return false };
        if *transcript.state(stage) != StageState::NotAsked {
            return false;
        }
        let gradable = match transcript.state(parent) {
            StageState::Answered(answered) => answered.parse == Parse::Ok,
            StageState::NotAsked => !self.is_lost(parent, transcript),
            StageState::Failed(_) | StageState::Pending => false,
        };
        // `when` may read how the parent ended. That is why there is nothing to grade, so it does not count here.
        let before = |name: &str| self.value_before(name, transcript.cell, transcript.prompt);
        let excluded = rules.when.as_ref().is_some_and(|when| when.truth(&before) == Truth::False);
        !gradable && !excluded
    }
}
