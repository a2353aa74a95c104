//! What is wrong tonight, and was not last night: one and the same sweep meets it, by the endpoint's
//! settings alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::models;
use crate::ranks::Share;
use crate::settings::SettingsError;

/// Parts of a share, which is read to this precision.
const PARTS: u64 = 10_000;

/// Trouble that is planted on top of what the models do otherwise. None by default.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Trouble {
    /// Which model answers under another one's name, by that name. Who asks is told the name that it
    /// asked by, unless the model that answers says another one of itself.
    pub swapped: BTreeMap<String, String>,
    /// The share of requests, from 0 to 1, about which every call ends in a 500, however often it is made:
    /// of the N tasks and of the N borderline requests of the prompt set, `round(N share)` in every
    /// repeat, half up, evenly spread over the ranks. What a judge is shown counts by the request in
    /// it, and of no set a call by its job.
    pub fails_for_good: f64,
}

impl Trouble {
    /// Says whether it means something.
    pub(crate) fn check(&self) -> Result<(), SettingsError> {
        let unknown = |id: &&String| models::find(id).is_none();
        if let Some(id) = self.swapped.iter().flat_map(|(name, id)| [name, id]).find(unknown) {
            return Err(SettingsError::UnknownModel(id.clone()));
        }
        let is_share = (0.0..=1.0).contains(&self.fails_for_good);
        if is_share { Ok(()) } else { Err(SettingsError::FailsForGood) }
    }

    /// Which model answers under a name.
    pub(crate) fn who_answers<'a>(&'a self, name: &'a str) -> &'a str {
        self.swapped.get(name).map_or(name, String::as_str)
    }

    /// The share of requests that fail for good; `None` where none do.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share from 0 to 1, which is checked before"
    )]
    pub(crate) fn failing(&self) -> Option<Share> {
        let parts = (self.fails_for_good * PARTS as f64).round() as u64;
        (parts > 0).then_some(Share::new(parts, PARTS))
    }
}
