//! Where a sweep stands between being loaded and coming to rest.
//!
//! | from \ on | a reason to pause | cancel | nothing is out | a late answer opens jobs |
//! | --- | --- | --- | --- | --- |
//! | running | pausing | cancelling | done or paused, if nothing can go out either | |
//! | pausing | | cancelling | paused, or done if nothing is open | |
//! | cancelling | | | cancelled | |
//! | paused | | cancelling | | |
//! | done | | | | running |
//! | cancelled | | | | |
//!
//! Being loaded again leads from everywhere to running.

use crate::events::PauseReason;

/// See the module.
#[derive(Clone, Debug)]
pub(crate) enum Course {
    Running,
    Pausing(PauseReason),
    Cancelling,
    Paused,
    Cancelled,
    Done,
}

impl Course {
    /// There is a reason to hand out nothing more; the first one counts.
    pub(crate) fn pause(&mut self, reason: PauseReason) {
        if matches!(self, Self::Running) {
            *self = Self::Pausing(reason);
        }
    }

    pub(crate) fn cancel(&mut self) {
        if !self.has_ended() || matches!(self, Self::Paused) {
            *self = Self::Cancelling;
        }
    }

    pub(crate) fn is_running(&self) -> bool {
        matches!(self, Self::Running)
    }

    /// Whether all that there is to say of its end was said.
    pub(crate) fn has_ended(&self) -> bool {
        matches!(self, Self::Paused | Self::Cancelled | Self::Done)
    }
}
