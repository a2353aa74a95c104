//! The port to durable facts, the in-memory store, and the conformance suite.
//!
//! Facts are appended and never changed. The first committed result of a job stays its result for
//! good; whatever arrives later is kept as an attempt, with what it cost. [`Store`] says of each
//! verb what survives a crash after it.
//!
//! What stored texts come to when they are read anew, under another grammar, stands beside the
//! results and changes none of them: [`Store::keep_readings`].
//!
//! What pools were used for in each minute is kept beside the sweeps, for limits by the day:
//! [`Store::note_use`].
//!
//! [`Access`] is the other half: tokens by their hashes, and who did what. [`Nights`] keeps what is
//! scheduled, and what is compared with what.
//!
//! Whoever writes facts leads: [`Store::lead`] gives a term, and every writing verb names it. A term
//! is held for a while and renewed; once another one was given, the earlier one writes nothing.
//!
//! Nothing here decides what is run next or parses a plan. The in-memory store reads the system's
//! clock for tokens and the audit, as a database reads its own. Adapters to databases live in crates
//! of their own and are held to [`conformance_suite!`].
//!
//! ```
//! # use std::time::Duration;
//! # use iago_store::{Kind, MemoryStore, Names, NewRevision, NewSweep, Store, StoreError};
//! # use iago_sweep::Digest;
//! # async fn demo() -> Result<(), StoreError> {
//! let store = MemoryStore::default();
//! let term = store.lead("this process", Duration::from_secs(10)).await?;
//! let revision = NewRevision {
//!     number: 0,
//!     plan: b"{}".to_vec(),
//!     ask: Digest::of("ask"),
//!     analysis: Digest::of("analysis"),
//!     note: "submitted".to_owned(),
//!     names: Names::default(),
//! };
//! let sweep = store
//!     .submit(term, NewSweep { name: "demo".to_owned(), revision, created_ms: 0, kind: Kind::Asked })
//!     .await?;
//! store.append(sweep, term, vec![]).await?;
//! store.resign(term).await?;
//! # Ok(())
//! # }
//! ```

#![warn(missing_docs)]

mod access;
mod arrival;
pub mod conformance;
mod error;
mod hold;
mod memory;
mod nights;
mod port;
mod totals;

pub use access::{Access, Act, Audited, Left, NewToken, Scope, Token};
pub use arrival::{Arrival, Execution, Held};
pub use error::StoreError;
pub use hold::Hold;
pub use memory::MemoryStore;
pub use nights::{
    Baseline, Begun, Change, Changed, Comparison, Dates, DueKey, NewBaseline, NewComparison,
    NewNight, NewNotice, Night, Nights, Notice, NoticeEnd, Recording, RunRow, StoredRun,
};
pub use port::{
    Appended, Kind, Names, NewRevision, NewSweep, READ_MAX, Recovered, State, Store, SweepHead,
};
pub use totals::{Part, Spending, Spent, Sums, Totals};
