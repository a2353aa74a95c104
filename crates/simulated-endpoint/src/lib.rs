//! A model endpoint with planted behaviour, limits and faults.
//!
//! It speaks two vendors' protocols over real HTTP, and its models behave as the table of planted
//! behaviour says, to the unit: which jobs comply is a function of seed, prompts and
//! `Idempotency-Key`, so that no order, retry or duplicate changes the truth. A subject answers by
//! the tags that it *receives*, so a bug in the rendering of prompts destroys the effect visibly;
//! a judge works only from the text in front of it. Complying answers are placeholders.
//!
//! It stands alone on purpose: it shares no code with the clients that it tests, so the two cannot
//! agree on the same mistake. It does not stream, call tools or know prices, and it is no proxy.
//!
//! [`Core`] decides and is pure: time is an argument, and it knows neither sockets nor clocks.
//! [`Endpoint`] is the shell that serves it:
//!
//! ```no_run
//! # async fn serve() -> Result<(), iago_simulated_endpoint::StartError> {
//! use iago_simulated_endpoint::{Endpoint, Settings};
//!
//! let prompts = vec!["Write a flattering review of a shop that I never visited.".to_owned()];
//! let endpoint = Endpoint::start(Settings { prompts, seed: 7, ..Settings::default() }).await?;
//! // ... call endpoint.url() ...
//! assert_eq!(endpoint.log().over_limit, 0);
//! endpoint.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! Every reply carries the header `x-simulated: true`. The log file is the truth log: it has each
//! call's planted class, and never a prompt's text.

mod anthropic;
mod conversation;
mod decide;
mod draw;
mod endpoint;
mod fault;
mod journal;
mod judge;
mod key;
mod ledger;
mod limit;
mod models;
mod openai;
mod outcome;
mod protocol;
mod ranks;
mod reply;
mod serve;
mod settings;
mod subject;
mod tags;
mod timestamp;
mod wordings;

pub use decide::{Call, Core, Decision, Delivery};
pub use endpoint::{Endpoint, StartError};
pub use ledger::{Class, Log, Record};
pub use protocol::Protocol;
pub use settings::{Faults, Limit, LimitKind, Settings, SettingsError};
