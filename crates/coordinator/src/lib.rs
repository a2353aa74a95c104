//! The coordinator's shell: decide, commit, act.
//!
//! One loop ([`Driver::run`]) drains what has happened, lets the pure `iago-scheduler` decide, commits the
//! facts in one transaction, and only then acknowledges and hands out. It never calls a model and
//! never holds a key.
//!
//! A plan that reads stored answers in another way has them read anew beside the loop before it is
//! worked on; what was read at first stays stored.
//!
//! [`preside()`] is the life of a coordinator among others: it stands by while another one leads, leads
//! while its term is renewed, and hands over. The services find whoever leads through a [`Desk`], and
//! let nobody in but through [`Doors`].

mod act;
mod compile;
mod desk;
mod doors;
mod driver;
mod estrange;
mod inbox;
mod late;
mod load;
mod looks;
mod opening;
mod orders;
mod parts;
mod peers;
mod preside;
mod prices;
mod progress;
mod reading_ahead;
mod readings;
mod receive;
mod report;
mod reread;
mod services;
mod settings;
mod shape;
mod slices;
mod standing;
mod submit;
mod tenure;
mod transcripts;
mod trouble;
mod workers;

pub use compile::{CompileError, Sources, compile};
pub use desk::Desk;
pub use doors::{Doors, token_hash};
pub use driver::{Driver, lead};
pub use inbox::{Handle, Submission};
pub use preside::preside;
pub use prices::{Unpriced, check_prices};
pub use report::{Around, PresentError, report, report_stored};
pub use services::{jobs::JobsService, workers::WorkersService};
pub use settings::{PoolSettings, Settings};
pub use standing::{Change, Standing, StandingError, standing};
