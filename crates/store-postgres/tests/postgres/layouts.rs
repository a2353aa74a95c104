//! Every layout that was ever released comes up to date, with what is in it.

use iago_store::Store;
use iago_store_postgres::PostgresStore;
use iago_sweep::SweepId;

use crate::cluster::{CLUSTER, ask, connect, execute, open};
use crate::facts::{job, new, result_of};

/// A layout that was released: what made it, and a sweep that was stored in it. The rows say in each
/// layout's own words what [`holds_the_sweep`] expects.
struct Released {
    steps: &'static [&'static str],
    rows: &'static str,
}

/// Version n is at place n - 1. With each release one is added, and none is ever changed.
const RELEASED: &[Released] = &[Released {
    steps: &[
        include_str!("../../migrations/0001_facts.sql"),
        include_str!("../../migrations/0001_views.sql"),
    ],
    rows: include_str!("released/0001_rows.sql"),
}];

#[tokio::test]
async fn every_released_layout_comes_up_to_date() {
    for (version, released) in (1..).zip(RELEASED) {
        let url = CLUSTER.new_database().unwrap();
        let steps = released.steps.concat();
        execute(&url, &format!("SET search_path = iago; {steps} {}", released.rows)).await;
        execute(&url, &format!("INSERT INTO iago.layout (version) VALUES ({version})")).await;
        holds_the_sweep(&open(&url).await).await;
        // And a second time, when there is nothing left to do.
        holds_the_sweep(&open(&url).await).await;
    }
}

#[tokio::test]
async fn an_empty_database_comes_to_the_latest_layout() {
    let url = CLUSTER.new_database().unwrap();
    let store = open(&url).await;
    assert_eq!(store.sweeps().await.unwrap(), []);
    let mut connection = connect(&url).await;
    let version = ask(&mut connection, "SELECT max(version)::bigint FROM iago.layout").await;
    assert_eq!(usize::try_from(version).unwrap(), RELEASED.len(), "a layout without a test");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_that_start_at_once_all_succeed() {
    let url = CLUSTER.new_database().unwrap();
    let opened = (0..6).map(|_| {
        let url = url.clone();
        tokio::spawn(async move { PostgresStore::open(&url).await })
    });
    for store in opened.collect::<Vec<_>>() {
        assert_eq!(store.await.unwrap().unwrap().sweeps().await.unwrap(), []);
    }
    let mut connection = connect(&url).await;
    let taken = ask(&mut connection, "SELECT count(*) FROM iago.layout").await;
    assert_eq!(usize::try_from(taken).unwrap(), RELEASED.len());
}

async fn holds_the_sweep(store: &PostgresStore) {
    let sweep = SweepId(1);
    let heads = store.sweeps().await.expect("stored");
    assert_eq!((heads.len(), heads[0].id, heads[0].name.as_str()), (1, sweep, "a sweep"));
    assert_eq!(store.plan(sweep, 0).await.expect("stored"), new("a sweep").revision.plan);
    assert_eq!(store.results(sweep, None, 10).await.expect("stored"), [result_of(job(7), 1)]);
    let texts = store.read(sweep, &[job(7)]).await.expect("stored");
    assert_eq!(texts[0].1.raw, "a\0nul");
    assert_eq!(store.failures(sweep).await.expect("stored")[0].job, job(8));
    assert_eq!(store.attempts(sweep).await.expect("stored")[0].job, job(9));
    assert_eq!(store.frontiers(sweep).await.expect("stored")[0].position, 4_096);
    assert_eq!(store.totals(sweep).await.expect("stored").calls(), 1 + 10 + 100);
}
