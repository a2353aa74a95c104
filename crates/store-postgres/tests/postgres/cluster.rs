//! The server of all tests that leave it as it is.

use std::sync::LazyLock;
use std::time::Duration;

use iago_private_postgres::Cluster;
use iago_store_postgres::PostgresStore;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// Without syncs, or most of the time would be spent on making databases. What a crash leaves is
/// tested on servers that sync.
pub(crate) static CLUSTER: LazyLock<Cluster> =
    LazyLock::new(|| Cluster::start_with(&[("fsync", "off")]).expect("a cluster"));

/// A store in a database of its own, and its address.
pub(crate) async fn fresh() -> (PostgresStore, String) {
    let url = CLUSTER.new_database().expect("a database");
    (open(&url).await, url)
}

pub(crate) async fn open(url: &str) -> PostgresStore {
    PostgresStore::open(url).await.expect("opened")
}

pub(crate) async fn connect(url: &str) -> PgConnection {
    PgConnection::connect(url).await.expect("connected")
}

/// Has statements run beside the store.
pub(crate) async fn execute(url: &str, sql: &str) {
    let mut connection = connect(url).await;
    let statements = AssertSqlSafe(sql.to_owned());
    sqlx::raw_sql(statements).execute(&mut connection).await.expect("executed");
}

/// What a statement says, as a number.
pub(crate) async fn ask(connection: &mut PgConnection, sql: &str) -> i64 {
    let statement = AssertSqlSafe(sql.to_owned());
    sqlx::query_scalar(statement).fetch_one(connection).await.expect("an answer")
}

/// Waits until a connection of the store waits for a lock.
pub(crate) async fn until_one_waits(url: &str) {
    let mut connection = connect(url).await;
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
         AND application_name = 'iago' AND wait_event_type = 'Lock'";
    for _ in 0..6_000 {
        if ask(&mut connection, waiting).await > 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("nobody waits for a lock");
}
