//! Material to numbers.

use iago_statistics::Interval;
use iago_sweep::Plan;

use crate::asked::Asked;
use crate::audit::Gold;
use crate::axes::{Grid, label_axes};
use crate::cells::describe_cell;
use crate::context::Context;
use crate::contrasts::{Groups, Sides, estimate_contrasts};
use crate::controls::check_controls;
use crate::count::{Blocks, CellCounts, count_cell};
use crate::define::define;
use crate::gold::count_gold;
use crate::instrument::check_instrument;
use crate::labels::Labels;
use crate::lost::check_lost;
use crate::material::{Ends, Material};
use crate::reads::Reads;
use crate::report::{Contrast, Course, Instrument, Report, Simulated, Spending, Sweep};

/// Computes a report.
pub fn build(material: &Material, context: &Context) -> Report {
    let plan = material.plan();
    let blocks = Blocks::find(material, context.open);
    let interim = blocks.interim(material, context.open);
    let cells = 0..plan.cells.len();
    let counts: Vec<CellCounts> =
        cells.clone().map(|cell| count_cell(material, &blocks, cell)).collect();
    let ends: Vec<Ends> = cells.map(|cell| material.ends_of(cell)).collect();
    let simulated: Vec<bool> = ends.iter().map(|ends| ends.simulated > 0).collect();
    let grid = Grid::of(plan);
    let groups = Groups::of(plan, &grid);
    let asked = Asked::of(plan, &grid);
    let (reads, limits) = (Reads::of(plan), list_limits(material));
    let gold = find_gold(material, &blocks, &reads, &asked);
    let sides = Sides {
        material,
        plan,
        groups: &groups,
        counts: &counts,
        asked: &asked,
        gold: &gold,
        reads: &reads,
        limits: &limits,
        simulated: &simulated,
        interim: interim.is_some(),
        looks: context.looks,
    };
    let axes = label_axes(plan);
    let order = grid.order_cells(&axes);
    let label = |cell| grid.label(cell, &axes);
    let contrasts = estimate_contrasts(&sides);
    Report {
        simulated: sum_simulated(&ends),
        sweep: describe_sweep(plan, context),
        instrument: check(context, &sides, &grid, &contrasts, &sum_ends(&ends)),
        definitions: define(material),
        cells: order.iter().map(|&at| describe_cell(&sides, label(at), at, ends[at])).collect(),
        contrasts,
        audits: gold.describe(&order, label),
        course: describe_course(context, &sum_ends(&ends)),
        interim,
        axes,
    }
}

fn find_gold<'a>(
    material: &'a Material,
    blocks: &Blocks,
    reads: &'a [Reads],
    asked: &'a Asked,
) -> Gold<'a> {
    let sets = Labels::of(material);
    let measures = count_gold(material, blocks, reads, &sets);
    Gold { plan: material.plan(), reads, asked, sets, measures }
}

/// Whether the numbers can mean what they seem to: by what every sweep is checked for, and by its own controls.
fn check(
    context: &Context,
    sides: &Sides<'_>,
    grid: &Grid<'_>,
    contrasts: &[Contrast],
    ends: &Ends,
) -> Instrument {
    let mut found = Instrument::default();
    check_instrument(&mut found, context, sides, ends);
    check_lost(&mut found, sides, grid, contrasts);
    check_controls(&mut found, sides, grid, contrasts);
    found.ok = found.problems.is_empty();
    found
}

fn describe_sweep(plan: &Plan, context: &Context) -> Sweep {
    Sweep {
        name: plan.name.clone(),
        id: context.sweep_id.clone(),
        plan: plan.digest().to_string(),
        seed: plan.seed,
        prompts: plan.prompts.len() as u64,
        repeats: plan.repeats,
    }
}

fn describe_course(context: &Context, ends: &Ends) -> Course {
    Course {
        answered: ends.answered,
        failed: ends.failed,
        open: context.open,
        calls: context.calls,
        throttles: context.throttles,
        spent_usd: context.spent.map(iago_sweep::Money::dollars),
        spending: context.spending.map(describe_spending),
        spend_unknown: context.spend_unknown,
        elapsed_seconds: context.elapsed.map(|elapsed| elapsed.as_secs_f64()),
        store: context.store.clone(),
        command_hint: context.command_hint.clone(),
    }
}

fn describe_spending(of: crate::context::Spending) -> Spending {
    Spending {
        models_usd: of.models.dollars(),
        judges_usd: of.judges.dollars(),
        failed_usd: of.failed.dollars(),
        late_usd: of.late.dollars(),
        abandoned_usd: of.abandoned.dollars(),
        unpriced: of.unpriced,
    }
}

/// For each measure, the lowest and the highest that its number can be; `None` where it has no limits.
fn list_limits(material: &Material) -> Vec<Option<Interval>> {
    let limits = |measure| {
        let (low, high) = material.grader().measure_range(measure)?;
        Some(Interval { low, high })
    };
    (0..material.plan().measures.len()).map(limits).collect()
}

fn sum_ends(cells: &[Ends]) -> Ends {
    cells.iter().fold(Ends::default(), |sum, cell| Ends {
        answered: sum.answered + cell.answered,
        failed: sum.failed + cell.failed,
        asked: sum.asked + cell.asked,
        simulated: sum.simulated + cell.simulated,
    })
}

fn sum_simulated(cells: &[Ends]) -> Simulated {
    let Ends { asked, simulated, .. } = sum_ends(cells);
    Simulated { results: simulated, of: asked }
}
