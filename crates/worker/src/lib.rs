//! The worker's shell: takes jobs from a coordinator, paces, calls, backs off, delivers.
//!
//! It alone does HTTP to models and holds keys; it never sees the store. What a call's end means is
//! decided by `iago-attempt`, what a reply says by `iago-providers`; here are the sockets.
//!
//! When a call may begin is not decided here. A job draws from the pools of its route; it takes a slot
//! in each of them, asks the coordinator where one of them is metered, and spreads starts out a
//! little. Every call that ended is told of, with what it took and what its headers said of limits.
//! Calls are repeated in one place, with the identical request, and within a budget of the pool.
//!
//! Scores make no call. Our own are computed here, in the pool `local`; a program that somebody else
//! wrote has the pool `local.` and its name ([`ProgramSettings`]). Its processes are kept, get one
//! line of JSON for each request and reply with one, without any key of the worker's, within bounds
//! of time and, on Linux, memory. `config/programs` has an example that explains what they are told.
//!
//! That is a fence against mistakes and no prison. A program runs as the worker's own user. On Linux a
//! worker that has programs hides its memory and its first environment from that user's processes,
//! but not from root or whoever may trace others, and not the same keys where another process has
//! them, such as the shell that started it. Nothing keeps a program from files, from the network, or
//! from signals to other processes of its user. One that nobody vouches for needs a command that
//! shuts it in: another user, a container. Programs end with their worker, and so do their folders,
//! but not where the worker itself is killed without notice (`SIGKILL`): then a program finds the end
//! of its input, and one that never looks there stays, with its folder. (The kernel could end it, but
//! only if told between fork and exec, which safe Rust cannot do.)
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

mod answers;
mod ask;
mod asks;
mod attempts;
mod backoff;
mod bench;
mod caller;
mod client;
mod clients;
mod connections;
mod counts;
mod doctor;
mod external;
mod heard;
mod holdings;
mod job;
mod lateness;
mod life;
mod link;
mod local;
mod means;
mod notes;
mod outgoing;
mod pace;
mod plans;
mod pool;
mod probe;
mod process;
mod program;
mod room;
mod route;
mod routes;
mod sealed;
mod session;
mod settings;
mod silence;
mod slots;
mod standing;
mod tally;
mod told;
mod work;

pub use clients::{ClientError, EndpointError};
pub use connections::{CONNECT_MAX, DRAIN_MAX, Worked, WorkerError, work};
pub use doctor::{Finding, HangsOn, examine};
pub use heard::NOTHING_SPEAKS;
pub use link::Refusal;
pub use probe::{ProbeError, Probed, probe};
pub use settings::{
    ConnectError, Connection, EndpointSettings, ProgramSettings, Settings, Timeouts,
};
