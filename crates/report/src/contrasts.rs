//! Counts to differences, and differences to families.

use std::collections::BTreeMap;

use iago_statistics::{
    Difference, Flips, Interval, Missing, Pair, PairMissing, Quad, QuadMissing, Tally, Test,
    difference_of_differences, difference_of_differences_bounds, holm, paired_difference,
    paired_difference_bounds,
};
use iago_sweep::Plan;

use crate::asked::Asked;
use crate::axes::{level_of, order_cells};
use crate::count::CellCounts;
use crate::report::{Contrast, ContrastEstimate, Count, Gap, GapEstimate, Minus, Range};

/// What contrasts are computed from. Lists are by cell.
pub(crate) struct Sides<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) counts: &'a [CellCounts],
    pub(crate) asked: &'a Asked,
    pub(crate) simulated: &'a [bool],
    /// Whether p-values are withheld.
    pub(crate) interim: bool,
}

/// The cells that one estimate compares.
#[derive(Clone, Debug)]
pub(crate) struct Compared {
    pub(crate) labels: Vec<String>,
    pub(crate) from: Vec<usize>,
    pub(crate) to: Vec<usize>,
    /// `from` and `to` of the difference that is subtracted again.
    pub(crate) subtrahend: Option<(Vec<usize>, Vec<usize>)>,
}

/// All contrasts of the plan, corrected within their families.
pub(crate) fn estimate_contrasts(sides: &Sides<'_>) -> Vec<Contrast> {
    let mut contrasts: Vec<Contrast> =
        sides.plan.contrasts.iter().map(|contrast| estimate_contrast(sides, contrast)).collect();
    correct_families(&mut contrasts);
    contrasts
}

/// The estimates of a contrast: one for each combination of `by` that has cells on every side. Cells that differ in
/// anything else are pooled, prompt by prompt.
pub(crate) fn find_compared(plan: &Plan, contrast: &iago_sweep::Contrast) -> Vec<Compared> {
    let mut groups: Vec<(Vec<String>, Vec<usize>)> = Vec::new();
    for cell in order_cells(plan, &contrast.by) {
        let level = |axis: &String| level_of(plan, cell, axis).unwrap_or_default().to_owned();
        let labels: Vec<String> = contrast.by.iter().map(level).collect();
        match groups.iter_mut().find(|(known, _)| *known == labels) {
            Some((_, cells)) => cells.push(cell),
            None => groups.push((labels, vec![cell])),
        }
    }
    let compared =
        groups.into_iter().map(|(labels, cells)| split_sides(plan, contrast, labels, &cells));
    compared.filter(Compared::is_complete).collect()
}

impl Compared {
    fn is_complete(&self) -> bool {
        let subtrahend = self.subtrahend.iter().flat_map(|(from, to)| [from, to]);
        [&self.from, &self.to].into_iter().chain(subtrahend).all(|cells| !cells.is_empty())
    }

    /// The cells of each difference in it, `from` and `to`.
    pub(crate) fn into_pairs(self) -> impl Iterator<Item = (Vec<usize>, Vec<usize>)> {
        std::iter::once((self.from, self.to)).chain(self.subtrahend)
    }

    fn cells(&self) -> impl Iterator<Item = usize> {
        let subtrahend = self.subtrahend.iter().flat_map(|(from, to)| from.iter().chain(to));
        self.from.iter().chain(&self.to).chain(subtrahend).copied()
    }
}

fn split_sides(
    plan: &Plan,
    contrast: &iago_sweep::Contrast,
    labels: Vec<String>,
    cells: &[usize],
) -> Compared {
    let at = |cells: &[usize], axis: &str, level: &str| -> Vec<usize> {
        cells.iter().copied().filter(|&cell| level_of(plan, cell, axis) == Some(level)).collect()
    };
    let pair = |cells: &[usize]| {
        (at(cells, &contrast.factor, &contrast.from), at(cells, &contrast.factor, &contrast.to))
    };
    let Some(minus) = &contrast.minus else {
        let (from, to) = pair(cells);
        return Compared { labels, from, to, subtrahend: None };
    };
    let (from, to) = pair(&at(cells, &minus.factor, &minus.to));
    let subtrahend = Some(pair(&at(cells, &minus.factor, &minus.from)));
    Compared { labels, from, to, subtrahend }
}

