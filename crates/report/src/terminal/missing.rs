//! What has no outcome, why, and what it could have changed.

use super::cells::label;
use super::line::{Line, Tone, wrap};
use super::table::Table;
use crate::report::{Cell, Report};
use crate::shown::{range, range_width, thousands};

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
        table = table
            .left("judge abstained", cells.iter().map(|cell| cell.describe_judges()).collect());
    }
    if let Some(headline) = report.headline() {
        let bounds = |cell: &&Cell| cell.measures[headline].estimate.known()?.bounds;
        let all: Vec<_> = cells.iter().map(bounds).collect();
        let width = range_width(all.iter().flatten());
        let shown = all
            .iter()
            .map(|bounds| bounds.map_or_else(String::new, |bounds| range(&bounds, width)));
        table = table.left(
            &format!("{}, worst cases", report.definitions.measures[headline].name),
            shown.collect(),
        );
    }
    table
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
