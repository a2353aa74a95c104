//! What a restart reads.

use iago_sweep::{Finish, Frontier, JobId, Money, Parse, ResultFact, SweepId};

use super::facts::{answered, begin, frontier, job, result};
use crate::{Appended, Recovered, Store};

/// Every result once and in order, whatever the size of a page; narrow for a restart, and whole.
pub async fn results_come_in_pages_without_gaps<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    let numbers = [0, 3, 4, 70, 1 << 40, (1 << 40) + 1, i64::MAX];
    let facts = numbers.iter().rev().map(|number| answered(result(*number))).collect();
    store.append(sweep, term, facts).await.expect("appended");
    let whole: Vec<ResultFact> = numbers.iter().map(|number| result(*number)).collect();
    let narrow: Vec<Recovered> = whole.iter().map(Recovered::of).collect();
    for size in 1..=numbers.len() + 1 {
        let page = async |after| store.results(sweep, after, size).await.expect("a page");
        assert_eq!(paged(size, page, |row| row.job).await, whole, "in pages of {size}");
        let page = async |after| store.recover(sweep, after, size).await.expect("a page");
        assert_eq!(paged(size, page, |row| row.job).await, narrow, "in pages of {size}");
    }
}

async fn paged<T>(
    size: usize,
    page: impl AsyncFn(Option<i64>) -> Vec<T>,
    job: fn(&T) -> JobId,
) -> Vec<T> {
    let mut rows = Vec::new();
    loop {
        let next = page(rows.last().map(|last| job(last).number())).await;
        assert!(next.len() <= size, "a page of {} where {size} was asked", next.len());
        let is_last = next.len() < size;
        rows.extend(next);
        if is_last {
            return rows;
        }
    }
}

/// Each column of a narrow row, with and without what may be absent.
pub async fn recovery_tells_what_a_restart_must_know<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    let unpriced = ResultFact {
        finish: Finish::Refusal,
        parse: Parse::Refused,
        opens: u64::MAX,
        decided: 1 << 63,
        cost: None,
        ..result(2)
    };
    let facts = vec![answered(result(1)), answered(unpriced)];
    store.append(sweep, term, facts).await.expect("appended");
    let (kept, kept_unpriced) = (result(1), result(2));
    let first = Recovered {
        job: job(1),
        term: kept.term,
        attempt: kept.attempt,
        finish: Finish::Stop,
        parse: Parse::Ok,
        opens: 0b10,
        decided: 0b110,
        cost: Some(Money(7_000_000)),
    };
    let second = Recovered {
        job: job(2),
        term: kept_unpriced.term,
        attempt: kept_unpriced.attempt,
        finish: Finish::Refusal,
        parse: Parse::Refused,
        opens: u64::MAX,
        decided: 1 << 63,
        cost: None,
    };
    assert_eq!(store.recover(sweep, None, 10).await.expect("recovered"), [first, second]);
}

/// Before the first, after the last, and of no size.
pub async fn a_page_may_be_empty<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    let most = usize::MAX;
    assert_eq!(pages(&store, sweep, None, 10).await, []);
    store.append(sweep, term, vec![answered(result(5))]).await.expect("appended");
    assert_eq!(pages(&store, sweep, Some(5), 10).await, []);
    assert_eq!(pages(&store, sweep, Some(i64::MAX), 10).await, []);
    assert_eq!(pages(&store, sweep, None, 0).await, []);
    assert_eq!(pages(&store, sweep, Some(-1), 10).await, [result(5)]);
    assert_eq!(pages(&store, sweep, Some(4), most).await, [result(5)]);
}

/// A page of whole results; that of narrow ones is the same.
async fn pages(
    store: &impl Store,
    sweep: SweepId,
    after: Option<i64>,
    limit: usize,
) -> Vec<ResultFact> {
    let whole = store.results(sweep, after, limit).await.expect("a page");
    let narrow = store.recover(sweep, after, limit).await.expect("a page");
    assert_eq!(narrow, whole.iter().map(Recovered::of).collect::<Vec<_>>());
    whole
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
