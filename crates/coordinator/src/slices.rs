//! What workers may use of pools, as they are told.
//!
//! A new leader does not know how many workers an earlier one had, nor what they use: until they have
//! had the time to come back, each keeps to what it had, and whoever is new has to wait. Otherwise the
//! first one back would be told to use all of a limit that the others are still using.

use std::collections::BTreeMap;

use iago_protocol::{FromCoordinator, Slice};
use iago_scheduler::{PoolId, Share, WorkerId};
use iago_store::Store;

use crate::driver::Driver;

/// Slices, by what is meant and by what may be told so far.
#[derive(Debug, Default)]
pub(crate) struct Slices {
    meant: BTreeMap<(WorkerId, PoolId), Share>,
    /// What workers brought from an earlier leader.
    brought: BTreeMap<(WorkerId, PoolId), Share>,
}

impl Slices {
    /// What a worker brought with it.
    pub(crate) fn bring(&mut self, worker: WorkerId, pool: PoolId, slice: &Slice) {
        let Slice { requests_per_minute, concurrency, .. } = *slice;
        let share = Share { requests_per_minute, concurrency };
        self.brought.insert((worker, pool), share);
    }

    pub(crate) fn forget(&mut self, worker: WorkerId) {
        self.meant.retain(|(of, _), _| *of != worker);
        self.brought.retain(|(of, _), _| *of != worker);
    }

    fn in_grace(&self, key: (WorkerId, PoolId), share: Share) -> Share {
        let brought = self.brought.get(&key);
        brought.map_or(
            Share { requests_per_minute: share.requests_per_minute, concurrency: 0 },
            |brought| smaller(*brought, share),
        )
    }
}

impl<S: Store> Driver<S> {
    /// Tells a worker its slice of a pool. False if its connection was given up.
    pub(crate) fn slice(&mut self, worker: WorkerId, pool: PoolId, share: Share) -> bool {
        self.slices.meant.insert((worker, pool), share);
        let told = if self.in_grace { self.slices.in_grace((worker, pool), share) } else { share };
        self.tell_slice(worker, pool, told)
    }

    /// The grace is over: everybody is told what is meant. Gives those whose connections were given
    /// up.
    pub(crate) fn tell_slices(&mut self) -> Vec<WorkerId> {
        self.slices.brought.clear();
        let meant = self.slices.meant.clone();
        let tell =
            |(&(worker, pool), &share)| (!self.tell_slice(worker, pool, share)).then_some(worker);
        meant.iter().filter_map(tell).collect()
    }

    fn tell_slice(&mut self, worker: WorkerId, pool: PoolId, share: Share) -> bool {
        let Some(pool) = self.settings.pools.get(pool.0 as usize) else { return true };
        let Share { requests_per_minute, concurrency } = share;
        let slice = Slice { pool: pool.name.clone(), requests_per_minute, concurrency };
        self.peers.send(worker, FromCoordinator::Slice(slice))
    }
}

/// What lies within both.
fn smaller(one: Share, other: Share) -> Share {
    let rates = [one.requests_per_minute, other.requests_per_minute];
    Share {
        requests_per_minute: rates.into_iter().flatten().min(),
        concurrency: one.concurrency.min(other.concurrency),
    }
}
