//! SQLite keeps every promise of the port.

use iago_store_sqlite::SqliteStore;
use tempfile::TempDir;

const NAME: &str = "new/directories/iago.db";

async fn fresh() -> (SqliteStore, TempDir) {
    let place = TempDir::new().expect("a temporary directory");
    (open(&place).await, place)
}

async fn reopen(store: SqliteStore, place: &TempDir) -> SqliteStore {
    store.close().await.expect("closed");
    open(place).await
}

async fn open(place: &TempDir) -> SqliteStore {
    SqliteStore::open(&place.path().join(NAME)).await.expect("opened")
}

iago_store::conformance_suite!(fresh, reopen);
