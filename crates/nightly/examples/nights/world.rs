//! Invented nights: prompts with planted propensities, a judge that errs, a baseline that is drawn anew for
//! every night, and a loss that is planted or not.

use std::time::Duration;

use iago_nightly::{
    Anchor, Baseline, Comparison, Counts, Echoes, Expected, JudgeCheck, Levels, Missing,
    ModelCheck, Night, Noise, Now, RateCount, Recommendation, Repeats, RunEnd, Sides, Step, Values,
    Word, look_at, recommend,
};
use iago_sweep::{Better, Gate, Gating, Generalise, Margin, MissingAs, Spend, Tier, TopUp};

use crate::dice::Dice;

/// A judge takes yes for no, and no for yes, in this share of answers.
const JUDGE_ERROR: f64 = 0.03;
const ANCHORS: u64 = 100;
/// Anchors that were judged twice when the baseline was made.
const ANCHORS_THEN: u64 = 200;
/// Propensities of all prompts that there could be.
const DRAWN: u32 = 50_000;

/// Rate, direction and margin of each gate, in turn.
const GATES: [(f64, Better, f64); 5] = [
    (0.90, Better::Higher, 0.05),
    (0.10, Better::Lower, 0.08),
    (0.80, Better::Higher, 0.05),
    (0.03, Better::Lower, 0.05),
    (0.60, Better::Higher, 0.08),
];

/// How prompts differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Propensities spread smoothly; two answers correlate by 0.3.
    BetaBinomial,
    /// Some prompts are a coin, all others always do the same.
    TwoClasses,
}

/// How large the planted loss is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Planted {
    Nothing,
    /// Each gate loses its margin.
    AllAtMargin,
    /// The first gate loses its margin.
    FirstAtMargin,
    /// The first gate loses twice its margin.
    FirstTwice,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    pub(crate) generalise: Generalise,
    pub(crate) kind: Kind,
    pub(crate) gates: usize,
    pub(crate) looks: u32,
    /// The share of answers that get lost on either side.
    pub(crate) missing: f64,
    /// Some prompts lose all of it, the others nothing.
    pub(crate) uneven: bool,
    /// Prompts that there are, for repeats to make up for; else as many as it takes at three repeats.
    pub(crate) prompts: Option<u32>,
}

/// A setting with what `recommend` says of it, ready to be simulated.
pub(crate) struct World {
    setting: Setting,
    gating: Gating,
    pub(crate) recommendation: Recommendation,
    levels: Vec<Levels>,
    /// Of a fixed suite, by gate.
    suite: Vec<Vec<f64>>,
    /// What prompts are drawn from where they are no suite, by gate: a draw of its own for each prompt would
    /// take most of the time.
    drawn: Vec<Vec<f64>>,
    /// How much there is to lose on average, by gate.
    rooms: Vec<f64>,
}

/// Shares of nights, in counts.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) all_pass: u64,
    pub(crate) any_regression: u64,
    pub(crate) changed_judge: u64,
    pub(crate) topped_up: u64,
}

impl World {
    /// As large as recommended: the prompts that it takes at three planned repeats.
    pub(crate) fn new(setting: Setting, seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let gating = gating(setting.looks);
        let drawn: Vec<Vec<f64>> = (0..setting.gates)
            .map(|gate| (0..DRAWN).map(|_| setting.propensity(gate, &mut dice)).collect())
            .collect();
        let expected: Vec<Expected> =
            (0..).zip(&drawn).map(|(gate, drawn)| setting.expected(gate, drawn)).collect();
        let recommendation = recommend(&expected, &gating, setting.generalise, 3);
        let repeats = recommendation.repeats;
        let levels =
            (1..=setting.looks).map(|look| Levels::at(&gating, repeats, look, setting.gates));
        let levels = levels.collect();
        let sizes = sizes(&recommendation);
        let suite = sizes
            .iter()
            .enumerate()
            .map(|(gate, size)| (0..*size).map(|_| setting.propensity(gate, &mut dice)).collect());
        let suite: Vec<Vec<f64>> = suite.collect();
        let population = if setting.generalise == Generalise::Suite { &suite } else { &drawn };
        let rooms = population.iter().enumerate().map(|(gate, rates)| {
            let rooms = rates.iter().map(|rate| room(gate_of(gate).1, *rate));
            rooms.sum::<f64>() / rates.len() as f64
        });
        let rooms = rooms.collect();
        Self { setting, gating, recommendation, levels, suite, drawn, rooms }
    }

    pub(crate) fn simulate(&self, planted: Planted, nights: u64, seed: u64) -> Seen {
        let mut dice = Dice::new(seed);
        let mut seen = Seen::default();
        for _ in 0..nights {
            let (word, looks) = self.night(planted, &mut dice);
            seen.all_pass += u64::from(word == Word::Pass);
            seen.any_regression += u64::from(word == Word::Regression);
            seen.changed_judge += u64::from(word == Word::ChangedJudge);
            seen.topped_up += u64::from(looks > 1);
        }
        seen
    }

