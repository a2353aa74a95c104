//! In which order stages come to be asked: each waits for the one that it is `of`, and for the one
//! whose label its `when` reads.
//!
//! A job opens when one result comes in, so a stage can wait for one label and no more. What has to
//! read two is said as a chain: the second stage reads the first.

use std::collections::{BTreeMap, BTreeSet};

use iago_sweep::{Stage, StageKind};

use crate::check::names_in;
use crate::fault::Faults;
use crate::render::stage_key;

/// The stages with `after` set, each behind those that it waits for; otherwise as in the file,
/// with what asks models before what grades.
pub(super) fn put_in_order(faults: &Faults<'_>, mut stages: Vec<Stage>) -> Vec<Stage> {
    let graders: BTreeMap<String, bool> = stages
        .iter()
        .filter(|stage| !stage.generates())
        .map(|stage| (stage.name.clone(), has_votes(stage)))
        .collect();
    for stage in &mut stages {
        let after = find_after(faults, stage, &graders);
        set_after(&mut stage.kind, after);
    }
    stages.sort_by_key(|stage| !stage.generates());
    sort_by_waiting(faults, stages)
}

fn has_votes(stage: &Stage) -> bool {
    matches!(&stage.kind, StageKind::Judge { votes: Some(_), .. })
}

/// The stage whose label `when` reads. `graders` says of each whether it votes.
fn find_after(
    faults: &Faults<'_>,
    stage: &Stage,
    graders: &BTreeMap<String, bool>,
) -> Option<String> {
    let when = stage.when()?;
    let read: Vec<&str> =
        names_in(when).into_iter().filter(|name| graders.contains_key(*name)).collect();
    let key = format!("{}.when", stage_key(stage));
    match read.as_slice() {
        [] => None,
        [own] if *own == stage.name => {
            faults.add(
                key,
                "reads the label of its own stage, which is not there before it is asked",
            );
            None
        }
        [one] if graders[*one] => {
            faults.add(
                key,
                format!(
                    "reads `{one}`, which votes, and votes come in one by one; ask it of all, and \
                     tell by `{one}` in outcomes and measures"
                ),
            );
            None
        }
        [one] => Some((*one).to_owned()),
        [first, second, ..] => {
            faults.add(
                key,
                format!(
                    "reads `{first}` and `{second}`, and a stage can wait for one label; let the \
                     `when` of `{second}` read `{first}`, and this one `{second}` alone"
                ),
            );
            None
        }
    }
}

fn set_after(kind: &mut StageKind, name: Option<String>) {
    match kind {
        StageKind::Generate { follows, .. } => {
            if let Some(follows) = follows {
                follows.after = name;
            }
        }
        StageKind::Judge { after, .. } | StageKind::Score { after, .. } => *after = name,
    }
}

/// Stable: of those that could come next, the first one does.
fn sort_by_waiting(faults: &Faults<'_>, mut waiting: Vec<Stage>) -> Vec<Stage> {
    let names: BTreeSet<String> = waiting.iter().map(|stage| stage.name.clone()).collect();
    let mut placed = BTreeSet::new();
    let mut ordered = Vec::new();
    while !waiting.is_empty() {
        let is_ready = |stage: &Stage| {
            // What is not there at all is told where it is looked up.
            waits_for(stage).all(|name| placed.contains(name) || !names.contains(name))
        };
        let Some(next) = waiting.iter().position(is_ready) else {
            report_circle(faults, &waiting);
            break;
        };
        let stage = waiting.remove(next);
        placed.insert(stage.name.clone());
        ordered.push(stage);
    }
    ordered.extend(waiting);
    ordered
}

fn waits_for(stage: &Stage) -> impl Iterator<Item = &str> {
    let opener = stage.opened_by().filter(|opener| Some(*opener) != stage.of());
    stage.of().into_iter().chain(opener)
}

/// Every stage of `waiting` waits for another one of them, so following them comes back.
fn report_circle(faults: &Faults<'_>, waiting: &[Stage]) {
    let find = |name: &str| waiting.iter().find(|stage| stage.name == name);
    let next = |stage: &&Stage| waits_for(stage).find_map(find);
    let walked: Vec<&Stage> =
        std::iter::successors(waiting.first(), next).take(waiting.len() + 1).collect();
    let Some((last, before)) = walked.split_last() else { return };
    let start = before.iter().rposition(|stage| stage.name == last.name).unwrap_or_default();
    let circle = &before[start..];
    let names: Vec<String> = circle.iter().map(|stage| format!("`{}`", stage.name)).collect();
    let key = match circle.first() {
        Some(first) if first.of().is_some_and(|of| circle.iter().any(|stage| stage.name == of)) => {
            format!("{}.of", stage_key(first))
        }
        Some(first) => format!("{}.when", stage_key(first)),
        None => "stages".to_owned(),
    };
    let message = match names.as_slice() {
        [own] => format!("{own} waits for itself; name a stage that comes before it"),
        several => {
            format!("{} wait for each other; one of them has to come first", several.join(" and "))
        }
    };
    faults.add(key, message);
}
