//! Results: the first one of a job stays, and every call is counted once.

use std::sync::Arc;

use iago_sweep::{
    AttemptCause, AttemptFact, Fact, Finish, Label, Money, Parse, ResultFact, SweepId, Usage,
};

use super::facts::{answered, begin, failure, frontier, job, lead, result, text_of};
use crate::{Appended, Store, StoreError, Totals};

/// Every column, with and without what may be absent.
pub async fn a_result_comes_back_as_it_was<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    let bare = ResultFact { cost: None, echoed_model: None, simulated: false, ..result(2) };
    let facts = vec![answered(result(1)), answered(bare.clone())];
    let appended = store.append(sweep, term, facts).await.expect("appended");
    assert_eq!(appended, [Appended::Stored, Appended::Stored]);
    assert_eq!(stored(&store, sweep).await, [result(1), bare]);
}

/// For good: a judge may have read the first one.
pub async fn the_first_result_stays_and_the_loser_is_an_attempt<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    let late = ResultFact { attempt: 2, calls: 4, cost: Some(Money(9)), ..result(1) };
    store.append(sweep, term, vec![answered(result(1))]).await.expect("appended");
    let appended = store.append(sweep, term, vec![answered(late)]).await.expect("appended");
    assert_eq!(appended, [Appended::Duplicate]);
    assert_first_stayed(&store, sweep).await;
}

/// The rule holds within a batch as between batches.
pub async fn one_batch_may_hold_a_job_twice<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    let late = ResultFact { attempt: 2, calls: 4, cost: Some(Money(9)), ..result(1) };
    let facts = vec![answered(result(1)), answered(late), answered(result(1))];
    let appended = store.append(sweep, term, facts).await.expect("appended");
    assert_eq!(appended, [Appended::Stored, Appended::Duplicate, Appended::Repeated]);
    assert_first_stayed(&store, sweep).await;
}

async fn assert_first_stayed(store: &impl Store, sweep: SweepId) {
    assert_eq!(stored(store, sweep).await, [result(1)]);
    let texts = store.read(sweep, &[job(1)]).await.expect("read");
    assert_eq!(texts, [(job(1), text_of(&result(1)))]);
    let loser = AttemptFact {
        job: job(1),
        term: 1,
        attempt: 2,
        cause: AttemptCause::Duplicate,
        calls: 4,
        cost: Some(Money(9)),
    };
    assert_eq!(store.attempts(sweep).await.expect("attempts"), [loser]);
    assert_eq!(totals(store, sweep).await.calls(), 3 + 4);
}

/// A worker sends again what was never acknowledged; its calls were made once.
pub async fn a_repeated_message_counts_once<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    let facts = vec![answered(result(1)), Fact::Failure(failure(2, 0))];
    store.append(sweep, term, facts.clone()).await.expect("appended");
    let before = totals(&store, sweep).await;
    let next = lead(&store, "the next one").await;
    let again = store.append(sweep, next, facts).await.expect("appended");
    assert_eq!(again, [Appended::Repeated, Appended::Repeated]);
    assert_eq!(totals(&store, sweep).await, before);
}

/// That holds for a duplicate, too.
pub async fn a_repeated_loser_counts_once<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    let late = answered(ResultFact { attempt: 2, ..result(1) });
    let facts = vec![answered(result(1)), late.clone(), late.clone()];
    let appended = store.append(sweep, term, facts).await.expect("appended");
    assert_eq!(appended, [Appended::Stored, Appended::Duplicate, Appended::Repeated]);
    let again = store.append(sweep, term, vec![late]).await.expect("appended");
    assert_eq!(again, [Appended::Repeated]);
    assert_eq!(totals(&store, sweep).await.calls(), 6);
}

/// Facts of an error are nowhere: not the good ones either.
pub async fn a_refused_batch_writes_nothing<S: Store>(store: S) {
    let (sweep, old) = begin(&store).await;
    let term = lead(&store, "the next one").await;
    let facts = vec![answered(result(1)), Fact::Failure(failure(2, 0)), frontier(0, "pool", 5)];
    assert!(store.append(sweep, old, facts.clone()).await.is_err());
    assert!(store.append(SweepId(sweep.0 + 1), term, facts.clone()).await.is_err());
    assert_eq!(totals(&store, sweep).await, Totals::default());
    assert_eq!(store.frontiers(sweep).await.expect("frontiers"), []);
    let appended = store.append(sweep, term, facts).await.expect("appended");
    assert_eq!(appended, [Appended::Stored; 3]);
}

