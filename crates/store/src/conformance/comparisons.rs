//! What sweeps are compared with.

use std::sync::Arc;

use iago_sweep::SweepId;
use tokio::task::JoinSet;

use super::due::{ODD, against, compared, count_sweeps};
use super::facts::{begin, revision, sweep};
use crate::{Kind, NewComparison, NewSweep, Nights, Store, StoreError};

/// By the sweep, and by the one in which the anchors are judged.
pub async fn a_comparison_is_found_from_both_of_its_sweeps<S: Store + Nights>(store: S) {
    let (of, term) = begin(&store).await;
    let tonight = store.submit(term, sweep("tonight")).await.expect("submitted");
    assert_eq!(store.comparisons(tonight).await.expect("comparisons"), []);
    let with = store.compare(term, tonight, against("main", of)).await.expect("compared");
    let anchors = with.anchors.expect("anchors");
    assert_eq!(with, compared(tonight, &against("main", of), Some(anchors)));
    for sweep in [tonight, anchors] {
        let found = store.comparisons(sweep).await.expect("comparisons");
        assert_eq!(found, std::slice::from_ref(&with));
    }
    assert_eq!(store.comparisons(of).await.expect("comparisons"), []);
    let heads = store.sweeps().await.expect("listed");
    assert_eq!((heads[0].id, heads[0].kind), (anchors, Kind::Anchors));
    assert_eq!(store.plan(anchors, 0).await.expect("a plan"), revision(0).plan);
}

/// In the order of their characters; those without anchors, too.
pub async fn comparisons_come_by_name<S: Store + Nights>(store: S) {
    let (of, term) = begin(&store).await;
    let tonight = store.submit(term, sweep("tonight")).await.expect("submitted");
    for name in ODD.iter().rev() {
        let with = NewComparison { anchors: None, ..against(name, of) };
        store.compare(term, tonight, with).await.expect("compared");
    }
    let comparisons = store.comparisons(tonight).await.expect("comparisons");
    let names: Vec<&str> = comparisons.iter().map(|with| with.baseline.as_str()).collect();
    let mut expected = ODD;
    expected.sort_unstable();
    assert_eq!(names, expected);
    assert!(comparisons.iter().all(|with| with.anchors.is_none()), "{comparisons:?}");
    assert_eq!(count_sweeps(&store).await, 2);
}

/// Whoever did not hear of it may ask again.
pub async fn a_comparison_that_is_there_is_given_again<S: Store + Nights>(store: S) {
    let (of, term) = begin(&store).await;
    let tonight = store.submit(term, sweep("tonight")).await.expect("submitted");
    let first = store.compare(term, tonight, against("main", of)).await.expect("compared");
    let again = store.compare(term, tonight, against("main", of)).await.expect("again");
    assert_eq!(again, first);
    let without = NewComparison { anchors: None, ..against("main", of) };
    assert_eq!(store.compare(term, tonight, without).await.expect("again"), first);
    assert_eq!(count_sweeps(&store).await, 3);
}

/// Another sweep or another revision under the same name; other names and sweeps stay.
pub async fn another_baseline_of_a_name_takes_its_place<S: Store + Nights>(store: S) {
    let (of, term) = begin(&store).await;
    let tonight = store.submit(term, sweep("tonight")).await.expect("submitted");
    let other = store.compare(term, tonight, against("other", of)).await.expect("compared");
    let elsewhere = store.compare(term, of, against("main", tonight)).await.expect("compared");
    store.compare(term, tonight, against("main", of)).await.expect("compared");
    let later = NewComparison { revision: 1, ..against("main", of) };
    let second = store.compare(term, tonight, later).await.expect("compared");
    assert_eq!((second.of, second.revision), (of, 1));
    let without = NewComparison { anchors: None, ..against("main", tonight) };
    let third = store.compare(term, tonight, without).await.expect("compared");
    assert_eq!((third.of, third.anchors), (tonight, None));
    let found = store.comparisons(tonight).await.expect("comparisons");
    assert_eq!(found, [third, other]);
    assert_eq!(store.comparisons(of).await.expect("comparisons"), [elsewhere]);
    let replaced = second.anchors.expect("anchors");
    assert_eq!(store.comparisons(replaced).await.expect("comparisons"), []);
}

/// Neither it nor the sweep of its anchors is written.
pub async fn what_cannot_be_compared_leaves_nothing<S: Store + Nights>(store: S) {
    let (of, term) = begin(&store).await;
    for unknown in [SweepId(of.0 + 1), SweepId(0), SweepId(-1)] {
        let outcomes = [
            store.compare(term, unknown, against("main", of)).await.err(),
            store.comparisons(unknown).await.err(),
        ];
        for outcome in outcomes {
            let is_missing =
                matches!(outcome, Some(StoreError::Missing { sweep, .. }) if sweep == unknown);
            assert!(is_missing, "{outcome:?}");
        }
    }
    let late = NewSweep { revision: revision(1), ..sweep("late") };
    let with = NewComparison { anchors: Some(late), ..against("main", of) };
    let refused = store.compare(term, of, with).await;
    assert!(matches!(refused, Err(StoreError::Conflict { expected: 0, found: 1 })), "{refused:?}");
    assert_eq!(count_sweeps(&store).await, 1);
    assert_eq!(store.comparisons(of).await.expect("comparisons"), []);
}

/// With the anchors of whoever came first.
pub async fn those_who_compare_at_once_are_given_one_comparison<S: Store + Nights>(store: S) {
    let (of, term) = begin(&store).await;
    let store = Arc::new(store);
    let mut racers = JoinSet::new();
    for _ in 0..6 {
        let store = Arc::clone(&store);
        racers.spawn(async move { store.compare(term, of, against("main", of)).await });
    }
    let given = racers.join_all().await;
    let stored = store.comparisons(of).await.expect("comparisons");
    for with in given {
        assert_eq!([with.expect("compared")], stored.as_slice());
    }
    assert_eq!(count_sweeps(&*store).await, 2);
}
