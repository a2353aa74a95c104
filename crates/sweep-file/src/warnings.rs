//! What a plan may mean, and mostly does not.

use std::collections::{BTreeMap, BTreeSet};

use iago_sweep::{Cell, Model, Plan, Required, Scorer, Stage, StageKind};

use crate::check::{expressions_of, paths_in};
use crate::render::{fields_before, list_templates};
use crate::template::Templates;

mod idle;
mod parameters;

/// How expressions end that read the tokens of hidden reasoning.
const REASONING: &str = ".usage.reasoning";

/// Remarks about a plan that is sound: each one line, with what to do about it.
pub fn warnings(plan: &Plan) -> Vec<String> {
    let mut warnings = Vec::new();
    warn_of_equal_repeats(plan, &mut warnings);
    warn_of_equal_models(plan, &mut warnings);
    warn_of_equal_prompts(plan, &mut warnings);
    warn_of_idle_factors(plan, &mut warnings);
    warn_of_templates_in_levels(plan, &mut warnings);
    warn_of_optional_fields(plan, &mut warnings);
    warn_of_untold_usage(plan, &mut warnings);
    idle::warn_of_idle_measures(plan, &mut warnings);
    idle::warn_of_idle_caps(plan, &mut warnings);
    parameters::warn_of_unlike_parameters(plan, &mut warnings);
    if plan.outcomes.is_empty() {
        warnings.push("no outcomes are declared, so no transcript will be classed".to_owned());
    }
    warnings
}

fn warn_of_equal_repeats(plan: &Plan, warnings: &mut Vec<String>) {
    for model in &plan.models {
        let asked_alike = |cell: &Cell| {
            let parameters = cell.parameters.as_ref().unwrap_or(&model.parameters);
            let repeats = cell.repeats_max.map_or(plan.repeats, |most| most.min(plan.repeats));
            let alike = cell.model == model.name && parameters.temperature == Some(0.0);
            (alike && repeats > 1).then_some(repeats)
        };
        if let Some(repeats) = plan.cells.iter().filter_map(asked_alike).max() {
            let name = &model.name;
            warnings.push(format!(
                "model `{name}` is asked {repeats} times at temperature 0: repeats then measure the server more than \
                 the model; use repeats = 1, or a temperature above 0"
            ));
        }
    }
}

/// One model under two names is a slip, unless the runs or the texts tell them apart.
fn warn_of_equal_models(plan: &Plan, warnings: &mut Vec<String>) {
    let asked = |model: &Model| {
        let told_apart = (model.run.clone(), model.step, model.set.clone());
        (model.endpoint.clone(), model.id.clone(), model.parameters.clone(), told_apart)
    };
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

/// Such prompts count one question more than once.
fn warn_of_equal_prompts(plan: &Plan, warnings: &mut Vec<String>) {
    let mut first: BTreeMap<&BTreeMap<String, String>, &str> = BTreeMap::new();
    let mut again = Vec::new();
    for prompt in &plan.prompts {
        let earlier = *first.entry(&prompt.fields).or_insert(&prompt.id);
        if earlier != prompt.id {
            again.push((prompt.id.as_str(), earlier));
        }
    }
    if let [(later, earlier), ..] = again.as_slice() {
        let prompts = match again.len() {
            1 => "1 prompt says what another one".to_owned(),
            count => format!("{count} prompts say what others"),
        };
        warnings.push(format!(
            "{prompts} above said, such as `{later}` after `{earlier}`; write `duplicates = \"keep-first\"` in [prompts], \
             or `\"error\"` to be stopped by it"
        ));
    }
}

/// Such a factor can be meant: as a control, it must come out at nothing.
fn warn_of_idle_factors(plan: &Plan, warnings: &mut Vec<String>) {
    let whens: Vec<&str> = plan
        .stages
        .iter()
        .flat_map(|stage| match &stage.kind {
            StageKind::Generate { messages, .. } => messages.as_slice(),
            StageKind::Judge { .. } | StageKind::Score { .. } => &[],
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

/// A level's text with a variable in it was probably meant for a message.
fn warn_of_templates_in_levels(plan: &Plan, warnings: &mut Vec<String>) {
    let fields = plan.prompts.first().into_iter().flat_map(|prompt| prompt.fields.keys());
    let variables = crate::check::variable_names(plan);
    let known: BTreeSet<&str> = fields.map(String::as_str).chain(variables).collect();
    for factor in &plan.factors {
        for level in &factor.levels {
            for (name, text) in &level.variables {
                let shown = placeholders(text).find(|inside| known.contains(inside));
                if let Some(shown) = shown {
                    warnings.push(format!(
                        "level `{}` of factor `{}` sends `{{{{ {shown} }}}}` in `{name}` as it stands, because values are \
                         never templates; to fill it in, name the text in a message, with `when` for the level",
                        level.name, factor.name
                    ));
                }
            }
        }
    }
}

/// What stands between double braces.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split("{{").skip(1).filter_map(|rest| Some(rest.split_once("}}")?.0.trim()))
}

/// A job whose stage needs what an answer before it does not have fails, once per transcript.
fn warn_of_optional_fields(plan: &Plan, warnings: &mut Vec<String>) {
    for (number, stage) in (0..).zip(&plan.stages) {
        let (who, does, needed) = match &stage.kind {
            StageKind::Generate { .. } => ("stage", "asked", list_read(stage)),
            StageKind::Judge { sees, .. } => {
                ("judge stage", "judged", sees.iter().cloned().collect())
            }
            StageKind::Score { scorer: Scorer::External { sees, .. }, .. } => {
                ("score stage", "scored", sees.iter().cloned().collect())
            }
            // What it looks for and does not find makes its label unknown, and nothing fails.
            StageKind::Score { .. } => continue,
        };
        for field in fields_before(plan, number) {
            if needed.contains(&field.name) && field.required == Required::Never {
                warnings.push(format!(
                    "{who} `{}` has to see `{}`, which answers may lack: those fail to be {does}; require the field, or \
                     give the stage a `when`",
                    stage.name, field.name
                ));
            }
        }
    }
}

/// The variables that a stage's templates read.
fn list_read(stage: &Stage) -> BTreeSet<String> {
    let mut templates = Templates::new();
    let mut read = BTreeSet::new();
    for (place, template) in list_templates(stage) {
        if templates.add(&place, template).is_ok() {
            read.extend(templates.variables(&place));
        }
    }
    read
}

/// A number that some vendors leave out is not 0, but no report can tell the two apart.
fn warn_of_untold_usage(plan: &Plan, warnings: &mut Vec<String>) {
    for measure in &plan.measures {
        let reads = expressions_of(measure).flat_map(paths_in);
        let reads: BTreeSet<&str> = reads.filter(|path| path.ends_with(REASONING)).collect();
        for path in reads {
            warnings.push(format!(
                "measure `{}` reads `{path}`, which not every vendor tells: answers without it count as 0; compare only \
                 models whose vendor tells it",
                measure.name
            ));
        }
    }
}
