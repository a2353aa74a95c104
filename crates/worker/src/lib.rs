//! The worker's shell: takes jobs from a coordinator, paces, calls, backs off, delivers.
//!
//! It alone does HTTP to models and holds keys; it never sees the store. What a call's end means is
//! decided by `iago-attempt`, what a reply says by `iago-providers`; here are the sockets.
//!
//! A worker's life is longer than its connections. While there is none it goes on with its calls,
//! keeps what they bring (the spool, bounded by [`Settings::spool_bytes_max`]) and reconnects; over
//! the next one it says what it has, and sends again whatever was not acknowledged.
//!
//! ```no_run
//! # async fn example(settings: iago_worker::Settings) -> Result<(), iago_worker::WorkerError> {
//! use iago_worker::{ConnectError, Connection, work};
//! use tokio_util::sync::CancellationToken;
//! use tonic::transport::Endpoint;
//!
//! let connect = async || {
//!     let address = "http://127.0.0.1:8911";
//!     let failed = |error: tonic::transport::Error| ConnectError {
//!         address: address.to_owned(),
//!         reason: error.to_string(),
//!     };
//!     let channel = Endpoint::from_static(address).connect().await.map_err(failed)?;
//!     Ok(Connection { address: address.to_owned(), channel, token: None })
//! };
//! let stop = CancellationToken::new(); // cancel it to drain
//! let worked = work(connect, settings, stop).await?;
//! # drop(worked); Ok(())
//! # }
//! ```

mod attempts;
mod backoff;
mod client;
mod connections;
mod doctor;
mod holdings;
mod job;
mod life;
mod link;
mod outgoing;
mod pace;
mod plans;
mod pool;
mod room;
mod session;
mod settings;
mod slots;
mod tally;
mod work;

pub use client::ClientError;
pub use connections::{CONNECT_MAX, DRAIN_MAX, Worked, WorkerError, work};
pub use doctor::{Finding, examine};
pub use link::Refusal;
pub use settings::{ConnectError, Connection, EndpointSettings, Settings};
