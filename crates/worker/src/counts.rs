//! What one attempt has used up so far.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// Kept apart from the attempt itself, so that calls are known even where it breaks.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    calls: AtomicU32,
    throttles: AtomicU32,
    is_simulated: AtomicBool,
}

impl Counts {
    pub(crate) fn call(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn throttle(&self) {
        self.throttles.fetch_add(1, Ordering::Relaxed);
    }

    /// What answers is a simulation.
    pub(crate) fn simulate(&self) {
        self.is_simulated.store(true, Ordering::Relaxed);
    }

    /// HTTP exchanges, those that were throttled among them.
    pub(crate) fn calls(&self) -> u32 {
        self.calls.load(Ordering::Relaxed)
    }

    pub(crate) fn throttles(&self) -> u32 {
        self.throttles.load(Ordering::Relaxed)
    }

    pub(crate) fn is_simulated(&self) -> bool {
        self.is_simulated.load(Ordering::Relaxed)
    }
}
