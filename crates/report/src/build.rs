//! Material to numbers.

use iago_statistics::{Interval, Missing, MissingSum, mean, mean_bounds, rate, rate_bounds};
use iago_sweep::{Measure, Plan, StageKind};

use crate::asked::Asked;
use crate::axes::{Grid, label_axes};
use crate::context::Context;
use crate::contrasts::{Groups, Sides, estimate_contrasts};
use crate::count::{Blocks, CellCounts, count_cell};
use crate::counted::{Counted, see_all, total_missing};
use crate::define::define;
use crate::instrument::check_instrument;
use crate::material::{Ends, Material};
use crate::report::{
    Cell, Course, Drop, Estimate, JudgeMissing, Kind, Mean, MeasureEstimate, OutcomeEstimate, Rate,
    Report, Simulated, Sweep,
};

/// Computes a report.
pub fn build(material: &Material, context: &Context) -> Report {
    let plan = material.plan();
    let blocks = Blocks::find(material, context.open);
    let interim = blocks.interim(material, context.open);
    let counts: Vec<CellCounts> =
        (0..plan.cells.len()).map(|cell| count_cell(material, &blocks, cell)).collect();
    let ends: Vec<Ends> = (0..plan.cells.len()).map(|cell| material.ends_of(cell)).collect();
    let simulated: Vec<bool> = ends.iter().map(|ends| ends.simulated > 0).collect();
    let grid = Grid::of(plan);
    let groups = Groups::of(plan, &grid);
    let asked = Asked::of(plan, &grid);
    let axes = label_axes(plan);
    let limits = list_limits(material);
    let sides = Sides {
        plan,
        groups: &groups,
        counts: &counts,
        asked: &asked,
        limits: &limits,
        simulated: &simulated,
        interim: interim.is_some(),
    };
    let label = |cell| {
        let level = |axis: &String| grid.level_of(cell, axis).unwrap_or_default().to_owned();
        axes.iter().map(level).collect()
    };
    let describe =
        |cell| describe_cell(plan, label(cell), (&asked, &limits), cell, &counts[cell], ends[cell]);
    Report {
        simulated: sum_simulated(&ends),
        sweep: describe_sweep(plan, context),
        instrument: check_instrument(
            material,
            context,
            (&grid, &groups),
            &counts,
            &sum_ends(&ends),
        ),
        definitions: define(material),
        cells: grid.order_cells(&axes).into_iter().map(describe).collect(),
        contrasts: estimate_contrasts(&sides),
        course: describe_course(context, &sum_ends(&ends)),
        interim,
        axes,
    }
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
        spend_unknown: context.spend_unknown,
        elapsed_seconds: context.elapsed.map(|elapsed| elapsed.as_secs_f64()),
        store: context.store.clone(),
        command_hint: context.command_hint.clone(),
    }
}

fn describe_cell(
    plan: &Plan,
    labels: Vec<String>,
    (asked, limits): (&Asked, &[Option<Interval>]),
    cell: usize,
    counts: &CellCounts,
    ends: Ends,
) -> Cell {
    let outcomes = (0..).zip(&plan.outcomes).map(|(number, outcome)| OutcomeEstimate {
        outcome: outcome.name.clone(),
        estimate: if asked.outcome(cell, number) {
            estimate_rate(&counts.outcomes[number])
        } else {
            Estimate::NotAsked
        },
    });
    let measures = (0..plan.measures.len()).map(|number| {
        let is_asked = asked.measure(cell, number);
        let counted = Some(&counts.measures[number]).filter(|_| is_asked);
        describe_measure(&plan.measures[number], counted, limits[number])
    });
    let drops = counts.drops.iter();
    Cell {
        labels,
        transcripts: counts.transcripts,
        n: counts.n(),
        drops: drops
            .map(|(reason, &transcripts)| Drop { reason: reason.to_string(), transcripts })
            .collect(),
        unknown: counts.unknown,
        outcomes: outcomes.collect(),
        measures: measures.collect(),
        abstained: describe_judges(plan, counts),
        simulated: Simulated { results: ends.simulated, of: ends.asked },
    }
}

/// `counted` is `None` where the measure is not asked.
fn describe_measure(
    measure: &Measure,
    counted: Option<&Counted>,
    limits: Option<Interval>,
) -> MeasureEstimate {
    let estimate = match counted {
        None => Estimate::NotAsked,
        Some(Counted::Rate(prompts)) => estimate_rate(prompts),
        Some(Counted::Mean(prompts)) => estimate_mean(prompts, limits),
    };
    MeasureEstimate { measure: measure.name.clone(), kind: Kind::of(measure), estimate }
}

/// A rate with its interval and, with anything missing, its bounds.
fn estimate_rate(counted: &[Missing]) -> Estimate {
    let missing = total_missing(counted);
    let Some(rate) = rate(&see_all(counted)) else { return Estimate::Empty { missing } };
    Estimate::Known(Rate {
        yes: rate.yes,
        of: rate.of,
        prompts: rate.prompts,
        value: rate.value,
        interval: rate.interval.into(),
        missing,
        bounds: if missing > 0 { rate_bounds(counted).map(Into::into) } else { None },
    })
}

/// A mean with its interval, which ends where the number does; and its bounds, if it ends anywhere.
fn estimate_mean(counted: &[MissingSum], limits: Option<Interval>) -> Estimate {
    let missing = total_missing(counted);
    let Some(mean) = mean(&see_all(counted)) else { return Estimate::Empty { missing } };
    let clamp = |interval: Interval| match limits {
        Some(limits) => interval.clamp(limits.low, limits.high),
        None => interval,
    };
    let bounds = limits.filter(|_| missing > 0).and_then(|limits| mean_bounds(counted, limits));
    Estimate::Mean(Mean {
        value: mean.value,
        of: mean.of,
        prompts: mean.prompts,
        interval: mean.interval.map(|interval| clamp(interval).into()),
        missing,
        bounds: bounds.map(Into::into),
    })
}

/// For each measure, the lowest and the highest that its number can be; `None` where it has no limits.
fn list_limits(material: &Material) -> Vec<Option<Interval>> {
    let limits = |measure| {
        let (low, high) = material.grader().measure_range(measure)?;
        Some(Interval { low, high })
    };
    (0..material.plan().measures.len()).map(limits).collect()
}

/// The judges and scores that left something without a label.
fn describe_judges(plan: &Plan, counts: &CellCounts) -> Vec<JudgeMissing> {
    let judges = plan.stages.iter().zip(&counts.judges);
    judges
        .filter(|(stage, counts)| !stage.generates() && counts.abstained + counts.failed > 0)
        .map(|(stage, counts)| JudgeMissing {
            stage: stage.name.clone(),
            score: !is_judge(stage),
            abstained: counts.abstained,
            failed: counts.failed,
            asked: counts.asked,
        })
        .collect()
}

pub(crate) fn is_judge(stage: &iago_sweep::Stage) -> bool {
    matches!(stage.kind, StageKind::Judge { .. })
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
