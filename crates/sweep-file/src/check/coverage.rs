//! Which cells a contrast compares. A grid may be sparse, and a measure may speak of some cells only:
//! what is pooled, and whether anything is left to compare, is read off the cells themselves.

use std::collections::{BTreeMap, BTreeSet};

use iago_expression::{Domain, Expression, Scope, Truth, Value};
use iago_sweep::{Contrast, Plan};

use super::contrasts::is_compared;
use super::expressions::names_in;
use crate::read::MODEL;

/// The cells of a plan, by what they are called.
pub(crate) struct Grid<'p> {
    plan: &'p Plan,
    /// For each cell the value of each axis, in the order of `axes`.
    cells: Vec<Vec<&'p str>>,
    /// The model, then the factors in file order.
    axes: Vec<&'p str>,
    /// The cells that have a value on an axis.
    having: BTreeMap<(usize, &'p str), Vec<usize>>,
    /// For each measure with a `where`, its truth in each cell; `None` where it cannot be read.
    spoken_of: BTreeMap<&'p str, Option<Vec<bool>>>,
}

/// What a contrast finds in the grid.
pub(super) struct Coverage<'p> {
    /// The axes along which cells would be averaged.
    pub(super) pooled: Vec<&'p str>,
    /// Whether some combination of `by` has cells on all sides.
    pub(super) is_comparable: bool,
}

/// The cells that one estimate of a contrast is made of: those with the same value on each axis of `by`.
#[derive(Default)]
pub(crate) struct Combination<'p> {
    /// A cell of each side that has one, by the level compared and the one of `minus`.
    sides: BTreeMap<(&'p str, &'p str), usize>,
    /// The axes that are not compared and that its cells differ in.
    mixed: BTreeSet<usize>,
    /// Whether all sides are there.
    pub(crate) is_whole: bool,
}

impl Combination<'_> {
    /// The number of a cell of each side.
    pub(crate) fn cells(&self) -> impl Iterator<Item = usize> {
        self.sides.values().copied()
    }
}

