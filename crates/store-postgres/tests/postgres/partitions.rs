//! Partitions are there before they are needed.

use std::sync::Arc;

use iago_store::{Appended, Store};
use sqlx::Connection;
use tokio::sync::Barrier;

use crate::cluster::{ask, connect, execute, fresh};
use crate::facts::{begin, new, result};

#[tokio::test]
async fn sweeps_on_both_sides_of_an_edge_take_facts() {
    let (store, url) = fresh().await;
    let (_, term) = begin(&store).await;
    execute(&url, "ALTER TABLE iago.sweeps ALTER COLUMN id RESTART WITH 126").await;
    for expected in 126..132 {
        let sweep = store.submit(term, new("near the edge")).await.unwrap();
        assert_eq!(sweep.0, expected);
        let appended = store.append(sweep, term, vec![result(1, 1)]).await.unwrap();
        assert_eq!(appended, [Appended::Stored]);
    }
    let mut connection = connect(&url).await;
    let partitions = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'iago.texts'::regclass";
    // From 0, 64, 128 and, ahead of its sweeps, 192.
    assert_eq!(ask(&mut connection, partitions).await, 4);
}

/// A number is never given twice, so a server that was restarted may have left some out.
#[tokio::test]
async fn a_leap_in_the_numbers_of_sweeps_does_no_harm() {
    let (store, url) = fresh().await;
    let (_, term) = begin(&store).await;
    execute(&url, "ALTER TABLE iago.sweeps ALTER COLUMN id RESTART WITH 100000").await;
    let sweep = store.submit(term, new("far away")).await.unwrap();
    let appended = store.append(sweep, term, vec![result(1, 1)]).await.unwrap();
    assert_eq!(appended, [Appended::Stored]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sweeps_that_come_at_once_make_a_partition_once() {
    let (store, url) = fresh().await;
    let (_, term) = begin(&store).await;
    execute(&url, "ALTER TABLE iago.sweeps ALTER COLUMN id RESTART WITH 64").await;
    let (store, begun) = (Arc::new(store), Arc::new(Barrier::new(4)));
    let submitting = (0..4).map(|_| {
        let (store, begun) = (Arc::clone(&store), Arc::clone(&begun));
        tokio::spawn(async move {
            begun.wait().await;
            store.submit(term, new("one of several")).await
        })
    });
    for submitted in submitting.collect::<Vec<_>>() {
        let sweep = submitted.await.unwrap().unwrap();
        let appended = store.append(sweep, term, vec![result(1, 1)]).await.unwrap();
        assert_eq!(appended, [Appended::Stored]);
    }
}

#[tokio::test]
async fn a_partition_is_as_its_parent_and_checks_no_row_for_its_range() {
    let (_store, url) = fresh().await;
    let mut connection = connect(&url).await;
    let plain = "SELECT count(*) FROM pg_attribute
         WHERE attrelid = 'iago.texts_from_0'::regclass AND attcompression = 'l'";
    assert_eq!(ask(&mut connection, plain).await, 3, "columns that are compressed by lz4");
    let settings = "SELECT count(*) FROM pg_class WHERE relname ~ '_from_(0|64)$'
         AND relkind = 'r' AND reloptions::text ~ 'autovacuum_vacuum_insert_threshold'";
    assert_eq!(ask(&mut connection, settings).await, 10);
    let checks = "SELECT count(*) FROM pg_constraint WHERE conname = 'in_range'";
    assert_eq!(ask(&mut connection, checks).await, 0);
}

/// Somebody who reads for hours neither waits nor makes others wait.
#[tokio::test]
async fn a_reader_that_holds_its_snapshot_stands_in_nobodys_way() {
    let (store, url) = fresh().await;
    let (sweep, term) = begin(&store).await;
    execute(&url, "ALTER TABLE iago.sweeps ALTER COLUMN id RESTART WITH 127").await;
    let mut analyst = connect(&url).await;
    let mut reading = analyst.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ").await.unwrap();
    let count = "SELECT count(*) FROM iago.answers";
    assert_eq!(ask(&mut reading, count).await, 0);

    store.append(sweep, term, vec![result(1, 1)]).await.unwrap();
    for _ in 0..2 {
        let sweep = store.submit(term, new("while somebody reads")).await.unwrap();
        store.append(sweep, term, vec![result(1, 1)]).await.unwrap();
    }
    assert_eq!(ask(&mut reading, count).await, 0);
    reading.commit().await.unwrap();
    assert_eq!(ask(&mut analyst, count).await, 3);
}
