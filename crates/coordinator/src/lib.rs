//! The coordinator's shell: decide, commit, act.
//!
//! One loop ([`Driver::run`]) drains what has happened, lets the pure `iago-scheduler` decide, commits the
//! facts in one transaction, and only then acknowledges and hands out. It never calls a model and
//! never holds a key.
//!
//! When a call may start is decided in the same loop, by `iago-ledger`: workers ask for each call of a
//! pool with limits, and are told when. Whoever leads anew takes the last minute for used up, and knows
//! from the store what was called within a day.
//!
//! A plan that reads stored answers in another way has them read anew beside the loop before it is
//! worked on; what was read at first stays stored.
//!
//! A night is judged by what is stored of it: its own sweep, its baseline, and the sweep in which the
//! baseline's transcripts are judged again beside it. `iago-nightly` decides; what it decides by is gathered
//! here.
//!
//! A coordinator that stays keeps appointments: it drives the agenda of `iago-nightly`, begins the runs that
//! are due, has them judged when they have come to rest, and stores what is to be told of them. What it leaves
//! undone, whoever leads next finds in the store.
//!
//! [`preside()`] is the life of a coordinator among others: it stands by while another one leads, leads
//! while its term is renewed, and hands over. The services find whoever leads through a [`Desk`], and
//! let nobody in but through [`Doors`].

mod act;
mod admission;
mod against;
mod appointments;
mod calls;
mod clock;
mod compile;
mod days;
mod desk;
mod doors;
mod driver;
mod fits;
mod inbox;
mod late;
mod load;
mod looks;
mod metering;
mod most;
mod needs;
mod night;
mod opening;
mod orders;
mod part;
mod parts;
mod peers;
mod place;
mod pools;
mod preside;
mod prices;
mod progress;
mod reading_ahead;
mod readings;
mod receive;
mod report;
mod reread;
mod routes;
mod services;
mod settings;
mod shape;
mod slices;
mod spending;
mod standing;
mod submit;
mod tenure;
mod transcripts;
mod trouble;
mod workers;

pub use admission::{Refusal, check_admission};
pub use clock::Clock;
pub use compile::{CompileError, Sources, compile, compile_whole};
pub use desk::Desk;
pub use doors::{Doors, token_hash};
pub use driver::{Driver, lead};
pub use fits::TooLong;
pub use inbox::{Handle, Submission};
pub use most::{AtMost, Taken, calls_at_most};
pub use part::Part;
pub use preside::preside;
pub use prices::{TooDear, Unpriced, check_prices};
pub use progress::RAISE_BUDGET;
pub use report::{Around, PresentError, report, report_stored};
pub use routes::UnknownPool;
pub use services::{jobs::JobsService, nights::NightsService, workers::WorkersService};
pub use settings::{PoolSettings, Served, Settings};
pub use shape::ShapeError;
pub use spending::spending;
pub use standing::{Change, Standing, StandingError, standing};
