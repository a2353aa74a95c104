//! Whatever is appended in whatever order, Postgres and the in-memory store come to the same; and a
//! caller that stops waiting leaves nothing half done.

use std::time::Duration;

use iago_store::{Appended, MemoryStore, Store};
use iago_sweep::{AttemptCause, Fact, Frontier};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::cluster::{fresh, open};
use crate::facts::{attempt, begin, failure, new, result};

const CASES: u32 = 48;

#[test]
fn both_stores_come_to_the_same() {
    iago_store::conformance::run(async {
        let (postgres, _url) = fresh().await;
        let mut runner = TestRunner::new(ProptestConfig::with_cases(CASES));
        let batches = prop::collection::vec(prop::collection::vec(any_fact(), 0..12), 1..8);
        let handle = tokio::runtime::Handle::current();
        let case = |batches: Vec<Vec<Fact>>| {
            tokio::task::block_in_place(|| {
                handle.block_on(async {
                    let in_postgres = append_all(&postgres, batches.clone()).await;
                    let in_memory = append_all(&MemoryStore::default(), batches).await;
                    prop_assert_eq!(in_postgres, in_memory);
                    Ok(())
                })
            })
        };
        tokio::task::block_in_place(|| runner.run(&batches, case)).unwrap();
    });
}

#[tokio::test]
async fn an_append_that_nobody_waits_for_is_whole_or_nothing() {
    let (store, url) = fresh().await;
    let (sweep, term) = begin(&store).await;
    for round in 0..40u32 {
        let facts = (0..100).map(|n| result(i64::from(round) * 100 + n, 1)).collect();
        // Dropped at its first wait, or at a later one.
        let patience = Duration::from_micros(u64::from(round) * 200);
        drop(tokio::time::timeout(patience, store.append(sweep, term, facts)).await);
        let stored = store.recover(sweep, None, usize::MAX).await.unwrap().len();
        assert_eq!(stored % 100, 0, "half a batch");
    }
    // Every connection still does what it should, and closing waits for what is under way.
    let appended = store.append(sweep, term, vec![result(1 << 40, 1)]).await.unwrap();
    assert_eq!(appended, [Appended::Stored]);
    store.close().await.unwrap();
    let stored = open(&url).await.recover(sweep, None, usize::MAX).await.unwrap().len();
    assert!(stored > 1 && stored % 100 == 1, "{stored} results");
}

async fn append_all(store: &impl Store, batches: Vec<Vec<Fact>>) -> String {
    let term = store.lead("this test", Duration::ZERO).await.expect("a term");
    let sweep = store.submit(term, new("a sweep")).await.expect("submitted");
    let mut outcomes = Vec::new();
    for batch in batches {
        outcomes.push(store.append(sweep, term, batch).await.expect("appended"));
    }
    let mut attempts = store.attempts(sweep).await.expect("attempts");
    attempts.sort_by_key(|attempt| (attempt.job, attempt.term, attempt.attempt, attempt.cause));
    format!(
        "{outcomes:?} {:?} {:?} {:?} {attempts:?} {:?} {:?}",
        store.recover(sweep, None, usize::MAX).await.expect("recovered"),
        store.results(sweep, None, usize::MAX).await.expect("results"),
        store.failures(sweep).await.expect("failures"),
        store.frontiers(sweep).await.expect("frontiers"),
        store.totals(sweep).await.expect("totals"),
    )
}

/// Few jobs, terms and attempts, so that most facts meet another.
fn any_fact() -> impl Strategy<Value = Fact> {
    (0..4, 0..3i64, 1..3u32, 0..2u32).prop_map(|(kind, job, number, round)| match kind {
        0 => result(job, number),
        1 => failure(job, number, round),
        2 if number == 1 => attempt(job, number, AttemptCause::Abandoned),
        2 => attempt(job, number, AttemptCause::Released),
        _ => {
            let position = job.unsigned_abs();
            Fact::Frontier(Frontier { revision: number, pool: "pool".to_owned(), position })
        }
    })
}
