//! The coordinator's shell: decide, commit, act.
//!
//! One loop ([`Driver::run`]) drains what has happened, lets the pure `iago-scheduler` decide, commits the
//! facts in one transaction, and only then acknowledges and hands out. It never calls a model and
//! never holds a key.

mod compile;
mod driver;
mod inbox;
mod load;
mod peers;
mod progress;
mod services;
mod settings;
mod shape;
mod standing;
mod submit;

pub use compile::{CompileError, Sources, compile};
pub use driver::{Driver, lead};
pub use inbox::{Handle, Submission};
pub use services::{jobs::JobsService, workers::WorkersService};
pub use settings::{PoolSettings, Settings};
pub use standing::{Change, Standing, StandingError, standing};
