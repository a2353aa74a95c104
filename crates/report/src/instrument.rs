//! The controls: whether the numbers can mean what they seem to.

use iago_sweep::{Again, Model, Plan, Stage, StageKind};

use crate::cells::is_judge;
use crate::context::{Context, IdenticalPair, PairedDifference};
use crate::contrasts::Sides;
use crate::count::CellCounts;
use crate::echo::Echoes;
use crate::material::{Ends, Material};
use crate::report::Instrument;
use crate::shown::thousands;

/// How many differing places are quoted.
const PLACES_QUOTED: usize = 3;

/// Goes through what every sweep is checked for.
pub(crate) fn check_instrument(
    found: &mut Instrument,
    context: &Context,
    sides: &Sides<'_>,
    ends: &Ends,
) {
    let (material, counts) = (sides.material, sides.counts);
    check_jobs(found, material, context, ends);
    check_pairs(found, &context.controls.paired);
    check_echoes(found, material);
    check_judges(found, material, counts);
    tell_selection(found, material.plan());
    tell_looks(found, context.looks);
}

fn check_jobs(found: &mut Instrument, material: &Material, context: &Context, ends: &Ends) {
    let known = ends.answered + ends.failed + context.open;
    let open = if context.open > 0 {
        format!(", {} open", thousands(context.open))
    } else {
        String::new()
    };
    found.checks.push(format!(
        "{}/{} jobs answered{open}",
        thousands(ends.answered),
        thousands(known)
    ));
    if ends.answered == 0 {
        found.problems.push("no job has an answer".to_owned());
    } else if ends.failed > 0 {
        let classes: Vec<String> = material
            .failures()
            .into_iter()
            .map(|(class, jobs)| format!("{} {class}", thousands(jobs)))
            .collect();
        found.problems.push(format!("jobs without an answer: {}", classes.join(", ")));
    }
    if material.strays() > 0 {
        found.problems.push(format!(
            "{} results are of jobs that the plan does not have",
            thousands(material.strays())
        ));
    }
}

/// Answers that were asked for until they suited are no sample of what the model says at once.
fn tell_selection(found: &mut Instrument, plan: &Plan) {
    for stage in &plan.stages {
        let StageKind::Generate { again: Some(again), .. } = &stage.kind else { continue };
        let name = &stage.name;
        found.checks.push(match again {
            Again::Resample { tries_max, until } => {
                format!("`{name}` is selected: asked until `{until}` says yes, at most {tries_max} times")
            }
            Again::Continue { turns_max, .. } => {
                format!("`{name}` goes on until it can be read, at most {turns_max} turns")
            }
        });
    }
}

/// Whoever looks, and goes on where nothing is found yet, finds something too often.
fn tell_looks(found: &mut Instrument, looks: u64) {
    if looks > 1 {
        found.checks.push(format!(
            "extended after results were in, so looked at {looks} times: p-values are not corrected for looks \
             (two looks, each at 5%, find something in 8.3% of sweeps where nothing is)"
        ));
    }
}

fn check_pairs(found: &mut Instrument, paired: &[PairedDifference]) {
    if paired.iter().all(|pair| pair.prompts_checked == 0) {
        found.absent.push("comparison of paired messages".to_owned());
    }
    for pair in paired.iter().filter(|pair| pair.prompts_checked > 0) {
        let whose = if paired.len() > 1 { format!("{}: ", pair.contrast) } else { String::new() };
        found.checks.push(format!("{whose}paired messages differ in {}", quote_places(pair)));
        found.problems.extend(describe_identical(pair));
    }
}

/// The first of the pairs of cells that are sent the same, and how many more there are.
fn describe_identical(pair: &PairedDifference) -> Option<String> {
    let IdenticalPair { from, to, prompts } = pair.identical.first()?;
    let more = match pair.identical.len() - 1 {
        0 => String::new(),
        1 => " and in 1 more pair of cells".to_owned(),
        more => format!(" and in {more} more pairs of cells"),
    };
    Some(format!(
        "{}: the messages of {from} and {to} are identical for {} of {} prompts{more}",
        pair.contrast,
        thousands(*prompts),
        thousands(pair.prompts_checked)
    ))
}

fn quote_places(pair: &PairedDifference) -> String {
    let quoted: Vec<String> =
        pair.places.iter().take(PLACES_QUOTED).map(|(from, to)| format!("{from}|{to}")).collect();
    let more = if pair.places.len() > PLACES_QUOTED { ", …" } else { "" };
    match pair.places.len() {
        0 => "no place".to_owned(),
        1 => format!("1 place ({})", quoted.join(", ")),
        places => format!("{places} places ({}{more})", quoted.join(", ")),
    }
}

fn check_echoes(found: &mut Instrument, material: &Material) {
    let plan = material.plan();
    let models = plan.models.iter().zip(material.model_echoes());
    let asked: Vec<(&Model, &Echoes)> =
        models.chain(plan.judges.iter().zip(material.judge_echoes())).collect();
    for (model, echoes) in &asked {
        check_several(found, &model.name, "model ids", echoes);
        check_expected(found, model, echoes);
    }
    if asked.iter().all(|(_, echoes)| echoes.ids().is_empty()) {
        found.absent.push("echoed model id".to_owned());
    } else if asked.iter().all(|(_, echoes)| echoes.ids().len() <= 1) {
        let told = asked.iter().filter(|(_, echoes)| !echoes.ids().is_empty()).count();
        found.checks.push(if told == asked.len() {
            "echoed model ids 1 per model".to_owned()
        } else {
            format!("1 id told by {told} of {} models", asked.len())
        });
    }
    for (stage, echoes) in plan.stages.iter().zip(material.program_echoes()) {
        check_several(found, &stage.name, "versions of its program", echoes);
    }
}

fn check_several(found: &mut Instrument, name: &str, what: &str, echoes: &Echoes) {
    if echoes.ids().len() > 1 {
        let ids: Vec<&str> = echoes.ids().into_keys().collect();
        let more = if echoes.beyond() > 0 { " and more" } else { "" };
        found.problems.push(format!(
            "{name} answered under {} {what}: {}{more}",
            ids.len(),
            ids.join(", ")
        ));
    }
}

/// A model that answers under another id than the sweep expects is another model.
fn check_expected(found: &mut Instrument, model: &Model, echoes: &Echoes) {
    let Some(expected) = &model.expect else { return };
    let others: Vec<&str> = echoes.ids().into_keys().filter(|id| id != expected).collect();
    if !others.is_empty() {
        found.problems.push(format!(
            "{} answered as {}, and the sweep expects {expected}",
            model.name,
            others.join(", ")
        ));
    } else if echoes.ids().is_empty() {
        found.absent.push(format!("id told by {}, which should be {expected}", model.name));
    }
}

fn check_judges(found: &mut Instrument, material: &Material, counts: &[CellCounts]) {
    let stages = &material.plan().stages;
    let mut check = |is_of: fn(&Stage) -> bool, what: &str| {
        if stages.iter().any(is_of) {
            let graded = counts.iter().flat_map(|cell| stages.iter().zip(&cell.judges));
            let lacking = graded.filter(|(stage, _)| is_of(stage));
            let lacking = lacking.map(|(_, counts)| counts.abstained).sum();
            found.checks.push(format!("{what} {}", thousands(lacking)));
        }
    };
    check(is_judge, "judge abstained");
    check(|stage| !stage.generates() && !is_judge(stage), "score unknown");
}
