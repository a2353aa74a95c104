//! What a worker counts for people to see while they wait.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts since the worker's start.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    calls: AtomicU64,
    throttles: AtomicU64,
    // Troubles are rare, and their classes are few: a lock that is hardly ever taken.
    troubles: Mutex<BTreeMap<String, u64>>,
}

impl Tally {
    pub(crate) fn call(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn throttle(&self) {
        self.throttles.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn trouble(&self, class: &str) {
        let mut troubles = self.troubles.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *troubles.entry(class.to_owned()).or_default() += 1;
    }

    pub(crate) fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    pub(crate) fn throttles(&self) -> u64 {
        self.throttles.load(Ordering::Relaxed)
    }

    pub(crate) fn troubles(&self) -> BTreeMap<String, u64> {
        self.troubles.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}
