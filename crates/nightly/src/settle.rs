//! What a gate could have told, and what would settle one that is open.
//!
//! Repeats wear down the chance within a prompt, on the side that has more of them. They do not touch how
//! differently prompts changed, nor the chance in the baseline; where that is what is left, more of
//! tonight's repeats settle nothing, and it is said what would.

use iago_statistics::{Tally, normal_quantile, normal_tail};
use iago_sweep::Generalise;
use serde::{Deserialize, Serialize};

use crate::levels::Levels;
use crate::loss::Loss;
use crate::night::{Comparison, Counts};
use crate::word::Word;

/// The power with which a gate would be settled, if the loss is what it seems.
const POWER: f64 = 0.8;

/// More repeats than this are not asked for.
const REPEATS_MAX: u32 = 100;

/// More prompts than this nobody has.
const PROMPTS_MAX: f64 = 1e6;

/// The power that a gate had.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Power {
    /// To pass where nothing has changed.
    pub pass_if_unchanged: f64,
    /// To find a regression where the loss is twice the margin, before any other gate has found one.
    pub regression_at_twice: f64,
}

/// What would settle a gate that is inconclusive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Settle {
    /// More repeats tonight.
    Repeats {
        /// Besides those that there are.
        more: u32,
        /// What it would then be, if the loss is what it seems.
        towards: Word,
    },
    /// More repeats on both sides: those of tonight alone do not do it.
    RepeatsOfBoth {
        /// Besides those that tonight has.
        tonight: u32,
        /// Besides those that the baseline has.
        baseline: u32,
        /// What it would then be, if the loss is what it seems.
        towards: Word,
    },
    /// More prompts: repeats do not do it.
    Prompts {
        /// Besides those that there are.
        more: u32,
        /// What it would then be, if the loss is what it seems.
        towards: Word,
    },
    /// Fewer missing answers: with those that there are it could be on either side of the margin.
    FewerMissing,
    /// Nothing that a night could have: the loss seems to be as large as the margin.
    NothingAtThisMargin,
    /// Limits of the measure: it has none, and what is missing could have been anything.
    LimitsOfTheMeasure,
    /// Prompts for which there are values on both sides: there are none.
    PairedPrompts,
    /// A measure, or prompts, for which an interval holds; this says why none does.
    AnotherMeasure {
        /// A sentence of the statistics.
        caution: String,
    },
}

impl Settle {
    /// Whether more of tonight's repeats may settle it.
    pub(crate) fn by_repeats(&self) -> bool {
        match self {
            Self::Repeats { .. } | Self::RepeatsOfBoth { .. } | Self::Prompts { .. } => true,
            Self::FewerMissing | Self::NothingAtThisMargin => true,
            Self::LimitsOfTheMeasure | Self::PairedPrompts | Self::AnotherMeasure { .. } => false,
        }
    }
}

/// What the gate could have told, by its own standard error; it is taken to be the same at another loss.
pub(crate) fn power(loss: &Loss, levels: &Levels) -> Power {
    let error = loss.seen.standard_error;
    let power = |room: f64, tail: f64| match error > 0.0 && loss.caution().is_none() {
        true => normal_tail(loss.seen.reach(tail) - room / error),
        false => 0.0,
    };
    let lost_to_missing = |end: &iago_statistics::Gap| (end.value - loss.seen.value).abs();
    Power {
        pass_if_unchanged: power(loss.margin - lost_to_missing(&loss.most), levels.pass()),
        regression_at_twice: power(
            loss.margin - lost_to_missing(&loss.least),
            levels.first_regression(),
        ),
    }
}

/// What would settle it, if the loss is what it seems.
pub(crate) fn settle(
    comparison: &Comparison,
    generalise: Generalise,
    loss: &Loss,
    levels: &Levels,
) -> Settle {
    if let Some(caution) = loss.caution() {
        return Settle::AnotherMeasure { caution: caution.to_string() };
    }
    let (towards, room, tail) = if loss.seen.value < loss.bound {
        (Word::Pass, loss.bound - loss.most.value, levels.pass())
    } else {
        (Word::Regression, loss.least.value - loss.bound, levels.first_regression())
    };
    let needed = room / (loss.seen.reach(tail) + normal_quantile(POWER));
    if needed <= 0.0 {
        let is_missing = loss.most.value > loss.least.value;
        return if is_missing { Settle::FewerMissing } else { Settle::NothingAtThisMargin };
    }
    let goal = (needed / loss.seen.standard_error).powi(2);
    match &comparison.counts {
        Counts::Rates(prompts) => {
            let pairs = prompts.iter().map(|p| (p.baseline.tally(), p.tonight.tally()));
            let parts = Parts::of(pairs, generalise, loss);
            parts.settle(goal, towards)
        }
        Counts::Means { .. } => prompts_needed(loss.seen.prompts, goal, towards),
    }
}