fn estimate_contrast(sides: &Sides<'_>, contrast: &iago_sweep::Contrast) -> Contrast {
    let measure = sides.plan.measures.iter().position(|measure| measure.name == contrast.measure);
    let estimate = |compared: Compared| {
        // A measure that is not there was refused when the material was made.
        let gap = measure.map_or(Gap::NotAsked, |measure| sides.estimate(measure, &compared));
        let simulated = compared.cells().any(|cell| sides.simulated[cell]);
        ContrastEstimate { labels: compared.labels, gap, simulated }
    };
    let minus = contrast.minus.clone();
    Contrast {
        name: contrast.name.clone(),
        measure: contrast.measure.clone(),
        factor: contrast.factor.clone(),
        from: contrast.from.clone(),
        to: contrast.to.clone(),
        minus: minus.map(|iago_sweep::Minus { factor, from, to }| Minus { factor, from, to }),
        // What was added after the first result is no primary, whatever the file says.
        primary: contrast.primary && !contrast.post_hoc,
        post_hoc: contrast.post_hoc,
        family: contrast.family.clone().unwrap_or_else(|| contrast.name.clone()),
        family_size: 0,
        by: contrast.by.clone(),
        estimates: find_compared(sides.plan, contrast).into_iter().map(estimate).collect(),
    }
}

impl Sides<'_> {
    fn estimate(&self, measure: usize, compared: &Compared) -> Gap {
        let minuend = self.pair_prompts(measure, &compared.from, &compared.to);
        let Some(minuend) = minuend else { return Gap::NotAsked };
        let Some((from, to)) = &compared.subtrahend else {
            let pairs: Vec<Pair> = minuend.iter().map(to_pair).collect();
            let difference = paired_difference(&pairs, self.plan.seed);
            return self.gap(difference, &minuend, None, || paired_difference_bounds(&minuend));
        };
        let Some(subtrahend) = self.pair_prompts(measure, from, to) else { return Gap::NotAsked };
        let quads: Vec<QuadMissing> = minuend
            .iter()
            .zip(&subtrahend)
            .map(|(&minuend, &subtrahend)| QuadMissing { minuend, subtrahend })
            .collect();
        let answered: Vec<Quad> = quads
            .iter()
            .map(|quad| Quad {
                minuend: to_pair(&quad.minuend),
                subtrahend: to_pair(&quad.subtrahend),
            })
            .collect();
        let difference = difference_of_differences(&answered, self.plan.seed);
        self.gap(difference, &minuend, Some(&subtrahend), || {
            difference_of_differences_bounds(&quads)
        })
    }

    /// What each prompt counts on the two sides; `None` if a side has no cell where the measure is asked.
    fn pair_prompts(
        &self,
        measure: usize,
        from: &[usize],
        to: &[usize],
    ) -> Option<Vec<PairMissing>> {
        let (from, to) = (self.pool(measure, from)?, self.pool(measure, to)?);
        Some(from.into_iter().zip(to).map(|(from, to)| PairMissing { from, to }).collect())
    }

    fn pool(&self, measure: usize, cells: &[usize]) -> Option<Vec<Missing>> {
        let mut asked = cells.iter().filter(|&&cell| self.asked.measure(cell, measure));
        let first = self.counts[*asked.next()?].measures[measure].clone();
        Some(asked.fold(first, |mut pooled, &cell| {
            for (sum, prompt) in pooled.iter_mut().zip(&self.counts[cell].measures[measure]) {
                sum.yes += prompt.yes;
                sum.of += prompt.of;
                sum.missing += prompt.missing;
            }
            pooled
        }))
    }

    fn gap(
        &self,
        difference: Option<Difference>,
        minuend: &[PairMissing],
        subtrahend: Option<&[PairMissing]>,
        bound: impl Fn() -> Option<Interval>,
    ) -> Gap {
        let Some(difference) = difference else {
            let (from, to) = sum_sides(minuend);
            return Gap::Unpaired { from, to };
        };
        let pairs = minuend.iter().chain(subtrahend.unwrap_or_default());
        let missing =
            pairs.map(|pair| u64::from(pair.from.missing) + u64::from(pair.to.missing)).sum();
        let p = (!self.interim).then_some(difference.p);
        Gap::Known(Box::new(GapEstimate {
            from: difference.from.into(),
            to: difference.to.into(),
            subtrahend: difference.subtrahend.map(|(from, to)| (from.into(), to.into())),
            prompts: difference.prompts,
            value: difference.value,
            interval: difference.interval.into(),
            p,
            p_adjusted: p,
            test: name_test(difference.test).to_owned(),
            detectable: difference.detectable,
            pooled: difference.pooled,
            missing,
            bounds: if missing > 0 { bound().map(Range::from) } else { None },
        }))
    }
}

