//! Contrasts: what changed between two conditions, prompt by prompt.

use crate::caution::Caution;
use crate::interval::Interval;
use crate::paired::{
    Counted, Estimate, Sides, Sign, complete, difference, estimate, whole_differences,
};
use crate::power::Seen;
use crate::sign_flip::{Flips, mcnemar_exact, sign_flip};
use crate::tally::{Tally, share_of, sum};

/// One prompt under the two conditions of a contrast: a [`Tally`] or a [`Sum`](crate::Sum) for each,
/// or what is unknown about one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pair<T = Tally> {
    pub from: T,
    pub to: T,
}

/// One prompt in a difference of differences: `(to − from)` of the minuend minus that of the
/// subtrahend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quad<T = Tally> {
    pub minuend: Pair<T>,
    pub subtrahend: Pair<T>,
}

/// A contrast with its 95% interval and its p-value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// The mean over paired prompts of each prompt's difference of proportions.
    pub value: f64,
    /// 95%; holds `value`.
    pub interval: Interval,
    /// Two-sided, in `(0, 1]`, not adjusted for a family.
    pub p: f64,
    pub test: Test,
    /// Prompts with an answer on every side: the n of `value`, `interval` and `p`.
    pub prompts: u64,
    /// (yes, of) over all tallies of the `from` side, paired or not; of the minuend, in a
    /// difference of differences.
    pub from: (u64, u64),
    /// (yes, of) over all tallies of the `to` side, as for `from`.
    pub to: (u64, u64),
    /// (yes, of) of the subtrahend's `from` and `to` sides; only in a difference of differences.
    pub subtrahend: Option<((u64, u64), (u64, u64))>,
    /// By prompt, with the pseudo-prompts.
    pub standard_error: f64,
    /// A true difference that would be found with at least 80% power at two-sided 5%, with this n. Between
    /// rates it is the smallest by which the `to` side may move away from the nearer edge, with the variance
    /// that it has there, and at most as large as a difference can be. In a fixed suite it is
    /// [`detectable`](crate::detectable()) of the standard error.
    pub detectable: f64,
    /// The same difference over all tallies, unpaired; it moves away from `value` when answers
    /// are missing unevenly.
    pub pooled: f64,
    /// Set where the interval does not hold: neither it nor `p` is to be printed.
    pub caution: Option<Caution>,
}

/// Where a p-value came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// Signs flipped prompt by prompt, with any number of repeats; of rates the larger of that p and the
    /// p of t that belongs to the interval.
    SignFlip { flips: Flips },
    /// One repeat of every prompt on both sides.
    McNemarExact,
    /// A fixed suite: both sides compared within each prompt (Mantel and Haenszel 1959).
    MantelHaenszel { exact: bool },
    /// A fixed suite, four sides: normal, by the variance within prompts.
    WithinPrompts,
}

/// The difference `to − from`, paired by prompt.
///
/// Value: the mean of the prompts' differences, each prompt with equal weight. Interval: t over m
/// prompts and two pseudo-prompts, `value ± t · √((Σ(d − value)² + 2c²) / ((m + 2)(m + 1)))` with m + 1
/// degrees of freedom (after Agresti and Caffo 2000, and Bonett and Price 2012), where
/// `c² = 1/r + (1 − 1/r) ρ` is the share that the repeats leave of a single answer's variance: r is the
/// harmonic mean of the repeats, ρ the larger intra-prompt correlation of the two sides (moment estimate,
/// started at 0.6). It covers at least 95% within error in the README's tables, but for 94% with 20 repeats
/// where a few prompts of one cell always say yes, and is conservative for rare answers;
/// `caution` is never set.
///
/// p: exact McNemar when every paired prompt has one repeat on either side; otherwise the larger of two:
/// that of a sign flip over prompts, exact unless its sum has too many values, then 20,000 flips from
/// `seed`; and the two-sided p of t at the standard error and the degrees of freedom of the interval. So a
/// p below 5% has an interval without zero beside it. The sign flip alone takes a prompt's difference to be
/// as likely to have had the other sign. Rates that are equal but rare, with repeats that always agree in
/// one cell and hardly in the other, are not of that kind: there it rejects up to 12% (simulated, 20
/// prompts x 10, 3%), and the larger of both about 6%.
///
/// Pairs with an empty side count only in `pooled`. Assumes prompts drawn independently. `None` when no
/// pair has both sides.
pub fn paired_difference(pairs: &[Pair], seed: u64) -> Option<Difference> {
    let (from, to) = totals(pairs.iter().copied());
    let totals = Totals { from, to, subtrahend: None };
    let paired = complete(&pairs.iter().map(|pair| pair.sides()).collect::<Vec<_>>());
    contrast(&paired, &totals, |found| match mcnemar(&paired) {
        Some(p) => (p, Test::McNemarExact),
        None => flip_signs(&paired, found, seed),
    })
}

