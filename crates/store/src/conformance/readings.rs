//! Readings: a text under another grammar is read once, and what it came to stays.

use std::sync::Arc;

use iago_sweep::{Digest, Label, Parse, ReadingFact, SweepId};

use super::facts::{answered, begin, job, lead, reading, result, sweep as new_sweep};
use crate::{Store, StoreError};

/// Every column, with and without what may be absent, and with every word.
pub async fn a_reading_comes_back_as_it_was<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    let labels = [None, Some(Label::Abstained), Some(Label::Word("y\0es".to_owned()))];
    let mut readings = Vec::new();
    for parse in Parse::ALL {
        for label in labels.clone() {
            let number = i64::try_from(readings.len()).expect("a few");
            readings.push(ReadingFact { parse: *parse, label, ..reading(number) });
        }
    }
    readings.push(ReadingFact { opens: u64::MAX, decided: 1 << 63, ..reading(i64::MAX) });
    store.keep_readings(sweep, term, readings.clone()).await.expect("kept");
    assert_eq!(all(&store, sweep).await, readings);
}

/// Within a page as between pages: whatever was decided by the first one holds.
pub async fn the_first_reading_of_a_job_stays<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    let another = ReadingFact { parse: Parse::Missing, label: None, opens: 0, ..reading(1) };
    let page = vec![reading(2), reading(1), another.clone()];
    store.keep_readings(sweep, term, page).await.expect("kept");
    store.keep_readings(sweep, term, vec![another, reading(3)]).await.expect("kept");
    assert_eq!(all(&store, sweep).await, [reading(1), reading(2), reading(3)]);
}

/// Every reading once and in job order, whatever the size of a page.
pub async fn readings_come_in_pages_without_gaps<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    let numbers = [0, 3, 4, 70, 1 << 40, (1 << 40) + 1, i64::MAX];
    let whole = numbers.map(reading);
    let backwards = whole.iter().rev().cloned().collect();
    store.keep_readings(sweep, term, backwards).await.expect("kept");
    for size in 1..=numbers.len() + 1 {
        assert_eq!(paged(&store, sweep, size).await, whole, "in pages of {size}");
    }
}

async fn paged(store: &impl Store, sweep: SweepId, size: usize) -> Vec<ReadingFact> {
    let mut readings: Vec<ReadingFact> = Vec::new();
    loop {
        let after = readings.last().map(|last| last.job.number());
        let page = store.readings(sweep, grammar(), after, size).await.expect("a page");
        assert!(page.len() <= size, "a page of {} where {size} was asked", page.len());
        let is_last = page.len() < size;
        readings.extend(page);
        if is_last {
            return readings;
        }
    }
}

/// Before the first, after the last, and of no size.
pub async fn a_page_of_readings_may_be_empty<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    store.keep_readings(sweep, term, vec![]).await.expect("kept");
    assert_eq!(all(&store, sweep).await, []);
    store.keep_readings(sweep, term, vec![reading(5)]).await.expect("kept");
    for (after, limit, expected) in [
        (Some(5), 10, vec![]),
        (Some(i64::MAX), 10, vec![]),
        (None, 0, vec![]),
        (Some(-1), 10, vec![reading(5)]),
        (Some(4), usize::MAX, vec![reading(5)]),
    ] {
        let page = store.readings(sweep, grammar(), after, limit).await.expect("a page");
        assert_eq!(page, expected, "after {after:?}, at most {limit}");
    }
}

/// Whoever reads a text in a third way leaves what it came to in the second.
pub async fn grammars_are_kept_apart<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    let third = Digest::of("a third grammar");
    let of_third = ReadingFact { grammar: third, parse: Parse::Unclosed, ..reading(1) };
    let page = vec![of_third.clone(), reading(1), reading(2)];
    store.keep_readings(sweep, term, page).await.expect("kept");
    assert_eq!(all(&store, sweep).await, [reading(1), reading(2)]);
    assert_eq!(store.readings(sweep, third, None, 10).await.expect("a page"), [of_third]);
    let nobodys = Digest::of("nobody's grammar");
    assert_eq!(store.readings(sweep, nobodys, None, 10).await.expect("a page"), []);
}

