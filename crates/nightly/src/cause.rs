//! What stands in the way of a verdict on the model, and in which order it is said.
//!
//! 1. `deadline`: it came before the end of the run.
//! 2. `infrastructure`: the run was stopped, or more answers are missing than allowed, tonight's or those of
//!    a judge that was asked about anchors; or a judge was to be asked, and there is nothing that it was
//!    asked.
//! 3. `changed-model`: another model answered, or another helper.
//! 4. `changed-judge`: a judge that the measure reads is another model, or judges otherwise than it did.
//! 5. `unreliable-baseline`: too small, too old, not complete, another model's, or about other prompts.
//! 6. `infrastructure` again: more answers are ungraded than allowed though the judge is as it was, or
//!    nobody watched it.
//!
//! A cause is looked for before any answer is compared, so that none of them is ever called a regression,
//! or comes out as a pass. All that hold are told; the first gives the word.

use iago_sweep::Gating;
use serde::{Deserialize, Serialize};

use crate::judge_check::{JudgeChange, JudgeFinding};
use crate::model_check::OtherModel;
use crate::night::{Comparison, Night, RunEnd};
use crate::word::Word;

/// The share of missing transcripts above which there is no verdict, where a sweep states none; and that of
/// anchors, where it states no smaller one.
pub const MISSING_MAX: f64 = 0.05;

/// Something that a verdict on the model cannot be made over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The deadline came before the end of the run.
    DeadlinePassed,
    /// The run did not come to its end.
    RunStopped,
    /// Too many of tonight's calls have no answer.
    Unanswered {
        /// Of tonight's transcripts.
        share: f64,
        /// What is allowed.
        max: f64,
    },
    /// A judge could not be asked about too many anchors.
    AnchorsUnanswered {
        /// The judge stage.
        stage: String,
        /// Of its anchors.
        share: f64,
    },
    /// A judge was to be asked about anchors, and there are none.
    UnwatchedJudge {
        /// The judge stage.
        stage: String,
    },
    /// Another model answered than was expected.
    ChangedModel(OtherModel),
    /// The judge judges otherwise than it did.
    ChangedJudge {
        /// The judge stage.
        stage: String,
        /// How.
        change: JudgeChange,
        /// Anchors with another label than then.
        flips: u64,
        /// Anchors judged again.
        of: u64,
        /// The ids that answered for it, where these are what changed.
        model: Option<OtherModel>,
    },
    /// What would be compared with is nothing to compare with.
    Baseline(BaselineFault),
    /// Too many of tonight's answers have no label.
    Ungraded {
        /// Of tonight's transcripts, those without an answer included.
        share: f64,
        /// What is allowed.
        max: f64,
    },
}

/// Why a baseline is nothing to compare with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BaselineFault {
    /// Its run did not come to its end.
    NotEnded,
    /// It has fewer repeats than it has to have.
    FewRepeats {
        /// Its own.
        repeats: u32,
        /// What it has to have.
        min: u32,
    },
    /// It is too old.
    Old {
        /// In whole days.
        days: u64,
        /// In whole days.
        max_days: u64,
    },
    /// Too much of it is missing.
    Missing {
        /// Of its transcripts.
        share: f64,
        /// What is allowed.
        max: f64,
    },
    /// Its own model was not the one that was expected, or there were several.
    OtherModel(OtherModel),
    /// Prompts were added, taken out or edited since.
    OtherPrompts {
        /// How many.
        prompts: u32,
    },
}

impl Cause {
    /// What a night with this cause comes to.
    pub fn word(&self) -> Word {
        match self {
            Self::DeadlinePassed => Word::Deadline,
            Self::RunStopped
            | Self::Unanswered { .. }
            | Self::AnchorsUnanswered { .. }
            | Self::UnwatchedJudge { .. }
            | Self::Ungraded { .. } => Word::Infrastructure,
            Self::ChangedModel(_) => Word::ChangedModel,
            Self::ChangedJudge { .. } => Word::ChangedJudge,
            Self::Baseline(_) => Word::UnreliableBaseline,
        }
    }
}