    fn night(&self, planted: Planted, dice: &mut Dice) -> (Word, u32) {
        let mut night = self.first_look(planted, dice);
        let propensities = night.1;
        loop {
            let at = night.0.look as usize - 1;
            match look_at(&night.0, &self.levels[at]) {
                Step::Decided(verdict) => return (verdict.word, night.0.look),
                Step::TopUp { repeats, .. } => {
                    night.0.look += 1;
                    for (comparison, tonight) in night.0.comparisons.iter_mut().zip(&propensities) {
                        self.ask_more(comparison, tonight, repeats, dice);
                    }
                }
            }
        }
    }

    /// With tonight's propensities, by gate and prompt.
    fn first_look(&self, planted: Planted, dice: &mut Dice) -> (Night, Vec<Vec<f64>>) {
        let repeats = self.recommendation.repeats;
        let mut tonight = Vec::new();
        let mut comparisons = Vec::new();
        for gate in 0..self.setting.gates {
            let baseline = self.prompts(gate, dice);
            let changed = self.setting.change(gate, planted, self.rooms[gate], &baseline, dice);
            let prompts = baseline.iter().zip(&changed).map(|(then, now)| Sides {
                baseline: self.setting.ask(repeats.baseline, *then, dice),
                tonight: self.setting.ask(repeats.tonight, *now, dice),
            });
            comparisons.push(comparison(gate, prompts.collect()));
            tonight.push(changed);
        }
        let night = Night {
            gating: self.gating.clone(),
            generalise: self.setting.generalise,
            run: RunEnd::Ended,
            repeats,
            look: 1,
            baseline: baseline(repeats),
            models: vec![model()],
            helpers: Vec::new(),
            judges: vec![judge(dice)],
            comparisons,
        };
        (night, tonight)
    }

    /// These prompts, or some like them.
    fn prompts(&self, gate: usize, dice: &mut Dice) -> Vec<f64> {
        match self.setting.generalise {
            Generalise::Suite => self.suite[gate].clone(),
            Generalise::Prompts => {
                let (size, drawn) = (self.suite[gate].len(), &self.drawn[gate]);
                (0..size).map(|_| *dice.one_of(drawn)).collect()
            }
        }
    }

    fn ask_more(&self, comparison: &mut Comparison, rates: &[f64], repeats: u32, dice: &mut Dice) {
        let Counts::Rates(prompts) = &mut comparison.counts else { return };
        for (prompt, rate) in prompts.iter_mut().zip(rates) {
            let more = self.setting.ask(repeats, *rate, dice);
            prompt.tonight.yes += more.yes;
            prompt.tonight.of += more.of;
            prompt.tonight.missing.unanswered += more.missing.unanswered;
        }
    }
}

impl Setting {
    /// What somebody would guess who knows the truth.
    fn expected(self, gate: usize, drawn: &[f64]) -> Expected {
        let (_, better, margin) = gate_of(gate);
        let drawn: Vec<f64> = drawn.iter().map(|rate| judged(*rate)).collect();
        let mean = |read: fn(f64) -> f64| {
            drawn.iter().map(|rate| read(*rate)).sum::<f64>() / f64::from(DRAWN)
        };
        let rate = mean(|rate| rate);
        let correlation = 1.0 - mean(|rate| rate * (1.0 - rate)) / (rate * (1.0 - rate));
        Expected {
            measure: gate.to_string(),
            prompts: self.prompts.unwrap_or(1),
            better,
            margin,
            values: Values::Rate { rate, correlation },
            missing: self.missing,
        }
    }

    /// The propensity of a prompt to be good, refused, or whatever the measure counts.
    fn propensity(self, gate: usize, dice: &mut Dice) -> f64 {
        /// Of a beta distribution with this sum of shapes, two answers correlate by 0.3.
        const SHAPES: f64 = 1.0 / 0.3 - 1.0;
        let (rate, _, _) = gate_of(gate);
        match self.kind {
            Kind::BetaBinomial => dice.beta(rate * SHAPES, (1.0 - rate) * SHAPES),
            Kind::TwoClasses => {
                let rare = rate.min(1.0 - rate);
                let common = if rate < 0.5 { 0.0 } else { 1.0 };
                if dice.chance(2.0 * rare) { 0.5 } else { common }
            }
        }
    }

