//! Tells workers what they may use of pools; what that is, [`crate::parts`] knows.

use iago_protocol::{FromCoordinator, Slice};
use iago_scheduler::{PoolId, Share, WorkerId};
use iago_store::{Nights, Store};

use crate::driver::Driver;
use crate::parts::{Brought, Told};

/// Workers are told of a limit again when it is another by more than this part of it.
const MOVED_PART: u64 = 10;

impl<S: Store + Nights> Driver<S> {
    /// A worker begins a connection, with what it was told in earlier ones.
    pub(crate) fn bring_slices(&mut self, worker: WorkerId, slices: &[Slice]) {
        let (mut brought, mut gone) = (Vec::new(), Vec::new());
        for slice in slices {
            let Slice { concurrency, over, limit_in_force, .. } = *slice;
            let Some(pool) = self.scheduler.pool(&slice.pool) else {
                gone.push(slice);
                continue;
            };
            brought.push(Brought { pool, share: Share { concurrency }, over });
            if let Some(limit) = limit_in_force.filter(|_| self.is_found_out(pool)) {
                self.metering.carry_over(pool, limit);
            }
        }
        self.slices.bring(worker, &brought);
        for slice in gone {
            self.meter_gone(worker, slice);
        }
    }

    /// A worker may still have jobs of a pool that is not here any more: it asks for their calls, so that
    /// they go back instead of being made and counted nowhere.
    fn meter_gone(&mut self, worker: WorkerId, slice: &Slice) {
        let number = self.slices.next_number();
        let slice = Slice { metered: true, lifts: false, over: 0, number, ..slice.clone() };
        self.peers.send(worker, FromCoordinator::Slice(slice));
    }

    /// Everybody is told of limits that turned out to be others by now: whoever leads next hears it from
    /// them.
    pub(crate) fn tell_limits(&mut self) {
        for pool in self.slices.pools() {
            let (limit, told) = (self.limit_found(pool), self.limits_told.get(&pool));
            if has_moved(told.copied(), limit) {
                self.limits_told.extend(limit.map(|limit| (pool, limit)));
                self.tell_again(pool);
            }
        }
    }

    /// Tells a worker its slice of a pool.
    pub(crate) fn slice(&mut self, worker: WorkerId, pool: PoolId, share: Share) {
        let (limit, in_grace) = (self.metering.usable(pool), self.in_grace);
        if let Some(told) = self.slices.mean((worker, pool), share, limit, in_grace) {
            self.tell_slice(pool, told);
        }
    }

    /// A worker uses no more than it was told: the others may use the rest.
    pub(crate) fn within(&mut self, worker: WorkerId, pool: &str, number: u64) {
        let Some(pool) = self.scheduler.pool(pool) else { return };
        self.slices.within(worker, pool, number);
        self.settle_slices(pool);
    }

    /// Everybody is told what can be told now.
    pub(crate) fn tell_slices(&mut self) {
        for pool in self.slices.pools() {
            self.settle_slices(pool);
        }
    }

    /// Everybody is told once more: it has become metered, or is so no more.
    pub(crate) fn tell_again(&mut self, pool: PoolId) {
        for told in self.slices.again(pool) {
            self.tell_slice(pool, told);
        }
    }

    /// Calls a minute that a pool turned out to take. One that is configured is no news, and the next
    /// configuration may say more.
    fn limit_found(&self, pool: PoolId) -> Option<u64> {
        self.metering.limit_in_force(pool).filter(|_| self.is_found_out(pool))
    }

    fn is_found_out(&self, pool: PoolId) -> bool {
        self.settings.pool(pool).is_some_and(|pool| pool.limits.requests_per_minute.is_none())
    }

    fn settle_slices(&mut self, pool: PoolId) {
        let (limit, in_grace) = (self.metering.usable(pool), self.in_grace);
        for told in self.slices.settle(pool, limit, in_grace) {
            self.tell_slice(pool, told);
        }
    }

    fn tell_slice(&mut self, id: PoolId, told: Told) {
        let Some(pool) = self.settings.pool(id) else { return };
        let slice = Slice {
            pool: pool.name.clone(),
            requests_per_minute: pool.limits.requests_per_minute,
            concurrency: told.share.concurrency,
            metered: self.metering.is_metered(id),
            limit_in_force: self.limit_found(id),
            lifts: told.lifts,
            number: told.number,
            over: 0,
        };
        self.peers.send(told.worker, FromCoordinator::Slice(slice));
    }
}

/// Whether a limit is another by more than a tenth than what was told of it.
fn has_moved(told: Option<u64>, now: Option<u64>) -> bool {
    match (told, now) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(told), Some(now)) => told.abs_diff(now).saturating_mul(MOVED_PART) > told,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_has_moved_when_it_is_another_by_more_than_a_tenth() {
        assert!(!has_moved(None, None) && !has_moved(Some(100), None));
        assert!(has_moved(None, Some(1)));
        let moved = |now| has_moved(Some(100), Some(now));
        assert!(!moved(90) && !moved(110) && moved(89) && moved(111));
    }
}
