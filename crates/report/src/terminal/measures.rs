//! The measures that do not stand beside the outcomes, where they are asked. What only controls read stands with them.

use super::cells::{add_as_printed, gather_cautions, label, values};
use super::line::{Line, Tone, wrap};
use super::table::Table;
use crate::report::{Cell, Estimate, Kind, Report};

pub(crate) fn describe(report: &Report, width: usize) -> Vec<Line> {
    let definitions = &report.definitions.measures;
    let others = (0..definitions.len()).filter(|&measure| {
        Some(measure) != report.headline() && !report.is_only_control(&definitions[measure].name)
    });
    others.flat_map(|measure| describe_measure(report, measure, width)).collect()
}

fn describe_measure(report: &Report, measure: usize, width: usize) -> Vec<Line> {
    let estimate = |cell: &&Cell| cell.measures[measure].estimate.clone();
    let asked: Vec<&Cell> =
        report.cells.iter().filter(|cell| estimate(cell) != Estimate::NotAsked).collect();
    let skipped = report.cells.len() - asked.len();
    let not_asked = if skipped > 0 {
        format!("; not asked in {skipped} of {} cells", report.cells.len())
    } else {
        String::new()
    };
    let mark = report.mark(asked.iter().any(|cell| cell.simulated.any()));
    let definition = &report.definitions.measures[measure];
    let (unit, counted, head) = match definition.kind {
        Kind::Rate => ("%", "of those counted", "rate, 95%"),
        Kind::Mean => ("mean", "transcripts", "mean, 95%"),
    };
    let heading = format!("{mark}{}; {unit}{not_asked}", definition.name);
    let mut lines = vec![Line::blank()];
    lines.extend(wrap(Tone::Heading, &heading, 2, width));
    if asked.is_empty() {
        return lines;
    }
    let estimates: Vec<&Estimate> =
        asked.iter().map(|cell| &cell.measures[measure].estimate).collect();
    let cautions = gather_cautions(estimates.iter().copied());
    let table = label(Table::new(asked.len()), &asked, report.axes.len())
        .right(counted, estimates.iter().map(|estimate| count(estimate)).collect())
        .left(head, values(definition.kind, &estimates, &cautions));
    lines.extend(add_as_printed(table, &estimates).lay_out(width));
    lines.extend(cautions.describe(width));
    lines
}

/// A zero denominator is said as such.
pub(crate) fn count(estimate: &Estimate) -> String {
    match estimate {
        Estimate::NotAsked => "not asked".to_owned(),
        Estimate::Empty { .. } => "0/0".to_owned(),
        Estimate::Known(_) | Estimate::Mean(_) => {
            estimate.number().map_or_else(String::new, |number| number.describe_count())
        }
    }
}
