//! What the contrasts of a plan could find, with the prompts that it has.

use std::collections::{BTreeMap, BTreeSet};

use iago_statistics::detectable;
use iago_sweep::{Contrast, Generalise, Plan};

/// How far repeats of one prompt are taken to agree beyond chance. In refusal data most prompts are
/// nearly always refused or nearly never, so repeats say less than their number.
const AGREEMENT: f64 = 0.5;

/// What a contrast could find.
pub(crate) struct Effect {
    pub(crate) contrast: String,
    /// How many estimates it has.
    pub(crate) estimates: u64,
    /// Prompts of the smallest of them.
    pub(crate) prompts: u64,
    /// The smallest difference of rates that would be found, at rates near a half, where it is
    /// largest; `None` for means, which have no such bound.
    pub(crate) detectable: Option<f64>,
}

impl Effect {
    pub(crate) fn words(&self) -> String {
        match self.detectable {
            None => "hangs on the spread of the values".to_owned(),
            Some(share) if share >= 1.0 => "nothing: too few prompts".to_owned(),
            Some(share) => format!("{:.1} points or more", 100.0 * share),
        }
    }
}

/// One for each contrast.
pub(crate) fn effects(plan: &Plan) -> Vec<Effect> {
    plan.contrasts.iter().map(|contrast| effect(plan, contrast)).collect()
}

fn effect(plan: &Plan, contrast: &Contrast) -> Effect {
    let groups = groups(plan, contrast);
    let smallest = groups.iter().min().copied().unwrap_or_default();
    let measure = plan.measures.iter().find(|measure| measure.name == contrast.measure);
    let is_rate = measure.is_some_and(|measure| !measure.is_mean());
    Effect {
        contrast: contrast.name.clone(),
        estimates: groups.len() as u64,
        prompts: smallest.0,
        detectable: (is_rate && smallest.0 > 0).then(|| {
            detectable(standard_error(plan.generalise, smallest, contrast.minus.is_some()))
        }),
    }
}

/// Of a difference between two rates of a half, paired by prompt and no more alike for it: the variance
/// of a prompt's mean over repeats that agree in part, twice, over the prompts. Where the claim is about
/// these prompts alone, only what varies within them counts, as far as repeats can show it.
fn standard_error(over: Generalise, (prompts, repeats): (u64, u64), of_differences: bool) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
    let (prompts, repeats) = (prompts as f64, repeats.max(1) as f64);
    let variance = match over {
        Generalise::Suite if repeats > 1.0 => 0.25 * (1.0 - AGREEMENT) / repeats,
        Generalise::Suite | Generalise::Prompts => {
            0.25 * (1.0 + (repeats - 1.0) * AGREEMENT) / repeats
        }
    };
    let terms = if of_differences { 4.0 } else { 2.0 };
    (terms * variance / prompts).sqrt()
}

/// Prompts and repeats of each estimate that the contrast has.
fn groups(plan: &Plan, contrast: &Contrast) -> Vec<(u64, u64)> {
    let mut found: BTreeMap<Vec<String>, Sides> = BTreeMap::new();
    for (number, cell) in (0..).zip(&plan.cells) {
        let level = |axis: &str| level_of(plan, number, axis);
        let labels = contrast.by.iter().map(|axis| level(axis).unwrap_or_default()).collect();
        let (prompts, repeats) = plan.size_of(cell);
        found.entry(labels).or_default().add(contrast, level, (prompts.into(), repeats.into()));
    }
    let needed = if contrast.minus.is_some() { 4 } else { 2 };
    let complete = found.into_values().filter(|sides| sides.seen.len() == needed);
    complete.filter_map(|sides| sides.least).collect()
}

/// What is there of one estimate.
#[derive(Default)]
struct Sides {
    seen: BTreeSet<(String, String)>,
    least: Option<(u64, u64)>,
}

impl Sides {
    fn add(
        &mut self,
        contrast: &Contrast,
        level: impl Fn(&str) -> Option<String>,
        size: (u64, u64),
    ) {
        let is_side = |axis: &str, from: &str, to: &str| {
            level(axis).filter(|level| level == from || level == to)
        };
        let Some(side) = is_side(&contrast.factor, &contrast.from, &contrast.to) else { return };
        let second = match &contrast.minus {
            None => String::new(),
            Some(minus) => match is_side(&minus.factor, &minus.from, &minus.to) {
                Some(second) => second,
                None => return,
            },
        };
        self.seen.insert((side, second));
        self.least = Some(self.least.map_or(size, |least| least.min(size)));
    }
}

fn level_of(plan: &Plan, cell: u32, axis: &str) -> Option<String> {
    if axis == "model" {
        return plan.model_of(cell).map(|model| model.name.clone());
    }
    plan.condition_of(cell)?.levels.get(axis).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_prompts_and_more_repeats_find_less_and_repeats_find_ever_fewer() {
        let over = Generalise::Prompts;
        let at = |prompts, repeats| detectable(standard_error(over, (prompts, repeats), false));
        assert!(at(100, 1) > at(200, 1) && at(100, 1) > at(100, 5));
        assert!(at(100, 100) > at(400, 1), "repeats are no prompts");
        // Two rates of a half over 100 prompts each: 2.80 x sqrt(2 x 0.25 / 100).
        assert!((at(100, 1) - 0.198).abs() < 0.001, "{}", at(100, 1));
    }

    #[test]
    fn in_a_suite_repeats_are_as_good_as_prompts() {
        let over = Generalise::Suite;
        let at = |prompts, repeats| detectable(standard_error(over, (prompts, repeats), false));
        assert!((at(8, 200) - at(80, 20)).abs() < 1e-12);
        assert!(at(8, 200) < 0.1, "{}", at(8, 200));
        assert!(at(100, 1) > at(100, 2), "once tells nothing of what varies within");
    }
}
