//! What is known of a night when it is judged: the facts, and nothing that decides.

use std::time::Duration;

use iago_sweep::{Gate, Gating, Generalise};

use crate::{JudgeCheck, ModelCheck};

/// Everything that a verdict is made from.
#[derive(Clone, Debug, PartialEq)]
pub struct Night {
    /// How the gates are judged.
    pub gating: Gating,
    /// What the claims are about: these prompts, or prompts like them.
    pub generalise: Generalise,
    /// How tonight's run came to its end.
    pub run: RunEnd,
    /// Which repeats were planned on either side.
    pub repeats: Repeats,
    /// Which look this is, from 1: without a top-up there is one.
    pub look: u32,
    /// What the comparison is with.
    pub baseline: Baseline,
    /// Every model under test, with the ids that answered.
    pub models: Vec<ModelCheck>,
    /// Every helper, such as a model that paraphrases, with the ids that answered.
    pub helpers: Vec<ModelCheck>,
    /// Every judge stage, with what it says of transcripts that it has judged before.
    pub judges: Vec<JudgeCheck>,
    /// Every gate in every cell that it is about.
    pub comparisons: Vec<Comparison>,
}

/// How tonight's run came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunEnd {
    /// All its jobs have ended.
    Ended,
    /// It was cancelled, or broke, or is not over.
    Stopped,
    /// Its deadline came first.
    DeadlinePassed,
}

/// The planned repeats, from which the shares of information of the looks follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeats {
    /// Of tonight's first look.
    pub tonight: u32,
    /// Of the baseline.
    pub baseline: u32,
}

/// The pinned run that tonight is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Baseline {
    /// What people call it.
    pub name: String,
    /// Its repeats have to be this many.
    pub repeats_min: u32,
    /// How long ago it was run.
    pub age: Duration,
    /// Older than this it is not compared with.
    pub age_max: Option<Duration>,
    /// All its jobs have ended.
    pub has_ended: bool,
    /// Prompts that were added, taken out or edited since, by their ids and the hashes of their content.
    pub prompts_that_differ: u32,
}

/// One gate in one cell: the baseline's answers and tonight's, prompt by prompt.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// What the measure is held to.
    pub gate: Gate,
    /// The cell's model, as named in the sweep.
    pub model: String,
    /// The cell's condition.
    pub condition: String,
    /// The judge stages whose labels the measure reads.
    pub judges: Vec<String>,
    /// The helpers, by their names, that the measure hangs on.
    pub helpers: Vec<String>,
    /// What was counted.
    pub counts: Counts,
}

/// What was counted, by prompt. Prompts that only one side has are no part of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Counts {
    /// A rate.
    Rates(Vec<Sides<RateCount>>),
    /// A mean, with the lowest and the highest value that it can have, where it has such limits.
    Means {
        /// By prompt.
        prompts: Vec<Sides<SumCount>>,
        /// In the measure's unit.
        limits: Option<(f64, f64)>,
    },
}

/// One prompt on both sides.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sides<T> {
    /// In the baseline.
    pub baseline: T,
    /// Tonight.
    pub tonight: T,
}

/// The repeats of one prompt on one side, of a rate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateCount {
    /// Counted repeats that said yes; at most `of`.
    pub yes: u32,
    /// Counted repeats.
    pub of: u32,
    /// What has no value.
    pub missing: Missing,
}

/// The repeats of one prompt on one side, of a mean.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SumCount {
    /// The sum over counted repeats.
    pub total: f64,
    /// Counted repeats.
    pub of: u32,
    /// What has no value.
    pub missing: Missing,
}

/// Repeats without a value, by why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// Some call failed for good, or the job was never done.
    pub unanswered: u32,
    /// It was answered, and a judge abstained or could not be read.
    pub ungraded: u32,
}

impl Missing {
    /// Of both kinds.
    pub fn all(self) -> u32 {
        self.unanswered.saturating_add(self.ungraded)
    }
}

/// Repeats of one side over all prompts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Total {
    pub(crate) counted: u64,
    pub(crate) unanswered: u64,
    pub(crate) ungraded: u64,
}

impl Total {
    fn plus(self, counted: u32, missing: Missing) -> Self {
        Self {
            counted: self.counted + u64::from(counted),
            unanswered: self.unanswered + u64::from(missing.unanswered),
            ungraded: self.ungraded + u64::from(missing.ungraded),
        }
    }

    fn all(self) -> u64 {
        self.counted + self.unanswered + self.ungraded
    }

    /// The share of repeats without an answer; 0 where nothing was asked.
    pub(crate) fn share_unanswered(self) -> f64 {
        self.unanswered as f64 / self.all().max(1) as f64
    }

    /// The share of repeats without a value, for whatever reason; 0 where nothing was asked.
    pub(crate) fn share_missing(self) -> f64 {
        (self.unanswered + self.ungraded) as f64 / self.all().max(1) as f64
    }
}

impl Counts {
    /// The repeats of (the baseline, tonight).
    pub(crate) fn totals(&self) -> (Total, Total) {
        match self {
            Self::Rates(prompts) => total(prompts, |count| (count.of, count.missing)),
            Self::Means { prompts, .. } => total(prompts, |count| (count.of, count.missing)),
        }
    }
}

fn total<T: Copy>(prompts: &[Sides<T>], read: fn(T) -> (u32, Missing)) -> (Total, Total) {
    let add = |total: Total, side: T| {
        let (counted, missing) = read(side);
        total.plus(counted, missing)
    };
    prompts.iter().fold(Default::default(), |(baseline, tonight), prompt| {
        (add(baseline, prompt.baseline), add(tonight, prompt.tonight))
    })
}
