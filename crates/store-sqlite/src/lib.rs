//! SQLite behind the store port: the embedded default, with nothing to install.
//!
//! One process at a time, held by a file lock beside the database. One task owns the one connection
//! that writes; every write is one `BEGIN IMMEDIATE` transaction that is synced to the disk before
//! it is answered. A caller that stops waiting never leaves a transaction half way, because
//! transactions run in that task. Reads go through a few connections of their own.
//!
//! A term is held only in memory: no other process can have the file, and whoever held a term before
//! this one opened it is gone. Tokens and the audit are dated by SQLite's own clock.
//!
//! It decides nothing: what becomes of a fact is [`iago_store::Held`]'s business. It does not share
//! a database between machines; network file systems are refused where they show themselves.
//!
//! ```no_run
//! # async fn demo() -> Result<(), iago_store::StoreError> {
//! let store = iago_store_sqlite::SqliteStore::open("workspace/iago.db".as_ref()).await?;
//! // ... as any `iago_store::Store`, `iago_store::Access` and `iago_store::Nights`
//! store.close().await?;
//! # Ok(())
//! # }
//! ```

#![warn(missing_docs)]

mod access;
mod append;
mod baseline;
mod column;
mod comparison;
mod connect;
mod fault;
mod insert;
mod layout;
mod leadership;
mod lock;
mod migrate;
mod nights;
mod notice;
mod pool_use;
mod reader;
mod reading;
mod run;
mod schedule;
mod store;
mod sweep;
mod total;
mod writer;

pub use layout::{Layout, layout};
pub use store::SqliteStore;
