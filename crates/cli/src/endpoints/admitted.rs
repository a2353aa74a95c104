//! What a coordinator would refuse, before there is one.

use iago_coordinator::{Refusal, ShapeError};
use iago_sweep::Plan;

use super::limited::told;
use crate::exit::{Exit, Stop};
use crate::settings::endpoints::Settings;

/// Whether a plan can be worked on within these settings, by the very check of a submission: prices
/// where dollars are limited, and no request that a limit can never take.
pub(crate) fn check_admission(plan: &Plan, used: &Settings) -> Result<(), Stop> {
    iago_coordinator::check_admission(plan, &told(used))
        .map_err(|why| Stop::new(exit_of(&why), why.to_string()))
}

/// Who has to mend it: whoever wrote the configuration, or the sweep.
fn exit_of(why: &Refusal) -> Exit {
    match why {
        Refusal::Unpriced(_)
        | Refusal::Shape(
            ShapeError::Endpoint(_)
            | ShapeError::Program(_)
            | ShapeError::Local
            | ShapeError::Pool(_),
        ) => Exit::Config,
        Refusal::Shape(ShapeError::Nobody(_) | ShapeError::TooLong(_) | ShapeError::TooDear(_))
        | Refusal::Unreadable(_) => Exit::BadSweep,
    }
}
