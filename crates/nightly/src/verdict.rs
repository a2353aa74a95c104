//! What a whole night comes to, and whether it is worth asking more.

use iago_sweep::Tier;
use serde::{Deserialize, Serialize};

use crate::cause::run_causes;
use crate::gate::{GateVerdict, judge_gates};
use crate::judge_check::{JudgeCheck, JudgeFinding};
use crate::levels::{Levels, looks};
use crate::night::{Night, RunEnd};
use crate::settle::Settle;
use crate::word::Word;

/// What a night comes to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The first in precedence of the words of its critical gates, and of how the run ended.
    pub word: Word,
    /// Which look it was made at, from 1.
    pub look: u32,
    /// Every gate in every cell, in the order of the night's comparisons.
    pub gates: Vec<GateVerdict>,
    /// What each judge says of what it judged before, in the order of the night's judges.
    pub judges: Vec<JudgeFinding>,
}

/// What follows from a look.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// This is the verdict.
    Decided(Verdict),
    /// A critical gate is open, and there is a look left.
    TopUp {
        /// To ask besides those that there are.
        repeats: u32,
        /// The verdict if nothing more could be asked.
        so_far: Verdict,
    },
}

impl Verdict {
    /// Of `iago gate`.
    pub fn exit_code(&self) -> u8 {
        self.word.exit_code()
    }
}

/// Judges a night as it is.
///
/// A gate is judged by its causes first ([`Cause`](crate::Cause) has their order); then it is a regression
/// if the loss is beyond the margin, a pass if that is excluded, else inconclusive. The night is the first
/// word, in the order of [`Word`], of its critical gates. An advisory gate changes nothing. A night without a
/// critical gate is inconclusive, unless something stands in the way of a verdict: then that is its word.
pub fn judge(night: &Night) -> Verdict {
    judge_at(night, &Levels::of(night))
}

/// [`judge`] by levels that are known already: they take long where there are several looks, and depend on
/// the plan alone.
pub fn judge_at(night: &Night, levels: &Levels) -> Verdict {
    let judges: Vec<JudgeFinding> = night.judges.iter().map(JudgeCheck::find).collect();
    let gates = judge_gates(night, &judges, levels);
    Verdict { word: sum_up(night.run, &gates), look: night.look, gates, judges }
}

/// Whether tonight's verdict stands after this look, or more repeats are to be asked.
///
/// More is asked only where a critical gate is inconclusive, answers could change that, and the plan has a
/// look left. Each look judges all answers there are by its own bounds; what an earlier look said does not
/// matter, so that nothing has to be remembered.
pub fn look(night: &Night) -> Step {
    step(night, judge(night))
}

/// [`look`] by levels that are known already.
pub fn look_at(night: &Night, levels: &Levels) -> Step {
    step(night, judge_at(night, levels))
}

fn step(night: &Night, verdict: Verdict) -> Step {
    let may_change = |gate: &GateVerdict| {
        gate.tier == Tier::Critical && gate.settle.as_ref().is_some_and(Settle::by_repeats)
    };
    let is_open = verdict.word == Word::Inconclusive && verdict.gates.iter().any(may_change);
    match &night.gating.top_up {
        Some(top_up) if is_open && night.look < looks(&night.gating) => {
            Step::TopUp { repeats: top_up.repeats, so_far: verdict }
        }
        Some(_) | None => Step::Decided(verdict),
    }
}

fn sum_up(run: RunEnd, gates: &[GateVerdict]) -> Word {
    let critical = gates.iter().filter(|gate| gate.tier == Tier::Critical);
    if let Some(first) = critical.map(|gate| gate.word).min() {
        return first;
    }
    // Nothing was promised that could have been kept.
    let blocked = gates.iter().filter(|gate| !gate.causes.is_empty()).map(|gate| gate.word);
    let words = blocked.chain(run_causes(run).into_iter().map(|cause| cause.word()));
    words.min().unwrap_or(Word::Inconclusive)
}