/// A coordinate means something only within its sweep.
pub async fn sweeps_do_not_share_readings<S: Store>(store: S) {
    let (one, _) = begin(&store).await;
    let (two, term) = begin(&store).await;
    let other = ReadingFact { label: None, ..reading(1) };
    store.keep_readings(one, term, vec![reading(1)]).await.expect("kept");
    store.keep_readings(two, term, vec![other.clone()]).await.expect("kept");
    assert_eq!(all(&store, one).await, [reading(1)]);
    assert_eq!(all(&store, two).await, [other]);
}

/// What was read at first can still be told, and nothing was called.
pub async fn readings_change_no_result_and_no_sum<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    store.append(sweep, term, vec![answered(result(1))]).await.expect("appended");
    let totals = store.totals(sweep).await.expect("totals");
    store.keep_readings(sweep, term, vec![reading(1)]).await.expect("kept");
    assert_eq!(store.results(sweep, None, 10).await.expect("results"), [result(1)]);
    assert_eq!(store.totals(sweep).await.expect("totals"), totals);
    assert_eq!(store.read(sweep, &[job(1)]).await.expect("read").len(), 1);
}

/// Two leaders may read by different programs: only the latest one keeps what it read.
pub async fn a_deposed_term_keeps_no_reading<S: Store>(store: S) {
    let (sweep, old) = begin(&store).await;
    let new = lead(&store, "another").await;
    for term in [old, new + 1, 0] {
        for page in [vec![], vec![reading(1)]] {
            let refused = store.keep_readings(sweep, term, page).await;
            assert!(
                matches!(&refused, Err(StoreError::Deposed { leader, .. }) if *leader == new),
                "term {term}: {refused:?}"
            );
        }
    }
    assert_eq!(all(&store, sweep).await, []);
    store.keep_readings(sweep, new, vec![reading(1)]).await.expect("kept");
    assert_eq!(all(&store, sweep).await, [reading(1)]);
}

/// Not for the sweep that it was about, nor for any other.
pub async fn a_refused_page_keeps_nothing<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    let unknown = SweepId(sweep.0 + 1);
    let refused = store.keep_readings(unknown, term, vec![reading(1), reading(2)]).await;
    assert!(matches!(refused, Err(StoreError::Missing { .. })), "{refused:?}");
    let next = store.submit(term, new_sweep("the next one")).await.expect("submitted");
    for sweep in [sweep, next] {
        assert_eq!(all(&store, sweep).await, []);
    }
}

/// However a store cuts a page into statements.
pub async fn many_readings_are_kept_whole<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    // Primes, so that no size of a statement divides them; backwards, so that order is the store's.
    store.keep_readings(sweep, term, (0..1_009).map(reading).collect()).await.expect("kept");
    let again = (0..5_003).rev().map(reading).collect();
    store.keep_readings(sweep, term, again).await.expect("kept");
    let expected: Vec<ReadingFact> = (0..5_003).map(reading).collect();
    assert_eq!(all(&store, sweep).await, expected);
}

/// A race has one winner for each job, and no loser fails.
pub async fn readings_kept_at_once_leave_one_of_each<S: Store>(store: S) {
    let (sweep, term) = begin(&store).await;
    let store = Arc::new(store);
    let racers: Vec<_> = (1..=8)
        .map(|racer| {
            let store = Arc::clone(&store);
            let mut page: Vec<_> =
                (0..50).map(|number| ReadingFact { opens: racer, ..reading(number) }).collect();
            if racer % 2 == 0 {
                page.reverse();
            }
            tokio::spawn(async move { store.keep_readings(sweep, term, page).await })
        })
        .collect();
    for racer in racers {
        racer.await.expect("no panic").expect("kept");
    }
    let kept = all(&*store, sweep).await;
    let jobs: Vec<_> = kept.iter().map(|reading| reading.job).collect();
    assert_eq!(jobs, (0..50).map(job).collect::<Vec<_>>());
    assert!(kept.iter().all(|reading| (1..=8).contains(&reading.opens)), "{kept:?}");
}

fn grammar() -> Digest {
    reading(0).grammar
}

async fn all(store: &impl Store, sweep: SweepId) -> Vec<ReadingFact> {
    store.readings(sweep, grammar(), None, usize::MAX).await.expect("readings")
}
