//! How many prompts and repeats a night takes to be worth having.
//!
//! A gate that is always inconclusive never raises a false alarm. So a night is sized by what it must be
//! able to say: that all critical gates pass where nothing changed, and that a gate regressed where the loss
//! is twice the margin. The second mostly takes more: the critical gates share the error of regressions,
//! and prompts that changed differ in how much.

use iago_statistics::{normal_quantile, normal_tail, t_quantile};
use iago_sweep::{Better, Gating, Generalise, MissingAs};

use crate::levels::{Levels, looks, repeats_at};
use crate::night::{Comparison, Counts, Repeats};
use crate::settle::Within;

/// All critical gates pass where nothing changed. Promised are 90%; the rest is for what the formula leaves
/// out, and for judges that are called changed by chance.
const PASS: f64 = 0.92;

/// A loss of twice the margin is a regression. Promised are 95%.
const REGRESSION: f64 = 0.975;

/// More repeats of a prompt than this are not recommended: more prompts say more.
const REPEATS_MAX: u32 = 30;

/// A baseline is compared with every night, and its luck stays in all of them: it gets more repeats.
const BASELINE_RATIO: u32 = 2;

/// More prompts than this nobody has.
const PROMPTS_MAX: u32 = 1 << 20;

/// How far out the differences of prompts lie, as kurtosis; it makes the error itself uncertain.
const KURTOSIS: f64 = 6.0;

/// The correlation from which the pseudo-prompts of a paired gap start.
const CORRELATION: f64 = 0.6;

/// What is expected of one critical gate in one cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
    /// The measure.
    pub measure: String,
    /// Prompts that the measure is about.
    pub prompts: u32,
    /// Which direction is good.
    pub better: Better,
    /// How much worse still passes, in the measure's unit; above zero.
    pub margin: f64,
    /// What the values are like.
    pub values: Values,
    /// The share of transcripts without a value.
    pub missing: f64,
}

/// What the values of a measure are like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Values {
    /// Yes or no.
    Rate {
        /// The share of yes.
        rate: f64,
        /// How much two answers to one prompt correlate, from 0 (all prompts alike) to 1.
        correlation: f64,
    },
    /// A number, by the standard deviation of the answers to one prompt.
    Mean {
        /// In the measure's unit.
        deviation: f64,
    },
}

/// How large a night has to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Recommendation {
    /// Of tonight's first look, and of the baseline.
    pub repeats: Repeats,
    /// Of each expected gate, in order.
    pub gates: Vec<Size>,
}

/// How large a gate has to be, and what it can then tell.
#[derive(Clone, Debug, PartialEq)]
pub struct Size {
    /// The measure.
    pub measure: String,
    /// Prompts that it takes; `None` where no number of them does.
    pub prompts: Option<u32>,
    /// Prompts that there are.
    pub has: u32,
    /// The power to pass where nothing changed: with the larger of the two where a night is recommended, and
    /// with those that there are where it is foreseen.
    pub pass: f64,
    /// The power to find a loss of twice the margin, with as many.
    pub regression: f64,
}

impl Recommendation {
    /// Whether repeats alone do it.
    pub fn has_enough_prompts(&self) -> bool {
        self.gates.iter().all(|gate| gate.prompts.is_some_and(|needed| needed <= gate.has))
    }
}

/// The fewest repeats with which the prompts that there are do, and where none do, how many prompts it takes
/// at the `planned` repeats.
///
/// All critical gates pass with 90% power where nothing changed, whatever hangs together between them, and a
/// loss of twice the margin in one of them is a regression with 95%. The baseline gets twice the repeats.
/// Of prompts like these, a loss is taken to be as uneven as it can be: some prompts lose all, and most
/// nothing. With a top-up it is the last look that has this power.
pub fn recommend(
    expected: &[Expected],
    gating: &Gating,
    generalise: Generalise,
    planned: u32,
) -> Recommendation {
    let with = |tonight| Design::of_night(gating, generalise, tonight, expected.len());
    let enough = (1..=REPEATS_MAX)
        .map(with)
        .find(|design| expected.iter().all(|gate| design.is_enough(gate, gate.prompts)));
    let design = enough.unwrap_or_else(|| with(planned));
    design.recommended(expected, |gate, prompts| gate.prompts.max(prompts))
}

/// What a night of the prompts that there are can tell at the `planned` repeats, against a baseline of twice
/// as many, and how many prompts it would take at these.
pub fn foresee(
    expected: &[Expected],
    gating: &Gating,
    generalise: Generalise,
    planned: u32,
) -> Recommendation {
    let design = Design::of_night(gating, generalise, planned, expected.len());
    design.recommended(expected, |gate, _| gate.prompts)
}

