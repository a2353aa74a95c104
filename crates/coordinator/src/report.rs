//! From a stored sweep to its report.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use iago_grading::{Grader, GradingError};
use iago_report::{
    Context, Controls, Material, PairedDifference, Report, ReportError, build, diff_places,
};
use iago_store::{Store, StoreError, Totals};
use iago_sweep::{Contrast, Coordinate, Plan, StageKind, SweepId};
use iago_sweep_file::Renderer;

/// Results in one page.
const PAGE: usize = 10_000;

/// Prompts whose paired messages are compared: enough to see any difference that a template makes.
const COMPARED_MAX: u32 = 500;

/// What the report says beyond the facts.
#[derive(Clone, Debug, Default)]
pub struct Around {
    /// Jobs that are still open.
    pub open: u64,
    /// How long it took, where that is known.
    pub elapsed: Option<Duration>,
    /// Where the results are.
    pub store: String,
    /// The command that goes on with it.
    pub hint: String,
}

/// Why a report could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PresentError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The plan cannot be reported on.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// A stored plan is not what this iago compiles.
    #[error("the stored plan does not compile: {0}")]
    Plan(String),
}

/// Folds a sweep's facts into its report.
pub async fn report<S: Store>(
    store: &S,
    sweep: SweepId,
    plan: &Plan,
    around: Around,
) -> Result<Report, PresentError> {
    let mut material = Material::new(plan.clone())?;
    let mut after = None;
    loop {
        let page = store.results(sweep, after, PAGE).await?;
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

fn context(
    sweep: SweepId,
    plan: &Plan,
    totals: &Totals,
    around: Around,
) -> Result<Context, PresentError> {
    Ok(Context {
        sweep_id: sweep.to_string(),
        spent: Some(totals.cost),
        spend_unknown: totals.unpriced > 0,
        calls: totals.calls(),
        throttles: totals.throttles,
        elapsed: around.elapsed,
        controls: Controls { paired: compare_messages(plan)? },
        open: around.open,
        store: around.store,
        command_hint: around.hint,
    })
}

/// How the first messages of paired cells differ, for each primary contrast over a factor.
fn compare_messages(plan: &Plan) -> Result<Vec<PairedDifference>, PresentError> {
    let grader = Grader::new(plan).map_err(|errors| uncompilable(&errors))?;
    let renderer = Renderer::new(plan).map_err(|error| PresentError::Plan(error.to_string()))?;
    let asks = plan.stages.iter().position(|s| matches!(s.kind, StageKind::Generate { .. }));
    let stage = u32::try_from(asks.unwrap_or(0)).unwrap_or(0);
    let primaries = plan.contrasts.iter().filter(|contrast| contrast.primary);
    primaries.map(|contrast| compare(plan, &grader, &renderer, stage, contrast)).collect()
}

fn uncompilable(errors: &[GradingError]) -> PresentError {
    PresentError::Plan(errors.first().map_or_else(String::new, ToString::to_string))
}

fn compare(
    plan: &Plan,
    grader: &Grader,
    renderer: &Renderer,
    stage: u32,
    contrast: &Contrast,
) -> Result<PairedDifference, PresentError> {
    let mut places = BTreeSet::new();
    let mut identical = 0;
    let prompts = u32::try_from(plan.prompts.len()).unwrap_or(u32::MAX).min(COMPARED_MAX);
    let pairs = paired_cells(plan, contrast);
    let none = BTreeMap::new();
    for prompt in 0..prompts {
        let render = |cell| {
            let at = Coordinate { stage, cell, prompt, ..Coordinate::default() };
            let rendered = renderer.render(plan, grader, at, &none);
            rendered.map_err(|error| PresentError::Plan(error.to_string()))
        };
        let mut same = true;
        for (from, to) in &pairs {
            let (from, to) = (render(*from)?, render(*to)?);
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
