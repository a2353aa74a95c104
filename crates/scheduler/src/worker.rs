//! What the scheduler keeps of a worker.

use std::collections::BTreeMap;

use crate::PoolId;
use crate::events::Leased;
use crate::pool::Share;

/// A worker that was not lost: connected, or away for a while.
#[derive(Clone, Debug, Default)]
pub(crate) struct Worker {
    /// The pools that it serves.
    pub(crate) lanes: BTreeMap<PoolId, Lane>,
    /// Its stream broke, and it may return.
    pub(crate) away: bool,
    /// It drains. A process that drains does not change its mind, whatever its streams do.
    pub(crate) leaving: bool,
    /// Assignments that it has ever made room for in this connection.
    pub(crate) credit: u64,
    /// Assignments that it was ever given in this connection.
    pub(crate) given: u64,
    /// What else it said to hold, by lease: of sweeps that are not loaded, or not its own to hold.
    pub(crate) unplaced: BTreeMap<(u64, u64), Leased>,
}

/// What a worker has of a pool.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lane {
    /// What it was last told that it may use.
    pub(crate) share: Share,
    /// Assignments that are out with it.
    pub(crate) out: u32,
}

/// How much room there is in a lane, for comparison.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    free: u64,
    window: u64,
    credit: u64,
}

impl Worker {
    /// The room for another assignment of a pool, if there is any.
    pub(crate) fn room(&self, pool: PoolId) -> Option<Room> {
        if self.away || self.leaving || self.given >= self.credit {
            return None;
        }
        let lane = self.lanes.get(&pool)?;
        let (window, out) = (u64::from(lane.share.window()), u64::from(lane.out));
        let free = window.checked_sub(out).filter(|free| *free > 0)?;
        Some(Room { free, window, credit: self.credit - self.given })
    }
}

impl Room {
    /// Compares the free parts of the windows, and then the credit.
    pub(crate) fn compare(&self, other: &Self) -> std::cmp::Ordering {
        let free = (self.free * other.window).cmp(&(other.free * self.window));
        free.then(self.credit.cmp(&other.credit))
    }
}
