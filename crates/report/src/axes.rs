//! What tells cells apart: the model and the levels of the factors.

use iago_sweep::Plan;

/// The axis along which models differ.
pub(crate) const MODEL: &str = "model";

/// The level of a cell on an axis: a model's name or a level of a factor.
pub(crate) fn level_of<'a>(plan: &'a Plan, cell: usize, axis: &str) -> Option<&'a str> {
    if axis == MODEL {
        return plan.cells.get(cell).map(|cell| cell.model.as_str());
    }
    let condition = plan.condition_of(u32::try_from(cell).ok()?)?;
    condition.levels.get(axis).map(String::as_str)
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

/// The cells in the order in which they are shown: by the levels of the axes, in file order.
pub(crate) fn order_cells(plan: &Plan, axes: &[String]) -> Vec<usize> {
    let all_levels: Vec<Vec<&str>> =
        axes.iter().map(|axis| levels_of(plan, axis).unwrap_or_default()).collect();
    let rank = |cell: usize| -> Vec<Option<usize>> {
        let ranked = axes.iter().zip(&all_levels);
        ranked
            .map(|(axis, levels)| {
                levels.iter().position(|level| Some(*level) == level_of(plan, cell, axis))
            })
            .collect()
    };
    let mut cells: Vec<usize> = (0..plan.cells.len()).collect();
    cells.sort_by_cached_key(|&cell| rank(cell));
    cells
}
