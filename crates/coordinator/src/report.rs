//! From a stored sweep to its report.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use iago_grading::{Grader, GradingError};
use iago_report::{
    Context, Controls, IdenticalPair, Material, PairedDifference, Report, ReportError, build,
    diff_places,
};
use iago_store::{Store, StoreError, Totals};
use iago_sweep::{Contrast, Coordinate, Plan, ResultFact, StageKind, SweepId};
use iago_sweep_file::Renderer;

use crate::looks::count_looks;
use crate::readings::{each_reading, reread_stages};
use crate::spending::spending;
use crate::standing::{StandingError, find_head, stored_plan};

/// Results in one page.
const PAGE: usize = 10_000;

/// Prompts whose paired messages are compared: enough to see any difference that a template makes.
const COMPARED_MAX: usize = 500;

/// What a contrast over models has as its factor.
const MODEL: &str = "model";

/// What the report says beyond the facts.
#[derive(Clone, Debug, Default)]
pub struct Around {
    /// Jobs that are still open; stored texts that are still to be read anew are counted beside them.
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

impl From<StandingError> for PresentError {
    fn from(error: StandingError) -> Self {
        match error {
            StandingError::Store(error) => Self::Store(error),
            StandingError::Plan { .. } => Self::Plan(error.to_string()),
        }
    }
}

/// Folds a sweep's facts into the report of its latest revision.
///
/// What is told is a function of the store and of `around`: whoever asks later gets the same bytes.
pub async fn report_stored<S: Store>(
    store: &S,
    sweep: SweepId,
    around: Around,
) -> Result<Report, PresentError> {
    let head = find_head(store, sweep).await?;
    let plan = stored_plan(store, sweep, head.revision).await?;
    report(store, sweep, &plan, around).await
}

/// Folds a sweep's facts into its report.
pub async fn report<S: Store>(
    store: &S,
    sweep: SweepId,
    plan: &Plan,
    around: Around,
) -> Result<Report, PresentError> {
    let Folded { material, unread } = fold_material(store, sweep, plan, |_| {}).await?;
    // Until all of them are read in one way, nothing is final.
    let around = Around { open: around.open + unread, ..around };
    let totals = store.totals(sweep).await?;
    let looks = count_looks(store, sweep).await?;
    Ok(build(&material, &Context { looks, ..context(sweep, plan, &totals, around)? }))
}

/// What the facts of a sweep come to under a plan of it.
pub(crate) struct Folded {
    pub(crate) material: Material,
    /// Stored texts that are still to be read anew.
    pub(crate) unread: u64,
}

/// Folds the facts of a sweep, and hands on every result on the way, those that the plan does not ask for
/// among them.
pub(crate) async fn fold_material<S: Store>(
    store: &S,
    sweep: SweepId,
    plan: &Plan,
    mut each: impl FnMut(&ResultFact),
) -> Result<Folded, PresentError> {
    let mut material = Material::new(plan.clone())?;
    let reread = reread_stages(plan);
    let (mut unread, mut after) = (0, None);
    loop {
        let page = store.results(sweep, after, PAGE).await?;
        for fact in &page {
            material.result(fact);
            each(fact);
        }
        let is_reread = |fact: &&ResultFact| reread.contains(&fact.job.at().stage);
        unread += page.iter().filter(is_reread).count() as u64;
        after = page.last().map(|fact| fact.job.number());
        if page.len() < PAGE {
            break;
        }
    }
    for stage in reread {
        let take = |reading| {
            material.reading(&reading);
            unread = unread.saturating_sub(1);
        };
        each_reading(store, sweep, plan, (stage, None), take).await?;
    }
    store.failures(sweep).await?.iter().for_each(|failure| material.failure(failure));
    Ok(Folded { material, unread })
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
        spending: Some(spending(totals, plan)),
        spend_unknown: totals.unpriced > 0,
        calls: totals.calls(),
        throttles: totals.throttles,
        elapsed: around.elapsed,
        controls: Controls { paired: compare_messages(plan)? },
        open: around.open,
        store: around.store,
        command_hint: around.hint,
        ..Context::default()
    })
}