impl Expected {
    /// What a past comparison shows, for a night like it. Of a mean, only how prompts differ can be seen,
    /// and it is taken for the chance within them. `None` where nothing was counted on both sides.
    pub fn of(comparison: &Comparison, margin: f64) -> Option<Self> {
        let (_, tonight) = comparison.counts.totals();
        let (prompts, values) = match &comparison.counts {
            Counts::Rates(prompts) => {
                let tallies = prompts.iter().map(|prompt| prompt.tonight.tally());
                let counted: Vec<_> = tallies.filter(|tally| tally.of > 0).collect();
                (counted.len(), Values::of_rate(&counted)?)
            }
            Counts::Means { prompts, .. } => {
                let counted = prompts.iter().filter(|p| p.tonight.of > 0 && p.baseline.of > 0);
                let values: Vec<f64> = counted
                    .map(|p| {
                        let mean = |total: f64, of: u32| total / f64::from(of);
                        let repeats =
                            1.0 / f64::from(p.tonight.of) + 1.0 / f64::from(p.baseline.of);
                        let change = mean(p.tonight.total, p.tonight.of)
                            - mean(p.baseline.total, p.baseline.of);
                        change / repeats.sqrt()
                    })
                    .collect();
                (values.len(), Values::of_mean(&values)?)
            }
        };
        Some(Self {
            measure: comparison.gate.measure.clone(),
            prompts: u32::try_from(prompts).unwrap_or(u32::MAX),
            better: comparison.gate.better,
            margin,
            values,
            missing: tonight.share_missing(),
        })
    }
}

impl Values {
    fn of_rate(counted: &[iago_statistics::Tally]) -> Option<Self> {
        let found = iago_statistics::rate(counted)?;
        let within = Within::of(counted.iter().copied()).variance;
        let all = found.value * (1.0 - found.value);
        let correlation = if all > 0.0 { (1.0 - within / all).clamp(0.0, 1.0) } else { 0.0 };
        Some(Self::Rate { rate: found.value, correlation })
    }

    fn of_mean(changes: &[f64]) -> Option<Self> {
        let n = changes.len() as f64;
        let mean = changes.iter().sum::<f64>() / n;
        let squares: f64 = changes.iter().map(|change| (change - mean).powi(2)).sum();
        (changes.len() > 1).then(|| Self::Mean { deviation: (squares / (n - 1.0)).sqrt() })
    }

    /// The variance of one answer to one prompt.
    fn within(self) -> f64 {
        match self {
            Self::Rate { rate, correlation } => rate * (1.0 - rate) * (1.0 - correlation),
            Self::Mean { deviation } => deviation * deviation,
        }
    }

    /// What a loss does to the variances: where all prompts lose the same share of what they have, and where
    /// some lose all of it.
    fn after(self, better: Better, lost: f64) -> [After; 2] {
        let Self::Rate { rate, correlation } = self else {
            let within = self.within();
            return [After { within, between: 0.0 }, After { within, between: lost * lost }];
        };
        let between = correlation * rate * (1.0 - rate);
        // What there is to lose, of each prompt, has this mean and the same variance as the rate.
        let room = match better {
            Better::Higher => rate,
            Better::Lower => 1.0 - rate,
        };
        let left = (room - lost).max(0.0);
        let share = (lost / room).min(1.0);
        let spread = (1.0 - share).powi(2) * between;
        let even = After {
            within: (left * (1.0 - left) - spread).max(0.0),
            between: share * share * between,
        };
        let uneven = After {
            within: (1.0 - share) * self.within(),
            between: (share * (room * room + between) - lost * lost).max(0.0),
        };
        [even, uneven]
    }
}

/// Variances once the measure has lost something.
struct After {
    /// Of one answer to one prompt.
    within: f64,
    /// Between prompts, of what each has lost.
    between: f64,
}

/// One size of the night, with what claims take at its last look.
struct Design {
    repeats: Repeats,
    /// Tonight's at the last look.
    tonight: f64,
    baseline: f64,
    generalise: Generalise,
    drops_missing: bool,
    levels: Levels,
    gates: f64,
}

impl Design {
    fn new(gating: &Gating, generalise: Generalise, repeats: Repeats, gates: usize) -> Self {
        let last = looks(gating);
        Self {
            repeats,
            tonight: f64::from(repeats_at(gating, repeats, last)),
            baseline: f64::from(repeats.baseline),
            generalise,
            drops_missing: gating.missing == MissingAs::Dropped,
            levels: Levels::at(gating, repeats, last, gates),
            gates: gates.max(1) as f64,
        }
    }

    fn of_night(gating: &Gating, generalise: Generalise, tonight: u32, gates: usize) -> Self {
        let tonight = tonight.max(1);
        let repeats = Repeats { tonight, baseline: tonight.saturating_mul(BASELINE_RATIO) };
        Self::new(gating, generalise, repeats, gates)
    }

