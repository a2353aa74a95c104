//! How a plan stands to what a store already has: new, known, known with another analysis, or more.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use iago_store::{Kind, Store, StoreError, SweepHead};
use iago_sweep::{
    Checks, Contrast, Control, Measure, Plan, Prompt, Relation, SweepId, relabels, relation,
    rereads,
};

use crate::part::Part;

/// How a plan stands to a store.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing {
    /// No stored sweep asks this. `why` says what differs from the latest of its name, if there is
    /// one.
    New {
        /// The plan, as given.
        plan: Plan,
        /// What is different from the latest sweep of that name.
        why: Option<String>,
    },
    /// A stored sweep asks this, or a part of it.
    Known {
        /// The stored sweep.
        head: SweepHead,
        /// The plan with the stored sweep's numbers.
        plan: Plan,
        /// What must be stored as a revision before work goes on.
        change: Option<Change>,
    },
    /// A stored sweep asks a pilot's prompts and more: what it has is not asked again.
    Part(Box<Part>),
}

/// How a plan goes beyond what a stored sweep has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It reads something else from the same answers. These are the stages whose stored texts are
    /// read in another way.
    Analysis(Vec<String>),
    /// It asks for more.
    Extension(Vec<String>),
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Analysis(stages) if stages.is_empty() => {
                write!(f, "the same answers, analysed anew")
            }
            Self::Analysis(stages) => {
                write!(f, "the same answers, those of {} read anew", stages.join(", "))
            }
            Self::Extension(added) => write!(f, "extended: {}", added.join(", ")),
        }
    }
}

/// The store could not tell.
#[derive(Debug, thiserror::Error)]
pub enum StandingError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A stored plan cannot be read.
    #[error("the stored plan of sweep {sweep} cannot be read: {source}")]
    Plan {
        /// The sweep.
        sweep: SweepId,
        /// What is wrong.
        source: serde_json::Error,
    },
}

/// Compares a plan with the stored sweeps of its name, the latest first. One that asks the very same
/// comes before one that would have to be extended: after a pilot, the full sweep finds itself.
///
/// `whole` is what the plan is a pilot of, if it is one. Where a stored sweep has more of it, that comes
/// before another that would have to be extended, or a new one: what is stored is not asked again.
///
/// `baseline` is the sweep that the plan is to be compared with, if it is: it is none that the plan could be
/// known as, for what is compared with itself has always stayed the same.
pub async fn standing<S: Store>(
    store: &S,
    plan: Plan,
    whole: Option<&Plan>,
    baseline: Option<SweepId>,
) -> Result<Standing, StandingError> {
    let heads = store.sweeps().await?;
    let (mut why, mut larger, mut extensible) = (None, None, None);
    // A night's answers are those of that night, and of no other.
    let is_asked = |head: &SweepHead| {
        head.name == plan.name && head.kind == Kind::Asked && Some(head.id) != baseline
    };
    for head in heads.into_iter().filter(is_asked) {
        let old = stored_plan(store, head.id, head.revision).await?;
        let change = match relation(&old, &plan) {
            Relation::Different(reason) => {
                why = why.or(Some(format!("{reason} in {}", head.id)));
                larger = larger.or_else(|| Part::of(&head, &old, &plan, whole?));
                continue;
            }
            Relation::Same => None,
            Relation::Reanalysed => Some(Change::Analysis(rereads(&old, &plan))),
            Relation::Extended(added) => {
                extensible.get_or_insert((head, old, Some(Change::Extension(added))));
                continue;
            }
        };
        return know(store, head, old, plan, change).await;
    }
    if let Some(part) = larger {
        return Ok(Standing::Part(Box::new(part)));
    }
    match extensible {
        Some((head, old, change)) => know(store, head, old, plan, change).await,
        None => Ok(Standing::New { plan, why }),
    }
}

/// What the store says of a sweep as it stands.
pub(crate) async fn find_head<S: Store>(
    store: &S,
    sweep: SweepId,
) -> Result<SweepHead, StoreError> {
    let heads = store.sweeps().await?;
    heads.into_iter().find(|head| head.id == sweep).ok_or(StoreError::missing(sweep))
}

