//! Places that are no good, each with an error by what to do next.

use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use iago_store::{Store, StoreError};
use iago_store_postgres::PostgresStore;

use crate::cluster::{CLUSTER, ask, connect, execute, fresh, open};
use crate::facts::{begin, new, result};

#[tokio::test]
async fn a_server_that_is_not_there_may_come_later() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("postgres://iago:secret@127.0.0.1:{port}/sweeps");
    let error = PostgresStore::open(&url).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    let message = error.to_string();
    assert!(message.contains(&format!("postgres://127.0.0.1:{port}/sweeps")), "{message}");
    assert!(!message.contains("secret"), "{message}");
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_not_repeated() {
    let url = CLUSTER.new_database().unwrap();
    let password = url.split([':', '@']).nth(2).unwrap();
    let refusal = refusal_of(&url.replace(password, "hunter2")).await;
    assert!(refusal.contains("password authentication failed"), "{refusal}");
    assert!(refusal.contains("PGPASSWORD"), "{refusal}");
    assert!(!refusal.contains("hunter2"), "{refusal}");
}

#[tokio::test]
async fn a_database_that_is_not_there_is_refused() {
    let url = CLUSTER.new_database().unwrap();
    let (server, _) = url.rsplit_once('/').unwrap();
    let refusal = refusal_of(&format!("{server}/nowhere")).await;
    assert!(refusal.contains("\"nowhere\"") && refusal.contains("createdb"), "{refusal}");
}

#[tokio::test]
async fn what_is_no_address_is_refused_and_not_repeated() {
    for url in ["sqlite://secret", "", "postgres://iago:secret@127.0.0.1:port/d"] {
        let refusal = refusal_of(url).await;
        assert!(refusal.contains("postgres://"), "{refusal}");
        assert!(!refusal.contains("secret"), "{refusal}");
    }
}

#[tokio::test]
async fn a_read_only_database_is_refused_when_it_is_opened_and_waited_for_later() {
    let (store, url) = fresh().await;
    let term = store.lead("this test", Duration::ZERO).await.unwrap();
    let read_only = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET \
         default_transaction_read_only = on', current_database()); END $$";
    execute(&url, read_only).await;
    let refusal = refusal_of(&url).await;
    assert!(refusal.contains("read-only"), "{refusal}");
    // On the first connection that writes: those that are open already hear nothing of it.
    let error = store.submit(term, new("too late")).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
}

#[tokio::test]
async fn a_database_that_cannot_hold_every_text_is_refused_and_left_as_it_is() {
    let url = CLUSTER.new_database().unwrap();
    for encoding in ["LATIN1", "SQL_ASCII"] {
        let (server, database) = url.rsplit_once('/').unwrap();
        let name = format!("{database}_{}", encoding.to_lowercase());
        let make =
            format!("CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0");
        execute(&url, &make).await;
        let narrow = format!("{server}/{name}");
        let refusal = refusal_of(&narrow).await;
        assert!(refusal.contains(&format!("/{name} refused")), "{refusal}");
        assert!(refusal.contains(&format!("as {encoding}, not UTF8")), "{refusal}");
        assert!(refusal.contains("createdb --encoding UTF8 --template template0"), "{refusal}");
        let mut connection = connect(&narrow).await;
        let schemas = "SELECT count(*) FROM pg_namespace WHERE nspname = 'iago'";
        assert_eq!(ask(&mut connection, schemas).await, 0);
    }
}

#[tokio::test]
async fn a_newer_layout_is_refused_and_left_as_it_is() {
    let (store, url) = fresh().await;
    store.close().await.unwrap();
    let mut connection = connect(&url).await;
    let steps = "SELECT count(*) FROM iago.layout";
    let taken = ask(&mut connection, steps).await;
    execute(&url, "INSERT INTO iago.layout (version) VALUES (7)").await;
    let error = PostgresStore::open(&url).await.unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 7, .. }), "{error:?}");
    assert_eq!(ask(&mut connection, steps).await, taken + 1);
}

