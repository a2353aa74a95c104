//! Sums: what a store accounts for is what endpoints saw.

use iago_sweep::{AttemptCause, AttemptFact, Fact, FailureFact, Money, ResultFact, Usage};

use super::facts::{answered, attempt, begin, failure, result};
use crate::{Store, Totals};

/// Zeros, not an error.
pub async fn a_fresh_sweep_adds_up_to_nothing<S: Store>(store: S) {
    let (sweep, _) = begin(&store).await;
    assert_eq!(store.totals(sweep).await.expect("totals"), Totals::default());
}

/// Every field of the sums, over every kind of fact.
pub async fn calls_add_up_over_results_failures_and_attempts<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    let facts = vec![
        answered(result(1)),
        answered(result(2)),
        answered(ResultFact { attempt: 2, calls: 20, ..result(2) }),
        Fact::Failure(failure(3, 0)),
        Fact::Failure(FailureFact { attempt: 2, ..failure(3, 1) }),
        Fact::Attempt(attempt(4, 1, AttemptCause::Released)),
        Fact::Attempt(attempt(4, 2, AttemptCause::Abandoned)),
    ];
    store.append(sweep, term, facts).await.expect("appended");
    let totals = store.totals(sweep).await.expect("totals");
    let expected = Totals {
        results: 2,
        failures: 2,
        attempts: 3,
        calls_results: 6,
        calls_failures: 16,
        calls_attempts: 30,
        throttles: 4 + 2,
        cost: Money(3 * 7_000_000 + 2 * 130 + 2 * 11),
        unpriced: 0,
        usage: Usage {
            input: 1_002,
            cached_input: 204,
            cache_write: 106,
            output: 128,
            reasoning: 30,
        },
    };
    assert_eq!(totals, expected);
    assert_eq!(totals.calls(), 52);
}

/// Unknown is not zero.
pub async fn an_unknown_cost_is_counted_as_unknown<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    let free = AttemptFact { cost: Some(Money(0)), ..attempt(3, 1, AttemptCause::Released) };
    let unknown = AttemptFact { cost: None, ..attempt(4, 1, AttemptCause::Released) };
    let facts = vec![
        answered(result(1)),
        answered(ResultFact { cost: None, ..result(2) }),
        Fact::Attempt(free),
        Fact::Attempt(unknown),
        Fact::Failure(failure(5, 0)),
        Fact::Failure(FailureFact { cost: None, ..failure(6, 0) }),
        Fact::Failure(FailureFact { cost: Some(Money::ZERO), ..failure(7, 0) }),
    ];
    store.append(sweep, term, facts).await.expect("appended");
    let totals = store.totals(sweep).await.expect("totals");
    assert_eq!((totals.cost, totals.unpriced), (Money(7_000_130), 3));
}

/// A worker that was given up may come back with the exact numbers of the same execution.
pub async fn an_estimate_counts_until_something_exact_arrives<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    let lost = |number| Fact::Attempt(attempt(number, 1, AttemptCause::Abandoned));
    store.append(sweep, term, (1..=4).map(lost).collect()).await.expect("appended");
    assert_eq!(store.totals(sweep).await.expect("totals").calls(), 4 * 5);

    let other = ResultFact { attempt: 2, calls: 1, ..result(2) };
    let facts = vec![
        answered(ResultFact { calls: 100, ..result(1) }),
        // Another execution wins job 2: the estimate of the first one stays, until it comes late.
        answered(other),
        Fact::Failure(FailureFact { calls: 10_000, ..failure(3, 0) }),
    ];
    store.append(sweep, term, facts).await.expect("appended");
    let totals = store.totals(sweep).await.expect("totals");
    assert_eq!((totals.attempts, totals.calls()), (2, 100 + 1 + 10_000 + 5 + 5));

    let late = answered(ResultFact { calls: 1_000, ..result(2) });
    store.append(sweep, term, vec![late]).await.expect("appended");
    let totals = store.totals(sweep).await.expect("totals");
    assert_eq!((totals.attempts, totals.calls()), (2, 100 + 1 + 10_000 + 1_000 + 5));
    let cost = Money(2 * 7_000_000 + 7_000_000 + 130 + 11);
    assert_eq!(totals.cost, cost);
}

/// An endpoint may report anything; sums saturate.
pub async fn absurd_usage_does_not_stop_the_sums<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    let absurd = |number| {
        let usage = Usage { input: u64::MAX, output: 1 << 40, ..Usage::default() };
        answered(ResultFact { usage, cost: Some(Money(i64::MAX)), ..result(number) })
    };
    let dear = |number| FailureFact { cost: Some(Money(i64::MAX)), ..failure(number, 0) };
    let failures = (3..6).map(|number| Fact::Failure(dear(number)));
    let facts = (0..3).map(absurd).chain(failures).collect();
    store.append(sweep, term, facts).await.expect("appended");
    let totals = store.totals(sweep).await.expect("totals");
    assert_eq!((totals.usage.input, totals.usage.output), (u64::MAX, 3 << 40));
    assert_eq!(totals.cost, Money(i64::MAX));
}
