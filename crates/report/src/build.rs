//! Material to numbers.

use iago_statistics::{Missing, rate, rate_bounds};
use iago_sweep::{Digest, Plan, StageKind};
use serde_json::json;

use crate::asked::Asked;
use crate::axes::{label_axes, level_of, order_cells};
use crate::context::Context;
use crate::contrasts::{Sides, estimate_contrasts};
use crate::count::{Blocks, CellCounts, count_cell, tally, total_missing};
use crate::echo::Echoes;
use crate::instrument::check_instrument;
use crate::material::{Ends, Material};
use crate::report::{
    Cell, Course, Definitions, Drop, Estimate, JudgeDefinition, JudgeMissing, MeasureDefinition,
    MeasureEstimate, ModelDefinition, OutcomeDefinition, OutcomeEstimate, Rate, Report, Simulated,
    Sweep,
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
    let asked = Asked::of(plan);
    let axes = label_axes(plan);
    let sides = Sides {
        plan,
        counts: &counts,
        asked: &asked,
        simulated: &simulated,
        interim: interim.is_some(),
    };
    let describe = |cell| describe_cell(plan, &axes, &asked, cell, &counts[cell], ends[cell]);
    Report {
        simulated: sum_simulated(&ends),
        sweep: describe_sweep(plan, context),
        instrument: check_instrument(material, context, &counts, &sum_ends(&ends)),
        definitions: define(material),
        cells: order_cells(plan, &axes).into_iter().map(describe).collect(),
        contrasts: estimate_contrasts(&sides),
        course: describe_course(context, &sum_ends(&ends)),
        interim,
        axes,
    }
}

/// Everything that a judge is asked with: the same hash, the same judge.
pub(crate) fn hash_judge(plan: &Plan, judge: &iago_sweep::Model) -> Digest {
    let asks = plan.stages.iter().filter_map(|stage| match &stage.kind {
        StageKind::Judge { judge: name, sees, text, question, votes, .. }
            if *name == judge.name =>
        {
            Some(json!([stage.name, sees, text, question, votes]))
        }
        StageKind::Judge { .. } | StageKind::Generate { .. } => None,
    });
    let asks: Vec<_> = asks.collect();
    Digest::of_value(&json!([judge.endpoint, judge.id, judge.parameters, asks]))
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
    axes: &[String],
    asked: &Asked,
    cell: usize,
    counts: &CellCounts,
    ends: Ends,
) -> Cell {
    let outcomes = (0..).zip(&plan.outcomes).map(|(number, outcome)| OutcomeEstimate {
        outcome: outcome.name.clone(),
        estimate: estimate(asked.outcome(cell, number), &counts.outcomes[number]),
    });
    let measures = (0..).zip(&plan.measures).map(|(number, measure)| MeasureEstimate {
        measure: measure.name.clone(),
        estimate: estimate(asked.measure(cell, number), &counts.measures[number]),
    });
    let drops = counts.drops.iter();
    Cell {
        labels: axes
            .iter()
            .map(|axis| level_of(plan, cell, axis).unwrap_or_default().to_owned())
            .collect(),
        transcripts: counts.transcripts,
        n: counts.n(),
        drops: drops
            .map(|(reason, &transcripts)| Drop { reason: reason.to_string(), transcripts })
            .collect(),
        unknown: counts.unknown,
        outcomes: outcomes.collect(),
        measures: measures.collect(),
        abstained: describe_judges(plan, counts),
        simulated: Simulated { results: ends.simulated, of: ends.answered + ends.failed },
    }
}

/// A rate with its interval and, with anything missing, its bounds.
fn estimate(asked: bool, counted: &[Missing]) -> Estimate {
    if !asked {
        return Estimate::NotAsked;
    }
    let missing = total_missing(counted);
    let Some(rate) = rate(&tally(counted)) else { return Estimate::Empty { missing } };
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

/// The judges that left something without a label.
fn describe_judges(plan: &Plan, counts: &CellCounts) -> Vec<JudgeMissing> {
    let judges = plan.stages.iter().zip(&counts.judges);
    judges
        .filter(|(stage, counts)| is_judge(stage) && counts.abstained + counts.failed > 0)
        .map(|(stage, counts)| JudgeMissing {
            stage: stage.name.clone(),
            abstained: counts.abstained,
            failed: counts.failed,
            asked: counts.asked,
        })
        .collect()
}

pub(crate) fn is_judge(stage: &iago_sweep::Stage) -> bool {
    matches!(stage.kind, StageKind::Judge { .. })
}

fn define(material: &Material) -> Definitions {
    let plan = material.plan();
    let outcomes = plan.outcomes.iter().map(|outcome| OutcomeDefinition {
        name: outcome.name.clone(),
        when: outcome.when.clone(),
        style: outcome.style.clone(),
    });
    let measures = plan.measures.iter().map(|measure| MeasureDefinition {
        name: measure.name.clone(),
        of: measure.of.clone(),
        given: measure.given.clone(),
    });
    let models =
        plan.models.iter().zip(material.model_echoes()).map(|(model, echoes)| ModelDefinition {
            name: model.name.clone(),
            id: model.id.clone(),
            echoed: list_echoes(echoes),
        });
    let judges =
        plan.judges.iter().zip(material.judge_echoes()).map(|(judge, echoes)| JudgeDefinition {
            name: judge.name.clone(),
            id: judge.id.clone(),
            hash: hash_judge(plan, judge).to_string(),
            stages: list_stages(plan, &judge.name),
            echoed: list_echoes(echoes),
        });
    Definitions {
        outcomes: outcomes.collect(),
        measures: measures.collect(),
        judges: judges.collect(),
        models: models.collect(),
    }
}

fn list_stages(plan: &Plan, name: &str) -> Vec<String> {
    let judged = plan.stages.iter().filter(|stage| match &stage.kind {
        StageKind::Judge { judge, .. } => judge == name,
        StageKind::Generate { .. } => false,
    });
    judged.map(|stage| stage.name.clone()).collect()
}

fn list_echoes(echoes: &Echoes) -> Vec<(String, u64)> {
    let beyond = (echoes.beyond() > 0).then(|| ("(other ids)".to_owned(), echoes.beyond()));
    echoes.ids().iter().map(|(id, answers)| (id.clone(), *answers)).chain(beyond).collect()
}

fn sum_ends(cells: &[Ends]) -> Ends {
    cells.iter().fold(Ends::default(), |sum, cell| Ends {
        answered: sum.answered + cell.answered,
        failed: sum.failed + cell.failed,
        simulated: sum.simulated + cell.simulated,
    })
}

fn sum_simulated(cells: &[Ends]) -> Simulated {
    let Ends { answered, failed, simulated } = sum_ends(cells);
    Simulated { results: simulated, of: answered + failed }
}
