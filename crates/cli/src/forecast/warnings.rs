//! What will be regretted.

use std::collections::BTreeMap;

use iago_sweep::{Model, Plan, StageKind, Votes};

use crate::endpoints;
use crate::forecast::census::Census;
use crate::forecast::cost::Forecast;
use crate::forecast::effects::Effect;
use crate::settings::endpoints::{EndpointSection, Settings};
use crate::watch::{counted, grouped};

/// A contrast that finds only differences above this settles nothing that is in doubt.
const DETECTABLE_MAX: f64 = 0.25;
/// So many requests that ask for a refusal are a pattern to whoever watches an account.
const REFUSABLE_MAX: u64 = 200;

/// One sentence for each regret, those that the file alone shows first.
pub(crate) fn warnings(
    plan: &Plan,
    census: &Census,
    costs: &Forecast,
    effects: &[Effect],
    settings: &Settings,
) -> Vec<String> {
    let mut warnings = iago_sweep_file::warnings(plan);
    warnings.extend(votes_of_one(plan));
    warnings.extend(refusable(plan, census, settings));
    warnings.extend(effects.iter().filter_map(unsettled));
    warnings.extend(beyond_budget(plan, costs));
    warnings
}

fn is_certain(model: &Model) -> bool {
    model.parameters.temperature == Some(0.0)
}

/// A file that says so is refused; a stored plan, or a judge that a vendor pins to 0, is not.
fn votes_of_one(plan: &Plan) -> Vec<String> {
    let voted = plan.stages.iter().filter_map(|stage| match &stage.kind {
        StageKind::Judge { judge, votes: Some(Votes { count: 2.., .. }), .. } => {
            let judge = plan.judges.iter().find(|model| model.name == *judge)?;
            is_certain(judge).then(|| {
                format!("the votes of `{}` are taken at temperature 0, so all are one", stage.name)
            })
        }
        StageKind::Judge { .. } | StageKind::Generate { .. } | StageKind::Score { .. } => None,
    });
    voted.collect()
}

/// Vendors suspend accounts that send a stream of requests which models refuse.
fn refusable(plan: &Plan, census: &Census, settings: &Settings) -> Vec<String> {
    if !speaks_of_refusals(plan) {
        return Vec::new();
    }
    let mut requests: BTreeMap<&str, u64> = BTreeMap::new();
    for (stage, of) in (0..).zip(&plan.stages) {
        for (cell, _) in (0..).zip(&plan.cells).filter(|_| of.generates()) {
            if let Some(model) = plan.model_asked(stage, cell) {
                *requests.entry(&model.endpoint).or_default() += census.of(stage, cell);
            }
        }
    }
    let real = requests.into_iter().filter(|(endpoint, count)| {
        let is_free = |section: &EndpointSection| endpoints::is_own(section);
        *count > REFUSABLE_MAX && !settings.endpoints.get(*endpoint).is_none_or(is_free)
    });
    real.map(|(endpoint, count)| {
        let count = grouped(count);
        format!(
            "endpoint `{endpoint}` is a real vendor's and will see {count} requests of a sweep that \
             counts refusals: vendors suspend accounts for such a stream; ask them first, and begin \
             with a pilot"
        )
    })
    .collect()
}

fn speaks_of_refusals(plan: &Plan) -> bool {
    let labels = plan.stages.iter().flat_map(iago_sweep::Stage::labels);
    let whens = plan.outcomes.iter().map(|outcome| outcome.when.as_str());
    let measures = plan.measures.iter().map(iago_sweep::Measure::expression);
    labels.chain(whens).chain(measures).any(|words| words.contains("refus"))
}

fn unsettled(effect: &Effect) -> Option<String> {
    let Effect { contrast, prompts, estimates, .. } = effect;
    if *estimates == 0 {
        return Some(format!("contrast `{contrast}` has no estimate: a side of it has no cell"));
    }
    let share = effect.detectable.filter(|share| *share > DETECTABLE_MAX)?;
    let settles = if share >= 1.0 {
        "nothing".to_owned()
    } else {
        format!("only a difference of {:.0} points or more", 100.0 * share)
    };
    Some(format!(
        "contrast `{contrast}` has {} and could settle {settles}; ask more prompts (repeats help \
         little)",
        counted(*prompts, "prompt")
    ))
}

fn beyond_budget(plan: &Plan, costs: &Forecast) -> Option<String> {
    let (budget, most) = (plan.budget?, costs.dollars()?);
    (most > budget)
        .then(|| format!("this can cost up to {most}, and pauses at its budget of {budget}"))
}
