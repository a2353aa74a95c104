//! What names something else must name something that is there, and what is there must be named.

use iago_sweep::{Model, Outcome, Plan, Stage, StageKind};

use super::controls::check_controls;
use super::gates::check_held;
use super::stages::check_stage;
use crate::fault::Faults;
use crate::read::PromptSet;
use crate::render::stage_key;
use crate::tree::item_key;
use iago_expression::suggest;

/// How figures can mark an outcome that shares another one's colour.
const PATTERNS: [&str; 2] = ["dots", "hatch"];

/// Checks what stages and outcomes refer to, and that every judge is asked.
pub(crate) fn check_references(faults: &Faults<'_>, plan: &Plan, prompt_set: &PromptSet) {
    let asks_model = |stage: &Stage| matches!(stage.kind, StageKind::Generate { helper: None, .. });
    if !plan.stages.iter().any(asks_model) {
        let advice = "add one with `kind = \"generate\"` and no `model`";
        faults.add("stages", format!("there is no stage that asks the models; {advice}"));
    }
    for (number, stage) in (0..).zip(&plan.stages) {
        if let Some(of) = stage.of() {
            check_of(faults, plan, stage, of);
        }
        check_stage(faults, plan, number, stage, prompt_set);
        if let Some(name) = judge_of(stage)
            && let Some(judge) = find_judge(faults, plan, stage, name)
        {
            check_votes(faults, stage, judge);
        }
    }
    report_idle_judges(faults, plan);
    for (position, outcome) in plan.outcomes.iter().enumerate() {
        check_style(faults, plan, position, outcome);
    }
    check_held(faults, plan);
    check_controls(faults, plan);
}

/// Checks that every coordinate of the plan fits its bits.
pub(crate) fn check_size(faults: &Faults<'_>, plan: &Plan) {
    if let Err(error) = plan.check_size() {
        faults.add("", error.to_string());
    }
}

fn check_of(faults: &Faults<'_>, plan: &Plan, stage: &Stage, of: &str) {
    let key = format!("{}.of", stage_key(stage));
    let Some(found) = plan.stages.iter().find(|candidate| candidate.name == of) else {
        let names = plan.stages.iter().filter(|stage| stage.generates());
        let advice = suggest(of, "generate stages", names.map(|stage| stage.name.as_str()));
        return faults.add(key, format!("there is no stage `{of}`; {advice}"));
    };
    let what = match found.kind {
        StageKind::Generate { .. } => return,
        StageKind::Judge { .. } => "judge",
        StageKind::Score { .. } => "score",
    };
    faults.add(
        key,
        format!(
            "`{of}` is a {what} stage, and a stage is `of` what a model says; name a generate \
             stage, and read `{of}` in `when`"
        ),
    );
}

/// The judge that a stage asks.
fn judge_of(stage: &Stage) -> Option<&str> {
    match &stage.kind {
        StageKind::Generate { helper, .. } => helper.as_deref(),
        StageKind::Judge { judge, .. } => Some(judge),
        StageKind::Score { .. } => None,
    }
}

fn find_judge<'p>(
    faults: &Faults<'_>,
    plan: &'p Plan,
    stage: &Stage,
    name: &str,
) -> Option<&'p Model> {
    let found = plan.judges.iter().find(|judge| judge.name == name);
    if found.is_none() {
        let key = format!("{}.model", stage_key(stage));
        let message = if plan.models.iter().any(|model| model.name == name) {
            let does = if stage.generates() { "help" } else { "grade" };
            format!(
                "`{name}` is a model under test, and those do not {does}; give it a table of its \
                own in [judges]"
            )
        } else {
            let names = plan.judges.iter().map(|judge| judge.name.as_str());
            format!("there is no judge `{name}`; {}", suggest(name, "judges", names))
        };
        faults.add(key, message);
    }
    found
}

/// At temperature 0 a judge says the same every time, and an interval over votes would be a lie.
fn check_votes(faults: &Faults<'_>, stage: &Stage, judge: &Model) {
    if stage.votes() < 2 {
        return;
    }
    let found = match judge.parameters.temperature {
        Some(temperature) if temperature > 0.0 => return,
        Some(_) => "is asked at temperature 0, so all votes would be one",
        None => "has no temperature, so its votes may all be one",
    };
    let key = format!("{}.votes", stage_key(stage));
    faults.add(
        key,
        format!(
            "judge `{}` {found}; give it a temperature above 0, or take the votes out",
            judge.name
        ),
    );
}

fn report_idle_judges(faults: &Faults<'_>, plan: &Plan) {
    for judge in &plan.judges {
        if !plan.stages.iter().any(|stage| judge_of(stage) == Some(&judge.name)) {
            faults.add(
                format!("judges.{}", judge.name),
                "no stage asks this judge; ask it, or take it out",
            );
        }
    }
}

/// `comply+hatch`: another outcome's colour, with a pattern.
fn check_style(faults: &Faults<'_>, plan: &Plan, position: usize, outcome: &Outcome) {
    let Some(style) = &outcome.style else { return };
    let (base, pattern) = match style.rsplit_once('+') {
        Some((base, pattern)) => (base, Some(pattern)),
        None => (style.as_str(), None),
    };
    let key = format!("{}.style", item_key("outcomes", position));
    if !plan.outcomes.iter().any(|other| other.name == base) {
        let names = plan.outcomes.iter().map(|other| other.name.as_str());
        faults.add(
            key,
            format!(
                "there is no outcome `{base}` to look like; {}",
                suggest(base, "outcomes", names)
            ),
        );
    } else if let Some(pattern) = pattern.filter(|pattern| !PATTERNS.contains(pattern)) {
        faults.add(
            key,
            format!("there is no pattern `{pattern}`; {}", suggest(pattern, "patterns", PATTERNS)),
        );
    }
}
