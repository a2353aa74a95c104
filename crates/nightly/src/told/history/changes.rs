//! What changed from one night to the next besides the model behind its id.

use std::collections::{BTreeMap, BTreeSet};

use super::RunShown;
use crate::Circumstances;

/// For each run what changed since the one before it of which anything is known, a phrase each.
pub(super) fn find(runs: &[RunShown]) -> Vec<Vec<String>> {
    let mut before: Option<&Circumstances> = None;
    let mut changes = Vec::new();
    for shown in runs {
        let now = shown.morning.as_ref().and_then(|morning| morning.circumstances.as_ref());
        changes.push(match (before, now) {
            (Some(before), Some(now)) => compare(before, now),
            (_, _) => Vec::new(),
        });
        before = now.or(before);
    }
    changes
}

fn compare(before: &Circumstances, now: &Circumstances) -> Vec<String> {
    let digest = |what: &str, before: &iago_sweep::Digest, now: &iago_sweep::Digest| {
        (before != now).then(|| format!("{what} ({} → {})", before.short(), now.short()))
    };
    let program = format!("program ({} → {})", before.program, now.program);
    let program = (before.program != now.program).then_some(program);
    let others = [
        digest("prompts", &before.prompts, &now.prompts),
        digest("what is asked", &before.ask, &now.ask),
        digest("how answers are judged and counted", &before.analysis, &now.analysis),
        program,
    ];
    let models = who_answered("model", &before.models, &now.models);
    let judges = who_answered("judge", &before.judges, &now.judges);
    models.into_iter().chain(judges).chain(others.into_iter().flatten()).collect()
}

type Ids = BTreeMap<String, BTreeSet<String>>;

fn who_answered(what: &str, before: &Ids, now: &Ids) -> Vec<String> {
    let names: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    let differs = names.into_iter().filter(|name| before.get(*name) != now.get(*name));
    let told = |ids: Option<&BTreeSet<String>>| match ids {
        Some(ids) if !ids.is_empty() => ids.iter().cloned().collect::<Vec<_>>().join(" and "),
        Some(_) => "not known".to_owned(),
        None => "none".to_owned(),
    };
    differs
        .map(|name| format!("{what} {name} ({} → {})", told(before.get(name)), told(now.get(name))))
        .collect()
}
