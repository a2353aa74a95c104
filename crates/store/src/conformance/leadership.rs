//! Terms: only the latest leader writes.

use iago_sweep::{Fact, SweepId};

use super::facts::{answered, begin, failure, frontier, lead, result, revision, sweep};
use crate::{State, Store, StoreError, Totals};

/// The same holder twice is two terms: it may have forgotten the first.
pub async fn terms_grow<S: Store>(store: S) {
    let mut last = 0;
    for holder in ["one", "two", "two", ""] {
        let term = lead(&store, holder).await;
        assert!(term > last, "term {term} after {last}");
        last = term;
    }
}

/// Not one fact, of any kind.
pub async fn a_deposed_term_writes_nothing<S: Store>(store: S) {
    let (sweep, old) = begin(&store).await;
    let new = lead(&store, "another").await;
    let facts = vec![answered(result(1)), Fact::Failure(failure(2, 0)), frontier(0, "pool", 9)];
    assert_deposed(&store.append(sweep, old, facts).await, old, new);
    assert_eq!(store.totals(sweep).await.expect("totals"), Totals::default());
    assert_eq!(store.frontiers(sweep).await.expect("frontiers"), []);
    store.append(sweep, new, vec![answered(result(1))]).await.expect("the leader appends");
}

/// Nothing that somebody decides, either.
pub async fn a_deposed_term_submits_revises_and_controls_nothing<S: Store>(store: S) {
    let (id, old) = begin(&store).await;
    let before = store.sweeps().await.expect("listed");
    let new = lead(&store, "another").await;
    assert_deposed(&store.submit(old, sweep("late")).await, old, new);
    assert_deposed(&store.revise(old, id, revision(1)).await, old, new);
    assert_deposed(&store.control(old, id, State::Cancelled).await, old, new);
    assert_eq!(store.sweeps().await.expect("listed"), before);

    store.revise(new, id, revision(1)).await.expect("the leader revises");
    store.control(new, id, State::Cancelled).await.expect("the leader controls");
    store.submit(new, sweep("in time")).await.expect("the leader submits");
    let heads = store.sweeps().await.expect("listed");
    let seen: Vec<_> = heads.iter().map(|head| (head.revision, &head.state)).collect();
    assert_eq!(seen, [(0, &State::Running), (1, &State::Cancelled)]);
}

/// Neither before there is a leader nor ahead of it.
pub async fn a_term_that_was_never_given_writes_nothing<S: Store>(store: S) {
    for never in [0, 1, u64::MAX] {
        assert_deposed(&store.submit(never, sweep("led by nobody")).await, never, 0);
        assert_deposed(&store.append(SweepId(1), never, vec![]).await, never, 0);
    }
    let (id, term) = begin(&store).await;
    let before = store.sweeps().await.expect("listed");
    for never in [term - 1, term + 1, u64::MAX] {
        assert_deposed(&store.append(id, never, vec![answered(result(1))]).await, never, term);
        assert_deposed(&store.submit(never, sweep("another")).await, never, term);
        assert_deposed(&store.revise(never, id, revision(1)).await, never, term);
        assert_deposed(&store.control(never, id, State::Done).await, never, term);
    }
    assert_eq!(store.totals(id).await.expect("totals"), Totals::default());
    assert_eq!(store.sweeps().await.expect("listed"), before);
}

pub(super) fn assert_deposed<T: std::fmt::Debug>(
    outcome: &Result<T, StoreError>,
    old: u64,
    new: u64,
) {
    assert!(
        matches!(outcome, Err(StoreError::Deposed { term, leader }) if (*term, *leader) == (old, new)),
        "term {old} under term {new}: {outcome:?}"
    );
}
