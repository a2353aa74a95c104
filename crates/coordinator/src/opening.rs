//! Which stages a result opens, over all stages of today's plan.

use iago_grading::{Opening, Said};
use iago_sweep::{Coordinate, Plan};

use crate::reread::Reader;

/// What a result opens. Every stage of the plan is decided by it: those that hang on something else
/// stay shut.
pub(crate) fn decide(reader: Reader<'_>, at: Coordinate, said: &Said<'_>) -> Opening {
    Opening { opens: reader.grader.opens(at, said).opens, decided: every_stage(reader.plan) }
}

/// What a stored result opens. What was decided when it was stored stays decided; a stage that was
/// added since is decided now.
pub(crate) fn complete(
    reader: Reader<'_>,
    at: Coordinate,
    stored: Opening,
    said: &Said<'_>,
) -> u64 {
    let undecided = every_stage(reader.plan) & !stored.decided;
    if undecided == 0 {
        return stored.opens;
    }
    stored.opens | (reader.grader.opens(at, said).opens & undecided)
}

/// The stages that the label of this one opens, one bit each.
pub(crate) fn opened_by_label(plan: &Plan, stage: u32) -> u64 {
    let stages = 0..u32::try_from(plan.stages.len()).unwrap_or(u32::MAX);
    let opened = stages
        .filter(|of| plan.opener_of(*of) == Some(stage) && plan.parent_of(*of) != Some(stage));
    opened.fold(0, |mask, of| mask | 1 << of)
}

fn every_stage(plan: &Plan) -> u64 {
    (0..plan.stages.len()).fold(0, |mask, stage| mask | 1 << stage)
}
