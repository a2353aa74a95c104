//! Retry rounds: which one counts, and failures whose message comes again in a later one.

use std::sync::Arc;

use iago_sweep::{Fact, FailureFact, ResultFact, SweepId};
use tokio::task::JoinSet;

use super::facts::{answered, begin, failure, lead, result, revision, sweep};
use super::leadership::assert_deposed;
use crate::{Appended, State, Store, Totals};

/// Round by round, and nothing else moves a sweep to another.
pub async fn retries_count_up<S: Store>(store: S) {
    let (id, term) = begin(&store).await;
    let other = store.submit(term, sweep("another")).await.expect("submitted");
    for round in 1..=3 {
        assert_eq!(store.retry(term, id).await.expect("begun"), round);
        assert_eq!(round_of(&store, id).await, round);
    }
    store.control(term, id, State::Cancelled).await.expect("controlled");
    store.revise(term, id, revision(1)).await.expect("revised");
    store.append(id, term, vec![Fact::Failure(failure(1, 7))]).await.expect("appended");
    assert_eq!(round_of(&store, id).await, 3);
    assert_eq!(round_of(&store, other).await, 0);
}

/// Neither by a leader that is over nor by one that is still to come.
pub async fn a_deposed_term_begins_no_round<S: Store>(store: S) {
    let (id, old) = begin(&store).await;
    let new = lead(&store, "another").await;
    for never in [old, new + 1] {
        assert_deposed(&store.retry(never, id).await, never, new);
    }
    assert_eq!(round_of(&store, id).await, 0);
    assert_eq!(store.retry(new, id).await.expect("the leader retries"), 1);
}

/// Each of them is told a round of its own.
pub async fn retries_at_once_begin_a_round_each<S: Store>(store: S) {
    const AT_ONCE: u32 = 8;
    let (id, term) = begin(&store).await;
    let store = Arc::new(store);
    let mut retries = JoinSet::new();
    for _ in 0..AT_ONCE {
        let store = Arc::clone(&store);
        retries.spawn(async move { store.retry(term, id).await.expect("begun") });
    }
    let mut rounds = retries.join_all().await;
    rounds.sort_unstable();
    assert_eq!(rounds, (1..=AT_ONCE).collect::<Vec<_>>());
    assert_eq!(round_of(&*store, id).await, AT_ONCE);
}

/// What failed before is not forgotten, and what fails from here on is told from it.
pub async fn failures_of_earlier_rounds_are_kept<S: Store>(store: S) {
    let (id, term) = begin(&store).await;
    let failures = [failure(1, 0), FailureFact { attempt: 2, ..failure(1, 1) }];
    for failed in &failures {
        let facts = vec![Fact::Failure(failed.clone())];
        assert_eq!(store.append(id, term, facts).await.expect("appended"), [Appended::Stored]);
        store.retry(term, id).await.expect("begun");
    }
    assert_eq!(store.failures(id).await.expect("failures"), failures);
}

/// Its acknowledgement was lost, and whoever receives it again stamps it with the round of now.
pub async fn a_failure_repeated_in_a_later_round_counts_once<S: Store>(store: S) {
    let (id, term) = begin(&store).await;
    let first = vec![Fact::Failure(failure(1, 0)), Fact::Failure(failure(2, 0))];
    store.append(id, term, first).await.expect("appended");
    let round = store.retry(term, id).await.expect("begun");
    let before = sums(&store, id).await;
    let again = vec![Fact::Failure(failure(1, round)), Fact::Failure(failure(2, round + 1))];
    let appended = store.append(id, term, again).await.expect("appended");
    assert_eq!(appended, [Appended::Repeated; 2]);
    assert_eq!(sums(&store, id).await, before);
    assert_eq!(store.failures(id).await.expect("failures"), [failure(1, 0), failure(2, 0)]);
}

/// Both messages may have waited for one batch.
pub async fn a_failure_repeated_in_its_batch_with_another_round_counts_once<S: Store>(store: S) {
    let (id, term) = begin(&store).await;
    let facts = vec![Fact::Failure(failure(1, 0)), Fact::Failure(failure(1, 1))];
    let appended = store.append(id, term, facts).await.expect("appended");
    assert_eq!(appended, [Appended::Stored, Appended::Repeated]);
    assert_eq!(store.totals(id).await.expect("totals").calls(), 8);
}

/// Another execution failed in the round between, or answered.
pub async fn a_failure_repeated_after_its_retry_has_ended_counts_once<S: Store>(store: S) {
    let (id, term) = begin(&store).await;
    let first = vec![Fact::Failure(failure(1, 0)), Fact::Failure(failure(2, 0))];
    store.append(id, term, first).await.expect("appended");
    let round = store.retry(term, id).await.expect("begun");
    let failed = FailureFact { attempt: 2, ..failure(1, round) };
    let next = vec![Fact::Failure(failed), answered(ResultFact { attempt: 2, ..result(2) })];
    let appended = store.append(id, term, next).await.expect("appended");
    assert_eq!(appended, [Appended::Stored; 2]);
    let before = sums(&store, id).await;
    let again = vec![Fact::Failure(failure(1, round)), Fact::Failure(failure(2, round))];
    let appended = store.append(id, term, again).await.expect("appended");
    assert_eq!(appended, [Appended::Repeated; 2]);
    assert_eq!(sums(&store, id).await, before);
    assert_eq!(store.attempts(id).await.expect("attempts"), []);
}

/// It came too late for its own round, and must not be the first one of the next.
pub async fn a_late_failure_repeated_in_a_later_round_stays_an_attempt<S: Store>(store: S) {
    let (id, term) = begin(&store).await;
    let late = |round| Fact::Failure(FailureFact { attempt: 2, ..failure(1, round) });
    let facts = vec![Fact::Failure(failure(1, 0)), late(0)];
    let appended = store.append(id, term, facts).await.expect("appended");
    assert_eq!(appended, [Appended::Stored, Appended::Duplicate]);
    let round = store.retry(term, id).await.expect("begun");
    let before = sums(&store, id).await;
    let appended = store.append(id, term, vec![late(round)]).await.expect("appended");
    assert_eq!(appended, [Appended::Repeated]);
    assert_eq!(sums(&store, id).await, before);
}

async fn round_of(store: &impl Store, id: SweepId) -> u32 {
    let heads = store.sweeps().await.expect("listed");
    heads.iter().find(|head| head.id == id).expect("it was submitted").round
}

async fn sums(store: &impl Store, id: SweepId) -> Totals {
    store.totals(id).await.expect("totals")
}