impl<'p> Grid<'p> {
    pub(crate) fn of(plan: &'p Plan) -> Self {
        let factors = plan.factors.iter().map(|factor| factor.name.as_str());
        let axes: Vec<&str> = std::iter::once(MODEL).chain(factors).collect();
        let conditions: BTreeMap<&str, _> = plan
            .conditions
            .iter()
            .map(|condition| (condition.name.as_str(), &condition.levels))
            .collect();
        let describe = |cell: &'p iago_sweep::Cell| {
            let levels = conditions.get(cell.condition.as_str());
            let level = |axis: &&str| {
                let level = levels.and_then(|levels| levels.get(*axis));
                level.map_or("", String::as_str)
            };
            let levels = axes.iter().skip(1).map(level);
            std::iter::once(cell.model.as_str()).chain(levels).collect()
        };
        let cells: Vec<Vec<&str>> = plan.cells.iter().map(describe).collect();
        let mut having: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (number, cell) in cells.iter().enumerate() {
            for (axis, value) in cell.iter().enumerate() {
                having.entry((axis, *value)).or_default().push(number);
            }
        }
        let mut grid = Self { plan, cells, axes, having, spoken_of: BTreeMap::new() };
        for measure in &plan.measures {
            if let Some(within) = &measure.within {
                let truths = grid.read_truths(within);
                grid.spoken_of.insert(&measure.name, truths);
            }
        }
        grid
    }

    /// What a contrast compares; `None` where that cannot be told yet.
    pub(super) fn cover(&self, contrast: &Contrast) -> Option<Coverage<'p>> {
        let combinations = self.combine(contrast)?;
        let pooled: BTreeSet<usize> =
            combinations.iter().flat_map(|found| found.mixed.iter().copied()).collect();
        Some(Coverage {
            pooled: pooled.into_iter().map(|axis| self.axes[axis]).collect(),
            is_comparable: combinations.iter().any(|found| found.is_whole),
        })
    }

    /// The cells of each estimate of a contrast; `None` where that cannot be told yet.
    ///
    /// Cells of one side that differ would be averaged. Those of different sides that differ in more
    /// than what is compared would put a difference down to the wrong axis. Both are `mixed`.
    pub(crate) fn combine(&self, contrast: &Contrast) -> Option<Vec<Combination<'p>>> {
        let others: Vec<usize> =
            (0..self.axes.len()).filter(|&axis| !is_compared(contrast, self.axes[axis])).collect();
        let is_named = |axis: &usize| contrast.by.iter().any(|name| name == self.axes[*axis]);
        let by: Vec<usize> = others.iter().copied().filter(is_named).collect();
        let sides = if contrast.minus.is_some() { 4 } else { 2 };
        let mut combinations: BTreeMap<Vec<&str>, (usize, Combination<'p>)> = BTreeMap::new();
        for (side, number) in self.list_compared(contrast)? {
            let cell = &self.cells[number];
            let key = by.iter().map(|&axis| cell[axis]).collect();
            let (first, found) =
                combinations.entry(key).or_insert((number, Combination::default()));
            let first = &self.cells[*first];
            found.mixed.extend(others.iter().filter(|&&axis| first[axis] != cell[axis]));
            found.sides.entry(side).or_insert(number);
            found.is_whole = found.sides.len() == sides;
        }
        Some(combinations.into_values().map(|(_, found)| found).collect())
    }

    /// The cells that a contrast and its measure speak of, each with its side.
    fn list_compared(&self, contrast: &Contrast) -> Option<Vec<((&'p str, &'p str), usize)>> {
        let spoken_of = match self.spoken_of.get(contrast.measure.as_str()) {
            Some(truths) => Some(truths.as_ref()?),
            None => None,
        };
        let compared = self.axis(&contrast.factor)?;
        let minus =
            contrast.minus.as_ref().and_then(|minus| Some((self.axis(&minus.factor)?, minus)));
        let mut found = Vec::new();
        for level in BTreeSet::from([contrast.from.as_str(), contrast.to.as_str()]) {
            for &number in self.having.get(&(compared, level)).into_iter().flatten() {
                let cell = &self.cells[number];
                let under = minus.map_or("", |(axis, _)| cell[axis]);
                let is_under =
                    minus.is_none_or(|(_, minus)| under == minus.from || under == minus.to);
                if is_under && spoken_of.is_none_or(|truths| truths[number]) {
                    found.push(((cell[compared], under), number));
                }
            }
        }
        Some(found)
    }

    fn axis(&self, name: &str) -> Option<usize> {
        self.axes.iter().position(|axis| *axis == name)
    }

    /// In which cells a `where` may hold. Only one that is false whatever the prompt rules a cell out.
    fn read_truths(&self, within: &str) -> Option<Vec<bool>> {
        // What a stage said is told of as such, where expressions are compiled.
        if names_in(within).iter().any(|name| self.plan.stage_number(name).is_some()) {
            return None;
        }
        let models = self.plan.models.iter().map(|model| model.name.as_str());
        let texts = names_in(within).into_iter();
        let mut scope = texts.fold(Scope::new(), |scope, name| scope.with(name, Domain::Text));
        scope.insert(MODEL, Domain::one_of(models));
        for factor in &self.plan.factors {
            let levels = factor.levels.iter().map(|level| level.name.as_str());
            scope.insert(&factor.name, Domain::one_of(levels));
        }
        let within = Expression::parse_condition(within, &scope).ok()?;
        let may_hold = |cell: &Vec<&str>| {
            let lookup =
                |name: &str| self.axis(name).map_or(Value::Unknown, |axis| Value::from(cell[axis]));
            within.truth(&lookup) != Truth::False
        };
        Some(self.cells.iter().map(may_hold).collect())
    }
}
