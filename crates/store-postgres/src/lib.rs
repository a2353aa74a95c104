//! Postgres behind the store port: where the sweeps of many machines live, and where people query
//! them while they are at work.
//!
//! Facts are appended by one transaction for each batch, which first locks the row of the latest
//! term for sharing: whoever takes over waits for the batches under way, and no later one of the old
//! term gets in. Every verb runs in a task of its own, so that a caller that stops waiting leaves
//! neither half a transaction nor a connection in disorder. Times of leadership and tokens are by
//! the database's clock.
//!
//! The tables are in the schema `iago`, with views for people; the role `iago_reader` may read
//! them. `migrations` says what is in them. Postgres 14 or later, built with lz4.
//!
//! It decides nothing: what becomes of a fact is [`iago_store::Held`]'s business. It does not pool
//! connections over processes, and does not make the database itself.
//!
//! ```no_run
//! # async fn demo() -> Result<(), iago_store::StoreError> {
//! let url = "postgres://iago@127.0.0.1/iago"; // the password in it, in PGPASSWORD or in ~/.pgpass
//! let store = iago_store_postgres::PostgresStore::open(url).await?;
//! // ... as any `iago_store::Store`, `iago_store::Access` and `iago_store::Nights`
//! store.close().await?;
//! # Ok(())
//! # }
//! ```

#![warn(missing_docs)]

mod access;
mod append;
mod baseline;
mod change;
mod column;
mod comparison;
mod connect;
mod fault;
mod frontier;
mod insert;
mod lane;
mod leadership;
mod migrate;
mod names;
mod nights;
mod notice;
mod partition;
mod place;
mod pool_use;
mod reader;
mod reading;
mod recover;
mod run;
mod schedule;
mod store;
mod sweep;
mod total;
mod transaction;

pub use store::PostgresStore;
