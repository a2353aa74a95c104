//! The controls: whether the numbers can mean what they seem to.

use std::collections::BTreeSet;

use iago_sweep::{Again, Model, Plan, Stage, StageKind};

use crate::axes::{Grid, label_axes};
use crate::cells::is_judge;
use crate::context::{Context, PairedDifference};
use crate::contrasts::{Compared, Sides};
use crate::count::CellCounts;
use crate::echo::Echoes;
use crate::material::{Ends, Material};
use crate::report::Instrument;
use crate::shown::{points, thousands};

/// Compared conditions may differ by this much in the share of transcripts without an outcome. Beyond it the difference
/// of what is left is as likely made by what is gone.
const MISSING_DIFFERENCE_MAX: f64 = 0.05;
/// How many cells without a usable answer are quoted.
const CELLS_QUOTED: usize = 3;
/// How many differing places are quoted.
const PLACES_QUOTED: usize = 3;

/// Goes through what every sweep is checked for.
pub(crate) fn check_instrument(
    found: &mut Instrument,
    context: &Context,
    sides: &Sides<'_>,
    grid: &Grid<'_>,
    ends: &Ends,
) {
    let (material, counts) = (sides.material, sides.counts);
    check_jobs(found, material, context, ends);
    check_pairs(found, &context.controls.paired);
    check_echoes(found, material);
    check_judges(found, material, counts);
    check_missing(found, sides, grid);
    check_empty_cells(found, material, counts);
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
        if pair.identical > 0 {
            found.problems.push(format!(
                "{}: the messages of both conditions are identical for {} of {} prompts",
                pair.contrast,
                thousands(pair.identical),
                thousands(pair.prompts_checked)
            ));
        }
    }
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
        found.checks.push("echoed model ids 1 per model".to_owned());
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

/// Answers that are missing more often in one of two compared conditions bias what is left.
fn check_missing(found: &mut Instrument, sides: &Sides<'_>, grid: &Grid<'_>) {
    let (plan, counts) = (sides.plan, sides.counts);
    let axes = label_axes(plan);
    let mut seen = BTreeSet::new();
    for contrast in &plan.contrasts {
        for (from, to) in sides.groups.find_compared(contrast).flat_map(Compared::into_pairs) {
            let (less, more) = (share_missing(counts, &from), share_missing(counts, &to));
            if (less - more).abs() <= MISSING_DIFFERENCE_MAX || !seen.insert((from.clone(), to)) {
                continue;
            }
            found.problems.push(format!(
                "missing answers differ by {} points in {} ({} {}%, {} {}%)",
                points((less - more).abs()),
                describe_cells(grid, &axes, &from, &contrast.factor),
                contrast.from,
                points(less),
                contrast.to,
                points(more)
            ));
        }
    }
}

/// A cell whose every transcript was dropped says nothing, and mostly means that the answers do not have the form
/// that the sweep expects.
fn check_empty_cells(found: &mut Instrument, material: &Material, counts: &[CellCounts]) {
    let cells = material.plan().cells.iter().zip(counts);
    let empty = cells.filter(|(_, count)| count.n() == 0 && count.dropped() > 0);
    let described: Vec<String> = empty
        .map(|(cell, count)| {
            let reasons = count.drops.iter().map(|(reason, drops)| format!("{drops} {reason}"));
            let reasons = reasons.collect::<Vec<_>>().join(", ");
            format!("{} {} ({reasons})", cell.model, cell.condition)
        })
        .collect();
    if let Some(quoted) = described.chunks(CELLS_QUOTED).next() {
        let more = described.len() - quoted.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        found.problems.push(format!("no answer could be used in {}{more}", quoted.join(", ")));
    }
}

/// What labels cells, but for the axis along which they are compared.
fn describe_cells(grid: &Grid<'_>, axes: &[String], cells: &[usize], compared: &str) -> String {
    let describe = |&cell: &usize| {
        let axes = axes.iter().filter(|axis| *axis != compared);
        axes.filter_map(|axis| grid.level_of(cell, axis)).collect::<Vec<_>>().join(" ")
    };
    cells.iter().map(describe).collect::<Vec<_>>().join(", ")
}

fn share_missing(counts: &[CellCounts], cells: &[usize]) -> f64 {
    let total =
        |count: fn(&CellCounts) -> u64| cells.iter().map(|&cell| count(&counts[cell])).sum::<u64>();
    let transcripts = total(|cell| cell.transcripts);
    if transcripts == 0 {
        return 0.0;
    }
    total(|cell| cell.dropped() + cell.unknown) as f64 / transcripts as f64
}
