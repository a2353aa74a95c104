//! Baselines.

use std::sync::Arc;

use iago_sweep::SweepId;
use tokio::task::JoinSet;

use super::due::{ODD, against};
use super::facts::{begin, lead, revision, sweep};
use crate::{Baseline, NewBaseline, Nights, Store, StoreError};

/// When this was written, less some: a store's clock that is behind it is no clock.
const A_PAST_MOMENT_MS: i64 = 1_780_000_000_000;

/// What was set is what is listed, with the store's time.
pub async fn a_set_baseline_is_listed<S: Store + Nights>(store: S) {
    let (sweep, _) = begin(&store).await;
    assert_eq!(store.baselines().await.expect("listed"), [], "the store is not fresh");
    let set = store.set_baseline(baseline("main", sweep, 0)).await.expect("set");
    assert_eq!((set.name.as_str(), set.sweep, set.revision), ("main", sweep, 0));
    assert_eq!(set.by, "somebody");
    assert!(set.set_ms > A_PAST_MOMENT_MS, "set at {}", set.set_ms);
    assert_eq!(store.baselines().await.expect("listed"), [set]);
}

/// In the order of their characters, whatever is in them, and whoever set them.
pub async fn baselines_are_listed_by_name<S: Store + Nights>(store: S) {
    let (sweep, _) = begin(&store).await;
    for name in ODD.iter().rev() {
        let new = NewBaseline { by: (*name).to_owned(), ..baseline(name, sweep, 0) };
        store.set_baseline(new).await.expect("set");
    }
    let listed = store.baselines().await.expect("listed");
    let names: Vec<&str> = listed.iter().map(|baseline| baseline.name.as_str()).collect();
    let mut expected = ODD;
    expected.sort_unstable();
    assert_eq!(names, expected);
    assert!(listed.iter().all(|baseline| baseline.by == baseline.name), "{listed:?}");
}

/// The sweep goes on and is extended; what it is compared with stays.
pub async fn a_baseline_stays_at_its_revision<S: Store + Nights>(store: S) {
    let (sweep, term) = begin(&store).await;
    let set = store.set_baseline(baseline("main", sweep, 0)).await.expect("set");
    store.revise(term, sweep, revision(1)).await.expect("revised");
    assert_eq!(store.baselines().await.expect("listed"), std::slice::from_ref(&set));
    let again = store.set_baseline(baseline("main", sweep, 0)).await.expect("as it is");
    assert_eq!(again, set);
    assert_taken(&store.set_baseline(baseline("main", sweep, 1)).await, "main", sweep);
}

/// Otherwise the first one stays, to its moment and to who set it.
pub async fn a_baseline_is_replaced_on_purpose_only<S: Store + Nights>(store: S) {
    let (first, term) = begin(&store).await;
    let second = store.submit(term, sweep("another")).await.expect("submitted");
    for name in ["main", "ma\0in"] {
        let set = store.set_baseline(baseline(name, first, 0)).await.expect("set");
        assert_taken(&store.set_baseline(baseline(name, second, 0)).await, name, first);
        let other = NewBaseline { by: "another".to_owned(), ..baseline(name, first, 0) };
        assert_eq!(store.set_baseline(other).await.expect("as it is"), set);
        let new = NewBaseline { replaces: true, ..baseline(name, second, 0) };
        let replaced = store.set_baseline(new).await.expect("replaced");
        assert_eq!((replaced.name.as_str(), replaced.sweep), (name, second));
        assert!(replaced.set_ms >= set.set_ms);
        assert!(store.baselines().await.expect("listed").contains(&replaced));
    }
    assert_eq!(store.baselines().await.expect("listed").len(), 2);
    let new = NewBaseline { replaces: true, ..baseline("new", first, 0) };
    store.set_baseline(new).await.expect("nothing is in the way");
}

