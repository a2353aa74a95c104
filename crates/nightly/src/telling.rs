//! Causes, what would settle a gate, and why something did not run, as sentences for people.

use std::fmt::{Display, Formatter, Result};

use crate::agenda::{Missed, Skipped};
use crate::cause::{BaselineFault, Cause};
use crate::judge_check::JudgeChange;
use crate::settle::Settle;
use crate::word::Word;

impl Display for Cause {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::DeadlinePassed => f.write_str("the deadline passed before the run ended"),
            Self::RunStopped => f.write_str("the run was stopped before it ended"),
            Self::Unanswered { share, max } => {
                write!(
                    f,
                    "{} of the answers are missing, at most {} may be",
                    Share(*share),
                    Share(*max)
                )
            }
            Self::AnchorsUnanswered { stage, share } => {
                write!(
                    f,
                    "judge `{stage}` could not be asked about {} of its anchors",
                    Share(*share)
                )
            }
            Self::UnwatchedJudge { stage } => write!(
                f,
                "judge `{stage}` was to be asked about anchors, and there are none; pin a baseline that it \
                 judged, or set `rejudge_baseline = false`"
            ),
            Self::ChangedModel(other) => other.fmt(f),
            Self::ChangedJudge { stage, change: JudgeChange::OtherModel, model, .. } => {
                write!(f, "judge `{stage}` is another model")?;
                model.as_ref().map_or(Ok(()), |other| write!(f, ": {other}"))
            }
            Self::ChangedJudge { stage, change: JudgeChange::AbstainsAlways, of, .. } => {
                write!(f, "judge `{stage}` abstained on all {of} anchors")
            }
            Self::ChangedJudge { stage, change: JudgeChange::Flips, flips, of, .. } => {
                write!(
                    f,
                    "judge `{stage}` says otherwise on {flips} of {of} anchors, more than its noise"
                )
            }
            Self::ChangedJudge { stage, change: JudgeChange::Leans, flips, of, .. } => {
                write!(
                    f,
                    "judge `{stage}` says otherwise on {flips} of {of} anchors, nearly all one way"
                )
            }
            Self::Baseline(fault) => write!(f, "the baseline {fault}"),
            Self::Ungraded { share, max } => {
                write!(
                    f,
                    "{} of the answers have no label, at most {} may be",
                    Share(*share),
                    Share(*max)
                )
            }
        }
    }
}

impl Display for BaselineFault {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::NotEnded => f.write_str("did not come to its end; pin a run that did"),
            Self::FewRepeats { repeats, min } => {
                write!(f, "has {repeats} repeats and needs {min}; extend it, or pin a larger one")
            }
            Self::Old { days, max_days } => {
                write!(f, "is {days} days old, at most {max_days} are allowed; pin a newer run")
            }
            Self::Missing { share, max } => {
                write!(
                    f,
                    "lacks {} of its answers, at most {} may be; retry what failed",
                    Share(*share),
                    Share(*max)
                )
            }
            Self::OtherModel(other) => write!(f, "was not of one known model: {other}"),
            Self::OtherPrompts { prompts } => {
                write!(f, "is about other prompts: {prompts} differ; pin a run of these prompts")
            }
        }
    }
}

impl Display for Settle {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Repeats { more, towards } => {
                write!(f, "{more} more repeats would settle it, {}", IfSo(*towards))
            }
            Self::RepeatsOfBoth { tonight, baseline, towards } => write!(
                f,
                "{tonight} more repeats tonight and {baseline} in the baseline would settle it, {}",
                IfSo(*towards)
            ),
            Self::Prompts { more, towards } => write!(
                f,
                "{more} more prompts would settle it, {}; repeats would not",
                IfSo(*towards)
            ),
            Self::FewerMissing => {
                f.write_str("with so much missing it may be either; retry what failed")
            }
            Self::NothingAtThisMargin => {
                f.write_str("the loss seems as large as the margin, and nothing would settle that")
            }
            Self::LimitsOfTheMeasure => f.write_str(
                "what is missing could be any number; give the measure limits, or \
                 `missing = \"dropped\"`",
            ),
            Self::PairedPrompts => f.write_str("no prompt has a value on both sides"),
            Self::AnotherMeasure { caution } => f.write_str(caution),
        }
    }
}

impl Display for Missed {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Late => f.write_str("nobody was there to start it before its window was over"),
            Self::Superseded { by } => {
                write!(
                    f,
                    "it could not start before the next one was due at {by}, which runs instead"
                )
            }
            Self::StillGoing => {
                f.write_str("the run before it was still going when its window was over")
            }
        }
    }
}

impl Display for Skipped {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::StillGoing { due } => write!(f, "the run of {due} was still going"),
            Self::Paused => f.write_str("the schedule was paused"),
            Self::Removed => f.write_str("the schedule was removed"),
        }
    }
}

struct Share(f64);

impl Display for Share {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{:.1}%", 100.0 * self.0)
    }
}

struct IfSo(Word);

impl Display for IfSo {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "as a {} if the loss is what it seems", self.0)
    }
}
