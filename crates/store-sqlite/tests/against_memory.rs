//! Whatever is appended in whatever order, SQLite and the in-memory store come to the same; and a
//! caller that stops waiting leaves nothing half done.

use std::time::Duration;

use iago_store::{Appended, Kind, MemoryStore, Names, NewRevision, NewSweep, Store};
use iago_store_sqlite::SqliteStore;
use iago_sweep::{
    AttemptCause, AttemptFact, Digest, Fact, FailureClass, FailureFact, Finish, Frontier, JobId,
    Money, Parse, ResultFact, SweepId, Text, Usage,
};
use proptest::prelude::*;
use tempfile::TempDir;

proptest! {
    // Each case opens a database; more would test the disk.
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn both_stores_come_to_the_same(
        batches in prop::collection::vec(prop::collection::vec(any_fact(), 0..12), 1..8),
    ) {
        iago_store::conformance::run(async {
            let place = TempDir::new().expect("a temporary directory");
            let path = place.path().join("iago.db");
            let sqlite = SqliteStore::open(&path).await.expect("opened");
            let in_sqlite = append_all(&sqlite, batches.clone()).await;
            let in_memory = append_all(&MemoryStore::default(), batches).await;
            assert_eq!(in_sqlite, in_memory);
        });
    }
}

#[tokio::test]
async fn an_append_that_nobody_waits_for_is_whole_or_nothing() {
    let place = TempDir::new().unwrap();
    let store = SqliteStore::open(&place.path().join("iago.db")).await.unwrap();
    let (sweep, term) = begin(&store).await;
    for round in 0..20 {
        let facts = (0..100).map(|n| result(round * 100 + n, 1, 1)).collect();
        // Polled once, which hands it to the writer, and dropped.
        drop(tokio::time::timeout(Duration::ZERO, store.append(sweep, term, facts)).await);
        let stored = store.results(sweep, None, usize::MAX).await.unwrap().len();
        assert_eq!(stored % 100, 0, "half a batch");
    }
    // Behind all the others in the writer's queue.
    let appended = store.append(sweep, term, vec![result(1 << 40, 1, 1)]).await.unwrap();
    assert_eq!(appended, [Appended::Stored]);
    let stored = store.results(sweep, None, usize::MAX).await.unwrap().len();
    assert!(stored > 1 && stored % 100 == 1, "{stored} results");
}

async fn append_all(store: &impl Store, batches: Vec<Vec<Fact>>) -> String {
    let (sweep, term) = begin(store).await;
    let mut outcomes = Vec::new();
    for batch in batches {
        outcomes.push(store.append(sweep, term, batch).await.expect("appended"));
    }
    let mut attempts = store.attempts(sweep).await.expect("attempts");
    attempts.sort_by_key(|attempt| (attempt.job, attempt.term, attempt.attempt, attempt.cause));
    format!(
        "{outcomes:?} {:?} {:?} {attempts:?} {:?} {:?}",
        store.results(sweep, None, usize::MAX).await.expect("recovered"),
        store.failures(sweep).await.expect("failures"),
        store.frontiers(sweep).await.expect("frontiers"),
        store.totals(sweep).await.expect("totals"),
    )
}

async fn begin(store: &impl Store) -> (SweepId, u64) {
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
    (store.submit(term, new).await.expect("submitted"), term)
}

/// Few jobs, terms and attempts, so that most facts meet another.
fn any_fact() -> impl Strategy<Value = Fact> {
    let ranges = (0..4, 0..3i64, 1..3u64, 1..3u32, 0..2u32);
    ranges.prop_map(|(kind, job, term, number, round)| match kind {
        0 => result(job, term, number),
        1 => failure(job, term, number, round),
        2 => attempt(job, term, number),
        _ => Fact::Frontier(Frontier { revision: number, pool: "pool".to_owned(), position: term }),
    })
}

fn result(job: i64, term: u64, attempt: u32) -> Fact {
    let result = ResultFact {
        job: JobId::from_number(job).expect("from 0"),
        term,
        attempt,
        finish: Finish::Stop,
        parse: Parse::Ok,
        label: None,
        opens: 0,
        decided: 0,
        usage: Usage { input: 10, output: 5, ..Usage::default() },
        cost: Some(Money(3)),
        latency_ms: 1,
        calls: attempt,
        throttles: 0,
        echoed_model: None,
        request: Digest::of("body"),
        simulated: true,
    };
    Fact::Result(Box::new(result), Text::default())
}

fn failure(job: i64, term: u64, attempt: u32, round: u32) -> Fact {
    Fact::Failure(FailureFact {
        job: JobId::from_number(job).expect("from 0"),
        round,
        term,
        attempt,
        class: FailureClass::Exhausted,
        status: None,
        message: String::new(),
        calls: 10,
        throttles: 1,
        cost: (attempt > 1).then_some(Money(7)),
        simulated: true,
    })
}

fn attempt(job: i64, term: u64, attempt: u32) -> Fact {
    let cause = if term == 1 { AttemptCause::Abandoned } else { AttemptCause::Released };
    let job = JobId::from_number(job).expect("from 0");
    Fact::Attempt(AttemptFact { job, term, attempt, cause, calls: 100, cost: None })
}
