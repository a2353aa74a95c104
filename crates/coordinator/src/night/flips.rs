//! Which prompts are another way than in the baseline.

use iago_nightly::{Counts, Flip, RateCount, Sides, Yes};
use iago_sweep::Better;

use super::compared::GateCell;

/// So many of a gate in a cell are told.
const FLIPS_MAX: usize = 50;

/// The prompts whose majority changed, gate by gate: those that got worse first, the furthest first. As in
/// a history of nights, a tie is no majority.
pub(super) fn find_flips(gates: &[GateCell]) -> Vec<Flip> {
    gates.iter().flat_map(flips_of).collect()
}

fn flips_of(gate: &GateCell) -> Vec<Flip> {
    let Counts::Rates(counts) = &gate.comparison.counts else { return Vec::new() };
    let prompts = gate.prompts.iter().zip(counts);
    let mut flips: Vec<(f64, Flip)> =
        prompts.filter_map(|(prompt, sides)| flip(gate, prompt, *sides)).collect();
    flips.sort_by(|(one, a), (other, b)| {
        b.worse.cmp(&a.worse).then(other.total_cmp(one)).then_with(|| a.prompt.cmp(&b.prompt))
    });
    flips.truncate(FLIPS_MAX);
    flips.into_iter().map(|(_, flip)| flip).collect()
}

fn flip(gate: &GateCell, prompt: &str, sides: Sides<RateCount>) -> Option<(f64, Flip)> {
    let (was, is) = (majority(sides.baseline)?, majority(sides.tonight)?);
    if was == is {
        return None;
    }
    let of = &gate.comparison;
    let flip = Flip {
        measure: of.gate.measure.clone(),
        model: of.model.clone(),
        condition: of.condition.clone(),
        prompt: prompt.to_owned(),
        baseline: yes(sides.baseline),
        tonight: yes(sides.tonight),
        worse: is == (of.gate.better == Better::Lower),
    };
    Some(((share(sides.tonight) - share(sides.baseline)).abs(), flip))
}

/// Whether most of a prompt's repeats say yes; `None` for a tie, and for no repeats.
fn majority(count: RateCount) -> Option<bool> {
    let no = count.of.saturating_sub(count.yes);
    (count.yes != no).then_some(count.yes > no)
}

fn share(count: RateCount) -> f64 {
    f64::from(count.yes) / f64::from(count.of.max(1))
}

fn yes(count: RateCount) -> Yes {
    Yes { yes: count.yes, of: count.of }
}
