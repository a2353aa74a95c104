//! The worker's shell: takes jobs from a coordinator, paces, calls, backs off, delivers.
//!
//! It alone does HTTP to models and holds keys; it never sees the store. What a call's end means is
//! decided by `iago-attempt`, what a reply says by `iago-providers`; here are the sockets.

mod backoff;
mod client;
mod doctor;
mod job;
mod pool;
mod session;
mod settings;
mod tally;
mod work;

pub use client::ClientError;
pub use doctor::{Finding, examine};
pub use session::{WorkerError, work};
pub use settings::{EndpointSettings, Settings};
