//! Sweeps, revisions and states.

use iago_sweep::SweepId;

use super::facts::{begin, job, lead, reading, revision, sweep};
use crate::{Kind, NewRevision, NewSweep, State, Store, StoreError, SweepHead};

/// What was submitted is what is listed.
pub async fn a_submitted_sweep_is_found<S: Store>(store: S) {
    let term = lead(&store, "this case").await;
    assert_eq!(store.sweeps().await.unwrap_or_default(), [], "the store is not fresh");
    let id = store.submit(term, sweep("one")).await.expect("submitted");
    let first = revision(0);
    let head = SweepHead {
        id,
        name: "one".to_owned(),
        revision: 0,
        ask: first.ask,
        analysis: first.analysis,
        note: first.note,
        state: State::Running,
        round: 0,
        created_ms: 1_790_000_000_123,
        kind: Kind::Asked,
    };
    assert_eq!(store.sweeps().await.expect("listed"), [head]);
}

/// A name is no identity, and order is by submission.
pub async fn sweeps_of_one_name_come_newest_first<S: Store>(store: S) {
    let term = lead(&store, "this case").await;
    let older = store.submit(term, sweep("same")).await.expect("submitted");
    let newer = store.submit(term, sweep("same")).await.expect("submitted");
    let latest = store.submit(term, sweep("another")).await.expect("submitted");
    let heads = store.sweeps().await.expect("listed");
    let ids: Vec<SweepId> = heads.iter().map(|head| head.id).collect();
    assert_eq!(ids, [latest, newer, older]);
}

/// A sweep that begins elsewhere is refused, and nothing of it is there.
pub async fn a_first_revision_has_number_zero<S: Store>(store: S) {
    let term = lead(&store, "this case").await;
    let new = NewSweep { revision: revision(1), ..sweep("late") };
    let refused = store.submit(term, new).await;
    assert!(matches!(refused, Err(StoreError::Conflict { expected: 0, found: 1 })), "{refused:?}");
    assert_eq!(store.sweeps().await.expect("listed"), []);
}

/// Neither a number that is taken nor one too far is accepted.
pub async fn revisions_are_gapless<S: Store>(store: S) {
    let term = lead(&store, "this case").await;
    let id = store.submit(term, sweep("revised")).await.expect("submitted");
    store.revise(term, id, revision(1)).await.expect("1 follows 0");
    for wrong in [0, 1, 3] {
        let refused = store.revise(term, id, revision(wrong)).await;
        assert!(
            matches!(refused, Err(StoreError::Conflict { expected: 2, found }) if found == wrong),
            "revision {wrong} after 1: {refused:?}"
        );
    }
    store.revise(term, id, revision(2)).await.expect("2 follows 1");
    let heads = store.sweeps().await.expect("listed");
    assert_eq!((heads.len(), heads[0].revision), (1, 2));
    assert_eq!((heads[0].ask, &heads[0].note), (revision(2).ask, &revision(2).note));
}

/// Plans are bytes to the store; two revisions may have the same.
pub async fn every_revision_keeps_its_plan<S: Store>(store: S) {
    let term = lead(&store, "this case").await;
    let id = store.submit(term, sweep("planned")).await.expect("submitted");
    let long: Vec<u8> = (0..2_000_000u32).flat_map(u32::to_le_bytes).collect();
    let plans = [revision(0).plan, long, revision(0).plan, Vec::new()];
    for (number, plan) in (1u32..).zip(&plans[1..]) {
        let next = NewRevision { plan: plan.clone(), ..revision(number) };
        store.revise(term, id, next).await.expect("revised");
    }
    for (number, plan) in (0u32..).zip(&plans) {
        assert!(&store.plan(id, number).await.expect("a plan") == plan, "plan {number} differs");
    }
    let beyond = store.plan(id, 4).await;
    assert!(
        matches!(beyond, Err(StoreError::Missing { sweep, revision: Some(4) }) if sweep == id),
        "{beyond:?}"
    );
}

/// Every state, in any order: a finished sweep may be extended, a cancelled one resumed.
pub async fn states_are_kept<S: Store>(store: S) {
    let term = lead(&store, "this case").await;
    let other = store.submit(term, sweep("other")).await.expect("submitted");
    let id = store.submit(term, sweep("controlled")).await.expect("submitted");
    let paused = State::Paused("401 from \0 a\u{2400}endpoint".to_owned());
    let running = State::Running;
    for state in [
        paused.clone(),
        State::Cancelled,
        running.clone(),
        State::Done,
        running,
        paused,
        State::Done,
    ] {
        store.control(term, id, state.clone()).await.expect("controlled");
        let heads = store.sweeps().await.expect("listed");
        assert_eq!((heads[0].id, &heads[0].state), (id, &state));
        assert_eq!((heads[1].id, &heads[1].state), (other, &State::Running));
    }
}

/// Whatever becomes of it.
pub async fn a_sweep_stays_what_it_was_submitted_as<S: Store>(store: S) {
    let term = lead(&store, "this case").await;
    for kind in Kind::ALL {
        let new = NewSweep { kind: *kind, ..sweep(kind.word()) };
        let id = store.submit(term, new).await.expect("submitted");
        store.revise(term, id, revision(1)).await.expect("revised");
        store.control(term, id, State::Done).await.expect("controlled");
        store.retry(term, id).await.expect("begun");
    }
    let heads = store.sweeps().await.expect("listed");
    let kinds: Vec<Kind> = heads.iter().rev().map(|head| head.kind).collect();
    assert_eq!(kinds, Kind::ALL);
    assert!(heads.iter().all(|head| head.name == head.kind.word()), "{heads:?}");
}

/// People's words may hold what databases refuse.
pub async fn names_and_notes_come_back_whatever_they_hold<S: Store>(store: S) {
    let term = lead(&store, "this case").await;
    let odd = "a\0b \u{2400} \u{2410} \u{1f9ea} '; --";
    let noted = NewRevision { note: odd.to_owned(), ..revision(0) };
    store.submit(term, NewSweep { revision: noted, ..sweep(odd) }).await.expect("submitted");
    let heads = store.sweeps().await.expect("listed");
    assert_eq!((heads[0].name.as_str(), heads[0].note.as_str()), (odd, odd));
}

/// No verb takes an unknown sweep for an empty one.
pub async fn an_unknown_sweep_is_missing_everywhere<S: Store>(store: S) {
    let (known, term) = begin(&store).await;
    for unknown in [SweepId(known.0 + 1), SweepId(0), SweepId(-1)] {
        let outcomes = [
            store.revise(term, unknown, revision(1)).await.err(),
            store.plan(unknown, 0).await.err(),
            store.append(unknown, term, vec![]).await.err(),
            store.recover(unknown, None, 1).await.err(),
            store.results(unknown, None, 1).await.err(),
            store.failures(unknown).await.err(),
            store.attempts(unknown).await.err(),
            store.frontiers(unknown).await.err(),
            store.read(unknown, &[job(1)]).await.err(),
            store.keep_readings(unknown, term, vec![]).await.err(),
            store.keep_readings(unknown, term, vec![reading(1)]).await.err(),
            store.readings(unknown, reading(1).grammar, None, 1).await.err(),
            store.totals(unknown).await.err(),
            store.control(term, unknown, State::Done).await.err(),
            store.retry(term, unknown).await.err(),
        ];
        for (verb, outcome) in outcomes.iter().enumerate() {
            assert!(
                matches!(outcome, Some(StoreError::Missing { sweep, .. }) if *sweep == unknown),
                "verb {verb}: {outcome:?}"
            );
        }
    }
}
