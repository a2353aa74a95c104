//! Postgres keeps every promise of the port.

use iago_store_postgres::PostgresStore;

use crate::cluster::{fresh, open};

async fn reopen(store: PostgresStore, url: &str) -> PostgresStore {
    store.close().await.expect("closed");
    open(url).await
}

iago_store::conformance_suite!(fresh, reopen);