/// All causes that hold for one comparison, in the order of precedence.
pub(crate) fn find_causes(
    night: &Night,
    judges: &[JudgeFinding],
    comparison: &Comparison,
) -> Vec<Cause> {
    let read: Vec<&JudgeFinding> =
        judges.iter().filter(|judge| comparison.judges.contains(&judge.stage)).collect();
    let max = missing_max(&night.gating);
    let (_, tonight) = comparison.counts.totals();
    let unanswered = tonight.share_unanswered();
    let share = tonight.share_missing();

    let mut causes = run_causes(night.run);
    causes.extend((unanswered > max).then_some(Cause::Unanswered { share: unanswered, max }));
    causes.extend(read.iter().filter_map(|judge| anchors_unanswered(judge, max)));
    if night.gating.rejudge_baseline {
        causes.extend(unwatched(&read, comparison));
    }
    causes.extend(models(night, comparison).filter_map(|m| m.change()).map(Cause::ChangedModel));
    causes.extend(read.iter().filter_map(|judge| changed_judge(judge)));
    causes.extend(baseline_faults(night, comparison, max).map(Cause::Baseline));
    causes.extend((share > max && unanswered <= max).then_some(Cause::Ungraded { share, max }));
    causes
}

fn missing_max(gating: &Gating) -> f64 {
    gating.max_missing.unwrap_or(MISSING_MAX)
}

/// How the run came to its end, where that stands in the way.
pub(crate) fn run_causes(run: RunEnd) -> Vec<Cause> {
    match run {
        RunEnd::Ended => Vec::new(),
        RunEnd::Stopped => vec![Cause::RunStopped],
        RunEnd::DeadlinePassed => vec![Cause::DeadlinePassed],
    }
}

fn anchors_unanswered(judge: &JudgeFinding, max: f64) -> Option<Cause> {
    let share = judge.share_unanswered();
    let stage = judge.stage.clone();
    // However much may be missing of the answers: without anchors nobody knows what they were judged by.
    (share > max.min(MISSING_MAX)).then_some(Cause::AnchorsUnanswered { stage, share })
}

/// Judges of which nothing says whether they are as they were.
fn unwatched<'a>(
    read: &'a [&JudgeFinding],
    comparison: &'a Comparison,
) -> impl Iterator<Item = Cause> + 'a {
    let has_anchors = |judge: &JudgeFinding| judge.judged + judge.unanswered > 0;
    let is_watched = move |stage: &str| read.iter().any(|j| j.stage == stage && has_anchors(j));
    let stages = comparison.judges.iter().filter(move |stage| !is_watched(stage));
    stages.map(|stage| Cause::UnwatchedJudge { stage: stage.clone() })
}

/// The model under test, and the helpers without whom it would have been asked something else.
fn models<'a>(
    night: &'a Night,
    comparison: &'a Comparison,
) -> impl Iterator<Item = &'a crate::ModelCheck> {
    let own = night.models.iter().filter(|model| model.name == comparison.model);
    own.chain(night.helpers.iter().filter(|helper| comparison.helpers.contains(&helper.name)))
}

fn changed_judge(judge: &JudgeFinding) -> Option<Cause> {
    let change = judge.change?;
    let (stage, model) = (judge.stage.clone(), judge.model.clone());
    Some(Cause::ChangedJudge { stage, change, flips: judge.flips, of: judge.judged, model })
}

fn baseline_faults(
    night: &Night,
    comparison: &Comparison,
    max: f64,
) -> impl Iterator<Item = BaselineFault> {
    const DAY: u64 = 86_400;
    let (baseline, repeats) = (&night.baseline, night.repeats.baseline);
    let (counted, _) = comparison.counts.totals();
    let share = counted.share_missing();
    let (min, prompts) = (baseline.repeats_min, baseline.prompts_that_differ);
    let too_old = baseline.age_max.filter(|max| baseline.age > *max);
    let old = |max: std::time::Duration| BaselineFault::Old {
        days: baseline.age.as_secs() / DAY,
        max_days: max.as_secs() / DAY,
    };
    let faults = [
        (!baseline.has_ended).then_some(BaselineFault::NotEnded),
        (repeats < min).then_some(BaselineFault::FewRepeats { repeats, min }),
        too_old.map(old),
        (share > max).then_some(BaselineFault::Missing { share, max }),
        (prompts > 0).then_some(BaselineFault::OtherPrompts { prompts }),
    ];
    let own = models(night, comparison).filter_map(|model| model.fault_of_baseline());
    faults.into_iter().flatten().chain(own.map(BaselineFault::OtherModel).collect::<Vec<_>>())
}
