//! Whether a plan can be worked on within given limits: one check, for whoever plans and for whoever is
//! handed a sweep.

use iago_scheduler::{Limits, Scheduler};
use iago_sweep::Plan;

use crate::prices::{Unpriced, check_prices};
use crate::reread::Reader;
use crate::settings::Settings;
use crate::shape::{ShapeError, shape};
use crate::submit::read_rules;

/// Why a plan cannot be worked on.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Dollars are limited, and a price is missing.
    #[error(transparent)]
    Unpriced(#[from] Unpriced),
    /// It names what is not there, or asks for what can never be sent or paid for.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// A stored plan that this binary cannot read.
    #[error("{0}")]
    Unreadable(String),
}

/// Whether a plan can be worked on with these pools, by what a submission is checked by. Nothing is
/// stored, and nobody is called.
///
/// # Errors
/// A price that is missing where dollars are limited, a pool that is not there, or a request that a
/// limit can never take.
pub fn check_admission(plan: &Plan, settings: &Settings) -> Result<(), Refusal> {
    check_prices(plan, &settings.pools, &settings.served)?;
    let rules = read_rules(plan);
    let (grader, renderer) =
        rules.map_err(|status| Refusal::Unreadable(status.message().to_owned()))?;
    let reader = Reader { plan, grader: &grader, renderer: &renderer };
    let limits = |concurrency| Limits { concurrency };
    let pools =
        settings.pools.iter().map(|pool| (pool.name.clone(), limits(pool.concurrency()))).collect();
    shape(reader, 0, settings, &mut Scheduler::new(0, pools))?;
    Ok(())
}