/// Whatever the nouns can say, a store can keep.
pub async fn every_word_can_be_stored<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    let labels = [None, Some(Label::Abstained), Some(Label::Word("y\0es".to_owned()))];
    let mut results = Vec::new();
    for finish in Finish::ALL {
        for parse in Parse::ALL {
            for label in labels.clone() {
                let number = i64::try_from(results.len()).expect("a few");
                results.push(ResultFact {
                    finish: *finish,
                    parse: *parse,
                    label,
                    ..result(number)
                });
            }
        }
    }
    let facts = results.iter().cloned().map(answered).collect();
    store.append(sweep, term, facts).await.expect("appended");
    assert_eq!(stored(&store, sweep).await, results);
}

/// No range is narrower in the store than in the noun.
pub async fn extreme_numbers_come_back<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    let most = u64::MAX;
    let extreme = ResultFact {
        term: most,
        attempt: u32::MAX,
        opens: most,
        decided: 1 << 63,
        usage: Usage {
            input: most,
            cached_input: most - 1,
            cache_write: most - 2,
            output: most - 3,
            reasoning: most - 4,
        },
        cost: Some(Money(i64::MAX)),
        latency_ms: u32::MAX,
        calls: u32::MAX,
        throttles: u32::MAX,
        ..result(i64::MAX)
    };
    let facts = vec![answered(extreme.clone()), frontier(u32::MAX, "", most)];
    store.append(sweep, term, facts).await.expect("appended");
    assert_eq!(stored(&store, sweep).await, [extreme]);
    let frontiers = store.frontiers(sweep).await.expect("frontiers");
    assert_eq!((frontiers[0].revision, frontiers[0].position), (u32::MAX, most));
}

/// It still says whether the term is over.
pub async fn an_empty_batch_is_accepted<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    assert_eq!(store.append(sweep, term, vec![]).await.expect("appended"), []);
    lead(&store, "the next one").await;
    let refused = store.append(sweep, term, vec![]).await;
    assert!(matches!(refused, Err(StoreError::Deposed { .. })), "{refused:?}");
}

/// A coordinate means something only within its sweep.
pub async fn sweeps_do_not_share_jobs<S: Store>(store: S) {
    let (one, _) = begin(&store).await;
    let (two, term) = begin(&store).await;
    for sweep in [one, two] {
        let facts = vec![answered(result(1)), Fact::Failure(failure(2, 0)), frontier(0, "p", 1)];
        let appended = store.append(sweep, term, facts).await.expect("appended");
        assert_eq!(appended, [Appended::Stored; 3]);
    }
    for sweep in [one, two] {
        assert_eq!(stored(&store, sweep).await, [result(1)]);
        assert_eq!(totals(&store, sweep).await.calls(), 3 + 8);
    }
}

/// However a store cuts a batch into statements.
pub async fn a_large_batch_is_stored_whole<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    // A prime, so that no size of a statement divides it; backwards, so that order is the store's.
    let facts = (0..1_009).rev().map(|number| answered(result(number))).collect();
    let appended = store.append(sweep, term, facts).await.expect("appended");
    assert_eq!(appended, vec![Appended::Stored; 1_009]);
    let expected: Vec<ResultFact> = (0..1_009).map(result).collect();
    assert_eq!(stored(&store, sweep).await, expected);
    assert_eq!(totals(&store, sweep).await.results, 1_009);
}

/// A race has one winner, and the losers' calls are not lost.
pub async fn concurrent_results_of_one_job_leave_one<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    let store = Arc::new(store);
    let racers: Vec<_> = (1..=16)
        .map(|attempt| {
            let store = Arc::clone(&store);
            let fact = answered(ResultFact { attempt, ..result(1) });
            tokio::spawn(async move { store.append(sweep, term, vec![fact]).await })
        })
        .collect();
    let mut winners = Vec::new();
    for (attempt, racer) in (1u32..).zip(racers) {
        let appended = racer.await.expect("no panic").expect("appended");
        if appended == [Appended::Stored] {
            winners.push(attempt);
        } else {
            assert_eq!(appended, [Appended::Duplicate]);
        }
    }
    let results = stored(&*store, sweep).await;
    assert_eq!(winners, [results[0].attempt]);
    let texts = store.read(sweep, &[job(1)]).await.expect("read");
    assert_eq!(texts, [(job(1), text_of(&results[0]))]);
    let totals = totals(&*store, sweep).await;
    assert_eq!((totals.results, totals.attempts, totals.calls()), (1, 15, 16 * 3));
}

async fn stored(store: &impl Store, sweep: SweepId) -> Vec<ResultFact> {
    store.results(sweep, None, usize::MAX).await.expect("recovered")
}

async fn totals(store: &impl Store, sweep: SweepId) -> Totals {
    store.totals(sweep).await.expect("totals")
}