/// Holm over each family. Primaries are a family apart from what bears the same name and is none.
///
/// An estimate that was meant to be made and could not be counts with p = 1: losing all its data must not make the
/// others look better. What the plan does not ask for was never a claim.
fn correct_families(contrasts: &mut [Contrast]) {
    let mut families: BTreeMap<(bool, String), Vec<(usize, usize)>> = BTreeMap::new();
    for (number, contrast) in contrasts.iter().enumerate() {
        let family = families.entry((contrast.primary, contrast.family.clone())).or_default();
        let claims = contrast
            .estimates
            .iter()
            .enumerate()
            .filter(|(_, estimate)| estimate.gap != Gap::NotAsked);
        family.extend(claims.map(|(estimate, _)| (number, estimate)));
    }
    for members in families.values() {
        let p = |&(contrast, estimate): &(usize, usize)| {
            p_of(&contrasts[contrast].estimates[estimate].gap)
        };
        let adjusted = holm(&members.iter().map(p).collect::<Vec<f64>>());
        for (&(contrast, estimate), adjusted) in members.iter().zip(adjusted) {
            contrasts[contrast].family_size = members.len() as u64;
            if let Gap::Known(gap) = &mut contrasts[contrast].estimates[estimate].gap {
                gap.p_adjusted = gap.p.map(|_| adjusted);
            }
        }
    }
}

fn p_of(gap: &Gap) -> f64 {
    match gap {
        Gap::Known(gap) => gap.p.unwrap_or(1.0),
        Gap::NotAsked | Gap::Unpaired { .. } => 1.0,
    }
}

fn name_test(test: Test) -> &'static str {
    match test {
        Test::SignFlip { flips: Flips::Exact } => "sign flip over prompts, exact",
        Test::SignFlip { flips: Flips::Sampled(_) } => "sign flip over prompts, sampled",
        Test::McNemarExact => "McNemar, exact",
    }
}

fn to_pair(pair: &PairMissing) -> Pair {
    let tally = |side: Missing| Tally { yes: side.yes, of: side.of };
    Pair { from: tally(pair.from), to: tally(pair.to) }
}

fn sum_sides(pairs: &[PairMissing]) -> (Count, Count) {
    let sum = |side: fn(&PairMissing) -> Missing| {
        pairs.iter().map(side).fold(Count::default(), |sum, side| Count {
            yes: sum.yes + u64::from(side.yes),
            of: sum.of + u64::from(side.of),
        })
    };
    (sum(|pair| pair.from), sum(|pair| pair.to))
}

impl From<(u64, u64)> for Count {
    fn from((yes, of): (u64, u64)) -> Self {
        Self { yes, of }
    }
}

impl From<Interval> for Range {
    fn from(Interval { low, high }: Interval) -> Self {
        Self { low, high }
    }
}
