//! Sums: what a store accounts for is what endpoints saw.

use std::collections::BTreeMap;

use iago_sweep::{
    AttemptCause, AttemptFact, Coordinate, Fact, FailureFact, JobId, Money, ResultFact, Usage,
};

use super::facts::{answered, attempt, begin, failure, result};
use crate::{Spending, Spent, Store, Totals};

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
        simulated: 2,
        spent: Spending {
            stages: BTreeMap::from([(0, spent(2, 6, 14_000_000))]),
            failures: spent(2, 16, 260),
            late: spent(2, 20 + 5, 7_000_000 + 11),
            abandoned: spent(1, 5, 11),
        },
    };
    assert_eq!(totals, expected);
    assert_eq!(totals.calls(), 52);
}

/// By the stage in the job's number, whatever the plan calls it: the highest stage, too.
pub async fn money_is_told_apart_by_what_it_went_to<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    let at = |stage, prompt| {
        let at = Coordinate { stage, prompt, ..Coordinate::default() };
        JobId::pack(at).expect("within its bits")
    };
    let of =
        |stage, prompt, cost| answered(ResultFact { job: at(stage, prompt), cost, ..result(0) });
    let facts = vec![
        of(0, 1, Some(Money(1 << 40))),
        of(0, 2, Some(Money(5))),
        of(2, 1, None),
        of(63, 1, Some(Money(1 << 50))),
        Fact::Failure(FailureFact { job: at(2, 2), cost: None, ..failure(0, 0) }),
        Fact::Attempt(AttemptFact { cost: None, ..attempt(4, 1, AttemptCause::Released) }),
        Fact::Attempt(attempt(4, 2, AttemptCause::Abandoned)),
        Fact::Attempt(attempt(4, 3, AttemptCause::Duplicate)),
        // Superseded: its exact numbers are among the results.
        Fact::Attempt(AttemptFact { job: at(0, 1), ..attempt(0, 1, AttemptCause::Abandoned) }),
    ];
    store.append(sweep, term, facts).await.expect("appended");
    let totals = store.totals(sweep).await.expect("totals");
    let expected = Spending {
        stages: BTreeMap::from([
            (0, spent(2, 6, (1 << 40) + 5)),
            (2, Spent { unpriced: 1, ..spent(1, 3, 0) }),
            (63, spent(1, 3, 1 << 50)),
        ]),
        failures: Spent { unpriced: 1, ..spent(1, 8, 0) },
        late: Spent { unpriced: 1, ..spent(2, 10, 11) },
        abandoned: spent(1, 5, 11),
    };
    assert_eq!(totals.spent, expected);
    let parts =
        expected.stages.values().chain([&expected.failures, &expected.late, &expected.abandoned]);
    let sum = parts.fold((0, Money::ZERO, 0), |(calls, cost, unpriced), part| {
        (calls + part.calls, cost + part.cost, unpriced + part.unpriced)
    });
    assert_eq!(sum, (totals.calls(), totals.cost, totals.unpriced));
}

fn spent(executions: u64, calls: u64, cost: i64) -> Spent {
    Spent { executions, calls, cost: Money(cost), unpriced: 0 }
}

/// One among real ones is enough to mark a sweep, and it may be any of them.
pub async fn answers_of_planted_behaviour_are_counted<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    let real = |number| answered(ResultFact { simulated: false, ..result(number) });
    // That a call which came to nothing was simulated marks no answer.
    let facts = (1..=3).map(real).chain([Fact::Failure(failure(5, 0))]).collect();
    store.append(sweep, term, facts).await.expect("appended");
    assert_eq!(store.totals(sweep).await.expect("totals").simulated, 0);
    store.append(sweep, term, vec![answered(result(4))]).await.expect("appended");
    let totals = store.totals(sweep).await.expect("totals");
    assert_eq!((totals.results, totals.simulated), (4, 1));
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
