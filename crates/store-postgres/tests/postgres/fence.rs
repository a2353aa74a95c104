//! Whoever takes over waits for the batches under way, and no later one of the old term gets in.

use std::sync::Arc;
use std::time::Duration;

use iago_store::{Appended, Change, Dates, DueKey, Nights, Recording, RunRow, Store, StoreError};
use iago_store_postgres::PostgresStore;
use iago_sweep::{AttemptCause, Fact, SweepId};
use sqlx::Connection;
use tokio::task::JoinSet;

use crate::cluster::{connect, fresh, open, until_one_waits};
use crate::facts::{attempt, begin, failure, result};

#[tokio::test]
async fn a_takeover_waits_for_a_batch_under_way() {
    let (store, url) = fresh().await;
    begin(&store).await;
    let store = Arc::new(store);
    let mut beside = connect(&url).await;
    let mut batch = beside.begin().await.unwrap();
    let lock = "SELECT term FROM iago.leadership FOR SHARE";
    sqlx::query(lock).fetch_one(&mut *batch).await.unwrap();

    let taker = Arc::clone(&store);
    let takeover = tokio::spawn(async move { taker.lead("another", Duration::ZERO).await });
    until_one_waits(&url).await;
    batch.commit().await.unwrap();
    assert_eq!(takeover.await.unwrap().unwrap(), 2);
}

#[tokio::test]
async fn a_batch_that_meets_a_takeover_is_deposed() {
    let (store, url) = fresh().await;
    let (sweep, term) = begin(&store).await;
    let store = Arc::new(store);
    let mut beside = connect(&url).await;
    let mut takeover = beside.begin().await.unwrap();
    let take = "UPDATE iago.leadership SET term = term + 1";
    sqlx::query(take).execute(&mut *takeover).await.unwrap();

    let writer = Arc::clone(&store);
    let late = tokio::spawn(async move { writer.append(sweep, term, vec![result(1, 1)]).await });
    until_one_waits(&url).await;
    takeover.commit().await.unwrap();
    let refused = late.await.unwrap();
    assert!(matches!(refused, Err(StoreError::Deposed { term: 1, leader: 2 })), "{refused:?}");
    assert_eq!(store.recover(sweep, None, 10).await.unwrap(), []);
}

#[tokio::test]
async fn a_change_that_meets_a_takeover_is_deposed() {
    let (store, url) = fresh().await;
    let (_, term) = begin(&store).await;
    let store = Arc::new(store);
    let mut beside = connect(&url).await;
    let mut takeover = beside.begin().await.unwrap();
    let take = "UPDATE iago.leadership SET term = term + 1";
    sqlx::query(take).execute(&mut *takeover).await.unwrap();

    let writer = Arc::clone(&store);
    let key = DueKey { schedule: "nightly".to_owned(), due_s: 1_790_000_000 };
    let row = RunRow { key, run: vec![], state: vec![], is_over: false };
    let (verdict, notices) = (None, vec![]);
    let new = Recording { row, was: None, cancels: false, verdict, notices };
    let changes = vec![Change::Record(Box::new(new))];
    let late = tokio::spawn(async move { writer.change(term, changes).await });
    until_one_waits(&url).await;
    takeover.commit().await.unwrap();
    let refused = late.await.unwrap();
    assert!(matches!(refused, Err(StoreError::Deposed { term: 1, leader: 2 })), "{refused:?}");
    assert_eq!(store.dates().await.unwrap(), Dates::default());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_an_old_term_comes_after_a_takeover() {
    let (store, url) = fresh().await;
    let (sweep, term) = begin(&store).await;
    let store = Arc::new(store);
    let mut writers = JoinSet::new();
    for lane in 0..3 {
        writers.spawn(append_until_deposed(Arc::clone(&store), sweep, term, lane));
    }
    while store.totals(sweep).await.unwrap().results < 50 {}
    let other = open(&url).await;
    other.lead("another", Duration::ZERO).await.unwrap();
    let after_takeover = other.recover(sweep, None, usize::MAX).await.unwrap();

    let acknowledged: usize = writers.join_all().await.into_iter().sum();
    let at_last = other.recover(sweep, None, usize::MAX).await.unwrap();
    assert_eq!(at_last.len(), acknowledged);
    assert_eq!(at_last, after_takeover);
}

/// Two processes may be sure that they lead for a moment; and connections are several anyway.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_execution_counts_once_whoever_writes_at_the_same_time() {
    let (store, _url) = fresh().await;
    let (sweep, term) = begin(&store).await;
    let store = Arc::new(store);
    let mut writers = JoinSet::new();
    for lane in 0..4u32 {
        let store = Arc::clone(&store);
        writers.spawn(async move {
            for first in [0, 20, 10, 0] {
                let mut facts = facts_of(lane, first);
                if lane % 2 == 1 {
                    facts.reverse();
                }
                store.append(sweep, term, facts).await.expect("appended");
            }
        });
    }
    writers.join_all().await;
    let totals = store.totals(sweep).await.unwrap();
    // Jobs 0 to 29 in four lanes, each with a result, a failure and an attempt of its own.
    assert_eq!(totals.results, 30);
    assert_eq!(totals.calls(), 4 * 30 * (1 + 10 + 100));
}

async fn append_until_deposed(
    store: Arc<PostgresStore>,
    sweep: SweepId,
    term: u64,
    lane: i64,
) -> usize {
    let mut acknowledged = 0;
    loop {
        let first = i64::try_from(acknowledged).expect("few") + (lane << 40);
        let facts = (first..first + 5).map(|number| result(number, 1)).collect();
        match store.append(sweep, term, facts).await {
            Ok(appended) => {
                assert_eq!(appended, [Appended::Stored; 5]);
                acknowledged += 5;
            }
            Err(StoreError::Deposed { .. }) => return acknowledged,
            Err(other) => panic!("{other}"),
        }
    }
}

fn facts_of(lane: u32, first: i64) -> Vec<Fact> {
    let three = |number| {
        [
            failure(number, lane * 3 + 1, 0),
            result(number, lane * 3 + 2),
            attempt(number, lane * 3 + 3, AttemptCause::Released),
        ]
    };
    (first..first + 10).flat_map(three).collect()
}
