//! One (model, condition), as it is reported.

use iago_sweep::{Plan, StageKind};

use crate::contrasts::Sides;
use crate::count::CellCounts;
use crate::counted::Counted;
use crate::estimates::{estimate_mean, estimate_rate};
use crate::material::Ends;
use crate::report::{
    Cell, Drop, Estimate, JudgeMissing, Kind, MeasureEstimate, OutcomeEstimate, Simulated,
};

/// The cell of this number in the plan.
pub(crate) fn describe_cell(
    sides: &Sides<'_>,
    labels: Vec<String>,
    cell: usize,
    ends: Ends,
) -> Cell {
    let (plan, counts) = (sides.plan, &sides.counts[cell]);
    let outcomes = (0..).zip(&plan.outcomes).map(|(number, outcome)| OutcomeEstimate {
        outcome: outcome.name.clone(),
        estimate: if sides.asked.outcome(cell, number) {
            estimate_rate(plan.generalise, &counts.outcomes[number])
        } else {
            Estimate::NotAsked
        },
    });
    let measures = (0..plan.measures.len()).map(|number| describe_measure(sides, cell, number));
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

fn describe_measure(sides: &Sides<'_>, cell: usize, number: usize) -> MeasureEstimate {
    let measure = &sides.plan.measures[number];
    let is_asked = sides.asked.measure(cell, number);
    let estimate = match &sides.counts[cell].measures[number] {
        _ if !is_asked => Estimate::NotAsked,
        Counted::Rate(prompts) => estimate_rate(sides.plan.generalise, prompts),
        Counted::Mean(prompts) => estimate_mean(prompts, sides.limits[number]),
    };
    let corrected = if is_asked { sides.gold.correct_rate(number, cell) } else { None };
    MeasureEstimate { measure: measure.name.clone(), kind: Kind::of(measure), estimate, corrected }
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
