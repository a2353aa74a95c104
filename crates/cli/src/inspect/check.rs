//! `iago sweep check`: a file's plan in a few lines, or what is wrong with it.

use iago_sweep::{Cell, Checks, Control, Plan, Stage, StageKind};
use serde_json::json;

use crate::args::CheckArgs;
use crate::exit::{Exit, Stop};
use crate::forecast::census::Census;
use crate::forecast::pilot_at_most;
use crate::output::{data, width};
use crate::plain::{plain, plain_json};
use crate::settings::endpoints::Settings;
use crate::submission::compile;
use crate::table::Table;
use crate::watch::grouped;
use crate::{endpoints, programs, sources};

/// Compiles a file and says what it expands to.
pub(crate) fn run(args: &CheckArgs) -> Result<Exit, Stop> {
    let sources = sources::read(&args.sweep, None)?;
    let plan = compile(&sources)?;
    let grader = super::job::grader(&plan)?;
    let census = Census::take(&plan, &grader);
    let settings = Settings::load(args.config.as_deref())?;
    let used = endpoints::of_plan(&plan, &settings)?;
    programs::check(&plan, &settings)?;
    endpoints::check_parameters(&sources, &plan, &used)?;
    endpoints::check_admission(&plan, &used)?;
    let pilot = pilot_at_most(&sources, &plan, &used)?;
    data(&if args.json { in_json(&plan, &census) } else { in_words(&plan, &census, pilot) })?;
    Ok(Exit::Done)
}

fn in_json(plan: &Plan, census: &Census) -> String {
    let stages = (0..).zip(&plan.stages).map(|(number, stage)| {
        json!({ "name": stage.name, "kind": kind(stage), "of": stage.of(), "jobs": census.of_stage(number) })
    });
    let cells = (0..).zip(&plan.cells).map(|(number, cell)| {
        let transcripts = crate::forecast::census::transcripts_of(plan, number);
        json!({ "model": cell.model, "condition": cell.condition, "transcripts": transcripts })
    });
    let value = json!({
        "name": plan.name,
        "plan": plan.digest().to_string(),
        "ask": plan.ask_hash().to_string(),
        "analysis": plan.analysis_hash().to_string(),
        "prompts": plan.prompts.len(),
        "repeats": plan.repeats,
        "transcripts": plan.transcripts(),
        "jobs": census.total(),
        "cells": cells.collect::<Vec<_>>(),
        "stages": stages.collect::<Vec<_>>(),
        "texts": plan.texts,
        "controls": plan.controls,
    });
    format!("{}\n", plain_json(&value))
}

fn in_words(plan: &Plan, census: &Census, pilot: String) -> String {
    let hashes = format!(
        "\nplan {}  asks {}  analysis {}\n",
        plan.digest().short(),
        plan.ask_hash().short(),
        plan.analysis_hash().short()
    );
    [
        headline(plan, census),
        factors(plan),
        "\n".to_owned(),
        stages(plan, census),
        sparse(plan),
        controls(plan),
        pilot,
        texts(plan),
        hashes,
    ]
    .concat()
}

fn headline(plan: &Plan, census: &Census) -> String {
    let count = |number: usize, one: &str, many: &str| {
        format!("{} {}", grouped(number as u64), if number == 1 { one } else { many })
    };
    format!(
        "{}: {} x {} = {}, {}, {}\n{} transcripts, at most {} jobs\n",
        plan.name,
        count(plan.models.len(), "model", "models"),
        count(plan.conditions.len(), "condition", "conditions"),
        count(plan.cells.len(), "cell", "cells"),
        count(plan.prompts.len(), "prompt", "prompts"),
        count(plan.repeats as usize, "repeat", "repeats"),
        grouped(plan.transcripts()),
        grouped(census.total()),
    )
}

