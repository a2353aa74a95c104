//! What pools were used for: the memory of limits by the day.

use iago_sweep::{Money, PoolUse};

use super::facts::{begin, lead};
use super::leadership::assert_deposed;
use crate::{Store, Totals};

const NOON_MS: i64 = 1_790_000_000_000;

/// Names of people, calls beyond 32 bits and dollars beyond any budget.
pub async fn a_use_comes_back_as_it_was<S: Store>(store: S) {
    let term = lead(&store, "this case").await;
    let uses = vec![
        used("a pool", 0),
        PoolUse { pool: "\0 '\u{2400}\u{2410}".to_owned(), ..used("", 1) },
        PoolUse { pool: String::new(), calls: u64::MAX, ..used("", 2) },
        PoolUse { calls: u64::from(u32::MAX) + 1, cost: Money(i64::MAX), ..used("a pool", 3) },
        PoolUse { calls: 0, cost: Money::ZERO, ..used("a pool", i64::MAX - NOON_MS) },
    ];
    store.note_use(term, uses.clone()).await.expect("noted");
    assert_eq!(store.recent_use(NOON_MS).await.expect("read"), uses);
}

/// A clock may have been set back between two notes.
pub async fn uses_come_in_order_of_time<S: Store>(store: S) {
    let term = lead(&store, "this case").await;
    store.note_use(term, vec![used("c", 60), used("b", 60), used("a", 180)]).await.expect("noted");
    store.note_use(term, vec![used("a", 60), used("d", 0)]).await.expect("noted");
    let names: Vec<String> =
        store.recent_use(0).await.expect("read").into_iter().map(|used| used.pool).collect();
    assert_eq!(names, ["d", "c", "b", "a", "a"]);
}

/// The moment itself is within.
pub async fn uses_of_before_are_left_out<S: Store>(store: S) {
    let term = lead(&store, "this case").await;
    let uses: Vec<PoolUse> = (0..5).map(|at| used("a pool", at)).collect();
    store.note_use(term, uses.clone()).await.expect("noted");
    assert_eq!(store.recent_use(NOON_MS + 3).await.expect("read"), uses[3..]);
    assert_eq!(store.recent_use(NOON_MS + 5).await.expect("read"), []);
    assert_eq!(store.recent_use(i64::MIN).await.expect("read"), uses);
}

/// Too much is remembered rather than too little.
pub async fn a_use_that_comes_twice_counts_twice<S: Store>(store: S) {
    let term = lead(&store, "this case").await;
    for _ in 0..2 {
        store.note_use(term, vec![used("a pool", 0)]).await.expect("noted");
    }
    let read = store.recent_use(0).await.expect("read");
    assert_eq!(read, [used("a pool", 0), used("a pool", 0)]);
}

/// They are there before any sweep, and are in no sweep's sums.
pub async fn uses_belong_to_no_sweep<S: Store>(store: S) {
    assert_eq!(store.recent_use(0).await.expect("read"), []);
    let term = lead(&store, "this case").await;
    store.note_use(term, vec![used("a pool", 0)]).await.expect("noted");
    store.note_use(term, vec![]).await.expect("noted");
    assert_eq!(store.recent_use(0).await.expect("read"), [used("a pool", 0)]);
    let (sweep, _) = begin(&store).await;
    assert_eq!(store.totals(sweep).await.expect("totals"), Totals::default());
}

/// More than one statement's worth for any adapter: a day of some pools.
pub async fn many_uses_are_kept_whole<S: Store>(store: S) {
    let term = lead(&store, "this case").await;
    let uses: Vec<PoolUse> = (0..5_000).map(|at| used("a pool", at)).collect();
    store.note_use(term, uses.clone()).await.expect("noted");
    assert_eq!(store.recent_use(0).await.expect("read"), uses);
}

/// Neither whoever led before nor whoever never did.
pub async fn a_deposed_term_notes_no_use<S: Store>(store: S) {
    assert_deposed(&store.note_use(1, vec![used("a pool", 0)]).await, 1, 0);
    let old = lead(&store, "this case").await;
    let new = lead(&store, "another").await;
    assert_deposed(&store.note_use(old, vec![used("a pool", 0)]).await, old, new);
    assert_deposed(&store.note_use(old, vec![]).await, old, new);
    assert_eq!(store.recent_use(0).await.expect("read"), []);
    store.note_use(new, vec![used("a pool", 0)]).await.expect("the leader notes");
    assert_eq!(store.recent_use(0).await.expect("read"), [used("a pool", 0)]);
}

/// A use so many milliseconds after noon.
pub(super) fn used(pool: &str, after_ms: i64) -> PoolUse {
    let (calls, cost) = (7, Money(123_456_789_012));
    PoolUse { pool: pool.to_owned(), at_ms: NOON_MS + after_ms, calls, cost }
}
