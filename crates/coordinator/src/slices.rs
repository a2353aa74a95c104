//! Tells workers what they may use of pools; what that is, [`crate::parts`] knows.

use iago_protocol::{FromCoordinator, Slice};
use iago_scheduler::{PoolId, Share, WorkerId};
use iago_store::Store;

use crate::driver::Driver;
use crate::parts::{Brought, Told};

impl<S: Store> Driver<S> {
    /// A worker begins a connection.
    pub(crate) fn bring_slices(&mut self, worker: WorkerId, slices: &[Slice]) {
        let share = |slice: &Slice| {
            let Slice { requests_per_minute, concurrency, over, .. } = *slice;
            let pool = self.scheduler.pool(&slice.pool)?;
            Some(Brought { pool, share: Share { requests_per_minute, concurrency }, over })
        };
        let brought: Vec<_> = slices.iter().filter_map(share).collect();
        self.slices.bring(worker, &brought);
    }

    /// Tells a worker its slice of a pool. False if its connection was given up.
    pub(crate) fn slice(&mut self, worker: WorkerId, pool: PoolId, share: Share) -> bool {
        let (limit, in_grace) = (self.limit(pool), self.in_grace);
        let told = self.slices.mean((worker, pool), share, limit, in_grace);
        told.is_none_or(|told| self.tell_slice(pool, told))
    }

    /// A worker uses no more than it was told: the others may use the rest. Gives those whose
    /// connections were given up.
    pub(crate) fn within(&mut self, worker: WorkerId, pool: &str, number: u64) -> Vec<WorkerId> {
        let Some(pool) = self.scheduler.pool(pool) else { return Vec::new() };
        self.slices.within(worker, pool, number);
        self.settle_slices(pool)
    }

    /// Everybody is told what can be told now. Gives those whose connections were given up.
    pub(crate) fn tell_slices(&mut self) -> Vec<WorkerId> {
        let pools = self.slices.pools().into_iter();
        pools.flat_map(|pool| self.settle_slices(pool)).collect()
    }

    fn settle_slices(&mut self, pool: PoolId) -> Vec<WorkerId> {
        let (limit, in_grace) = (self.limit(pool), self.in_grace);
        let told = self.slices.settle(pool, limit, in_grace).into_iter();
        told.filter_map(|told| (!self.tell_slice(pool, told)).then_some(told.worker)).collect()
    }

    fn tell_slice(&mut self, pool: PoolId, told: Told) -> bool {
        let Some(pool) = self.settings.pools.get(pool.0 as usize) else { return true };
        let Share { requests_per_minute, concurrency } = told.share;
        let (pool, number) = (pool.name.clone(), told.number);
        let slice = Slice { pool, requests_per_minute, concurrency, number, over: 0 };
        self.peers.send(told.worker, FromCoordinator::Slice(slice))
    }

    fn limit(&self, pool: PoolId) -> u32 {
        self.settings.pools.get(pool.0 as usize).map_or(0, |pool| pool.concurrency)
    }
}