/// Compares a plan with one stored sweep, whatever their names.
pub(crate) async fn standing_of<S: Store>(
    store: &S,
    sweep: SweepId,
    plan: Plan,
) -> Result<Standing, StandingError> {
    let head = find_head(store, sweep).await?;
    let old = stored_plan(store, head.id, head.revision).await?;
    let change = match relation(&old, &plan) {
        Relation::Different(reason) => {
            return Ok(Standing::New { plan, why: Some(format!("{reason} in {sweep}")) });
        }
        Relation::Same => None,
        Relation::Reanalysed => Some(Change::Analysis(rereads(&old, &plan))),
        Relation::Extended(added) => Some(Change::Extension(added)),
    };
    know(store, head, old, plan, change).await
}

async fn know<S: Store>(
    store: &S,
    head: SweepHead,
    old: Plan,
    plan: Plan,
    change: Option<Change>,
) -> Result<Standing, StandingError> {
    let mut plan = plan.numbered_after(&old);
    // Once texts were read in several ways, what was read at first says nothing any more.
    plan.reread = old.reread.iter().cloned().chain(rereads(&old, &plan)).collect();
    if store.totals(head.id).await?.results > 0 {
        mark_post_hoc(store, &head, old, &mut plan).await?;
    }
    Ok(Standing::Known { head, plan, change })
}

pub(crate) async fn stored_plan<S: Store>(
    store: &S,
    sweep: SweepId,
    revision: u32,
) -> Result<Plan, StandingError> {
    let json = store.plan(sweep, revision).await?;
    serde_json::from_slice(&json).map_err(|source| StandingError::Plan { sweep, source })
}

/// A contrast or a control that was not there when the first result came in is POST HOC, for good. One
/// that was there stays what it was, even if a revision in between went without it.
async fn mark_post_hoc<S: Store>(
    store: &S,
    head: &SweepHead,
    latest: Plan,
    plan: &mut Plan,
) -> Result<(), StandingError> {
    let mut post_hoc = vec![true; plan.contrasts.len()];
    let mut loose = vec![true; plan.controls.len()];
    let mut earlier = latest;
    let mut revisions = (0..head.revision).rev();
    loop {
        for (contrast, post_hoc) in plan.contrasts.iter().zip(&mut post_hoc) {
            *post_hoc &= !was_fixed(contrast, plan, &earlier);
        }
        for (control, loose) in plan.controls.iter().zip(&mut loose) {
            *loose &= !was_held(control, plan, &earlier);
        }
        let is_open = post_hoc.contains(&true) || loose.contains(&true);
        let Some(revision) = revisions.next().filter(|_| is_open) else { break };
        earlier = stored_plan(store, head.id, revision).await?;
    }
    for (contrast, post_hoc) in plan.contrasts.iter_mut().zip(post_hoc) {
        contrast.post_hoc = post_hoc;
    }
    for (control, post_hoc) in plan.controls.iter_mut().zip(loose) {
        control.post_hoc = post_hoc;
    }
    Ok(())
}

/// Whether an earlier plan compares the very same, and did so before the first result: a measure that
/// is defined anew makes another contrast of it, and so does whatever its numbers come from, such as a
/// threshold, a grammar or an outcome.
fn was_fixed(contrast: &Contrast, plan: &Plan, earlier: &Plan) -> bool {
    earlier.contrasts.iter().any(|other| is_same(contrast, other))
        && reads_same(&contrast.measure, plan, earlier)
}

/// Whether an earlier plan held the sweep to this, or to less strict limits than these are.
fn was_held(control: &Control, plan: &Plan, earlier: &Plan) -> bool {
    let held = |other: &Control| !other.post_hoc && control.is_as_strict_as(other);
    earlier.controls.iter().any(held)
        && match &control.checks {
            Checks::Comprehension { measure, .. } | Checks::Positive { measure, .. } => {
                reads_same(measure, plan, earlier)
            }
            Checks::Baseline { contrast, .. } => {
                let contrast = plan.contrasts.iter().find(|of| of.name == *contrast);
                contrast.is_some_and(|contrast| was_fixed(contrast, plan, earlier))
            }
        }
}

