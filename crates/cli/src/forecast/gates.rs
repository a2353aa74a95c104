//! How large a night has to be for its critical gates, and what the night of this file can tell.
//!
//! What the answers will be like is taken from a run of the same plan that is stored. Without one a rate is
//! taken for what is hardest to judge, and it is said that it was.

use iago_grading::{Grader, Reading, Transcript};
use iago_nightly::{Expected, Recommendation, Size, Values, foresee, recommend};
use iago_sweep::{Gate, Gating, Margin, MissingAs, Plan, Tier};

use crate::forecast::census::sample;
use crate::forecast::past::{Past, Shown};

/// A rate of which nothing is known is taken for one half, where it varies most, and repeats of a prompt to
/// agree half the way, as for contrasts.
const UNSEEN: Shown =
    Shown { values: Values::Rate { rate: 0.5, correlation: 0.5 }, value: 0.5, missing: 0.0 };

/// What the critical gates of a plan take.
pub(crate) struct Sizes {
    /// Each of them in each cell.
    pub(crate) gates: Vec<Held>,
    /// With the repeats of the file.
    pub(crate) planned: Recommendation,
    /// With as many as it takes.
    pub(crate) recommended: Recommendation,
    /// What stored run says what to expect, in words.
    pub(crate) by: Option<String>,
}

/// A critical gate in one cell.
pub(crate) struct Held {
    pub(crate) measure: String,
    pub(crate) model: String,
    pub(crate) condition: String,
    /// How much worse still passes, as far as that is known, in the measure's unit.
    pub(crate) margin: Option<f64>,
    pub(crate) is_mean: bool,
    pub(crate) prompts: u32,
    /// A stored run showed what to expect.
    pub(crate) is_seen: bool,
    /// What it can tell as planned, and what it takes; `None` for a mean of which nothing is known.
    pub(crate) sizes: Option<[Size; 2]>,
}

impl Sizes {
    /// `None` where no gate is critical. `past` is what a stored run shows, and what that run is.
    pub(crate) fn of(plan: &Plan, grader: &Grader, past: Option<(&Past, &str)>) -> Option<Self> {
        let critical = || plan.gates.iter().filter(|gate| gate.tier == Tier::Critical);
        let cells = || (0..).zip(&plan.cells).map(|(cell, _)| cell);
        let places = critical().flat_map(|gate| cells().map(move |cell| (gate, cell)));
        let shown = past.map(|(past, _)| past);
        let found: Vec<_> =
            places.filter_map(|(gate, cell)| hold(plan, grader, (gate, cell), shown)).collect();
        let expected: Vec<_> = found.iter().filter_map(|(_, expected)| expected.clone()).collect();
        let gating = plan.gating.clone().unwrap_or(USUAL);
        let planned = foresee(&expected, &gating, plan.generalise, plan.repeats);
        let recommended = recommend(&expected, &gating, plan.generalise, plan.repeats);
        let mut sizes = planned.gates.iter().zip(&recommended.gates);
        let mut size = || sizes.next().map(|(planned, takes)| [planned.clone(), takes.clone()]);
        let gates: Vec<Held> = found
            .into_iter()
            .map(|(held, expected)| Held { sizes: expected.and_then(|_| size()), ..held })
            .collect();
        let is_seen = gates.iter().any(|held| held.is_seen);
        let by = past.filter(|_| is_seen).map(|(_, by)| by.to_owned());
        (!gates.is_empty()).then_some(Self { gates, planned, recommended, by })
    }

    /// At least so likely do all critical gates pass where nothing changed, whatever hangs together between
    /// them, with the repeats of the file; `None` where one of them is not known.
    pub(crate) fn all_pass(&self) -> Option<f64> {
        let failing: Option<f64> =
            self.planned_sizes().map(|size| size.map(|size| 1.0 - size.pass)).sum();
        failing.map(|failing| (1.0 - failing).max(0.0))
    }

    /// How likely a loss of twice the margin is a regression, at the gate where it is least so.
    pub(crate) fn regression(&self) -> Option<f64> {
        let found = self.planned_sizes().map(|size| size.map(|size| size.regression));
        found.collect::<Option<Vec<_>>>().map(|all| all.into_iter().fold(1.0, f64::min))
    }

    /// Whether this file's night is known to be as large as it takes.
    pub(crate) fn is_enough(&self) -> bool {
        self.all_pass().is_some()
            && self.recommended.has_enough_prompts()
            && self.recommended.repeats.tonight <= self.planned.repeats.tonight
    }

    fn planned_sizes(&self) -> impl Iterator<Item = Option<&Size>> {
        self.gates.iter().map(|held| held.sizes.as_ref().map(|[planned, _]| planned))
    }
}

/// How gates are judged where a sweep does not say.
const USUAL: Gating = Gating {
    alpha: 0.05,
    missing: MissingAs::WorstCase,
    max_missing: None,
    top_up: None,
    rejudge_baseline: false,
};

/// A gate in a cell, and what is expected there; `None` where it is about none of the cell's prompts.
fn hold(
    plan: &Plan,
    grader: &Grader,
    (gate, cell): (&Gate, u32),
    past: Option<&Past>,
) -> Option<(Held, Option<Expected>)> {
    let measure = plan.measures.iter().position(|measure| measure.name == gate.measure)?;
    let is_mean = plan.measures.get(measure)?.is_mean();
    let prompts = prompts_of(plan, grader, (measure, cell)).filter(|prompts| *prompts > 0)?;
    let of = plan.cells.get(cell as usize)?;
    let place = (gate.measure.clone(), of.model.clone(), of.condition.clone());
    let seen = past.and_then(|past| past.get(&place));
    let shown = seen.or((!is_mean).then_some(&UNSEEN));
    let margin = match gate.margin {
        Margin::Absolute(margin) => Some(margin),
        Margin::Relative(share) => shown.map(|shown| share * shown.value.abs()),
    };
    let expected = shown.zip(margin).map(|(shown, margin)| Expected {
        measure: gate.measure.clone(),
        prompts,
        better: gate.better,
        margin,
        values: shown.values,
        missing: shown.missing,
    });
    let (measure, model, condition) = place;
    let is_seen = seen.is_some();
    Some((
        Held { measure, model, condition, margin, is_mean, prompts, is_seen, sizes: None },
        expected,
    ))
}

/// Prompts of a cell that a measure is about, by its `where`, which no answer decides.
fn prompts_of(plan: &Plan, grader: &Grader, (measure, cell): (usize, u32)) -> Option<u32> {
    let looked_at = sample(plan);
    let is_about = |prompt: &&u32| {
        let unasked = Transcript { cell, prompt: **prompt, repeat: 0, stages: Vec::new() };
        grader.measure(measure, &unasked) != Reading::Outside
    };
    let about = looked_at.iter().filter(is_about).count() as u64;
    let (all, _) = plan.size_of(plan.cells.get(cell as usize)?);
    let share = about.saturating_mul(all.into()).checked_div(looked_at.len() as u64)?;
    u32::try_from(share).ok()
}
