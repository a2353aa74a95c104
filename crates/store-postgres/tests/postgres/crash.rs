//! A server that is killed or stands still in mid-append.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use iago_private_postgres::Cluster;
use iago_store::{Appended, Store, StoreError};
use iago_store_postgres::PostgresStore;
use iago_sweep::{Fact, JobId, SweepId};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::cluster::open;
use crate::facts::{begin, job, result};

const LANES: i64 = 3;
const BATCH: i64 = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_is_there_after_a_crash() {
    let cluster = Cluster::start().unwrap();
    let store = Arc::new(open(&cluster.new_database().unwrap()).await);
    let (sweep, term) = begin(&store).await;
    let begun = Arc::new(Barrier::new(usize::try_from(LANES).unwrap() + 1));
    let mut writers = JoinSet::new();
    for lane in 0..LANES {
        let (store, begun) = (Arc::clone(&store), Arc::clone(&begun));
        writers.spawn(async move { append_until_crashed(&store, sweep, term, lane, &begun).await });
    }
    begun.wait().await;
    cluster.crash().unwrap();
    let sent: Vec<(usize, Vec<Vec<Fact>>)> = writers.join_all().await;
    let down = store.totals(sweep).await;
    assert!(matches!(down, Err(StoreError::Unavailable { .. })), "{down:?}");
    cluster.restart().unwrap();

    let stored: BTreeSet<JobId> =
        store.recover(sweep, None, usize::MAX).await.unwrap().iter().map(|row| row.job).collect();
    for (acknowledged, batches) in &sent {
        for batch in &batches[..*acknowledged] {
            assert!(batch.iter().all(|fact| stored.contains(&job_of(fact))), "a lost result");
        }
    }
    let batches: Vec<Vec<Fact>> = sent.into_iter().flat_map(|(_, batches)| batches).collect();
    for batch in &batches {
        let expected =
            if stored.contains(&job_of(&batch[0])) { Appended::Repeated } else { Appended::Stored };
        let appended = store.append(sweep, term, batch.clone()).await.unwrap();
        assert_eq!(appended, vec![expected; batch.len()], "a batch is whole or nothing");
    }
    let totals = store.totals(sweep).await.unwrap();
    assert_eq!(totals.results, batches.iter().map(|batch| batch.len() as u64).sum::<u64>());
    assert_eq!(totals.calls(), totals.results);
}

#[tokio::test]
async fn an_append_outlasts_a_server_that_stands_still() {
    let cluster = Cluster::start().unwrap();
    let store = open(&cluster.new_database().unwrap()).await;
    let (sweep, term) = begin(&store).await;
    store.append(sweep, term, vec![result(1, 1)]).await.unwrap();
    cluster.pause().unwrap();
    let mut append = Box::pin(store.append(sweep, term, vec![result(2, 1)]));
    // It stands still however long one looks at it.
    let early = tokio::time::timeout(Duration::from_millis(50), &mut append).await;
    assert!(early.is_err(), "{early:?}");
    cluster.resume().unwrap();
    assert_eq!(append.await.unwrap(), [Appended::Stored]);
    assert_eq!(store.totals(sweep).await.unwrap().results, 2);
}

/// Appends batches, and gives those that were sent and how many of them were acknowledged.
async fn append_until_crashed(
    store: &PostgresStore,
    sweep: SweepId,
    term: u64,
    lane: i64,
    begun: &Barrier,
) -> (usize, Vec<Vec<Fact>>) {
    let mut batches: Vec<Vec<Fact>> = Vec::new();
    loop {
        let first = (lane << 40) + i64::try_from(batches.len()).expect("few") * BATCH;
        let batch: Vec<Fact> = (first..first + BATCH).map(|number| result(number, 1)).collect();
        batches.push(batch.clone());
        match store.append(sweep, term, batch).await {
            Ok(_) => {}
            Err(StoreError::Unavailable { .. }) => return (batches.len() - 1, batches),
            Err(other) => panic!("{other}"),
        }
        if batches.len() == 10 {
            begun.wait().await;
        }
    }
}

fn job_of(fact: &Fact) -> JobId {
    match fact {
        Fact::Result(result, _) => result.job,
        Fact::Failure(_) | Fact::Attempt(_) | Fact::Frontier(_) => job(i64::MAX),
    }
}
