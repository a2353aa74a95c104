//! From a stored sweep to its report.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use iago_grading::Grader;
use iago_report::{Context, Controls, Material, PairedDifference, Report, build, diff_places};
use iago_store::{Store, Totals};
use iago_sweep::{Contrast, Coordinate, Plan, StageKind, SweepId};
use iago_sweep_file::Renderer;

/// Results in one page.
const PAGE: usize = 10_000;

/// Prompts whose paired messages are compared: enough to see any difference that a template makes.
const COMPARED_MAX: u32 = 500;

/// The name of a store that nobody named.
const USUAL_STEM: &str = "store";

/// What the report says beyond the facts.
pub(crate) struct Around {
    pub(crate) open: u64,
    pub(crate) elapsed: Option<Duration>,
    pub(crate) store: PathBuf,
    pub(crate) hint: String,
}

/// Folds a sweep's facts into its report.
pub(crate) async fn report<S: Store>(
    store: &S,
    sweep: SweepId,
    plan: &Plan,
    around: Around,
) -> Result<Report> {
    let mut material = Material::new(plan.clone())?;
    let mut after = None;
    loop {
        let page = store.recover(sweep, after, PAGE).await?;
        page.iter().for_each(|fact| material.result(fact));
        after = page.last().map(|fact| fact.job.number());
        if page.len() < PAGE {
            break;
        }
    }
    store.failures(sweep).await?.iter().for_each(|failure| material.failure(failure));
    let totals = store.totals(sweep).await?;
    Ok(build(&material, &context(sweep, plan, &totals, around)?))
}

fn context(sweep: SweepId, plan: &Plan, totals: &Totals, around: Around) -> Result<Context> {
    Ok(Context {
        sweep_id: sweep.to_string(),
        spent: Some(totals.cost),
        spend_unknown: totals.unpriced > 0,
        calls: totals.calls(),
        throttles: totals.throttles,
        elapsed: around.elapsed,
        controls: Controls { paired: compare_messages(plan)? },
        open: around.open,
        store: around.store.display().to_string(),
        command_hint: around.hint,
    })
}

/// How the first messages of paired cells differ, for each contrast over a factor.
fn compare_messages(plan: &Plan) -> Result<Vec<PairedDifference>> {
    let grader = Grader::new(plan)
        .map_err(|errors| {
            errors.into_iter().next().map_or_else(|| anyhow::anyhow!("?"), Into::into)
        })
        .context("the stored plan does not compile")?;
    let renderer = Renderer::new(plan).context("the stored plan does not compile")?;
    let asks = plan.stages.iter().position(|s| matches!(s.kind, StageKind::Generate { .. }));
    let stage = u32::try_from(asks.unwrap_or(0))?;
    let primaries = plan.contrasts.iter().filter(|contrast| contrast.primary);
    primaries.map(|contrast| compare(plan, &grader, &renderer, stage, contrast)).collect()
}

fn compare(
    plan: &Plan,
    grader: &Grader,
    renderer: &Renderer,
    stage: u32,
    contrast: &Contrast,
) -> Result<PairedDifference> {
    let mut places = BTreeSet::new();
    let mut identical = 0;
    let prompts = u32::try_from(plan.prompts.len())?.min(COMPARED_MAX);
    let pairs = paired_cells(plan, contrast);
    for prompt in 0..prompts {
        let mut same = true;
        for (from, to) in &pairs {
            let at = |cell| Coordinate { stage, cell, prompt, ..Coordinate::default() };
            let none = BTreeMap::new();
            let from = renderer.render(plan, grader, at(*from), &none)?;
            let to = renderer.render(plan, grader, at(*to), &none)?;
            same &= from == to;
            places.extend(diff_places(&from, &to));
        }
        identical += u64::from(same);
    }
    let contrast = contrast.name.clone();
    Ok(PairedDifference { contrast, places, prompts_checked: prompts.into(), identical })
}

/// Cells that differ in nothing but the contrast's factor.
fn paired_cells(plan: &Plan, contrast: &Contrast) -> Vec<(u32, u32)> {
    let mut pairs = Vec::new();
    let numbered = || (0..).zip(&plan.cells);
    for (from, cell) in numbered() {
        let Some(levels) = plan.condition_of(from).map(|condition| &condition.levels) else {
            continue;
        };
        if levels.get(&contrast.factor) != Some(&contrast.from) {
            continue;
        }
        let mut partner = levels.clone();
        partner.insert(contrast.factor.clone(), contrast.to.clone());
        let is_partner = |number: u32| {
            plan.condition_of(number).is_some_and(|condition| condition.levels == partner)
        };
        let to =
            numbered().find(|(number, other)| other.model == cell.model && is_partner(*number));
        pairs.extend(to.map(|(to, _)| (from, to)));
    }
    pairs
}

/// Writes the HTML report; its name says SIMULATED where it is.
pub(crate) fn write_html(
    report: &Report,
    wanted: Option<&Path>,
    store: &Path,
    name: &str,
    sweep: SweepId,
) -> Result<PathBuf> {
    let mark = if report.simulated.results > 0 { "-SIMULATED" } else { "" };
    let folder = store.parent().unwrap_or(Path::new(".")).join("reports");
    // Sweeps are numbered in their store, and several stores may share a folder.
    let stem = store.file_stem().unwrap_or_default().to_string_lossy();
    let store = if stem == USUAL_STEM { String::new() } else { format!("{stem}-") };
    let usual = folder.join(format!("{store}{name}-{sweep}{mark}.html"));
    let path = wanted.map_or(usual, Path::to_owned);
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    std::fs::write(&path, report.html())
        .with_context(|| format!("cannot write the report {}", path.display()))?;
    Ok(path)
}
