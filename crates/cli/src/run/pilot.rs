//! A pilot, and the sweep that it is a part of.

use iago_coordinator::Sources;
use iago_sweep::Plan;

use crate::exit::Stop;
use crate::settings::endpoints::Settings;
use crate::submission::compile_whole;

/// The sweep that a pilot is a part of.
pub(super) struct Pilot {
    pub(super) whole: Plan,
    pub(super) settings: Settings,
}

impl Pilot {
    /// Of sources that are one.
    pub(super) fn of(sources: &Sources, settings: &Settings) -> Result<Option<Self>, Stop> {
        let whole = compile_whole(sources)?;
        Ok(whole.map(|whole| Self { whole, settings: settings.clone() }))
    }
}
