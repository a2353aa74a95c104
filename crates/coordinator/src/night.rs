//! From stored sweeps to what a night comes to.
//!
//! Three sweeps may speak of a night: its own, the baseline at the revision that it was pinned at, and the
//! anchors, in which tonight's judges judge the baseline's transcripts again. Their facts are folded, paired
//! by prompt and handed to `iago-nightly`, which decides. All of it is a function of the store and of the
//! [`Subject`]: whoever asks again is told the same.
//!
//! Answers of both sides are counted by tonight's measures, since two rulers measure no difference. What
//! cannot be compared is told, and never passes.

mod against;
mod anchors;
mod circumstances;
mod compared;
mod copied;
mod flips;
mod pairs;
mod side;
mod told;
mod watched;

use std::time::Duration;

use iago_nightly::{
    Baseline, Flip, Morning, Night, PinnedBaseline, Repeats, RunEnd, RunKey, Step, Yes, look,
};
use iago_store::{Comparison, Nights, Store};
use iago_sweep::{Gating, MissingAs, SweepId};
use jiff::Timestamp;

use crate::report::PresentError;

use against::Against;
use compared::Compared;
use side::Side;

pub(crate) use anchors::{anchors_plan, split_budget};
pub(crate) use copied::copy_answers;
pub(crate) use side::began;

/// The level of a gate where its sweep states none; as in the language of sweeps.
const ALPHA: f64 = 0.05;

/// What is to be judged.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) sweep: SweepId,
    /// The run of a schedule that it is.
    pub(crate) run: Option<RunKey>,
    /// The zone in which its times are told.
    pub(crate) zone: Option<String>,
    pub(crate) end: RunEnd,
    /// From 1.
    pub(crate) look: u32,
    /// The repeats that were planned for the first look.
    pub(crate) first_repeats: u32,
    pub(crate) comparison: Option<Comparison>,
    /// What the schedule asks of its baseline.
    pub(crate) baseline_terms: Option<PinnedBaseline>,
    pub(crate) now: Timestamp,
}

/// What a night comes to.
#[derive(Clone, Debug)]
pub(crate) struct Assessed {
    /// What follows; `None` where nothing could be compared.
    pub(crate) step: Option<Step>,
    pub(crate) morning: Morning,
}

/// Judges a night by what is stored of it.
pub(crate) async fn assess<S: Store + Nights>(
    store: &S,
    subject: &Subject,
) -> Result<Assessed, PresentError> {
    Ok(Facts::gather(store, subject).await?.assess(subject))
}

/// All that is stored of a night.
pub(crate) struct Facts {
    tonight: Side,
    against: Option<Against>,
}

impl Facts {
    pub(crate) async fn gather<S: Store>(
        store: &S,
        subject: &Subject,
    ) -> Result<Self, PresentError> {
        let tonight = Side::latest(store, subject.sweep).await?;
        // What is compared with itself has always stayed the same.
        let with = subject.comparison.as_ref().filter(|with| with.of != subject.sweep);
        let against = match with {
            Some(with) => Some(Against::read(store, with, &tonight.plan).await?),
            None => None,
        };
        Ok(Self { tonight, against })
    }

    pub(crate) fn assess(&self, subject: &Subject) -> Assessed {
        let compared = self.against.as_ref().map(|of| Compared::of(&self.tonight, of));
        let step = compared
            .as_ref()
            .zip(self.against.as_ref())
            .map(|(compared, against)| look(&night(subject, &self.tonight, against, compared)));
        let morning = told::tell(subject, self, compared.as_ref(), step.as_ref());
        Assessed { step, morning }
    }

    /// Of the prompt of a flip a repeat on either side, (then, now), that says what most of them say.
    pub(crate) fn typical(&self, flip: &Flip) -> (Option<u32>, Option<u32>) {
        let then = self.against.as_ref().map(|against| &against.then);
        let earlier = then.and_then(|then| find_typical(then, &self.tonight, flip, flip.baseline));
        (earlier, find_typical(&self.tonight, &self.tonight, flip, flip.tonight))
    }
}

/// A repeat on one side that says what most say; measures have tonight's numbers on both.
fn find_typical(side: &Side, tonight: &Side, flip: &Flip, most: Yes) -> Option<u32> {
    let mut measures = tonight.plan.measures.iter();
    let measure = measures.position(|measure| measure.name == flip.measure)?;
    let (cell, prompt) = (side.cell(&flip.model, &flip.condition)?, side.prompt(&flip.prompt)?);
    let says_yes = most.yes > most.of.saturating_sub(most.yes);
    (0..side.plan.repeats).find(|repeat| {
        let value = side.material.value_in(measure, (cell, prompt, *repeat as usize));
        value.is_some_and(|value| (value > 0.0) == says_yes)
    })
}

fn night(subject: &Subject, tonight: &Side, against: &Against, compared: &Compared) -> Night {
    Night {
        gating: gating(tonight),
        generalise: tonight.plan.generalise,
        run: subject.end,
        repeats: Repeats { tonight: subject.first_repeats, baseline: against.then.plan.repeats },
        look: subject.look,
        baseline: baseline(subject, against, compared),
        models: watched::check_models(tonight, &against.then),
        helpers: watched::check_helpers(tonight, &against.then),
        judges: compared.judges.clone(),
        comparisons: compared.gates.iter().map(|gate| gate.comparison.clone()).collect(),
    }
}

fn baseline(subject: &Subject, against: &Against, compared: &Compared) -> Baseline {
    let terms = subject.baseline_terms.as_ref();
    let seconds = |length: jiff::SignedDuration| {
        Duration::from_secs(u64::try_from(length.as_secs()).unwrap_or(0))
    };
    Baseline {
        name: against.name.clone(),
        repeats_min: terms.and_then(|terms| terms.repeats).unwrap_or(1),
        age: seconds(subject.now.duration_since(began(&against.then.head))),
        age_max: terms.and_then(|terms| terms.max_age).map(|max| seconds(max.duration())),
        has_ended: against.has_ended(),
        prompts_that_differ: compared.prompts_that_differ,
    }
}

/// How a sweep's gates are judged; as in the language of sweeps where it does not say.
fn gating(tonight: &Side) -> Gating {
    tonight.plan.gating.clone().unwrap_or(Gating {
        alpha: ALPHA,
        missing: MissingAs::WorstCase,
        max_missing: None,
        top_up: None,
        rejudge_baseline: false,
    })
}

#[cfg(test)]
pub(crate) mod tests;
