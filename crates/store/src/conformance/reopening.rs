//! What outlives the process that wrote it.

use iago_sweep::{AttemptCause, Fact, SweepId};

use super::facts::{answered, attempt, begin, failure, frontier, job, result, revision, sweep};
use crate::{Appended, State, Store, StoreError};

/// Heads, plans and states.
pub async fn sweeps_survive_reopening<S: Store>(store: S, reopen: impl AsyncFn(S) -> S) {
    let id = store.submit(sweep("one")).await.expect("submitted");
    store.submit(sweep("two")).await.expect("submitted");
    store.revise(id, revision(1)).await.expect("revised");
    store.control(id, State::Paused("for a reason".to_owned())).await.expect("controlled");
    let before = store.sweeps().await.expect("listed");
    let store = reopen(store).await;
    assert_eq!(store.sweeps().await.expect("listed"), before);
    for number in [0, 1] {
        assert_eq!(store.plan(id, number).await.expect("a plan"), revision(number).plan);
    }
    let third = store.submit(sweep("three")).await.expect("submitted");
    assert!(before.iter().all(|head| head.id < third), "{third} was given before");
}

/// Everything that was appended.
pub async fn facts_survive_reopening<S: Store>(store: S, reopen: impl AsyncFn(S) -> S) {
    let (sweep, term) = begin(&store).await;
    store.append(sweep, term, one_of_each()).await.expect("appended");
    let before = snapshot(&store, sweep).await;
    let store = reopen(store).await;
    assert_eq!(snapshot(&store, sweep).await, before);
}

/// Whoever led before is deposed still.
pub async fn terms_grow_across_reopening<S: Store>(store: S, reopen: impl AsyncFn(S) -> S) {
    let (sweep, first) = begin(&store).await;
    let second = store.lead("the next one").await.expect("a term");
    let store = reopen(store).await;
    let refused = store.append(sweep, first, vec![]).await;
    assert!(matches!(refused, Err(StoreError::Deposed { .. })), "{refused:?}");
    assert!(store.lead("the third one").await.expect("a term") > second);
}

/// A worker that outlives its coordinator sends everything again to the next one.
pub async fn a_message_repeated_after_reopening_counts_once<S: Store>(
    store: S,
    reopen: impl AsyncFn(S) -> S,
) {
    let (sweep, term) = begin(&store).await;
    store.append(sweep, term, one_of_each()).await.expect("appended");
    let before = snapshot(&store, sweep).await;
    let store = reopen(store).await;
    let term = store.lead("the next one").await.expect("a term");
    let again = store.append(sweep, term, one_of_each()).await.expect("appended");
    let mut expected = [Appended::Repeated; 4];
    expected[3] = Appended::Stored; // a frontier is at least as far
    assert_eq!(again, expected);
    assert_eq!(snapshot(&store, sweep).await, before);
}

fn one_of_each() -> Vec<Fact> {
    vec![
        answered(result(1)),
        Fact::Failure(failure(2, 0)),
        Fact::Attempt(attempt(3, 1, AttemptCause::Released)),
        frontier(0, "pool", 4_096),
    ]
}

async fn snapshot(store: &impl Store, sweep: SweepId) -> String {
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?}",
        store.recover(sweep, None, usize::MAX).await.expect("recovered"),
        store.failures(sweep).await.expect("failures"),
        store.attempts(sweep).await.expect("attempts"),
        store.frontiers(sweep).await.expect("frontiers"),
        store.read(sweep, &[job(1)]).await.expect("read"),
        store.totals(sweep).await.expect("totals"),
    )
}
