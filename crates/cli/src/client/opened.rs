//! A store that is looked at without a coordinator: the same questions, answered in this process.
//!
//! Nothing leads it and nothing is written, so a store in Postgres may be looked at while a coordinator
//! works on it. A file belongs to one process at a time.

use std::path::Path;
use std::sync::Arc;

use iago_store_postgres::PostgresStore;
use iago_store_sqlite::SqliteStore;

use crate::exit::{Exit, Stop};
use crate::process::Process;
use crate::services::Services;
use crate::store_url::StoreUrl;

/// An opened store.
pub(crate) struct Opened {
    pub(super) services: Services,
    /// What people call it.
    pub(super) place: String,
}

impl Opened {
    /// Opens a store that is there.
    pub(super) async fn open(argument: &str) -> Result<Self, Stop> {
        let url = StoreUrl::of_argument(argument)?;
        let place = url.shown();
        let process = match &url {
            StoreUrl::Postgres(address) => {
                Process::look_at(Arc::new(PostgresStore::open(address).await?))
            }
            StoreUrl::Sqlite(path) => Process::look_at(Arc::new(open_file(path, &place).await?)),
        };
        Ok(Self { services: process.services().await?, place })
    }
}

/// Whoever looks makes no store.
async fn open_file(path: &Path, place: &str) -> Result<SqliteStore, Stop> {
    // An empty file would be made a store by opening it.
    let why = match path.metadata() {
        Ok(found) if !found.is_file() || found.len() > 0 => {
            return Ok(SqliteStore::open(path).await?);
        }
        Ok(_empty) => ": the file is empty",
        Err(_not_there) => "",
    };
    let way_out = "correct the path, or run a sweep first";
    let message = format!("there is no store at {place}{why}; {way_out}");
    Err(Stop::new(Exit::NoInput, message))
}
