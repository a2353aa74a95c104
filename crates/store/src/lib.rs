//! The port to durable facts, the in-memory store, and the conformance suite.
//!
//! Facts are appended and never changed. The first committed result of a job stays its result for
//! good; whatever arrives later is kept as an attempt, with what it cost. [`Store`] says of each
//! verb what survives a crash after it.
//!
//! Nothing here decides what is run next, parses a plan or reads a clock. Adapters to databases
//! live in crates of their own and are held to [`conformance_suite!`].
//!
//! ```
//! # use iago_store::{MemoryStore, NewRevision, NewSweep, Store, StoreError};
//! # use iago_sweep::Digest;
//! # async fn demo() -> Result<(), StoreError> {
//! let store = MemoryStore::default();
//! let revision = NewRevision {
//!     number: 0,
//!     plan: b"{}".to_vec(),
//!     ask: Digest::of("ask"),
//!     analysis: Digest::of("analysis"),
//!     note: "submitted".to_owned(),
//! };
//! let sweep = store
//!     .submit(NewSweep { name: "demo".to_owned(), revision, created_ms: 0 })
//!     .await?;
//! let term = store.lead("this process").await?;
//! store.append(sweep, term, vec![]).await?;
//! # Ok(())
//! # }
//! ```

#![warn(missing_docs)]

mod arrival;
pub mod conformance;
mod error;
mod memory;
mod port;
mod totals;

pub use arrival::{Arrival, Execution, Held};
pub use error::StoreError;
pub use memory::MemoryStore;
pub use port::{Appended, NewRevision, NewSweep, READ_MAX, State, Store, SweepHead};
pub use totals::Totals;