/// Where the variance of one prompt's difference comes from.
struct Parts {
    prompts: u64,
    /// How differently prompts changed.
    between: f64,
    /// Of a single answer within a prompt.
    tonight: f64,
    repeats: f64,
    /// Of a single answer within a prompt, as it enters the difference.
    baseline: f64,
    baseline_repeats: f64,
}

impl Parts {
    fn of(
        pairs: impl Iterator<Item = (Tally, Tally)>,
        generalise: Generalise,
        loss: &Loss,
    ) -> Self {
        let paired: Vec<(Tally, Tally)> = pairs.filter(|(a, b)| a.of > 0 && b.of > 0).collect();
        let baseline = Within::of(paired.iter().map(|(baseline, _)| *baseline));
        let tonight = Within::of(paired.iter().map(|(_, tonight)| *tonight));
        let scaled = loss.scale * loss.scale * baseline.variance;
        let all = loss.seen.standard_error.powi(2) * paired.len() as f64;
        let within = tonight.variance / tonight.repeats + scaled / baseline.repeats;
        let between = match generalise {
            Generalise::Suite => 0.0,
            Generalise::Prompts => (all - within).max(0.0),
        };
        Self {
            prompts: loss.seen.prompts,
            between,
            tonight: tonight.variance,
            repeats: tonight.repeats,
            baseline: scaled,
            baseline_repeats: baseline.repeats,
        }
    }

    fn variance(&self, repeats: f64, baseline_repeats: f64) -> f64 {
        self.between + self.tonight / repeats + self.baseline / baseline_repeats
    }

    /// The least that brings the variance down to `goal` times what it is.
    fn settle(&self, goal: f64, towards: Word) -> Settle {
        let goal_variance = goal * self.variance(self.repeats, self.baseline_repeats);
        let more = || (1..=REPEATS_MAX).map(|more| (more, f64::from(more)));
        let reaches = |repeats, baseline| self.variance(repeats, baseline) <= goal_variance;
        let tonight_alone =
            more().find(|(_, more)| reaches(self.repeats + more, self.baseline_repeats));
        if let Some((more, _)) = tonight_alone {
            return Settle::Repeats { more, towards };
        }
        let both =
            more().find(|(_, more)| reaches(self.repeats + more, self.baseline_repeats + more));
        if let Some((more, _)) = both {
            return Settle::RepeatsOfBoth { tonight: more, baseline: more, towards };
        }
        prompts_needed(self.prompts, goal, towards)
    }
}

fn prompts_needed(prompts: u64, goal: f64, towards: Word) -> Settle {
    let needed = (prompts as f64 / goal).ceil();
    if needed > PROMPTS_MAX {
        return Settle::NothingAtThisMargin;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded above")]
    let more = (needed - prompts as f64).max(1.0) as u32;
    Settle::Prompts { more, towards }
}

/// One side's chance within a prompt.
pub(crate) struct Within {
    /// Of a single answer, on average over prompts.
    pub(crate) variance: f64,
    /// The harmonic mean.
    pub(crate) repeats: f64,
}

impl Within {
    /// Prompts asked once show no variance, and are taken for draws with one common rate. Two answers more
    /// that varied keep a cell in which none did from having no variance at all.
    pub(crate) fn of(tallies: impl Iterator<Item = Tally> + Clone) -> Self {
        let prompts = tallies.clone().count() as f64;
        let often = tallies.clone().filter(|tally| tally.of >= 2);
        let seen = |tally: Tally| {
            let (yes, of) = (f64::from(tally.yes), f64::from(tally.of));
            yes * (of - yes) / (of * (of - 1.0))
        };
        let repeats = prompts / tallies.clone().map(|tally| 1.0 / f64::from(tally.of)).sum::<f64>();
        let variance = match often.clone().count() {
            0 => {
                let rate = tallies.map(|tally| f64::from(tally.yes)).sum::<f64>() / prompts;
                rate * (1.0 - rate)
            }
            counted => often.map(seen).sum::<f64>() / counted as f64,
        };
        Self { variance: variance + 2.0 / (prompts * repeats), repeats }
    }
}
