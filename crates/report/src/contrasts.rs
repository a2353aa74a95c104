//! Which cells a contrast compares, and the differences that come of it.

use std::collections::BTreeMap;

use iago_statistics::Interval;
use iago_sweep::Plan;

use crate::asked::Asked;
use crate::audit::Gold;
use crate::axes::Grid;
use crate::count::CellCounts;
use crate::families::correct_families;
use crate::material::Material;
use crate::reads::Reads;
use crate::report::{Contrast, ContrastEstimate, Gap, Kind, Minus};

/// What contrasts are computed from. Lists are by cell.
pub(crate) struct Sides<'a> {
    pub(crate) material: &'a Material,
    pub(crate) plan: &'a Plan,
    pub(crate) groups: &'a Groups<'a>,
    pub(crate) counts: &'a [CellCounts],
    pub(crate) asked: &'a Asked,
    /// The stages behind each measure.
    pub(crate) reads: &'a [Reads],
    /// People's labels, and what they bear on.
    pub(crate) gold: &'a Gold<'a>,
    /// For each measure, the lowest and the highest that its number can be.
    pub(crate) limits: &'a [Option<Interval>],
    pub(crate) simulated: &'a [bool],
    /// Whether p-values are withheld.
    pub(crate) interim: bool,
    /// How often the data were looked at.
    pub(crate) looks: u64,
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

/// The cells of a plan by what its contrasts are made for. Contrasts mostly share their `by`, so that cells are grouped
/// once for each.
pub(crate) struct Groups<'a> {
    grid: &'a Grid<'a>,
    by: BTreeMap<&'a [String], Vec<Group>>,
}

/// The cells of one combination of levels, with its labels.
pub(crate) struct Group {
    pub(crate) labels: Vec<String>,
    pub(crate) cells: Vec<usize>,
}

impl<'a> Groups<'a> {
    pub(crate) fn of(plan: &'a Plan, grid: &'a Grid<'a>) -> Self {
        let mut by: BTreeMap<&[String], Vec<Group>> = BTreeMap::new();
        for contrast in &plan.contrasts {
            by.entry(&contrast.by).or_insert_with(|| group_cells(grid, &contrast.by));
        }
        Self { grid, by }
    }

    /// The estimates of a contrast: one for each combination of `by` that has cells on every side. Cells that differ in
    /// anything else are pooled, prompt by prompt.
    pub(crate) fn find_compared(
        &self,
        contrast: &iago_sweep::Contrast,
    ) -> impl Iterator<Item = Compared> {
        self.split(contrast).filter(Compared::is_complete)
    }

    /// One for each combination of `by`, whatever cells it has.
    fn split(&self, contrast: &iago_sweep::Contrast) -> impl Iterator<Item = Compared> {
        let groups = self.by.get(contrast.by.as_slice()).into_iter().flatten();
        groups.map(|group| split_sides(self.grid, contrast, group))
    }
}

/// The cells by their levels on these axes, in the order of the file.
pub(crate) fn group_cells(grid: &Grid<'_>, by: &[String]) -> Vec<Group> {
    let mut places: BTreeMap<Vec<&str>, usize> = BTreeMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for cell in grid.order_cells(by) {
        let level = |axis: &String| grid.level_of(cell, axis).unwrap_or_default();
        let labels: Vec<&str> = by.iter().map(level).collect();
        let place = *places.entry(labels).or_insert_with_key(|labels| {
            let labels = labels.iter().map(|&label| label.to_owned()).collect();
            groups.push(Group { labels, cells: Vec::new() });
            groups.len() - 1
        });
        groups[place].cells.push(cell);
    }
    groups
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

    /// The cells of each side.
    pub(crate) fn sides(&self) -> Vec<&[usize]> {
        let subtrahend = self.subtrahend.iter().flat_map(|(from, to)| [from, to]);
        [&self.from, &self.to].into_iter().chain(subtrahend).map(Vec::as_slice).collect()
    }

    fn cells(&self) -> impl Iterator<Item = usize> {
        let subtrahend = self.subtrahend.iter().flat_map(|(from, to)| from.iter().chain(to));
        self.from.iter().chain(&self.to).chain(subtrahend).copied()
    }
}

