//! What the scheduler keeps of a worker.

use std::collections::BTreeSet;

use crate::PoolId;

/// A connected worker.
#[derive(Clone, Debug, Default)]
pub(crate) struct Worker {
    /// Pools that it has credentials for.
    pub(crate) pools: BTreeSet<PoolId>,
    /// Assignments that it has ever made room for.
    pub(crate) credit: u64,
    /// Assignments that it was ever given.
    pub(crate) given: u64,
}

impl Worker {
    pub(crate) fn takes(&self, pool: PoolId) -> bool {
        self.given < self.credit && self.pools.contains(&pool)
    }
}
