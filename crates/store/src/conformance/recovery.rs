//! What a restart reads.

use iago_sweep::{Frontier, ResultFact};

use super::facts::{answered, begin, frontier, result};
use crate::{Appended, Store};

/// Every result once, whatever the size of a page.
pub async fn recovery_pages_in_job_order_without_gaps<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    let numbers = [0, 3, 4, 70, 1 << 40, (1 << 40) + 1, i64::MAX];
    let facts = numbers.iter().rev().map(|number| answered(result(*number))).collect();
    store.append(sweep, term, facts).await.expect("appended");
    for size in 1..=numbers.len() + 1 {
        let mut recovered: Vec<ResultFact> = Vec::new();
        loop {
            let after = recovered.last().map(|last| last.job.number());
            let page = store.recover(sweep, after, size).await.expect("a page");
            assert!(page.len() <= size, "a page of {} where {size} was asked", page.len());
            let last = page.len() < size;
            recovered.extend(page);
            if last {
                break;
            }
        }
        let expected: Vec<ResultFact> = numbers.iter().map(|number| result(*number)).collect();
        assert_eq!(recovered, expected, "in pages of {size}");
    }
}

/// Before the first, after the last, and of no size.
pub async fn a_page_may_be_empty<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    assert_eq!(store.recover(sweep, None, 10).await.expect("a page"), []);
    store.append(sweep, term, vec![answered(result(5))]).await.expect("appended");
    assert_eq!(store.recover(sweep, Some(5), 10).await.expect("a page"), []);
    assert_eq!(store.recover(sweep, Some(i64::MAX), 10).await.expect("a page"), []);
    assert_eq!(store.recover(sweep, None, 0).await.expect("a page"), []);
    assert_eq!(store.recover(sweep, Some(-1), 10).await.expect("a page"), [result(5)]);
    assert_eq!(store.recover(sweep, Some(4), usize::MAX).await.expect("a page"), [result(5)]);
}

/// A late or repeated frontier moves nothing back.
pub async fn a_frontier_keeps_its_maximum<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    for (positions, kept) in
        [(vec![4_096], 4_096), (vec![0, 12_288, 8_192], 12_288), (vec![1], 12_288)]
    {
        let facts: Vec<_> = positions.iter().map(|at| frontier(0, "pool", *at)).collect();
        let appended = store.append(sweep, term, facts).await.expect("appended");
        assert_eq!(appended, vec![Appended::Stored; positions.len()]);
        let frontiers = store.frontiers(sweep).await.expect("frontiers");
        assert_eq!(frontiers, [at(0, "pool", kept)]);
    }
}

/// Walks of other revisions and pools are others; they come in that order.
pub async fn frontiers_are_kept_by_revision_and_pool<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    let facts = vec![
        frontier(1, "a", 10),
        frontier(0, "b\0", 20),
        frontier(0, "a", 30),
        frontier(1, "a", 5),
    ];
    store.append(sweep, term, facts).await.expect("appended");
    let frontiers = store.frontiers(sweep).await.expect("frontiers");
    assert_eq!(frontiers, [at(0, "a", 30), at(0, "b\0", 20), at(1, "a", 10)]);
}

fn at(revision: u32, pool: &str, position: u64) -> Frontier {
    Frontier { revision, pool: pool.to_owned(), position }
}