/// How much more `to − from` is in the minuend than in the subtrahend, paired by prompt over all
/// four cells, by the method of [`paired_difference`], with pseudo-prompts twice as far out because the
/// difference may be twice as large. The test is never McNemar's.
pub fn difference_of_differences(quads: &[Quad], seed: u64) -> Option<Difference> {
    let (from, to) = totals(quads.iter().map(|quad| quad.minuend));
    let subtrahend = Some(totals(quads.iter().map(|quad| quad.subtrahend)));
    let paired = complete(&quads.iter().map(|quad| quad.sides()).collect::<Vec<_>>());
    let totals = Totals { from, to, subtrahend };
    contrast(&paired, &totals, |found| flip_signs(&paired, found, seed))
}

impl<T> Pair<T> {
    pub(crate) fn sides(self) -> Sides<2, T>
    where
        T: Counted,
    {
        [(Sign::Plus, self.to), (Sign::Minus, self.from)]
    }
}

impl<T> Quad<T> {
    pub(crate) fn sides(self) -> Sides<4, T>
    where
        T: Counted,
    {
        let [to, from] = self.minuend.sides();
        let Pair { from: less_from, to: less_to } = self.subtrahend;
        [to, from, (Sign::Minus, less_to), (Sign::Plus, less_from)]
    }
}

/// (yes, of) of every side over all tallies, paired or not.
pub(crate) struct Totals {
    pub(crate) from: (u64, u64),
    pub(crate) to: (u64, u64),
    pub(crate) subtrahend: Option<((u64, u64), (u64, u64))>,
}

impl Totals {
    pub(crate) fn pooled(&self) -> f64 {
        let change = |from, to| share_of(to) - share_of(from);
        change(self.from, self.to) - self.subtrahend.map_or(0.0, |(from, to)| change(from, to))
    }
}

fn contrast<const N: usize>(
    paired: &[Sides<N>],
    totals: &Totals,
    test: impl FnOnce(&Estimate) -> (f64, Test),
) -> Option<Difference> {
    let found = estimate(paired)?;
    let (p, test) = test(&found);
    let Estimate { value, interval, standard_error, share_left, .. } = found;
    Some(Difference {
        value,
        interval,
        p,
        test,
        prompts: paired.len() as u64,
        pooled: totals.pooled(),
        from: totals.from,
        to: totals.to,
        subtrahend: totals.subtrahend,
        standard_error,
        detectable: detectable(paired, standard_error, share_left),
        caution: None,
    })
}

fn detectable<const N: usize>(paired: &[Sides<N>], standard_error: f64, share: f64) -> f64 {
    let rate = |side: usize| share_of(sum(paired.iter().map(|sides| sides[side].1)));
    // Sides come as (to, from), and then once more those of the subtrahend.
    let moved = (0..N).step_by(2).map(|to| (rate(to + 1), rate(to))).collect();
    let (prompts, sides) = (paired.len() as f64, N as f64);
    Seen { prompts, sides, standard_error, share, moved }.detectable()
}

/// The sign flip's p, or that of the interval's t where it is larger.
fn flip_signs<const N: usize>(paired: &[Sides<N>], found: &Estimate, seed: u64) -> (f64, Test) {
    let differences: Vec<f64> = paired.iter().map(difference).collect();
    let (p, flips) = sign_flip(&differences, whole_differences(paired).as_deref(), seed);
    (p.max(found.p()), Test::SignFlip { flips })
}

/// McNemar's p when it is valid: one repeat on both sides of every paired prompt.
fn mcnemar(paired: &[Sides<2>]) -> Option<f64> {
    if paired.iter().flatten().any(|(_, tally)| tally.of != 1) {
        return None;
    }
    let changed = |to: u32| {
        let moved = |[(_, t), (_, f)]: &&Sides<2>| t.yes == to && f.yes == 1 - to;
        paired.iter().filter(moved).count() as u64
    };
    Some(mcnemar_exact(changed(1), changed(0)))
}

pub(crate) fn totals(pairs: impl Iterator<Item = Pair> + Clone) -> ((u64, u64), (u64, u64)) {
    (sum(pairs.clone().map(|pair| pair.from)), sum(pairs.map(|pair| pair.to)))
}
