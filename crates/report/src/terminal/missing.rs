//! What has no outcome, why, and what it could have changed.

use super::cells::label;
use super::line::{Line, Tone, wrap};
use super::table::Table;
use crate::report::{Cell, JudgeMissing, Report};
use crate::shown::thousands;

pub(crate) fn describe(report: &Report, width: usize) -> Vec<Line> {
    let cells: Vec<&Cell> = report.cells.iter().filter(|cell| cell.has_gaps()).collect();
    if cells.is_empty() {
        return Vec::new();
    }
    let mark = report.mark(cells.iter().any(|cell| cell.simulated.any()));
    let complete = report.cells.len() - cells.len();
    let rest = if complete > 0 {
        format!("; nothing missing in {complete} other cells")
    } else {
        String::new()
    };
    let mut lines = vec![Line::blank()];
    lines.extend(wrap(Tone::Heading, &format!("{mark}missing, in transcripts{rest}"), 2, width));
    lines.extend(tabulate(report, &cells).lay_out(width));
    lines
}

fn tabulate<'a>(report: &'a Report, cells: &[&Cell]) -> Table<'a> {
    let mut table = label(Table::new(cells.len()), cells, report.axes.len())
        .left("drops", cells.iter().map(|cell| cell.describe_drops()).collect())
        .right("unknown", cells.iter().map(|cell| thousands(cell.unknown)).collect());
    if cells.iter().any(|cell| !cell.abstained.is_empty()) {
        let judges = cells.iter().map(|cell| cell.describe_judges());
        table = table.left(name_abstained(cells.iter().copied()), judges.collect());
    }
    if let Some(headline) = report.headline() {
        let measure = &report.definitions.measures[headline];
        let numbers = cells.iter().map(|cell| cell.measures[headline].estimate.number());
        let numbers: Vec<_> = numbers.collect();
        let all: Vec<_> = numbers.iter().flatten().filter_map(|number| number.bounds).collect();
        let width = measure.kind.range_width(&all);
        let shown =
            numbers.iter().map(|number| number.as_ref().and_then(|n| n.describe_bounds(width)));
        table = table.left(
            &format!("{}, worst cases", measure.name),
            shown.map(Option::unwrap_or_default).collect(),
        );
    }
    table
}

/// What stages without a label did: a judge abstains, a score comes to nothing.
pub(crate) fn name_abstained<'a>(cells: impl IntoIterator<Item = &'a Cell>) -> &'static str {
    let stages: Vec<&JudgeMissing> = cells.into_iter().flat_map(|cell| &cell.abstained).collect();
    let scores = stages.iter().filter(|stage| stage.score).count();
    match scores {
        0 => "judge abstained",
        all if all == stages.len() => "score unknown",
        _ => "judge abstained, score unknown",
    }
}

impl Cell {
    /// Whether anything that was asked has no answer that counts.
    pub(crate) fn has_gaps(&self) -> bool {
        self.missing() > 0 || !self.abstained.is_empty()
    }

    /// Drops by reason, or that there are none.
    pub(crate) fn describe_drops(&self) -> String {
        let drops = self
            .drops
            .iter()
            .map(|drop| format!("{} {}", thousands(drop.transcripts), drop.reason));
        let drops: Vec<String> = drops.collect();
        if drops.is_empty() { "0".to_owned() } else { drops.join(", ") }
    }

    /// Judges without a label, with what they were asked.
    pub(crate) fn describe_judges(&self) -> String {
        let judges = self.abstained.iter().map(|judge| {
            let failed = if judge.failed > 0 {
                format!(" ({} failed)", thousands(judge.failed))
            } else {
                String::new()
            };
            format!(
                "{} {}/{}{failed}",
                judge.stage,
                thousands(judge.abstained),
                thousands(judge.asked)
            )
        });
        judges.collect::<Vec<_>>().join(", ")
    }
}
