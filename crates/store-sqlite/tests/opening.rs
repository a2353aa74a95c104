//! Opening: what is found there, who holds it, and what a crash left.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use iago_store::{Kind, Names, NewRevision, NewSweep, Store, StoreError};
use iago_store_sqlite::SqliteStore;
use iago_sweep::{Digest, SweepId};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use tempfile::TempDir;

#[tokio::test]
async fn a_store_in_use_names_its_place_and_process() {
    let (_place, path) = place();
    let store = SqliteStore::open(&path).await.unwrap();
    let message = SqliteStore::open(&path).await.unwrap_err().to_string();
    let expected = format!(
        "the store {} is in use by process {}: stop that one first, or use another store",
        path.display(),
        std::process::id()
    );
    assert_eq!(message, expected);
    store.close().await.unwrap();
    SqliteStore::open(&path).await.unwrap().close().await.unwrap();
}

#[tokio::test]
async fn what_is_settled_is_in_the_one_file() {
    let (_place, path) = place();
    let store = SqliteStore::open(&path).await.unwrap();
    let sweep = submit(&store).await;
    let (_elsewhere, copy) = place();
    fs::copy(&path, &copy).unwrap();
    let early = SqliteStore::open(&copy).await.unwrap();
    assert!(early.sweeps().await.unwrap().is_empty(), "it is still in the log");
    early.close().await.unwrap();
    store.settle().await.unwrap();
    let (_elsewhere, copy) = place();
    fs::copy(&path, &copy).unwrap();
    let late = SqliteStore::open(&copy).await.unwrap();
    assert_eq!(late.sweeps().await.unwrap().first().map(|head| head.id), Some(sweep));
}

#[tokio::test]
async fn a_lock_without_a_number_still_locks() {
    let (_place, path) = place();
    let store = SqliteStore::open(&path).await.unwrap();
    fs::write(path.with_extension("db.lock"), "somebody").unwrap();
    let refused = SqliteStore::open(&path).await;
    assert!(matches!(refused, Err(StoreError::Locked { pid: None, .. })), "{refused:?}");
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_newer_store_is_refused_and_left_as_it_is() {
    let (_place, path) = place();
    SqliteStore::open(&path).await.unwrap().close().await.unwrap();
    alter(&path, "PRAGMA user_version = 7").await;
    let before = fs::read(&path).unwrap();
    let message = SqliteStore::open(&path).await.unwrap_err().to_string();
    assert_eq!(
        message,
        "the store was made by a newer iago (its layout is version 7, this iago knows 5): \
         update iago, or use another store"
    );
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn a_database_of_another_program_is_left_as_it_is() {
    let (_place, path) = place();
    alter(&path, "CREATE TABLE songs (title TEXT)").await;
    let before = fs::read(&path).unwrap();
    let refused = SqliteStore::open(&path).await;
    assert!(matches!(refused, Err(StoreError::Unusable { .. })), "{refused:?}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_left_as_it_is() {
    let (_place, path) = place();
    let prose = "not a database, but long enough to be one. ".repeat(100);
    fs::write(&path, &prose).unwrap();
    let refused = SqliteStore::open(&path).await;
    assert!(matches!(refused, Err(StoreError::Unusable { .. })), "{refused:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), prose);
}

#[tokio::test]
async fn a_directory_cannot_be_used() {
    let (place, _) = place();
    let refused = SqliteStore::open(place.path()).await;
    assert!(matches!(refused, Err(StoreError::Unusable { .. })), "{refused:?}");
    let below_a_file = place.path().join("file");
    fs::write(&below_a_file, "").unwrap();
    let refused = SqliteStore::open(&below_a_file.join("iago.db")).await;
    assert!(matches!(refused, Err(StoreError::Unusable { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_name_means_itself_whatever_is_in_it() {
    let (place, _) = place();
    let path = place.path().join("file:a b?mode=memory&x#%20.db");
    let store = SqliteStore::open(&path).await.unwrap();
    submit(&store).await;
    store.close().await.unwrap();
    let names: Vec<_> =
        fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.contains(&path.file_name().unwrap().to_owned()), "{names:?}");
    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!(store.sweeps().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_closed_store_is_one_file_and_its_lock() {
    let (place, path) = place();
    let store = SqliteStore::open(&path).await.unwrap();
    submit(&store).await;
    store.sweeps().await.unwrap();
    store.close().await.unwrap();
    let mut names: Vec<_> =
        fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["iago.db", "iago.db.lock"]);
}

/// The files as they are when the process is killed: copied while the store is open.
#[tokio::test]
async fn what_was_answered_is_there_after_a_kill() {
    let (_place, path) = place();
    let store = SqliteStore::open(&path).await.unwrap();
    let sweep = submit(&store).await;
    let hour = Duration::from_secs(3_600);
    let term = store.lead("the one that is killed", hour).await.unwrap();

    let (_copy, left) = place_with_copy(&path);
    let survivor = SqliteStore::open(&left).await.unwrap();
    assert_eq!(survivor.sweeps().await.unwrap()[0].id, sweep);
    // Nobody waits for a term of a process that is gone.
    assert!(survivor.lead("the next one", hour).await.unwrap() > term);
}

#[tokio::test]
async fn damage_names_its_table_column_and_row() {
    let (_place, path) = place();
    let store = SqliteStore::open(&path).await.unwrap();
    let sweep = submit(&store).await;
    store.close().await.unwrap();
    alter(&path, "UPDATE blobs SET content = x'0000000000'").await; // lz4 of nothing

    let store = SqliteStore::open(&path).await.unwrap();
    let message = store.plan(sweep, 0).await.unwrap_err().to_string();
    assert_eq!(
        message,
        format!(
            "the store is damaged at blobs.content (sweep {}): it does not have its own hash; \
             restore it from a copy",
            sweep.0
        )
    );
}

fn place() -> (TempDir, PathBuf) {
    let place = TempDir::new().expect("a temporary directory");
    let path = place.path().join("iago.db");
    (place, path)
}

fn place_with_copy(from: &Path) -> (TempDir, PathBuf) {
    let (place, to) = place();
    fs::copy(from, &to).expect("the database");
    fs::copy(from.with_extension("db-wal"), to.with_extension("db-wal")).expect("its log");
    (place, to)
}

async fn submit(store: &SqliteStore) -> SweepId {
    let revision = NewRevision {
        number: 0,
        plan: b"{}".to_vec(),
        ask: Digest::of("ask"),
        analysis: Digest::of("analysis"),
        note: String::new(),
        names: Names::default(),
    };
    let new = NewSweep { name: "a sweep".to_owned(), revision, created_ms: 1, kind: Kind::Asked };
    let term = store.lead("this test", Duration::ZERO).await.expect("a term");
    store.submit(term, new).await.expect("submitted")
}

async fn alter(path: &Path, sql: &str) {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let mut connection = options.connect().await.expect("connected");
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.expect("altered");
    connection.close().await.expect("closed");
}
