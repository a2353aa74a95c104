//! Runs that begin: their sweeps come into being with their state, once.

use std::sync::Arc;

use iago_sweep::SweepId;
use tokio::task::JoinSet;

use super::due::{
    against, begin_run, compared, count_sweeps, key, night, nightly, open, over, record, recording,
    start, state, stored, told,
};
use super::facts::{begin, revision, sweep};
use crate::{
    Begun, Changed, Kind, NewComparison, NewNight, NewSweep, Nights, Recording, Store, StoreError,
};

/// Both of them, what they are for, and the state.
pub async fn a_run_begins_with_its_sweeps<S: Store + Nights>(store: S) {
    let (of, term) = begin(&store).await;
    start(&store, term, &nightly()).await;
    let with = against("ma\0in", of);
    let new = NewNight { against: Some(with.clone()), ..night("to\0night") };
    let begun = begin_run(&store, term, &nightly(), new).await;
    let stands = begun.against.clone().expect("compared");
    let anchors = stands.anchors.expect("anchors");
    assert_eq!(stands, compared(begun.sweep, &with, Some(anchors)));
    for sweep in [begun.sweep, anchors] {
        let found = store.comparisons(sweep).await.expect("comparisons");
        assert_eq!(found, std::slice::from_ref(&stands));
    }
    let run = stored(&store, &nightly()).await.expect("stored");
    assert_eq!((run.row, run.sweep), (open(&nightly(), "running"), Some(begun.sweep)));
    assert_eq!(run.verdict, None);
    let heads = store.sweeps().await.expect("listed");
    let mut kinds: Vec<_> = heads.iter().map(|head| (head.id, head.kind)).collect();
    kinds.sort_unstable_by_key(|(id, _)| *id);
    let mut expected =
        vec![(of, Kind::Asked), (begun.sweep, Kind::Night), (anchors, Kind::Anchors)];
    expected.sort_unstable_by_key(|(id, _)| *id);
    assert_eq!(kinds, expected);
    for sweep in [begun.sweep, anchors] {
        assert_eq!(store.plan(sweep, 0).await.expect("a plan"), revision(0).plan);
    }
}

/// With no anchors, and with nothing to compare it with.
pub async fn a_run_may_be_compared_with_nothing<S: Store + Nights>(store: S) {
    let (of, term) = begin(&store).await;
    let without = NewComparison { anchors: None, ..against("main", of) };
    for (due_s, with) in [(1, None), (2, Some(without))] {
        let key = key("nightly", due_s);
        start(&store, term, &key).await;
        let new = NewNight { against: with.clone(), ..night("tonight") };
        let begun = begin_run(&store, term, &key, new.clone()).await;
        let expected = with.map(|with| compared(begun.sweep, &with, None));
        assert_eq!(begun.against, expected);
        assert_eq!(begin_run(&store, term, &key, new).await, begun);
    }
    assert_eq!(count_sweeps(&store).await, 3);
}

/// Whoever did not hear that it began asks again, whatever they believe by then.
pub async fn a_run_begins_once<S: Store + Nights>(store: S) {
    let (of, term) = begin(&store).await;
    start(&store, term, &nightly()).await;
    let new = NewNight { against: Some(against("main", of)), ..night("tonight") };
    let begun = begin_run(&store, term, &nightly(), new.clone()).await;
    store.compare(term, begun.sweep, against("another", of)).await.expect("compared");
    let before = told(&store).await;
    for (word, was, again) in [
        ("running", "starting", new.clone()),
        ("running", "running", new.clone()),
        ("late", "unknown", night("another")),
    ] {
        let given = store.begin(term, open(&nightly(), word), state(was), again).await;
        assert_eq!(given.expect("begun"), Begun::Night(begun.clone()));
    }
    assert_eq!(told(&store).await, before);
    let ended = recording(over(&nightly(), "ended"), Some("running"));
    assert_eq!(record(&store, term, ended).await, Changed::Stored);
    assert_eq!(stored(&store, &nightly()).await.expect("stored").sweep, Some(begun.sweep));
    assert_eq!(begin_run(&store, term, &nightly(), new).await, begun);
}

