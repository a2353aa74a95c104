//! What each worker waits for and was granted.

use std::collections::BTreeMap;
use std::time::Duration;

use iago_sweep::{PoolId, WorkerId};

use crate::asks::Place;
use crate::pool::Charge;

/// Asks of one worker that wait at once. It has no more slots; one that claims to is declined.
const ASKS_PER_WORKER: usize = 4096;

/// Grants of one worker whose calls have not ended. The oldest is dropped beyond, and stays charged.
const GRANTS_PER_WORKER: usize = 8192;

/// Workers without a connection whose grants are still remembered.
const PARTED_WORKERS: usize = 64;

/// A call that may be under way.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) at: Duration,
    pub(crate) charges: Vec<(PoolId, Charge)>,
}

/// All workers' books.
#[derive(Clone, Debug, Default)]
pub(crate) struct Books {
    workers: BTreeMap<WorkerId, Book>,
    partings: u64,
}

#[derive(Clone, Debug, Default)]
struct Book {
    asks: BTreeMap<u64, Place>,
    grants: BTreeMap<u64, Grant>,
    /// The number of its parting, if it is away.
    parted: Option<u64>,
}

impl Books {
    /// A connection begins or ends: what the worker waited for is returned, and void.
    pub(crate) fn clear_asks(&mut self, worker: WorkerId, connected: bool) -> Vec<Place> {
        self.partings += 1;
        let book = self.workers.entry(worker).or_default();
        book.parted = (!connected).then_some(self.partings);
        let asks = std::mem::take(&mut book.asks).into_values().collect();
        self.forget_long_parted();
        asks
    }

    /// Whether this worker may not wait for more.
    pub(crate) fn is_full(&self, worker: WorkerId) -> bool {
        self.workers.get(&worker).is_some_and(|book| book.asks.len() >= ASKS_PER_WORKER)
    }

    /// Notes where an ask waits; the place of an ask of the same number before it is returned.
    pub(crate) fn note_ask(
        &mut self,
        worker: WorkerId,
        number: u64,
        place: Place,
    ) -> Option<Place> {
        self.workers.entry(worker).or_default().asks.insert(number, place)
    }

    /// Takes an ask that waits.
    pub(crate) fn take_ask(&mut self, worker: WorkerId, number: u64) -> Option<Place> {
        self.workers.get_mut(&worker)?.asks.remove(&number)
    }

    /// Notes a grant.
    pub(crate) fn note_grant(&mut self, worker: WorkerId, number: u64, grant: Grant) {
        let grants = &mut self.workers.entry(worker).or_default().grants;
        grants.insert(number, grant);
        if grants.len() > GRANTS_PER_WORKER {
            grants.pop_first();
        }
    }

    /// Its grants whose calls have not ended, as far as is known.
    pub(crate) fn grants(&self, worker: WorkerId) -> impl Iterator<Item = &Grant> {
        self.workers.get(&worker).into_iter().flat_map(|book| book.grants.values())
    }

    /// Takes a grant whose call has ended, or was not made.
    pub(crate) fn take_grant(&mut self, worker: WorkerId, number: u64) -> Option<Grant> {
        self.workers.get_mut(&worker)?.grants.remove(&number)
    }

    fn forget_long_parted(&mut self) {
        self.workers.retain(|_, book| book.parted.is_none() || !book.grants.is_empty());
        let parted = self.workers.iter().filter_map(|(worker, book)| Some((book.parted?, *worker)));
        let parted: BTreeMap<u64, WorkerId> = parted.collect();
        for worker in parted.values().rev().skip(PARTED_WORKERS) {
            self.workers.remove(worker);
        }
    }
}