/// Neither a sweep nor a revision that is not there, whether it replaces one or not.
pub async fn a_baseline_needs_its_revision<S: Store + Nights>(store: S) {
    let (sweep, term) = begin(&store).await;
    let set = store.set_baseline(baseline("main", sweep, 0)).await.expect("set");
    let unknown = SweepId(sweep.0 + 1);
    for (name, asked, number) in
        [("new", unknown, 0), ("new", SweepId(-1), 0), ("new", sweep, 1), ("main", sweep, u32::MAX)]
    {
        let new = NewBaseline { replaces: true, ..baseline(name, asked, number) };
        let refused = store.set_baseline(new).await;
        assert!(
            matches!(refused, Err(StoreError::Missing { sweep, .. }) if sweep == asked),
            "{asked} {number}: {refused:?}"
        );
    }
    assert_eq!(store.baselines().await.expect("listed"), [set]);
    store.revise(term, sweep, revision(1)).await.expect("revised");
    store.set_baseline(baseline("new", sweep, 1)).await.expect("there by now");
}

/// That one and no other; its name is free, and what was compared with it stays compared.
pub async fn a_dropped_baseline_is_gone<S: Store + Nights>(store: S) {
    let (sweep_id, term) = begin(&store).await;
    assert_unknown(&store.drop_baseline("main").await, "main");
    let kept = store.set_baseline(baseline("main", sweep_id, 0)).await.expect("set");
    store.set_baseline(baseline("main\0", sweep_id, 0)).await.expect("set");
    let tonight = store.submit(term, sweep("tonight")).await.expect("submitted");
    let with = store.compare(term, tonight, against("main\0", sweep_id)).await.expect("compared");
    for unknown in ["Main", "main ", ""] {
        assert_unknown(&store.drop_baseline(unknown).await, unknown);
    }
    store.drop_baseline("main\0").await.expect("dropped");
    assert_eq!(store.baselines().await.expect("listed"), [kept]);
    assert_unknown(&store.drop_baseline("main\0").await, "main\0");
    assert_eq!(store.comparisons(tonight).await.expect("comparisons"), [with]);
    store.set_baseline(baseline("main\0", tonight, 0)).await.expect("free again");
}

/// People set them while nobody leads, and while somebody else does.
pub async fn baselines_ask_for_no_term<S: Store + Nights>(store: S) {
    let (sweep, term) = begin(&store).await;
    store.resign(term).await.expect("resigned");
    store.set_baseline(baseline("main", sweep, 0)).await.expect("nobody leads");
    lead(&store, "another").await;
    store.drop_baseline("main").await.expect("another leads");
}

/// The others learn what it stands for now.
pub async fn of_those_who_set_one_name_at_once_one_does<S: Store + Nights>(store: S) {
    let term = lead(&store, "this case").await;
    let mut sweeps = Vec::new();
    for name in ["a", "b", "c", "d", "e", "f"] {
        sweeps.push(store.submit(term, sweep(name)).await.expect("submitted"));
    }
    let store = Arc::new(store);
    let mut racers = JoinSet::new();
    for sweep in sweeps {
        let store = Arc::clone(&store);
        racers.spawn(async move { store.set_baseline(baseline("main", sweep, 0)).await });
    }
    let (set, refused): (Vec<_>, Vec<_>) =
        racers.join_all().await.into_iter().partition(Result::is_ok);
    let listed = store.baselines().await.expect("listed");
    assert_eq!(set.into_iter().map(|set| set.expect("set")).collect::<Vec<_>>(), listed);
    assert_eq!((listed.len(), refused.len()), (1, 5));
    for refused in &refused {
        assert_taken(refused, "main", listed[0].sweep);
    }
}

/// A baseline to be set that replaces none.
pub(super) fn baseline(name: &str, sweep: SweepId, revision: u32) -> NewBaseline {
    let (name, by) = (name.to_owned(), "somebody".to_owned());
    NewBaseline { name, sweep, revision, by, replaces: false }
}

fn assert_taken(outcome: &Result<Baseline, StoreError>, by: &str, of: SweepId) {
    let is_taken = matches!(outcome, Err(StoreError::BaselineTaken { name, sweep })
        if name == by && *sweep == of);
    assert!(is_taken, "{outcome:?}");
}

fn assert_unknown(outcome: &Result<(), StoreError>, asked: &str) {
    assert!(
        matches!(outcome, Err(StoreError::NoBaseline { name }) if name == asked),
        "{outcome:?}"
    );
}
