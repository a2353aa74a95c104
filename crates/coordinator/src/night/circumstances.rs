//! What a change from one night to another could be blamed on, as digests and ids.

use std::collections::BTreeMap;

use iago_nightly::Circumstances;
use iago_report::Answerers;
use iago_sweep::{Digest, Plan};

use super::against::Against;
use super::side::Side;

/// What tonight was asked by, judged by and answered by.
pub(super) fn circumstances(tonight: &Side, against: Option<&Against>) -> Circumstances {
    let ids =
        |answered: BTreeMap<String, Answerers>| answered.into_iter().map(|(of, who)| (of, who.ids));
    let mut judges: BTreeMap<_, _> = ids(tonight.material.answering_judges()).collect();
    if let Some(anchors) = against.and_then(|against| against.anchors.as_ref()) {
        for (judge, ids) in ids(anchors.material.answering_judges()) {
            if let Some(known) = judges.get_mut(&judge) {
                known.extend(ids);
            }
        }
    }
    let plan = &tonight.plan;
    Circumstances {
        models: ids(tonight.material.answering_models()).collect(),
        judges,
        prompts: prompts(plan),
        analysis: analysis(plan),
        ask: ask(plan),
        program: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// The prompts by id: their order in the file is none of it.
fn prompts(plan: &Plan) -> Digest {
    let by_id: BTreeMap<_, _> =
        plan.prompts.iter().map(|of| (&of.id, (&of.fields, &of.notes))).collect();
    Digest::of_value(&by_id)
}

/// Whatever grades, and whatever is counted. Which model should answer for a judge changes no label.
fn analysis(plan: &Plan) -> Digest {
    let graders: Vec<_> = plan.stages.iter().filter(|stage| !stage.generates()).collect();
    let read: Vec<_> = plan.stages.iter().map(|stage| (&stage.name, stage.fields())).collect();
    let asked = |model: &iago_sweep::Model| {
        (model.name.clone(), model.endpoint.clone(), model.id.clone(), model.parameters.clone())
    };
    let judges: Vec<_> = plan.judges.iter().map(asked).collect();
    Digest::of_value(&(graders, read, judges, &plan.outcomes, &plan.measures))
}

/// Whatever is asked of the models under test, but for the prompts and how often.
fn ask(plan: &Plan) -> Digest {
    let generate: Vec<_> = plan.stages.iter().filter(|stage| stage.generates()).collect();
    let models: Vec<_> = plan
        .models
        .iter()
        .map(|of| (&of.name, &of.endpoint, &of.id, &of.parameters, &of.set))
        .collect();
    let cells: Vec<_> =
        plan.cells.iter().map(|of| (&of.model, &of.condition, &of.parameters)).collect();
    Digest::of_value(&(generate, models, cells, &plan.factors, &plan.conditions, &plan.variables))
}
