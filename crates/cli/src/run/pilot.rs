//! A pilot, and the sweep that it is a part of.

use iago_coordinator::{Sources, Standing, standing, standing_of_pilot};
use iago_store::Store;
use iago_sweep::Plan;

use crate::exit::{Exit, Stop};
use crate::settings::endpoints::Settings;
use crate::submission::bad_sweep;

/// The sweep that a pilot is a part of.
pub(super) struct Pilot {
    pub(super) whole: Plan,
    pub(super) settings: Settings,
}

impl Pilot {
    /// Of sources that are one.
    pub(super) fn of(sources: &Sources, settings: &Settings) -> Result<Option<Self>, Stop> {
        if sources.prompts_max.is_none() {
            return Ok(None);
        }
        let whole = iago_coordinator::compile(&sources.whole());
        let whole = whole.map_err(|error| bad_sweep(&error))?;
        Ok(Some(Self { whole, settings: settings.clone() }))
    }
}

/// How a plan stands to a store, as the pilot that it may be.
pub(super) async fn compare<S: Store>(
    store: &S,
    plan: Plan,
    pilot: Option<&Pilot>,
) -> Result<Standing, Stop> {
    let stands = match pilot {
        None => standing(store, plan).await,
        Some(pilot) => standing_of_pilot(store, plan, &pilot.whole).await,
    };
    stands.map_err(|error| Stop::new(Exit::Io, error.to_string()))
}
