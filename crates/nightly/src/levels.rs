//! How sure a claim has to be, at this look and among so many gates.
//!
//! A pass is a claim of each gate on its own: the night passes only if all of them do, and then the error
//! of one is the error of the night, without any correction. A regression is a claim that any gate may
//! raise, so that the critical ones share the error by Holm's steps. With a top-up both are made at several
//! looks, and both pay for it: the same bounds stand on either side of the margin.

use iago_statistics::{Spending, look_bounds, normal_tail};
use iago_sweep::{Gating, Spend};

use crate::night::{Night, Repeats};

/// The one-sided levels of the claims of one look.
#[derive(Clone, Debug, PartialEq)]
pub struct Levels {
    pass: f64,
    /// While one, two, three, … critical gates are left.
    regression: Vec<f64>,
}

impl Levels {
    /// Those of tonight's look.
    pub fn of(night: &Night) -> Self {
        let critical = night.comparisons.iter().filter(|one| one.is_critical()).count();
        Self::at(&night.gating, night.repeats, night.look, critical)
    }

    /// Those of the `look`-th look, from 1, among so many `critical` comparisons.
    pub fn at(gating: &Gating, repeats: Repeats, look: u32, critical: usize) -> Self {
        let shares = shares(gating, repeats);
        let tail = |alpha: f64| tail(gating, alpha, &shares, look);
        let steps = (1..=critical.max(1)).map(|left| tail(gating.alpha / left as f64));
        Self { pass: tail(gating.alpha), regression: steps.collect() }
    }

    /// Of a claim that a gate passes, and of one by an advisory gate alone that it does not.
    pub fn pass(&self) -> f64 {
        self.pass
    }

    /// Of a claim that a gate regressed, while so many critical ones are left.
    pub fn regression(&self, left: usize) -> f64 {
        let last = self.regression.len() - 1;
        self.regression[left.saturating_sub(1).min(last)]
    }

    /// Of a claim that a gate regressed which is made first, before any other has been.
    pub fn first_regression(&self) -> f64 {
        self.regression(self.regression.len())
    }

    /// Which of the critical gates regressed, by the one-sided p of "not beyond the margin" of each: Holm's
    /// steps (1979) at the levels of this look.
    pub fn regressed(&self, p: &[f64]) -> Vec<bool> {
        let mut order: Vec<usize> = (0..p.len()).collect();
        order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
        let mut regressed = vec![false; p.len()];
        for (step, &gate) in order.iter().enumerate() {
            if p[gate] > self.regression(p.len() - step) {
                break;
            }
            regressed[gate] = true;
        }
        regressed
    }
}

/// How many looks there are at most.
pub(crate) fn looks(gating: &Gating) -> u32 {
    gating.top_up.as_ref().map_or(1, |top_up| top_up.looks.max(1))
}

/// Tonight's repeats at a look.
pub(crate) fn repeats_at(gating: &Gating, repeats: Repeats, look: u32) -> u32 {
    let more = gating.top_up.as_ref().map_or(0, |top_up| top_up.repeats);
    repeats.tonight.saturating_add(more.saturating_mul(look.saturating_sub(1)))
}

/// The share of the last look's information that each look has.
///
/// The variance of a comparison goes with `1/tonight + 1/baseline`; the baseline is the same at every look.
/// Where prompts differ in how much they changed, the looks resemble each other more than that, and the
/// bounds are conservative.
fn shares(gating: &Gating, repeats: Repeats) -> Vec<f64> {
    let variance = |look: u32| {
        let tonight = f64::from(repeats_at(gating, repeats, look).max(1));
        1.0 / tonight + 1.0 / f64::from(repeats.baseline.max(1))
    };
    let last = variance(looks(gating));
    (1..=looks(gating)).map(|look| last / variance(look)).collect()
}

/// The one-sided level of one look, where both sides of all looks together may err by `alpha`.
fn tail(gating: &Gating, alpha: f64, shares: &[f64], look: u32) -> f64 {
    let Some(top_up) = &gating.top_up else { return alpha / 2.0 };
    let spending = match top_up.spend {
        Spend::Pocock => Spending::Pocock,
        Spend::ObrienFleming => Spending::ObrienFleming,
    };
    let bounds = look_bounds(spending, alpha, shares);
    let look = (look.max(1) as usize - 1).min(bounds.len() - 1);
    normal_tail(bounds[look])
}
