//! The cells that a drawing over the steps of a run is made of.

use crate::report::{Cell, ModelDefinition, Report};

/// A training run, drawn in one panel for each condition: nothing is pooled.
pub(crate) struct Series<'a> {
    pub(crate) run: &'a str,
    pub(crate) panels: Vec<SeriesPanel<'a>>,
}

/// One condition over the steps.
pub(crate) struct SeriesPanel<'a> {
    /// The levels of the condition, that of the panels' factor first; empty without factors.
    pub(crate) levels: Vec<&'a str>,
    /// By step.
    pub(crate) points: Vec<Point<'a>>,
}

/// One checkpoint under one condition.
#[derive(Clone, Copy)]
pub(crate) struct Point<'a> {
    pub(crate) step: u64,
    pub(crate) model: &'a str,
    /// `None` where the grid leaves it out.
    pub(crate) cell: Option<&'a Cell>,
}

/// The runs of the report's models that have more than one step; only `run`, if one is asked for.
pub(crate) fn find_series<'a>(
    report: &'a Report,
    run: Option<&str>,
    panels: Option<&str>,
) -> Vec<Series<'a>> {
    let mut runs: Vec<&str> = Vec::new();
    for model in &report.definitions.models {
        if let Some(of) = model.run.as_deref()
            && !runs.contains(&of)
            && run.is_none_or(|run| run == of)
        {
            runs.push(of);
        }
    }
    let series = runs.into_iter().filter_map(|run| {
        let checkpoints = list_checkpoints(&report.definitions.models, run);
        let steps = checkpoints.windows(2).any(|pair| pair[0].0 != pair[1].0);
        steps.then(|| Series { run, panels: list_panels(report, panels, &checkpoints) })
    });
    series.collect()
}

/// The models of a run by step. The model that it started from stands at its own step, or at 0.
fn list_checkpoints<'a>(models: &'a [ModelDefinition], run: &str) -> Vec<(u64, &'a str)> {
    let of_run: Vec<&ModelDefinition> =
        models.iter().filter(|model| model.run.as_deref() == Some(run)).collect();
    let is_parent = |model: &ModelDefinition| {
        of_run.iter().any(|child| child.parent.as_ref() == Some(&model.name))
    };
    let mut checkpoints: Vec<(u64, &str)> = models
        .iter()
        .filter_map(|model| {
            let is_of_run = model.run.as_deref() == Some(run);
            let step = if is_of_run { model.step? } else { model.step.unwrap_or(0) };
            (is_of_run || is_parent(model)).then_some((step, model.name.as_str()))
        })
        .collect();
    checkpoints.sort_by_key(|(step, _)| *step);
    checkpoints
}

fn list_panels<'a>(
    report: &'a Report,
    panels: Option<&str>,
    checkpoints: &[(u64, &'a str)],
) -> Vec<SeriesPanel<'a>> {
    let leading = panels.and_then(|factor| report.axes.iter().skip(1).position(|a| a == factor));
    let lead = |cell: &'a Cell| -> Vec<&'a str> {
        let mut levels: Vec<&str> = cell.labels.iter().skip(1).map(String::as_str).collect();
        if let Some(leading) = leading {
            let level = levels.remove(leading);
            levels.insert(0, level);
        }
        levels
    };
    let mut conditions: Vec<Vec<&str>> = Vec::new();
    let is_drawn = |cell: &&Cell| checkpoints.iter().any(|(_, model)| cell.labels[0] == *model);
    for levels in report.cells.iter().filter(is_drawn).map(lead) {
        if !conditions.contains(&levels) {
            conditions.push(levels);
        }
    }
    // Stable: within a level of the panels' factor the order of the cells is kept.
    let first_with = |levels: &Vec<&str>| {
        conditions.iter().position(|other| other.first() == levels.first()).unwrap_or(0)
    };
    let mut ordered = conditions.clone();
    ordered.sort_by_key(first_with);
    let point = |levels: &[&str], &(step, model): &(u64, &'a str)| Point {
        step,
        model,
        cell: report.cells.iter().find(|cell| cell.labels[0] == model && lead(cell) == levels),
    };
    let panel = |levels: Vec<&'a str>| SeriesPanel {
        points: checkpoints.iter().map(|checkpoint| point(&levels, checkpoint)).collect(),
        levels,
    };
    ordered.into_iter().map(panel).collect()
}
