//! What one gate comes to in one cell.

use iago_statistics::Gap;
use iago_sweep::{Better, Tier};
use serde::{Deserialize, Serialize};

use crate::cause::{Cause, find_causes};
use crate::judge_check::JudgeFinding;
use crate::levels::Levels;
use crate::loss::{Loss, NoLoss, find_loss};
use crate::night::{Comparison, Night};
use crate::settle::{Power, Settle, power, settle};
use crate::word::Word;

/// What one gate comes to in one cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GateVerdict {
    /// The measure.
    pub measure: String,
    /// The cell's model.
    pub model: String,
    /// The cell's condition.
    pub condition: String,
    /// Which direction is good.
    pub better: Better,
    /// What a miss means.
    pub tier: Tier,
    /// What it comes to.
    pub word: Word,
    /// What stands in the way of a verdict on the model, most weighty first.
    pub causes: Vec<Cause>,
    /// The numbers; also beside a cause, where there are any. `None` where nothing could be compared.
    pub finding: Option<Finding>,
    /// Of an inconclusive one.
    pub settle: Option<Settle>,
}

/// The numbers of a gate, in the measure's unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The mean over paired prompts.
    pub baseline: f64,
    /// The mean over paired prompts.
    pub tonight: f64,
    /// How much worse tonight is; below zero it is better.
    pub loss: f64,
    /// The interval of the loss at the confidence that a pass takes at this look.
    pub low: f64,
    /// As `low`.
    pub high: f64,
    /// From the lower end with everything missing good to the upper end with everything missing bad;
    /// the interval itself, where nothing is missing or it is dropped.
    pub worst_case: (f64, f64),
    /// No interval holds, and this is why.
    pub caution: Option<String>,
    /// How much worse still passes.
    pub margin: f64,
    /// Two-sided, of a loss as large as the margin, against a larger one; Holm-adjusted over the critical
    /// gates where the gate is one. Looks are not in it: they are in the level that it is held to.
    pub p: f64,
    /// What the gate could have told.
    pub power: Power,
    /// Prompts with a value on both sides.
    pub prompts: u64,
    /// Of them, those that are worse tonight.
    pub worse: u64,
    /// Of them, those that are better tonight.
    pub better: u64,
    /// The share of tonight's transcripts without a value.
    pub missing: f64,
}

impl Comparison {
    /// Whether a miss fails the night.
    pub fn is_critical(&self) -> bool {
        self.gate.tier == Tier::Critical
    }
}

/// All gates of a night, in the order of its comparisons.
pub(crate) fn judge_gates(
    night: &Night,
    judges: &[JudgeFinding],
    levels: &Levels,
) -> Vec<GateVerdict> {
    let judged: Vec<Judged<'_>> =
        night.comparisons.iter().map(|one| Judged::new(night, judges, one)).collect();
    let regressions = Regressions::among(&judged, levels);
    let verdict = |(at, one): (usize, &Judged<'_>)| one.verdict(night, levels, &regressions.0[at]);
    judged.iter().enumerate().map(verdict).collect()
}

/// A comparison with what was found of it alone.
struct Judged<'a> {
    comparison: &'a Comparison,
    causes: Vec<Cause>,
    loss: Result<Loss, NoLoss>,
}

/// Whether a gate regressed, and its p.
#[derive(Clone, Copy)]
struct Regression {
    claimed: bool,
    p: f64,
}

/// Of every comparison, in order.
struct Regressions(Vec<Regression>);

impl Regressions {
    /// A gate over which no verdict can be made claims nothing, and is still one of the family.
    fn among(judged: &[Judged<'_>], levels: &Levels) -> Self {
        let one_sided: Vec<f64> = judged.iter().map(Judged::p_regression).collect();
        let critical: Vec<usize> =
            (0..judged.len()).filter(|at| judged[*at].comparison.is_critical()).collect();
        let p: Vec<f64> = critical.iter().map(|at| one_sided[*at]).collect();
        let adjusted = iago_statistics::holm(&p.iter().map(|p| two_sided(*p)).collect::<Vec<_>>());
        let mut found: Vec<Regression> = one_sided
            .iter()
            .map(|p| Regression { claimed: *p <= levels.pass(), p: two_sided(*p) })
            .collect();
        let claims = levels.regressed(&p);
        for ((at, p), claimed) in critical.into_iter().zip(adjusted).zip(claims) {
            found[at] = Regression { claimed, p };
        }
        Self(found)
    }
}

impl<'a> Judged<'a> {
    fn new(night: &Night, judges: &[JudgeFinding], comparison: &'a Comparison) -> Self {
        let causes = find_causes(night, judges, comparison);
        let loss = find_loss(comparison, night.generalise, night.gating.missing);
        Self { comparison, causes, loss }
    }

    fn p_regression(&self) -> f64 {
        match &self.loss {
            Ok(loss) if self.causes.is_empty() => loss.p_regression(),
            Ok(_) | Err(_) => 1.0,
        }
    }

    fn verdict(&self, night: &Night, levels: &Levels, regression: &Regression) -> GateVerdict {
        let comparison = self.comparison;
        let word = self.word(levels, regression);
        GateVerdict {
            measure: comparison.gate.measure.clone(),
            model: comparison.model.clone(),
            condition: comparison.condition.clone(),
            better: comparison.gate.better,
            tier: comparison.gate.tier,
            word,
            causes: self.causes.clone(),
            finding: self.loss.as_ref().ok().map(|loss| self.finding(loss, levels, regression)),
            settle: (word == Word::Inconclusive).then(|| self.settle(night, levels)),
        }
    }

    fn word(&self, levels: &Levels, regression: &Regression) -> Word {
        if let Some(cause) = self.causes.first() {
            return cause.word();
        }
        match &self.loss {
            Ok(_) if regression.claimed => Word::Regression,
            Ok(loss) if loss.p_pass() <= levels.pass() => Word::Pass,
            Ok(_) | Err(_) => Word::Inconclusive,
        }
    }

    fn finding(&self, loss: &Loss, levels: &Levels, regression: &Regression) -> Finding {
        let confidence = 1.0 - 2.0 * levels.pass();
        let low = |gap: &Gap| gap.interval(confidence).low + loss.shift();
        let high = |gap: &Gap| gap.interval(confidence).high + loss.shift();
        let (_, tonight) = self.comparison.counts.totals();
        Finding {
            baseline: loss.baseline,
            tonight: loss.tonight,
            loss: loss.seen.value + loss.shift(),
            low: low(&loss.seen),
            high: high(&loss.seen),
            worst_case: (low(&loss.least), high(&loss.most)),
            caution: loss.caution().map(|caution| caution.to_string()),
            margin: loss.margin,
            p: regression.p,
            power: power(loss, levels),
            prompts: loss.seen.prompts,
            worse: loss.moved.0,
            better: loss.moved.1,
            missing: tonight.share_missing(),
        }
    }

    fn settle(&self, night: &Night, levels: &Levels) -> Settle {
        match &self.loss {
            Ok(loss) => settle(self.comparison, night.generalise, loss, levels),
            Err(NoLoss::NothingPaired) => Settle::PairedPrompts,
            Err(NoLoss::NoLimits) => Settle::LimitsOfTheMeasure,
        }
    }
}

fn two_sided(p: f64) -> f64 {
    (2.0 * p).min(1.0)
}