fn split_sides(grid: &Grid<'_>, contrast: &iago_sweep::Contrast, group: &Group) -> Compared {
    let pair = |cells: &[usize]| {
        let side = |level: &str| grid.select(cells, &contrast.factor, level);
        (side(&contrast.from), side(&contrast.to))
    };
    let Group { labels, cells } = group;
    let labels = labels.clone();
    let Some(minus) = &contrast.minus else {
        let (from, to) = pair(cells);
        return Compared { labels, from, to, subtrahend: None };
    };
    let (from, to) = pair(&grid.select(cells, &minus.factor, &minus.to));
    let subtrahend = Some(pair(&grid.select(cells, &minus.factor, &minus.from)));
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
    let (complete, sparse): (Vec<_>, Vec<_>) =
        sides.groups.split(contrast).partition(Compared::is_complete);
    Contrast {
        name: contrast.name.clone(),
        measure: contrast.measure.clone(),
        kind: measure.map_or(Kind::Rate, |measure| Kind::of(&sides.plan.measures[measure])),
        factor: contrast.factor.clone(),
        from: contrast.from.clone(),
        to: contrast.to.clone(),
        minus: minus.map(|iago_sweep::Minus { factor, from, to }| Minus { factor, from, to }),
        // What was added after the first result is no primary, whatever the file says.
        primary: contrast.primary && !contrast.post_hoc,
        post_hoc: contrast.post_hoc,
        family: contrast.family.clone().unwrap_or_else(|| contrast.name.clone()),
        family_size: 0,
        looks: sides.looks,
        by: contrast.by.clone(),
        estimates: complete.into_iter().map(estimate).collect(),
        without_cells: sparse.into_iter().map(|compared| compared.labels).collect(),
    }
}

#[cfg(test)]
mod tests {
    use iago_sweep::{Cell, Condition, Contrast, Factor, Level, Model};

    use super::*;

    const CELLS: usize = 12_800;

    /// One model, asked in many languages, plainly and formally.
    fn wide() -> Plan {
        let languages: Vec<String> = (0..CELLS / 2).map(|number| number.to_string()).collect();
        let level = |name: &String| Level { name: name.clone(), variables: BTreeMap::new() };
        let tones = ["plain", "formal"].map(str::to_owned);
        let factor = |name: &str, levels: &[String]| Factor {
            name: name.into(),
            levels: levels.iter().map(level).collect(),
        };
        let both = languages.iter().flat_map(|language| tones.iter().map(move |t| (language, t)));
        let conditions: Vec<Condition> = both
            .map(|(language, tone)| Condition {
                name: format!("{language}/{tone}"),
                levels: [("language", language), ("tone", tone)]
                    .map(|(factor, level)| (factor.to_owned(), level.clone()))
                    .into(),
            })
            .collect();
        let cell = |condition: &Condition| Cell {
            model: "m".into(),
            condition: condition.name.clone(),
            ..Cell::default()
        };
        Plan {
            factors: vec![factor("language", &languages), factor("tone", &tones)],
            models: vec![Model { name: "m".into(), ..Model::default() }],
            // Backwards: the groups stand in the order of the file all the same.
            cells: conditions.iter().rev().map(cell).collect(),
            conditions,
            ..Plan::default()
        }
    }

    fn contrast(by: &[&str]) -> Contrast {
        Contrast {
            name: "tone".into(),
            measure: "any".into(),
            factor: "tone".into(),
            from: "plain".into(),
            to: "formal".into(),
            minus: None,
            by: by.iter().map(|axis| (*axis).to_owned()).collect(),
            family: None,
            primary: false,
            post_hoc: false,
        }
    }

    #[test]
    fn a_thousand_contrasts_of_many_cells_find_the_cells_that_they_compare() {
        let mut plan = wide();
        plan.contrasts = vec![contrast(&["model"]); 1_000];
        plan.contrasts.push(contrast(&["language"]));
        let grid = Grid::of(&plan);
        let groups = Groups::of(&plan, &grid);
        for pooled in &plan.contrasts[..1_000] {
            let compared: Vec<Compared> = groups.find_compared(pooled).collect();
            assert_eq!((compared.len(), &compared[0].labels[..]), (1, &["m".to_owned()][..]));
            assert_eq!((compared[0].from.len(), compared[0].to.len()), (CELLS / 2, CELLS / 2));
        }
        let each: Vec<Compared> = groups.find_compared(&plan.contrasts[1_000]).collect();
        assert_eq!(each.len(), CELLS / 2);
        for (number, compared) in each.iter().enumerate() {
            assert_eq!(compared.labels, [number.to_string()]);
            let formal = CELLS - 2 * (number + 1);
            assert_eq!((&compared.from[..], &compared.to[..]), (&[formal + 1][..], &[formal][..]));
        }
    }

    #[test]
    fn a_level_that_no_cell_has_is_compared_with_nothing() {
        let mut plan = wide();
        plan.cells.retain(|cell| cell.condition != "7/formal");
        plan.contrasts = vec![contrast(&["language"])];
        let grid = Grid::of(&plan);
        let groups = Groups::of(&plan, &grid);
        assert_eq!(groups.find_compared(&plan.contrasts[0]).count(), CELLS / 2 - 1);
        let sparse = groups.split(&plan.contrasts[0]).find(|compared| !compared.is_complete());
        assert_eq!(sparse.map(|compared| compared.labels), Some(vec!["7".to_owned()]));
    }
}