    /// With the powers at so many prompts, by the gate and what it needs.
    fn recommended(
        &self,
        expected: &[Expected],
        at: impl Fn(&Expected, u32) -> u32,
    ) -> Recommendation {
        let size = |gate: &Expected| {
            let needed = self.prompts_needed(gate);
            let prompts = at(gate, needed.unwrap_or(gate.prompts));
            Size {
                measure: gate.measure.clone(),
                prompts: needed,
                has: gate.prompts,
                pass: self.pass(gate, prompts),
                regression: self.regression(gate, prompts),
            }
        };
        Recommendation { repeats: self.repeats, gates: expected.iter().map(size).collect() }
    }

    fn prompts_needed(&self, gate: &Expected) -> Option<u32> {
        let (mut low, mut high) = (1, PROMPTS_MAX);
        if !self.is_enough(gate, high) {
            return None;
        }
        while low < high {
            let middle = low + (high - low) / 2;
            if self.is_enough(gate, middle) { high = middle } else { low = middle + 1 }
        }
        Some(low)
    }

    fn is_enough(&self, gate: &Expected, prompts: u32) -> bool {
        let pass_of_each = 1.0 - (1.0 - PASS) / self.gates;
        self.pass(gate, prompts) >= pass_of_each && self.regression(gate, prompts) >= REGRESSION
    }

    fn pass(&self, gate: &Expected, prompts: u32) -> f64 {
        self.power(gate, prompts, 0.0, self.levels.pass())
    }

    fn regression(&self, gate: &Expected, prompts: u32) -> f64 {
        self.power(gate, prompts, 2.0 * gate.margin, self.levels.first_regression())
    }

    /// The power to make a claim at a one-sided level where so much was lost, in whichever way is harder to
    /// see. The margin lies as far away at no loss as at twice the margin.
    fn power(&self, gate: &Expected, prompts: u32, lost: f64, tail: f64) -> f64 {
        let n = f64::from(prompts);
        let reach = match self.generalise {
            Generalise::Prompts => t_quantile(1.0 - tail, n + 1.0),
            Generalise::Suite => normal_quantile(1.0 - tail),
        };
        let room = gate.margin - self.lost_to_missing(gate);
        let power = |after: &After| self.power_after(gate, after, n, room, reach);
        gate.values.after(gate.better, lost).iter().map(power).fold(1.0, f64::min)
    }

    /// `z = (room − q · error as estimated) / error`, with as much more error as that of the estimate adds.
    fn power_after(&self, gate: &Expected, after: &After, n: f64, room: f64, reach: f64) -> f64 {
        let (true_error, seen_error) = self.errors(gate, after, n);
        let uncertain = (1.0 + reach * reach * (KURTOSIS - 1.0) / (4.0 * n)).sqrt();
        if true_error == 0.0 {
            return f64::from(u8::from(room > reach * seen_error));
        }
        normal_tail(-(room - reach * seen_error) / (true_error * uncertain))
    }

    /// The standard error as it is, and as it will be estimated.
    fn errors(&self, gate: &Expected, after: &After, n: f64) -> (f64, f64) {
        let within = after.within / self.tonight + gate.values.within() / self.baseline;
        let typical = 2.0 / (1.0 / self.tonight + 1.0 / self.baseline);
        match (self.generalise, gate.values) {
            (Generalise::Prompts, Values::Rate { correlation, .. }) => {
                let all = within + after.between;
                let correlation = correlation.max(CORRELATION);
                let share = 1.0 / typical + (1.0 - 1.0 / typical) * correlation;
                let pseudo = if self.counts_missing(gate) { 1.0 } else { share };
                let seen = (all * n + 2.0 * pseudo) / ((n + 2.0) * (n + 1.0));
                ((all / n).sqrt(), seen.sqrt())
            }
            (Generalise::Suite, Values::Rate { rate, correlation }) => {
                let spread = correlation * rate * (1.0 - rate);
                let seen = within + self.taken_for_alike(spread);
                ((within / n).sqrt(), (seen / n + 4.0 / (typical * n).powi(2)).sqrt())
            }
            (_, Values::Mean { .. }) => {
                let all = ((within + after.between) / n).sqrt();
                (all, all)
            }
        }
    }

    /// What a side that was asked once seems to vary more than it does: its prompts are taken for alike.
    fn taken_for_alike(&self, spread: f64) -> f64 {
        let once = [self.tonight, self.baseline].into_iter().filter(|repeats| *repeats <= 1.0);
        once.count() as f64 * spread
    }
    fn counts_missing(&self, gate: &Expected) -> bool {
        gate.missing > 0.0 && !self.drops_missing
    }

    /// What missing answers take of the margin, if as many are missing on both sides and all are bad.
    fn lost_to_missing(&self, gate: &Expected) -> f64 {
        match gate.values {
            Values::Rate { .. } if self.counts_missing(gate) => gate.missing,
            Values::Rate { .. } | Values::Mean { .. } => 0.0,
        }
    }
}
