//! The machine against a world that loses workers, streams and coordinators, repeats deliveries
//! and fails jobs.

mod chance;
mod fleet;
mod grace;
mod late;
mod laws;
mod outages;
mod reloading;
mod returning;
mod shares;
mod store;
mod world;
