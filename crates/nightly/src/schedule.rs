//! A schedule: which sweep runs when, within what bounds, against which baseline, and who is told.
//!
//! It pins its sweep by content. An edited sweep file changes nothing of what runs at night until
//! somebody says so; then it is a new version of the schedule, and [`diff`] says what differs.

mod bounds;
mod checked;
mod difference;
mod fault;
mod length;
mod lines;
mod name;
mod show;
mod tell;
mod terms;
mod written;

use iago_sweep::Digest;
use serde::{Deserialize, Serialize};

pub use bounds::{DoneBy, Overlap, Priority};
pub use difference::diff;
pub use fault::{Fault, FaultyTerms};
pub use length::Length;
pub use name::{NameError, ScheduleName};
pub use tell::{MessageFormat, Tell, TellOn};
pub use terms::{PinnedBaseline, Terms};

/// A sweep's file and all that it names, by what stands in them.
pub type Content = Digest;

/// One schedule as it is stored: what its file says, and which sweep that pins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// What people call it, and what its runs are known by.
    pub name: ScheduleName,
    /// The sweep that runs. What was meant by the path in `terms` when it was added.
    pub content: Content,
    /// What its file says.
    pub terms: Terms,
}

impl Schedule {
    /// Which version this is: equal for schedules that would run the same in the same way. Whether it
    /// is paused makes no difference to that.
    pub fn version(&self) -> Digest {
        let mut versioned = self.clone();
        versioned.terms.paused = false;
        Digest::of_value(&versioned)
    }
}