    /// Tonight's propensities: on average so much worse, as the judge sees it. `mean` is how much there is to
    /// lose.
    fn change(
        self,
        gate: usize,
        planted: Planted,
        mean: f64,
        baseline: &[f64],
        dice: &mut Dice,
    ) -> Vec<f64> {
        let (_, better, margin) = gate_of(gate);
        let lost = match planted {
            Planted::Nothing => 0.0,
            Planted::AllAtMargin => margin,
            Planted::FirstAtMargin if gate == 0 => margin,
            Planted::FirstTwice if gate == 0 => 2.0 * margin,
            Planted::FirstAtMargin | Planted::FirstTwice => 0.0,
        };
        if lost == 0.0 {
            return baseline.to_vec();
        }
        let room = |rate: f64| room(better, rate);
        let share = lost / (1.0 - 2.0 * JUDGE_ERROR) / mean;
        let lose = |rate: &f64, share: f64| match better {
            Better::Higher => rate * (1.0 - share),
            Better::Lower => rate + (1.0 - rate) * share,
        };
        if !self.uneven {
            return baseline.iter().map(|rate| lose(rate, share)).collect();
        }
        match self.generalise {
            Generalise::Prompts => baseline
                .iter()
                .map(|rate| lose(rate, f64::from(u8::from(dice.chance(share)))))
                .collect(),
            Generalise::Suite => lose_first(baseline, share * mean, room, lose),
        }
    }

    fn ask(self, repeats: u32, rate: f64, dice: &mut Dice) -> RateCount {
        let lost = if self.missing > 0.0 { dice.yes(repeats, self.missing) } else { 0 };
        let of = repeats - lost;
        let missing = Missing { unanswered: lost, ungraded: 0 };
        RateCount { yes: dice.yes(of, judged(rate)), of, missing }
    }
}

/// How much of it can be lost.
fn room(better: Better, rate: f64) -> f64 {
    match better {
        Better::Higher => rate,
        Better::Lower => 1.0 - rate,
    }
}

/// Prompts of each gate.
pub(crate) fn sizes(recommendation: &Recommendation) -> Vec<u32> {
    recommendation.gates.iter().map(|gate| gate.prompts.unwrap_or(0).max(gate.has)).collect()
}

/// A fixed suite loses exactly so much: prompt by prompt all that it has, until it is lost.
fn lose_first(
    baseline: &[f64],
    mean: f64,
    room: impl Fn(f64) -> f64,
    lose: impl Fn(&f64, f64) -> f64,
) -> Vec<f64> {
    let mut left = mean * baseline.len() as f64;
    let mut take = |rate: &f64| {
        let has = room(*rate);
        let taken = has.min(left);
        left -= taken;
        if has > 0.0 { lose(rate, taken / has) } else { *rate }
    };
    baseline.iter().map(&mut take).collect()
}

/// How often the judge says yes of an answer that is one at this rate.
fn judged(rate: f64) -> f64 {
    rate * (1.0 - JUDGE_ERROR) + (1.0 - rate) * JUDGE_ERROR
}

fn gate_of(gate: usize) -> (f64, Better, f64) {
    GATES[gate % GATES.len()]
}

fn gating(looks: u32) -> Gating {
    let top_up = TopUp { repeats: 3, looks, spend: Spend::Pocock };
    Gating {
        alpha: 0.05,
        missing: MissingAs::WorstCase,
        max_missing: Some(0.02),
        top_up: (looks > 1).then_some(top_up),
        rejudge_baseline: true,
    }
}

fn comparison(gate: usize, prompts: Vec<Sides<RateCount>>) -> Comparison {
    let (_, better, margin) = gate_of(gate);
    let margin = Margin::Absolute(margin);
    Comparison {
        gate: Gate { measure: gate.to_string(), better, margin, tier: Tier::Critical },
        model: "assistant".to_owned(),
        condition: "only".to_owned(),
        judges: vec!["quality".to_owned()],
        helpers: Vec::new(),
        counts: Counts::Rates(prompts),
    }
}

fn baseline(repeats: Repeats) -> Baseline {
    Baseline {
        name: "pinned".to_owned(),
        repeats_min: repeats.baseline,
        age: Duration::from_secs(86_400),
        age_max: Some(Duration::from_secs(30 * 86_400)),
        has_ended: true,
        prompts_that_differ: 0,
    }
}

fn model() -> ModelCheck {
    let echoes = Echoes { ids: ["sim-1".to_owned()].into(), some_without: false };
    ModelCheck {
        name: "assistant".to_owned(),
        expected: Some("sim-1".to_owned()),
        tonight: echoes.clone(),
        expected_then: Some("sim-1".to_owned()),
        baseline: echoes,
    }
}

/// The judge as it was: two draws of the same noise.
fn judge(dice: &mut Dice) -> JudgeCheck {
    let flips_then = 2.0 * JUDGE_ERROR * (1.0 - JUDGE_ERROR);
    let measured = (0..ANCHORS_THEN).filter(|_| dice.chance(flips_then)).count() as u64;
    let say = |dice: &mut Dice, good: bool| {
        let good = good != dice.chance(JUDGE_ERROR);
        if good { "good" } else { "poor" }.to_owned()
    };
    let anchors = (0..ANCHORS).map(|anchor| {
        let good = anchor % 10 != 0;
        Anchor { then: Some(say(dice, good)), now: Now::Label(say(dice, good)) }
    });
    JudgeCheck {
        stage: "quality".to_owned(),
        anchors: anchors.collect(),
        noise: Noise::Measured { flips: measured, of: ANCHORS_THEN },
        model: ModelCheck::default(),
    }
}