/// Whether a measure, and whatever its numbers come from, is in both plans the same.
fn reads_same(name: &str, plan: &Plan, earlier: &Plan) -> bool {
    let measure = |plan: &Plan| plan.measures.iter().find(|of| of.name == name).cloned();
    let Some(defined) = measure(plan) else { return false };
    measure(earlier).as_ref() == Some(&defined)
        && classes(plan) == classes(earlier)
        && columns_of(plan, &defined).iter().all(|column| is_equal_in(column, plan, earlier))
        && !relabels(earlier, plan).iter().any(|stage| stages_of(plan, &defined).contains(stage))
}

/// The same comparison. A table that names another level beside it gives each its own name.
fn is_same(contrast: &Contrast, earlier: &Contrast) -> bool {
    let unnamed = |contrast: &Contrast| Contrast {
        name: String::new(),
        family: None,
        post_hoc: false,
        ..contrast.clone()
    };
    let expanded = format!("{}: {} → {}", earlier.name, contrast.from, contrast.to);
    let own_family =
        |contrast: &Contrast| contrast.family.clone().unwrap_or_else(|| contrast.name.clone());
    // One that came after the results does not become an early one by staying.
    !earlier.post_hoc
        && unnamed(contrast) == unnamed(earlier)
        && (contrast.name == earlier.name || contrast.name == expanded)
        && own_family(contrast) == own_family(earlier)
}

/// The outcomes as they are decided; how they are drawn changes no number.
fn classes(plan: &Plan) -> Vec<(&str, &str)> {
    plan.outcomes.iter().map(|outcome| (outcome.name.as_str(), outcome.when.as_str())).collect()
}

/// The words of a measure's expressions.
fn words_of(measure: &Measure) -> BTreeSet<&str> {
    let mut texts = vec![measure.expression()];
    let rest = [&measure.given, &measure.within, &measure.zero_unless];
    texts.extend(rest.into_iter().flatten().map(String::as_str));
    texts.into_iter().flat_map(words_in).collect()
}

fn words_in(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
}

/// The columns of prompts that a measure or an outcome names.
fn columns_of(plan: &Plan, measure: &Measure) -> BTreeSet<String> {
    let mut words = words_of(measure);
    words.extend(plan.outcomes.iter().flat_map(|outcome| words_in(&outcome.when)));
    let columns = plan.prompts.iter().flat_map(|p| p.fields.keys().chain(p.notes.keys()));
    columns.filter(|column| words.contains(column.as_str())).cloned().collect()
}

/// Whether a column says the same of every prompt that both plans have.
fn is_equal_in(column: &str, plan: &Plan, earlier: &Plan) -> bool {
    let values = |plan: &Plan| -> BTreeMap<String, Option<String>> {
        let value = |p: &Prompt| p.fields.get(column).or_else(|| p.notes.get(column)).cloned();
        plan.prompts.iter().map(|prompt| (prompt.id.clone(), value(prompt))).collect()
    };
    let before = values(earlier);
    values(plan).iter().all(|(id, value)| before.get(id).is_none_or(|before| before == value))
}

/// The stages that a measure names, and those that they hang on.
fn stages_of(plan: &Plan, measure: &Measure) -> BTreeSet<String> {
    let words = words_of(measure);
    let mut found = BTreeSet::new();
    let named = plan.stages.iter().filter(|stage| words.contains(stage.name.as_str()));
    let mut open: Vec<&str> = named.map(|stage| stage.name.as_str()).collect();
    while let Some(name) = open.pop() {
        if found.insert(name.to_owned())
            && let Some(stage) = plan.stages.iter().find(|stage| stage.name == name)
        {
            open.extend(stage.of().into_iter().chain(stage.opened_by()));
        }
    }
    found
}
