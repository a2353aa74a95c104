//! A Postgres cluster of its own, for tests and benchmarks: made, started, tormented, and gone with
//! its process.
//!
//! Each [`Cluster`] lives in a temporary folder and listens on a loopback port, with passwords,
//! checksums and `fsync`, as a real one would. It can be crashed and restarted, and stopped in its
//! tracks and let go again. It ends when it is dropped and when its process ends, however that
//! dies: Postgres is a child of a small shell that watches a pipe from us.
//!
//! It speaks no SQL of its own: what there is to say goes through the `psql` of the installation.
//! It is not for data that anybody wants to keep.
//!
//! ```no_run
//! # fn demo() -> Result<(), iago_private_postgres::ClusterError> {
//! let cluster = iago_private_postgres::Cluster::start()?;
//! let url = cluster.new_database()?;
//! cluster.psql(&url, "CREATE TABLE songs (title text)")?;
//! cluster.crash()?;
//! cluster.restart()?;
//! assert_eq!(cluster.psql(&url, "SELECT count(*) FROM songs")?, "0");
//! # Ok(())
//! # }
//! ```

#![warn(missing_docs)]

mod cluster;
mod error;
mod folder;
mod installation;
mod keeper;
mod process;
mod settings;

pub use cluster::Cluster;
pub use error::ClusterError;
