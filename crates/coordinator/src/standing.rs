//! How a plan stands to what a store already has: new, known, known with another analysis, or more.

use std::fmt;

use iago_store::{Store, StoreError, SweepHead};
use iago_sweep::{Contrast, Plan, Relation, SweepId, relation};

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
}

/// How a plan goes beyond what a stored sweep has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It reads something else from the same answers.
    Analysis,
    /// It asks for more.
    Extension(Vec<String>),
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Analysis => write!(f, "the same answers, analysed anew"),
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
pub async fn standing<S: Store>(store: &S, plan: Plan) -> Result<Standing, StandingError> {
    let heads = store.sweeps().await?;
    let (mut why, mut extensible) = (None, None);
    for head in heads.into_iter().filter(|head| head.name == plan.name) {
        let old = stored_plan(store, head.id, head.revision).await?;
        let change = match relation(&old, &plan) {
            Relation::Different(reason) => {
                why = why.or(Some(format!("{reason} in {}", head.id)));
                continue;
            }
            Relation::Same => None,
            Relation::Reanalysed => Some(Change::Analysis),
            Relation::Extended(added) => {
                extensible.get_or_insert((head, old, Some(Change::Extension(added))));
                continue;
            }
        };
        return know(store, head, old, plan, change).await;
    }
    match extensible {
        Some((head, old, change)) => know(store, head, old, plan, change).await,
        None => Ok(Standing::New { plan, why }),
    }
}

/// Compares a plan with one stored sweep, whatever their names.
pub(crate) async fn standing_of<S: Store>(
    store: &S,
    sweep: SweepId,
    plan: Plan,
) -> Result<Standing, StandingError> {
    let heads = store.sweeps().await?;
    let head = heads.into_iter().find(|head| head.id == sweep);
    let head = head.ok_or(StoreError::missing(sweep))?;
    let old = stored_plan(store, head.id, head.revision).await?;
    let change = match relation(&old, &plan) {
        Relation::Different(reason) => {
            return Ok(Standing::New { plan, why: Some(format!("{reason} in {sweep}")) });
        }
        Relation::Same => None,
        Relation::Reanalysed => Some(Change::Analysis),
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

/// A contrast that was not there when the first result came in is POST HOC, for good. One that was
/// there stays what it was, even if a revision in between went without it.
async fn mark_post_hoc<S: Store>(
    store: &S,
    head: &SweepHead,
    latest: Plan,
    plan: &mut Plan,
) -> Result<(), StandingError> {
    let mut post_hoc = vec![true; plan.contrasts.len()];
    let mut earlier = latest;
    let mut revisions = (0..head.revision).rev();
    loop {
        for (contrast, post_hoc) in plan.contrasts.iter().zip(&mut post_hoc) {
            *post_hoc &= !was_fixed(contrast, plan, &earlier);
        }
        let Some(revision) = revisions.next().filter(|_| post_hoc.contains(&true)) else { break };
        earlier = stored_plan(store, head.id, revision).await?;
    }
    for (contrast, post_hoc) in plan.contrasts.iter_mut().zip(post_hoc) {
        contrast.post_hoc = post_hoc;
    }
    Ok(())
}

/// Whether an earlier plan compares the very same, and did so before the first result: a measure
/// that is defined anew makes another contrast of it.
fn was_fixed(contrast: &Contrast, plan: &Plan, earlier: &Plan) -> bool {
    let measure =
        |plan: &Plan| plan.measures.iter().find(|of| of.name == contrast.measure).cloned();
    let fixed = Contrast { post_hoc: false, ..contrast.clone() };
    earlier.contrasts.contains(&fixed) && measure(plan) == measure(earlier)
}