#[tokio::test]
async fn a_schema_of_another_program_is_left_as_it_is() {
    let url = CLUSTER.new_database().unwrap();
    execute(&url, "CREATE SCHEMA iago CREATE TABLE songs (title text)").await;
    let refusal = refusal_of(&url).await;
    assert!(refusal.contains("another program"), "{refusal}");
    let mut connection = connect(&url).await;
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'iago'";
    assert_eq!(ask(&mut connection, tables).await, 1);
}

#[tokio::test]
async fn a_user_that_may_not_make_tables_is_told_what_it_needs() {
    let url = CLUSTER.new_database().unwrap();
    execute(&url, "CREATE ROLE guest LOGIN PASSWORD 'guest'").await;
    let (_, server) = url.split_once('@').unwrap();
    let refusal = refusal_of(&format!("postgres://guest:guest@{server}")).await;
    assert!(refusal.contains("CREATE on the database"), "{refusal}");
}

/// A user that owns its database but may make no roles gets all but the role.
#[tokio::test]
async fn a_user_without_rights_over_roles_is_enough() {
    let url = CLUSTER.new_database().unwrap();
    execute(&url, "CREATE ROLE plain LOGIN PASSWORD 'plain'").await;
    let grant = "DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO plain',
         current_database()); END $$";
    execute(&url, grant).await;
    let (_, server) = url.split_once('@').unwrap();
    let store = open(&format!("postgres://plain:plain@{server}")).await;
    let (sweep, term) = begin(&store).await;
    store.append(sweep, term, vec![result(1, 1)]).await.unwrap();
}

/// The server says so from a trigger: a disk that is full by itself needs a disk to fill.
#[tokio::test]
async fn a_full_disk_loses_the_batch_and_nothing_else() {
    let (store, url) = fresh().await;
    let (sweep, term) = begin(&store).await;
    store.append(sweep, term, vec![result(1, 1)]).await.unwrap();
    execute(
        &url,
        "CREATE FUNCTION iago.fill() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN RAISE 'no space left' USING ERRCODE = 'disk_full'; END $$;
         CREATE TRIGGER fill BEFORE INSERT ON iago.texts_from_0
             FOR EACH ROW EXECUTE FUNCTION iago.fill()",
    )
    .await;
    let error = store.append(sweep, term, vec![result(2, 1), result(3, 1)]).await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Full { path } if path.starts_with("postgres:")),
        "{error:?}"
    );
    assert_eq!(store.totals(sweep).await.unwrap().results, 1);

    execute(&url, "DROP TRIGGER fill ON iago.texts_from_0").await;
    store.append(sweep, term, vec![result(2, 1), result(3, 1)]).await.unwrap();
    assert_eq!(store.totals(sweep).await.unwrap().results, 3);
}

#[tokio::test]
async fn damage_names_its_place() {
    let (store, url) = fresh().await;
    let (sweep, _) = begin(&store).await;
    execute(&url, "UPDATE iago.blobs SET content = 'another plan'").await;
    let message = store.plan(sweep, 0).await.unwrap_err().to_string();
    assert!(message.contains("blobs.content (sweep 1)"), "{message}");
    execute(&url, "DROP TABLE iago.texts CASCADE").await;
    let error = store.read(sweep, &[crate::facts::job(1)]).await.unwrap_err();
    assert!(matches!(&error, StoreError::Corrupt { at, .. } if at.contains("postgres://")));
}

#[tokio::test]
async fn the_same_server_by_its_socket_is_the_same_store() {
    let (store, url) = fresh().await;
    let term = store.lead("this test", Duration::ZERO).await.unwrap();
    store.submit(term, new("by address")).await.unwrap();
    let (credentials, server) = url.split_once('@').unwrap();
    let (_, database) = server.split_once('/').unwrap();
    let folder: &Path = CLUSTER.folder();
    let socket = folder.display().to_string().replace('/', "%2F");
    let by_socket = format!("{credentials}@{socket}:{}/{database}", CLUSTER.port());
    assert_eq!(open(&by_socket).await.sweeps().await.unwrap()[0].name, "by address");
}

async fn refusal_of(url: &str) -> String {
    let error = PostgresStore::open(url).await.expect_err("refused");
    assert!(matches!(error, StoreError::Refused { .. }), "{error:?}");
    error.to_string()
}