fn factors(plan: &Plan) -> String {
    let models: Vec<&str> = plan.models.iter().map(|model| model.name.as_str()).collect();
    let factors = plan.factors.iter().map(|factor| {
        let levels: Vec<&str> = factor.levels.iter().map(|level| level.name.as_str()).collect();
        format!("{}: {}\n", factor.name, levels.join(", "))
    });
    let models = format!("model: {}\n", models.join(", "));
    plain(&std::iter::once(models).chain(factors).collect::<String>())
}

fn stages(plan: &Plan, census: &Census) -> String {
    let mut table = Table::new(&["STAGE", "KIND", "OF", "ASKS", "JOBS AT MOST"]);
    for (number, stage) in (0..).zip(&plan.stages) {
        table.row(&[
            stage.name.clone(),
            kind(stage).to_owned(),
            stage.of().unwrap_or("").to_owned(),
            asks(stage),
            grouped(census.of_stage(number)),
        ]);
    }
    table.shown(width())
}

pub(crate) fn kind(stage: &Stage) -> &'static str {
    match &stage.kind {
        StageKind::Generate { .. } => "generate",
        StageKind::Judge { .. } => "judge",
        StageKind::Score { .. } => "score",
    }
}

fn asks(stage: &Stage) -> String {
    match &stage.kind {
        StageKind::Generate { helper: None, .. } => "each model".to_owned(),
        StageKind::Generate { helper: Some(judge), .. } => judge.clone(),
        StageKind::Judge { judge, votes, .. } => match votes {
            Some(votes) => format!("{judge}, {} votes", votes.count),
            None => judge.clone(),
        },
        StageKind::Score { scorer, .. } => match scorer.program() {
            Some(program) => format!("program {program}"),
            None => "nobody".to_owned(),
        },
    }
}

/// What has to hold before any number is believed.
fn controls(plan: &Plan) -> String {
    let lines: String = plan.controls.iter().map(control).collect();
    let before = if lines.is_empty() { "" } else { "\n" };
    plain(&format!("{before}{lines}"))
}

fn control(control: &Control) -> String {
    let (kind, reads) = (control.checks.kind(), control.checks.reads());
    let holds = match &control.checks {
        Checks::Comprehension { at_least, .. } | Checks::Positive { at_least, .. } => {
            let by = if control.by.is_empty() { "over all cells" } else { "in each" };
            format!("at least {} {by} {}", percent(*at_least), control.by.join(" and "))
        }
        Checks::Baseline { within, .. } => format!("0 within {within}"),
    };
    format!("control {kind}: {reads}, {}\n", holds.trim_end())
}

/// As many digits as were written.
fn percent(share: f64) -> String {
    // A share is written in decimals: what multiplying adds beyond them is noise.
    format!("{}%", (share * 1e8).round() / 1e6)
}

/// The combinations that are not asked, and the cells that ask less than the others.
fn sparse(plan: &Plan) -> String {
    let all = plan.models.len() * plan.conditions.len();
    let excluded = (plan.cells.len() < all)
        .then(|| format!("\n{} of {all} combinations are excluded\n", all - plan.cells.len()));
    plain(&excluded.into_iter().chain(plan.cells.iter().filter_map(caps)).collect::<String>())
}

/// What sets a cell apart from the rest.
fn caps(cell: &Cell) -> Option<String> {
    let mut caps = Vec::new();
    caps.extend(cell.prompts_max.map(|most| count_most(most, "prompt")));
    caps.extend(cell.repeats_max.map(|most| count_most(most, "repeat")));
    caps.extend(cell.parameters.as_ref().map(|_| "parameters of its own".to_owned()));
    let (model, condition) = (&cell.model, &cell.condition);
    (!caps.is_empty()).then(|| format!("{model}, {condition}: {}\n", caps.join(", ")))
}

fn count_most(most: u32, noun: &str) -> String {
    format!("at most {most} {noun}{}", if most == 1 { "" } else { "s" })
}

fn texts(plan: &Plan) -> String {
    let text = |text: &iago_sweep::EditedText| {
        format!("\ntext {}, an edit of {}:\n{}", text.name, text.of, text.diff)
    };
    plain(&plan.texts.iter().map(text).collect::<String>())
}
