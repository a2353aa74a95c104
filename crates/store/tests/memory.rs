//! The in-memory store keeps every promise that does not outlive a process.

use std::future::{Ready, ready};

use iago_store::MemoryStore;

fn fresh() -> Ready<(MemoryStore, ())> {
    ready((MemoryStore::default(), ()))
}

iago_store::conformance_suite!(fresh);
