//! What is missing: where it could have made the numbers what they are.

use std::collections::BTreeSet;

use iago_sweep::Plan;

use crate::axes::{Grid, label_axes};
use crate::cells::is_judge;
use crate::contrasts::{Compared, Sides};
use crate::count::{CellCounts, JudgeCounts};
use crate::report::{Contrast, ContrastEstimate, Instrument};
use crate::shown::{points, thousands};

/// Compared conditions may differ by this much in the share of transcripts without an outcome. Beyond it the difference
/// of what is left is as likely made by what is gone.
const MISSING_DIFFERENCE_MAX: f64 = 0.05;
/// A judge may leave this share of what it is asked about in a cell without a label. Beyond it the cell's numbers are as
/// much about what suits the judge.
const UNJUDGED_MAX: f64 = 0.1;
/// How many cells or estimates with one fault are quoted.
const QUOTED: usize = 3;

/// Goes through what is missing, by pair of conditions, by cell, by judge and by estimate.
pub(crate) fn check_lost(
    found: &mut Instrument,
    sides: &Sides<'_>,
    grid: &Grid<'_>,
    contrasts: &[Contrast],
) {
    check_missing(found, sides, grid);
    found.problems.extend(find_empty_cells(sides.plan, sides.counts));
    found.problems.extend(find_unjudged(sides.plan, sides.counts));
    found.problems.extend(find_explained(contrasts));
}

/// Answers that are missing more often in one of two compared conditions bias what is left.
fn check_missing(found: &mut Instrument, sides: &Sides<'_>, grid: &Grid<'_>) {
    let (plan, counts) = (sides.plan, sides.counts);
    let axes = label_axes(plan);
    let mut seen = BTreeSet::new();
    for contrast in &plan.contrasts {
        for (from, to) in sides.groups.find_compared(contrast).flat_map(Compared::into_pairs) {
            let (less, more) = (share_missing(counts, &from), share_missing(counts, &to));
            if (less - more).abs() <= MISSING_DIFFERENCE_MAX || !seen.insert((from.clone(), to)) {
                continue;
            }
            found.problems.push(format!(
                "missing answers differ by {} points in {} ({} {}%, {} {}%)",
                points((less - more).abs()),
                describe_cells(grid, &axes, &from, &contrast.factor),
                contrast.from,
                points(less),
                contrast.to,
                points(more)
            ));
        }
    }
}

/// A cell of which no transcript has an outcome says nothing, and mostly means that the answers do not have the form
/// that the sweep expects, or that its judge says nothing.
fn find_empty_cells(plan: &Plan, counts: &[CellCounts]) -> Option<String> {
    let cells = plan.cells.iter().zip(counts);
    // Without outcomes nothing has one.
    let is_lost = |count: &CellCounts| {
        count.dropped() > 0 || (count.unknown > 0 && !plan.outcomes.is_empty())
    };
    let empty = cells.filter(|(_, count)| count.n() == 0 && is_lost(count));
    let described = empty.map(|(cell, count)| {
        let reasons = count.drops.iter().map(|(reason, drops)| format!("{drops} {reason}"));
        let unknown = (count.unknown > 0).then(|| format!("{} unknown", count.unknown));
        let reasons = reasons.chain(unknown).collect::<Vec<_>>().join(", ");
        format!("{} {} ({reasons})", cell.model, cell.condition)
    });
    let quoted = quote(&described.collect::<Vec<_>>())?;
    Some(format!("no answer could be used in {quoted}"))
}

/// Judges that left too much of a cell without a label.
fn find_unjudged(plan: &Plan, counts: &[CellCounts]) -> Option<String> {
    let described = plan.cells.iter().zip(counts).flat_map(|(cell, count)| {
        let judges = plan.stages.iter().zip(&count.judges).filter(|(stage, _)| is_judge(stage));
        let lacking = judges.filter(|(_, judge)| share_unjudged(judge) > UNJUDGED_MAX);
        lacking.map(|(stage, judge)| {
            let gone = thousands(judge.abstained + judge.failed);
            let asked = thousands(judge.asked);
            format!("{gone} of {asked} by `{}` in {} {}", stage.name, cell.model, cell.condition)
        })
    });
    let quoted = quote(&described.collect::<Vec<_>>())?;
    Some(format!("more than {}% without a label: {quoted}", points(UNJUDGED_MAX)))
}

fn share_unjudged(judge: &JudgeCounts) -> f64 {
    if judge.asked == 0 {
        return 0.0;
    }
    (judge.abstained + judge.failed) as f64 / judge.asked as f64
}

/// Differences that are beyond chance, and need not be beyond what is missing. Of something rare, few missing answers are
/// enough.
fn find_explained(contrasts: &[Contrast]) -> Option<String> {
    let described = contrasts.iter().flat_map(|contrast| {
        let explained = contrast.estimates.iter().filter(|estimate| is_explained(estimate));
        explained.map(|estimate| format!("{} ({})", contrast.name, estimate.name()))
    });
    let quoted = quote(&described.collect::<Vec<_>>())?;
    Some(format!("what is missing could explain {quoted}"))
}

fn is_explained(estimate: &ContrastEstimate) -> bool {
    let Some(gap) = estimate.gap.known() else { return false };
    let (Some(interval), Some(bounds)) = (gap.interval, gap.bounds) else { return false };
    (interval.low > 0.0 || interval.high < 0.0) && bounds.low <= 0.0 && bounds.high >= 0.0
}

/// The first of them, and how many more there are.
fn quote(described: &[String]) -> Option<String> {
    let quoted = described.chunks(QUOTED).next()?;
    let more = described.len() - quoted.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Some(format!("{}{more}", quoted.join(", ")))
}

/// What labels cells, but for the axis along which they are compared.
fn describe_cells(grid: &Grid<'_>, axes: &[String], cells: &[usize], compared: &str) -> String {
    let describe = |&cell: &usize| {
        let axes = axes.iter().filter(|axis| *axis != compared);
        axes.filter_map(|axis| grid.level_of(cell, axis)).collect::<Vec<_>>().join(" ")
    };
    cells.iter().map(describe).collect::<Vec<_>>().join(", ")
}

fn share_missing(counts: &[CellCounts], cells: &[usize]) -> f64 {
    let total =
        |count: fn(&CellCounts) -> u64| cells.iter().map(|&cell| count(&counts[cell])).sum::<u64>();
    let transcripts = total(|cell| cell.transcripts);
    if transcripts == 0 {
        return 0.0;
    }
    total(|cell| cell.dropped() + cell.unknown) as f64 / transcripts as f64
}
