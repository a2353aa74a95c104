//! What the scheduler keeps of a worker.

use std::collections::BTreeMap;

use iago_sweep::PoolId;

use crate::events::Leased;
use crate::pool::Share;
use crate::route::RouteId;

/// A worker that was not lost: connected, or away for a while.
#[derive(Clone, Debug, Default)]
pub(crate) struct Worker {
    /// The pools that it serves.
    pub(crate) lanes: BTreeMap<PoolId, Lane>,
    /// Assignments that are out with it, by route; no route without any.
    pub(crate) out: BTreeMap<RouteId, u32>,
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
    /// The room for another assignment of a route, if there is any: the least in any of its pools.
    pub(crate) fn room(&self, route: &[PoolId]) -> Option<Room> {
        if self.away || self.leaving || self.given >= self.credit {
            return None;
        }
        let (first, others) = route.split_first()?;
        others.iter().try_fold(self.room_in(*first)?, |least, pool| {
            let room = self.room_in(*pool)?;
            Some(if room.compare(&least).is_lt() { room } else { least })
        })
    }

    /// Whether it may call on a route: it has a share of each of its pools.
    pub(crate) fn may_call(&self, route: &[PoolId]) -> bool {
        let has_share = |lane: &Lane| lane.share.window() > 0;
        route.iter().all(|pool| self.lanes.get(pool).is_some_and(has_share))
    }

    /// Whether it serves all pools of a route, and could be handed something of it.
    pub(crate) fn takes(&self, route: &[PoolId]) -> bool {
        !self.away && !self.leaving && route.iter().all(|pool| self.lanes.contains_key(pool))
    }

    /// A lease of a route is out with it.
    pub(crate) fn add(&mut self, id: RouteId, route: &[PoolId]) {
        *self.out.entry(id).or_default() += 1;
        self.change_lanes(route, |out| out + 1);
    }

    /// A lease of a route is out with it no more.
    pub(crate) fn remove(&mut self, id: RouteId, route: &[PoolId]) {
        if let Some(out) = self.out.get_mut(&id) {
            *out = out.saturating_sub(1);
            if *out == 0 {
                self.out.remove(&id);
            }
        }
        self.change_lanes(route, |out| out.saturating_sub(1));
    }

    fn change_lanes(&mut self, route: &[PoolId], change: impl Fn(u32) -> u32) {
        for pool in route {
            if let Some(lane) = self.lanes.get_mut(pool) {
                lane.out = change(lane.out);
            }
        }
    }

    fn room_in(&self, pool: PoolId) -> Option<Room> {
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
