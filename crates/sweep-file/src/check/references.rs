//! What names something else must name something that is there, and what is there must be named.

use iago_sweep::{Model, Outcome, Plan, Stage, StageKind, Votes};

use crate::fault::Faults;
use crate::nearest::suggest;
use crate::read::PromptSet;
use crate::render::stage_key;
use crate::tree::item_key;

/// How figures can mark an outcome that shares another one's colour.
const PATTERNS: [&str; 2] = ["dots", "hatch"];

/// Checks what stages and outcomes refer to, and that every judge is asked.
pub(crate) fn check_references(faults: &Faults<'_>, plan: &Plan, prompt_set: &PromptSet) {
    if !plan.stages.iter().any(|stage| matches!(stage.kind, StageKind::Generate { .. })) {
        let advice = "add one with `kind = \"generate\"`";
        faults.add("stages", format!("there is no stage that asks the models; {advice}"));
    }
    for stage in &plan.stages {
        check_outside(faults, stage);
        if let StageKind::Judge { of, judge, sees, votes, .. } = &stage.kind {
            let graded = find_graded(faults, plan, stage, of);
            check_sees(faults, plan, stage, sees, graded, prompt_set);
            if let Some(judge) = find_judge(faults, plan, stage, judge) {
                check_votes(faults, stage, judge, votes.as_ref());
            }
        }
    }
    report_idle_judges(faults, plan);
    for (position, outcome) in plan.outcomes.iter().enumerate() {
        check_style(faults, plan, position, outcome);
    }
}

/// Checks that every coordinate of the plan fits its bits.
pub(crate) fn check_size(faults: &Faults<'_>, plan: &Plan) {
    if let Err(error) = plan.check_size() {
        faults.add("", error.to_string());
    }
}

/// A misspelt tag would cut nothing out, and nobody would notice.
fn check_outside(faults: &Faults<'_>, stage: &Stage) {
    let fields = stage.fields();
    for field in fields {
        let Some(outside) = &field.outside else { continue };
        let mut others = fields.iter().filter(|other| other.name != field.name);
        if !others.any(|other| &other.tag == outside) {
            let key = format!("{}.fields.{}.outside", stage_key(stage), field.name);
            let tags: Vec<&str> = fields
                .iter()
                .filter(|other| other.name != field.name)
                .map(|other| other.tag.as_str())
                .collect();
            let advice = suggest(outside, "tags of other fields", tags.iter().copied());
            faults.add(
                key,
                format!("`{outside}` is the tag of no other field of this stage; {advice}"),
            );
        }
    }
}

fn find_graded<'p>(
    faults: &Faults<'_>,
    plan: &'p Plan,
    stage: &Stage,
    of: &str,
) -> Option<&'p Stage> {
    let key = format!("{}.of", stage_key(stage));
    let generates = |stage: &&Stage| matches!(stage.kind, StageKind::Generate { .. });
    let Some(found) = plan.stages.iter().find(|candidate| candidate.name == of) else {
        let names = plan.stages.iter().filter(generates).map(|stage| stage.name.as_str());
        let advice = suggest(of, "generate stages", names);
        faults.add(key, format!("there is no stage `{of}`; {advice}"));
        return None;
    };
    if !generates(&found) {
        let message = format!(
            "`{of}` is a judge stage, and judges grade what models say; name a generate stage"
        );
        faults.add(key, message);
        return None;
    }
    Some(found)
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
            format!(
                "`{name}` is a model under test, and those do not grade; give it a table of its \
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

fn check_sees(
    faults: &Faults<'_>,
    plan: &Plan,
    stage: &Stage,
    sees: &[String],
    graded: Option<&Stage>,
    prompt_set: &PromptSet,
) {
    let list = format!("{}.sees", stage_key(stage));
    if sees.is_empty() {
        faults.add(&*list, "is empty, so there is nothing to grade; name what the judge may see");
    }
    let fields = graded.map_or(&[][..], Stage::fields).iter().map(|field| &field.name);
    let known: Vec<&str> = prompt_set.fields.keys().chain(fields).map(String::as_str).collect();
    for (position, name) in sees.iter().enumerate() {
        let key = item_key(&list, position);
        let sets =
            |name: &str| super::names::list_variables(plan).iter().any(|(set, _)| *set == name);
        let is_condition = plan.factors.iter().any(|factor| &factor.name == name) || sets(name);
        if sees[..position].contains(name) {
            faults.add(key, format!("`{name}` is there twice; take one out"));
        } else if is_condition {
            let message = format!(
                "`{name}` would tell the judge the condition; a judge sees prompt fields and \
                fields of the answer"
            );
            faults.add(key, message);
        } else if graded.is_some() && !known.contains(&name.as_str()) {
            let advice =
                suggest(name, "prompt fields and fields of the answer", known.iter().copied());
            faults.add(key, format!("there is nothing called `{name}` to see; {advice}"));
        }
    }
}

/// At temperature 0 a judge says the same every time, and an interval over votes would be a lie.
fn check_votes(faults: &Faults<'_>, stage: &Stage, judge: &Model, votes: Option<&Votes>) {
    let Some(Votes { count: 2.., .. }) = votes else { return };
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
        let asks = |stage: &Stage| matches!(&stage.kind, StageKind::Judge { judge: asked, .. } if *asked == judge.name);
        if !plan.stages.iter().any(asks) {
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
