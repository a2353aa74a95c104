//! What tells cells apart: the model and the levels of the factors.

use std::collections::BTreeMap;

use iago_sweep::Plan;

/// The axis along which models differ.
pub(crate) const MODEL: &str = "model";

/// Every cell's place on every axis, found once: a large sweep has tens of thousands of cells, and a thousand contrasts
/// that each go through all of them.
pub(crate) struct Grid<'a> {
    axes: BTreeMap<&'a str, Axis<'a>>,
    cells: usize,
}

/// One axis: a factor, or the model.
#[derive(Default)]
struct Axis<'a> {
    /// In file order, and after them those that only a cell has.
    levels: Vec<&'a str>,
    numbers: BTreeMap<&'a str, usize>,
    /// How many of the levels the file names.
    named: usize,
    /// For each cell, the number of its level.
    of_cells: Vec<Option<usize>>,
}

impl<'a> Grid<'a> {
    pub(crate) fn of(plan: &'a Plan) -> Self {
        let mut axes: BTreeMap<&str, Axis<'_>> = BTreeMap::new();
        for factor in &plan.factors {
            let levels = factor.levels.iter().map(|level| level.name.as_str());
            axes.entry(&factor.name).or_insert_with(|| Axis::of(levels));
        }
        axes.insert(MODEL, Axis::of(plan.models.iter().map(|model| model.name.as_str())));
        let mut grid = Self { axes, cells: plan.cells.len() };
        let conditions: BTreeMap<&str, &BTreeMap<String, String>> = plan
            .conditions
            .iter()
            .rev()
            .map(|condition| (condition.name.as_str(), &condition.levels))
            .collect();
        for (number, cell) in plan.cells.iter().enumerate() {
            let levels = conditions.get(cell.condition.as_str()).into_iter().copied().flatten();
            for (axis, level) in levels.filter(|(axis, _)| *axis != MODEL) {
                grid.place(number, axis, level);
            }
            grid.place(number, MODEL, &cell.model);
        }
        grid
    }

    /// The level of a cell on an axis: a model's name or a level of a factor.
    pub(crate) fn level_of(&self, cell: usize, axis: &str) -> Option<&'a str> {
        let axis = self.axes.get(axis)?;
        axis.level_of(cell).and_then(|level| axis.levels.get(level).copied())
    }

    /// The level of a cell on each of these axes; empty where it has none.
    pub(crate) fn label(&self, cell: usize, axes: &[String]) -> Vec<String> {
        let level = |axis: &String| self.level_of(cell, axis).unwrap_or_default().to_owned();
        axes.iter().map(level).collect()
    }

    /// Those of `cells` that are on this level of an axis.
    pub(crate) fn select(&self, cells: &[usize], axis: &str, level: &str) -> Vec<usize> {
        let Some(axis) = self.axes.get(axis) else { return Vec::new() };
        let Some(&level) = axis.numbers.get(level) else { return Vec::new() };
        cells.iter().copied().filter(|&cell| axis.level_of(cell) == Some(level)).collect()
    }

    /// The cells in the order in which they are shown: by the levels of the axes, in file order.
    pub(crate) fn order_cells(&self, axes: &[String]) -> Vec<usize> {
        let axes: Vec<Option<&Axis<'_>>> =
            axes.iter().map(|axis| self.axes.get(axis.as_str())).collect();
        let rank = |cell: usize| -> Vec<Option<usize>> {
            let ranks = axes.iter().map(|axis| axis.and_then(|axis| axis.rank_of(cell)));
            ranks.collect()
        };
        let mut cells: Vec<usize> = (0..self.cells).collect();
        cells.sort_by_cached_key(|&cell| rank(cell));
        cells
    }

    fn place(&mut self, cell: usize, axis: &'a str, level: &'a str) {
        let cells = self.cells;
        self.axes.entry(axis).or_default().place(cell, level, cells);
    }
}

impl<'a> Axis<'a> {
    fn of(levels: impl Iterator<Item = &'a str>) -> Self {
        let mut axis = Self::default();
        for level in levels {
            axis.number(level);
        }
        axis.named = axis.levels.len();
        axis
    }

    /// The number of a level, which is a new one if it was not known.
    fn number(&mut self, level: &'a str) -> usize {
        *self.numbers.entry(level).or_insert_with(|| {
            self.levels.push(level);
            self.levels.len() - 1
        })
    }

    fn place(&mut self, cell: usize, level: &'a str, cells: usize) {
        let level = self.number(level);
        self.of_cells.resize(cells, None);
        self.of_cells[cell] = Some(level);
    }

    fn level_of(&self, cell: usize) -> Option<usize> {
        self.of_cells.get(cell).copied().flatten()
    }

    /// Where a cell stands in file order; `None` for a level that the file does not name.
    fn rank_of(&self, cell: usize) -> Option<usize> {
        self.level_of(cell).filter(|&level| level < self.named)
    }
}

/// The levels of an axis in file order; `None` if the plan has no such axis.
pub(crate) fn levels_of<'a>(plan: &'a Plan, axis: &str) -> Option<Vec<&'a str>> {
    if axis == MODEL {
        return Some(plan.models.iter().map(|model| model.name.as_str()).collect());
    }
    let factor = plan.factors.iter().find(|factor| factor.name == axis)?;
    Some(factor.levels.iter().map(|level| level.name.as_str()).collect())
}

/// The axes that label a row of cells: the model first, and last the factor that the first contrast compares, so that
/// the rows that are compared stand one below the other.
pub(crate) fn label_axes(plan: &Plan) -> Vec<String> {
    let leading =
        plan.contrasts.iter().find(|contrast| contrast.primary).or(plan.contrasts.first());
    let compared = leading.map(|contrast| contrast.factor.as_str());
    let mut factors: Vec<&str> = plan.factors.iter().map(|factor| factor.name.as_str()).collect();
    factors.sort_by_key(|name| Some(*name) == compared);
    std::iter::once(MODEL).chain(factors).map(str::to_owned).collect()
}
