//! What a plan may mean, and mostly does not.

use iago_sweep::{Model, Plan, Required, StageKind};

/// Remarks about a plan that is sound: each one line, with what to do about it.
pub fn warnings(plan: &Plan) -> Vec<String> {
    let mut warnings = Vec::new();
    warn_of_equal_repeats(plan, &mut warnings);
    warn_of_equal_models(plan, &mut warnings);
    warn_of_idle_factors(plan, &mut warnings);
    warn_of_optional_fields(plan, &mut warnings);
    if plan.outcomes.is_empty() {
        warnings.push("no outcomes are declared, so no transcript will be classed".to_owned());
    }
    warnings
}

fn warn_of_equal_repeats(plan: &Plan, warnings: &mut Vec<String>) {
    for model in &plan.models {
        if plan.repeats > 1 && model.parameters.temperature == Some(0.0) {
            let (name, repeats) = (&model.name, plan.repeats);
            warnings.push(format!(
                "model `{name}` is asked {repeats} times at temperature 0: repeats then measure the server more than \
                 the model; use repeats = 1, or a temperature above 0"
            ));
        }
    }
}

fn warn_of_equal_models(plan: &Plan, warnings: &mut Vec<String>) {
    let asked =
        |model: &Model| (model.endpoint.clone(), model.id.clone(), model.parameters.clone());
    for (position, model) in plan.models.iter().enumerate() {
        if let Some(twin) =
            plan.models[..position].iter().find(|other| asked(other) == asked(model))
        {
            warnings.push(format!(
                "models `{}` and `{}` are the same model asked in the same way; any difference \
                between them is chance",
                twin.name, model.name
            ));
        }
    }
}

/// Such a factor can be meant: as a control, it must come out at nothing.
fn warn_of_idle_factors(plan: &Plan, warnings: &mut Vec<String>) {
    let whens: Vec<&str> = plan
        .stages
        .iter()
        .flat_map(|stage| match &stage.kind {
            StageKind::Generate { messages, .. } => messages.as_slice(),
            StageKind::Judge { .. } => &[],
        })
        .filter_map(|message| message.when.as_deref())
        .collect();
    for factor in &plan.factors {
        let first = factor.levels.first().map(|level| &level.variables);
        let differ = factor.levels.iter().any(|level| Some(&level.variables) != first);
        let shows =
            whens.iter().any(|when| crate::check::names_in(when).contains(factor.name.as_str()));
        if factor.levels.len() > 1 && !differ && !shows {
            warnings.push(format!(
                "the levels of factor `{}` send the same messages; any difference between them \
                is chance",
                factor.name
            ));
        }
    }
}

fn warn_of_optional_fields(plan: &Plan, warnings: &mut Vec<String>) {
    for stage in &plan.stages {
        let StageKind::Judge { of, sees, .. } = &stage.kind else { continue };
        let graded = plan.stages.iter().find(|candidate| &candidate.name == of);
        for field in graded.into_iter().flat_map(|graded| graded.fields()) {
            if sees.contains(&field.name) && field.required == Required::Never {
                warnings.push(format!(
                    "judge stage `{}` has to see `{}`, which answers may lack: those fail to be judged; require the \
                     field, or give the stage a `when`",
                    stage.name, field.name
                ));
            }
        }
    }
}
