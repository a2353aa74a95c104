//! Terms: only the latest leader writes.

use iago_sweep::Fact;

use super::facts::{answered, begin, failure, frontier, result, sweep};
use crate::{Store, StoreError, Totals};

/// The same holder twice is two terms: it may have forgotten the first.
pub async fn terms_grow<S: Store>(store: S) {
    let mut last = 0;
    for holder in ["one", "two", "two", ""] {
        let term = store.lead(holder).await.expect("a term");
        assert!(term > last, "term {term} after {last}");
        last = term;
    }
}

/// Not one fact, of any kind.
pub async fn a_deposed_term_writes_nothing<S: Store>(store: S) {
    let (sweep, old) = begin(&store).await;
    let new = store.lead("another").await.expect("a term");
    let facts = vec![answered(result(1)), Fact::Failure(failure(2, 0)), frontier(0, "pool", 9)];
    let refused = store.append(sweep, old, facts).await;
    assert!(
        matches!(refused, Err(StoreError::Deposed { term, leader }) if (term, leader) == (old, new)),
        "{refused:?}"
    );
    assert_eq!(store.totals(sweep).await.expect("totals"), Totals::default());
    assert_eq!(store.frontiers(sweep).await.expect("frontiers"), []);
    store.append(sweep, new, vec![answered(result(1))]).await.expect("the leader appends");
}

/// Neither before there is a leader nor ahead of it.
pub async fn a_term_that_was_never_given_writes_nothing<S: Store>(store: S) {
    let sweep = store.submit(sweep("led by nobody")).await.expect("submitted");
    for term in [0, 1] {
        let refused = store.append(sweep, term, vec![answered(result(1))]).await;
        assert!(matches!(refused, Err(StoreError::Deposed { leader: 0, .. })), "{refused:?}");
    }
    let term = store.lead("this case").await.expect("a term");
    for never in [term - 1, term + 1, u64::MAX] {
        let refused = store.append(sweep, never, vec![answered(result(1))]).await;
        assert!(matches!(refused, Err(StoreError::Deposed { .. })), "{refused:?}");
    }
    assert_eq!(store.totals(sweep).await.expect("totals"), Totals::default());
}
