//! What a measure says of one transcript.
//!
//! The difficulty is the judge that was not asked. If its `when` excludes the transcript, the measure does not apply. If
//! there was nothing to grade, the transcript is missing from the measure, and missing data must be shown and bounded;
//! unless an outcome speaks for it (a refusal by the API is a refusal), and then it counts like any other.

use std::collections::BTreeSet;

use iago_expression::{Expression, Truth, Value};

use crate::classify::is_pending;
use crate::names::Origin;
use crate::rules::{Count, MeasureRules};
use crate::{Class, Grader, Reading, Transcript};

impl Grader {
    /// Reads a measure, by its number in the plan, off a transcript. A number that no measure has reads as unknown.
    ///
    /// A transcript that its `where` excludes is outside, whatever was said in it. Otherwise a failed generate stage drops
    /// it and a pending stage holds it up as at [`Grader::outcome`], for the stages that the measure hangs on.
    ///
    /// A rate reads as yes or no, a mean as its value. Where `zero_unless` is false the value is 0; where that is unknown,
    /// so is the value, unless it is 0 either way.
    pub fn measure(&self, measure: usize, transcript: &Transcript) -> Reading {
        let Some((rules, needs)) = self.measures.get(measure).zip(self.measure_needs.get(measure))
        else {
            return Reading::Unknown;
        };
        let before = |name: &str| self.value_before(name, transcript.cell, transcript.prompt);
        match rules.within.as_ref().map_or(Truth::True, |within| within.truth(&before)) {
            Truth::False => return Reading::Outside,
            Truth::Unknown => return Reading::Unknown,
            Truth::True => {}
        }
        if let Some(reason) = self.find_failure(&needs.all, transcript) {
            return Reading::Dropped(reason);
        }
        if is_pending(&needs.all, transcript) {
            return Reading::Pending;
        }
        let lost = needs.read.iter().copied().filter(|&stage| self.is_lost(stage, transcript));
        let lost: BTreeSet<usize> = lost.collect();
        if lost.is_empty() {
            return self.read(rules, transcript, &lost, Reading::Unknown);
        }
        match self.outcome(transcript) {
            Class::Outcome(_) => self.read_counted(rules, transcript),
            Class::Dropped(reason) => self.read(rules, transcript, &lost, Reading::Dropped(reason)),
            Class::Unknown => self.read(rules, transcript, &lost, Reading::Unknown),
            Class::Pending => self.read(rules, transcript, &lost, Reading::Pending),
        }
    }

    /// What a reading of this measure lies between: 0 and 1 for a rate. `None` where there is no bound, or no such measure.
    pub fn measure_range(&self, measure: usize) -> Option<(f64, f64)> {
        let rules = self.measures.get(measure)?;
        let Count::Mean(value) = &rules.count else { return Some((0.0, 1.0)) };
        let (least, greatest) = value.range(&self.names.scope())?;
        let zeroed = rules.zero_unless.is_some();
        Some(if zeroed { (least.min(0.0), greatest.max(0.0)) } else { (least, greatest) })
    }

    /// With an outcome, what was lost reads as not asked: it is known that no judge could say `comply`.
    fn read_counted(&self, rules: &MeasureRules, transcript: &Transcript) -> Reading {
        let lookup = |name: &str| self.value(name, transcript);
        match rules.given.as_ref().map_or(Truth::True, |given| given.truth(&lookup)) {
            Truth::False => Reading::Outside,
            Truth::Unknown => Reading::Unknown,
            Truth::True => self.read_numerator(rules, transcript),
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
            let stage = self.names.origin(name).and_then(Origin::stage);
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
        let zero_is_plain = rules.zero_unless.as_ref().is_some_and(|zero_unless| {
            !reads_lost(zero_unless) && zero_unless.truth(&lookup) == Truth::False
        });
        if rules.numerator().any(reads_lost) && !zero_is_plain {
            return missing;
        }
        self.read_numerator(rules, transcript)
    }

    fn read_numerator(&self, rules: &MeasureRules, transcript: &Transcript) -> Reading {
        let lookup = |name: &str| self.value(name, transcript);
        match &rules.count {
            Count::Rate(of) if self.reads_excluded(of, transcript) => Reading::NotAsked,
            Count::Rate(of) => match of.truth(&lookup) {
                Truth::True => Reading::Yes,
                Truth::False => Reading::No,
                Truth::Unknown => Reading::Unknown,
            },
            Count::Mean(value) => self.read_mean(value, rules.zero_unless.as_ref(), transcript),
        }
    }

    fn read_mean(
        &self,
        value: &Expression,
        zero_unless: Option<&Expression>,
        transcript: &Transcript,
    ) -> Reading {
        if zero_unless.is_some_and(|condition| self.reads_excluded(condition, transcript)) {
            return Reading::NotAsked;
        }
        let lookup = |name: &str| self.value(name, transcript);
        let counts = zero_unless.map_or(Truth::True, |condition| condition.truth(&lookup));
        let not_asked = || self.reads_excluded(value, transcript);
        match counts {
            Truth::False => Reading::Value(0.0),
            Truth::True if not_asked() => Reading::NotAsked,
            Truth::True => value.number(&lookup).map_or(Reading::Unknown, Reading::Value),
            Truth::Unknown if !not_asked() && value.number(&lookup) == Some(0.0) => {
                Reading::Value(0.0)
            }
            Truth::Unknown => Reading::Unknown,
        }
    }

    /// Whether an expression reads a stage that does not concern the transcript.
    fn reads_excluded(&self, expression: &Expression, transcript: &Transcript) -> bool {
        let read = self.names.stages_read([expression]);
        read.into_iter().any(|stage| self.is_excluded(stage, transcript))
    }
}
