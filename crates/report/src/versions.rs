//! Whether the sides of a contrast were graded by the same.
//!
//! A judge behind an unchanged name may be another one from one day to the next, and then a difference between conditions
//! that it judged on different days is one between judges.

use iago_sweep::StageKind;

use crate::echo::EchoSet;
use crate::material::Material;

/// Why these sides, each some cells, cannot be compared by what these stages said; `None` where they can. A side of which
/// no id was told is not held against the others.
pub(crate) fn refuse(
    material: &Material,
    mut graders: impl Iterator<Item = usize>,
    sides: &[Vec<usize>],
) -> Option<String> {
    graders.find_map(|stage| refuse_by(material, stage, sides))
}

fn refuse_by(material: &Material, stage: usize, sides: &[Vec<usize>]) -> Option<String> {
    let told = sides.iter().map(|cells| {
        let sets = cells.iter().map(|&cell| material.graded_by(stage, cell));
        sets.fold(EchoSet::default(), EchoSet::and)
    });
    let told: Vec<EchoSet> = told.filter(|set| !set.is_empty()).collect();
    let (one, rest) = told.split_first()?;
    let other = rest.iter().find(|other| *other != one)?;
    let judged = match material.plan().stages[stage].kind {
        StageKind::Judge { .. } => "judge",
        StageKind::Generate { .. } | StageKind::Score { .. } => "score",
    };
    Some(format!(
        "{judged}d by {} on one side and by {} on the other: {judged} both again",
        material.describe_graders(stage, *one),
        material.describe_graders(stage, *other)
    ))
}
