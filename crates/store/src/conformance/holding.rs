//! How long a term is held. An hour stands for "not run out", zero for "run out": no case waits.

use std::time::Duration;

use super::facts::{answered, begin, lead, result, sweep};
use super::leadership::assert_deposed;
use crate::{Store, StoreError};

const HOUR: Duration = Duration::from_secs(3_600);

/// Whoever asks meanwhile learns whom to wait for, and for how long.
pub async fn a_term_is_held_until_it_runs_out<S: Store>(store: S) {
    let first = lead(&store, "out at once").await;
    let held = store.lead("held\0for an hour", HOUR).await.expect("the first has run out");
    assert!(held > first);
    assert_led(&store, "held\0for an hour").await;
    store.submit(held, sweep("undisturbed")).await.expect("whoever was refused deposed nobody");
}

/// Two processes may have been given one name.
pub async fn a_term_is_held_against_its_own_name<S: Store>(store: S) {
    let term = store.lead("one name", HOUR).await.expect("a term");
    assert_led(&store, "one name").await;
    store.renew(term, HOUR).await.expect("the first one still leads");
}

/// Running out takes nothing away: only being followed does.
pub async fn a_term_that_ran_out_writes_until_it_is_followed<S: Store>(store: S) {
    let (id, term) = begin(&store).await;
    store.append(id, term, vec![answered(result(1))]).await.expect("nobody followed");
    let next = lead(&store, "the next one").await;
    assert_deposed(&store.append(id, term, vec![answered(result(2))]).await, term, next);
}

/// No hold to wait out.
pub async fn whoever_resigned_is_followed_at_once<S: Store>(store: S) {
    let first = store.lead("one", HOUR).await.expect("a term");
    store.resign(first).await.expect("resigned");
    store.resign(first).await.expect("again");
    let second = store.lead("two", HOUR).await.expect("nobody leads");
    assert!(second > first);

    store.resign(first).await.expect("deposed by now, which is as good");
    assert_led(&store, "two").await;
    assert_deposed(&store.submit(first, sweep("late")).await, first, second);
}

/// From the moment of renewal, for as long as it says.
pub async fn a_renewed_term_is_held<S: Store>(store: S) {
    let term = store.lead("one", HOUR).await.expect("a term");
    store.renew(term, 2 * HOUR).await.expect("renewed");
    let refused = store.lead("two", HOUR).await;
    assert!(
        matches!(&refused, Err(StoreError::Led { left, .. }) if *left > HOUR && *left <= 2 * HOUR),
        "{refused:?}"
    );
    store.renew(term, Duration::ZERO).await.expect("renewed for no time");
    assert!(store.lead("two", HOUR).await.expect("it has run out") > term);
}

/// A leader that was asleep for longer than its term, while nobody wanted it.
pub async fn a_term_that_ran_out_can_be_renewed<S: Store>(store: S) {
    let (id, term) = begin(&store).await;
    store.renew(term, HOUR).await.expect("nobody took over");
    assert_led(&store, "this case").await;
    store.append(id, term, vec![answered(result(1))]).await.expect("it leads");
}

/// Not even while its successor's term has run out, too.
pub async fn a_deposed_term_cannot_be_renewed<S: Store>(store: S) {
    let old = lead(&store, "one").await;
    let new = lead(&store, "two").await;
    assert_deposed(&store.renew(old, HOUR).await, old, new);
    for never in [0, new + 1, u64::MAX] {
        assert_deposed(&store.renew(never, HOUR).await, never, new);
    }
    let third = lead(&store, "three").await;
    assert!(third > new, "a refused renewal held something");
}

/// Nobody leads, so there is nothing to hold or to give up.
pub async fn a_fresh_store_has_no_term_to_renew<S: Store>(store: S) {
    for never in [0, 1] {
        assert_deposed(&store.renew(never, HOUR).await, never, 0);
        store.resign(never).await.expect("over already");
    }
    store.lead("the first", HOUR).await.expect("a term");
}

/// Whoever is refused and whoever is followed must not both lead.
pub async fn of_those_who_ask_at_once_one_leads<S: Store>(store: S) {
    let store = std::sync::Arc::new(store);
    let asking: Vec<_> = (0..8)
        .map(|number| {
            let store = std::sync::Arc::clone(&store);
            tokio::spawn(async move { store.lead(&format!("number {number}"), HOUR).await })
        })
        .collect();
    let mut terms = Vec::new();
    for one in asking {
        match one.await.expect("no panic") {
            Ok(term) => terms.push(term),
            Err(error) => assert!(matches!(error, StoreError::Led { .. }), "{error:?}"),
        }
    }
    assert_eq!(terms.len(), 1, "{terms:?}");
}

async fn assert_led(store: &impl Store, by: &str) {
    let refused = store.lead("somebody else", HOUR).await;
    // A minute less than the hour: the case itself takes its time.
    let least = HOUR.saturating_sub(Duration::from_secs(60));
    assert!(
        matches!(&refused, Err(StoreError::Led { holder, left })
            if holder == by && *left > least && *left <= HOUR),
        "{refused:?}"
    );
}