/// How the first messages of paired cells differ, for each primary contrast over a factor.
fn compare_messages(plan: &Plan) -> Result<Vec<PairedDifference>, PresentError> {
    let grader = Grader::new(plan).map_err(|errors| uncompilable(&errors))?;
    let renderer = Renderer::new(plan).map_err(|error| PresentError::Plan(error.to_string()))?;
    let asks = plan.stages.iter().position(|s| matches!(s.kind, StageKind::Generate { .. }));
    let stage = u32::try_from(asks.unwrap_or(0)).unwrap_or(0);
    let primaries = plan.contrasts.iter().filter(|contrast| contrast.primary);
    let primaries = primaries.filter(|contrast| changes_messages(plan, contrast));
    primaries.map(|contrast| compare(plan, &grader, &renderer, stage, contrast)).collect()
}

/// Whether the two sides of a contrast are meant to be sent different messages: two levels are, two
/// models only where they have variables of their own.
fn changes_messages(plan: &Plan, contrast: &Contrast) -> bool {
    let set = |name: &str| plan.models.iter().find(|of| of.name == name).map(|model| &model.set);
    contrast.factor != MODEL || set(&contrast.from) != set(&contrast.to)
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
    let pairs = paired_cells(plan, contrast);
    let mut same = vec![0; pairs.len()];
    // Cells with a cap share the prompts of the lowest ranks, so that those are what they both ask.
    let mut prompts: Vec<(u32, u32)> = plan.ranks().into_iter().zip(0..).collect();
    prompts.sort_unstable();
    let least = pairs.iter().flat_map(|(from, to)| [from, to]).filter_map(|cell| {
        plan.cells.get(*cell as usize)?.prompts_max.and_then(|most| usize::try_from(most).ok())
    });
    prompts.truncate(least.min().unwrap_or(COMPARED_MAX).min(COMPARED_MAX));
    for prompt in prompts.iter().map(|(_, prompt)| *prompt) {
        let render = |cell| {
            let at = Coordinate { stage, cell, prompt, ..Coordinate::default() };
            let rendered = renderer.render(plan, grader, at, &[]);
            rendered.map_err(|error| PresentError::Plan(error.to_string()))
        };
        for ((from, to), same) in pairs.iter().zip(&mut same) {
            let (from, to) = (render(*from)?, render(*to)?);
            *same += u64::from(from == to);
            places.extend(diff_places(&from, &to));
        }
    }
    let counted = pairs.iter().zip(same).filter(|(_, prompts)| *prompts > 0);
    let identical = counted.map(|(&(from, to), prompts)| IdenticalPair {
        from: name_cell(plan, from),
        to: name_cell(plan, to),
        prompts,
    });
    let identical = identical.collect();
    let contrast = contrast.name.clone();
    Ok(PairedDifference { contrast, places, prompts_checked: prompts.len() as u64, identical })
}

fn name_cell(plan: &Plan, cell: u32) -> String {
    let cell = plan.cells.get(cell as usize);
    cell.map_or_else(String::new, |cell| format!("{} {}", cell.model, cell.condition))
}

/// Cells that differ in nothing but the contrast's factor.
fn paired_cells(plan: &Plan, contrast: &Contrast) -> Vec<(u32, u32)> {
    let places: BTreeMap<_, u32> =
        (0..).zip(&plan.cells).filter_map(|(at, _)| Some((place_of(plan, at)?, at))).collect();
    let pairs = places.iter().filter_map(|(place, from)| {
        let partner = place.at_other_level(contrast)?;
        Some((*from, *places.get(&partner)?))
    });
    pairs.collect()
}

/// Where a cell stands: its model and the level of each factor.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct CellPlace<'p> {
    model: &'p str,
    levels: BTreeMap<&'p str, &'p str>,
}

fn place_of(plan: &Plan, cell: u32) -> Option<CellPlace<'_>> {
    let model = &plan.cells.get(cell as usize)?.model;
    let levels = plan.condition_of(cell)?.levels.iter();
    Some(CellPlace { model, levels: levels.map(|(of, at)| (of.as_str(), at.as_str())).collect() })
}

impl<'p> CellPlace<'p> {
    /// The cell to compare with, if this one is at the level that is subtracted.
    fn at_other_level(&self, contrast: &'p Contrast) -> Option<Self> {
        let Contrast { factor, from, to, .. } = contrast;
        let mut partner = self.clone();
        let level = match factor.as_str() {
            MODEL => &mut partner.model,
            factor => partner.levels.get_mut(factor)?,
        };
        (std::mem::replace(level, to) == from).then_some(partner)
    }
}