/// With what it came to; neither by its anchors nor by its baseline.
pub async fn a_run_is_found_by_its_sweep<S: Store + Nights>(store: S) {
    let (of, term) = begin(&store).await;
    let mut begun = Vec::new();
    for key in [key("night\0ly", 1), key("night\0ly", 2)] {
        start(&store, term, &key).await;
        let new = NewNight { against: Some(against("main", of)), ..night("tonight") };
        begun.push((begin_run(&store, term, &key, new).await, key));
    }
    let verdict = Some(b"{\"of\":1}".to_vec());
    let ended = recording(over(&begun[0].1, "ended"), Some("running"));
    record(&store, term, Recording { verdict: verdict.clone(), ..ended }).await;
    for ((night, key), verdict) in begun.into_iter().zip([verdict, None]) {
        let run = store.run_of(night.sweep).await.expect("read").expect("a run");
        assert_eq!((&run.row.key, run.sweep), (&key, Some(night.sweep)));
        assert_eq!((Some(&run), &run.verdict), (stored(&store, &key).await.as_ref(), &verdict));
        let anchors = night.against.and_then(|with| with.anchors).expect("anchors");
        assert_eq!(store.run_of(anchors).await.expect("read"), None);
    }
    for other in [of, SweepId(i64::MAX)] {
        assert_eq!(store.run_of(other).await.expect("read"), None);
    }
}

/// Nothing is written then, and whoever asked learns what is there.
pub async fn a_run_in_another_state_does_not_begin<S: Store + Nights>(store: S) {
    let (of, term) = begin(&store).await;
    start(&store, term, &nightly()).await;
    let missed = over(&nightly(), "missed");
    record(&store, term, recording(missed.clone(), Some("starting"))).await;
    let before = told(&store).await;
    let new = NewNight { against: Some(against("main", of)), ..night("tonight") };
    let begun = store.begin(term, open(&nightly(), "running"), state("starting"), new).await;
    assert_eq!(begun.expect("found"), Begun::Found(Box::new(missed)));
    assert_eq!(told(&store).await, before);
}

/// It must be on record first.
pub async fn an_unknown_run_does_not_begin<S: Store + Nights>(store: S) {
    let (_, term) = begin(&store).await;
    start(&store, term, &key("nightly", 5)).await;
    for unknown in [key("nightly", 6), key("Nightly", 5), key("nightly\0", 5)] {
        let row = open(&unknown, "running");
        let refused = store.begin(term, row, state("starting"), night("tonight")).await;
        assert!(
            matches!(&refused, Err(StoreError::NoRun { schedule, due_s })
                if *schedule == unknown.schedule && *due_s == unknown.due_s),
            "{refused:?}"
        );
    }
    assert_eq!(count_sweeps(&store).await, 1);
}

/// Neither of the sweeps, and the run is where it was.
pub async fn a_night_that_is_refused_leaves_nothing<S: Store + Nights>(store: S) {
    let (of, term) = begin(&store).await;
    start(&store, term, &nightly()).await;
    let before = told(&store).await;
    let late = NewSweep { revision: revision(1), ..sweep("late") };
    let anchors = NewComparison { anchors: Some(late.clone()), ..against("main", of) };
    for new in [
        NewNight { sweep: late, against: None },
        NewNight { against: Some(anchors), ..night("tonight") },
    ] {
        let refused = store.begin(term, open(&nightly(), "running"), state("starting"), new).await;
        assert!(
            matches!(refused, Err(StoreError::Conflict { expected: 0, found: 1 })),
            "{refused:?}"
        );
        assert_eq!(told(&store).await, before);
    }
}

/// One of them stores its sweeps, and all are given these.
pub async fn those_who_begin_one_run_at_once_are_given_one_night<S: Store + Nights>(store: S) {
    let (of, term) = begin(&store).await;
    start(&store, term, &nightly()).await;
    let store = Arc::new(store);
    let mut racers = JoinSet::new();
    for name in ["a", "b", "c", "d", "e", "f"] {
        let store = Arc::clone(&store);
        let new = NewNight { against: Some(against(name, of)), ..night(name) };
        racers.spawn(async move { begin_run(&*store, term, &nightly(), new).await });
    }
    let nights = racers.join_all().await;
    assert!(nights.iter().all(|night| *night == nights[0]), "{nights:?}");
    assert_eq!(count_sweeps(&*store).await, 3);
    let run = stored(&*store, &nightly()).await.expect("stored");
    assert_eq!(run.sweep, Some(nights[0].sweep));
}
