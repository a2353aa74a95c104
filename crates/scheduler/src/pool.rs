//! What the scheduler keeps of a pool: how much may be out at once, and whether it is blocked.

/// A pool's number within one coordinator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PoolId(pub u32);

/// A pool as dispatch sees it.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    /// The most assignments that may be out: what workers can have in calls, and a reserve for them
    /// to go on with while the next assignments travel.
    pub(crate) window: u32,
    /// Assignments that are out.
    pub(crate) out: u32,
    /// Why nothing may be handed out.
    pub(crate) blocked: Option<String>,
}

impl Pool {
    pub(crate) fn has_room(&self) -> bool {
        self.blocked.is_none() && self.out < self.window
    }
}
