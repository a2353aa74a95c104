//! Messages, and what became of them.

use super::due::{ODD, ids, key, nightly, notice, open, record, recording};
use super::facts::lead;
use crate::{Changed, DueKey, NewNotice, Nights, NoticeEnd, Recording, Store};

/// When this was written, less some: a store's clock that is behind it is no clock.
const A_PAST_MOMENT_MS: i64 = 1_780_000_000_000;

/// Over all runs; what is delivered or given up is not among them.
pub async fn messages_are_open_until_they_have_an_end<S: Store + Nights>(store: S) {
    let term = lead(&store, "this case").await;
    assert_eq!(store.open_notices(10).await.expect("notices"), [], "the store is not fresh");
    tell(&store, term, &key("b", 2), &["z", "y"]).await;
    tell(&store, term, &key("a", 1), &["x", "w"]).await;
    for (limit, expected) in [(9, &["z", "y", "x", "w"][..]), (3, &["z", "y", "x"]), (0, &[])] {
        assert_eq!(ids(&store.open_notices(limit).await.expect("notices")), expected);
    }
    store.end_notice(term, "y", NoticeEnd::Delivered).await.expect("ended");
    store.end_notice(term, "z", NoticeEnd::GivenUp("410".to_owned())).await.expect("ended");
    store.end_notice(term, "unknown", NoticeEnd::Delivered).await.expect("nothing to end");
    assert_eq!(ids(&store.open_notices(1).await.expect("notices")), ["x"]);
    assert_eq!(ids(&store.open_notices(usize::MAX).await.expect("notices")), ["x", "w"]);
}

/// A late word of another one changes nothing.
pub async fn the_first_end_of_a_message_stays<S: Store + Nights>(store: S) {
    let term = lead(&store, "this case").await;
    let ends = [NoticeEnd::Delivered, NoticeEnd::GivenUp("\0 '404' \u{2400}".to_owned())];
    tell(&store, term, &nightly(), &["0", "1"]).await;
    for (id, end) in [("0", 0), ("1", 1), ("0", 1), ("1", 0)] {
        store.end_notice(term, id, ends[end].clone()).await.expect("ended");
    }
    let notices = store.notices(&nightly()).await.expect("notices");
    let found: Vec<_> = notices.into_iter().filter_map(|notice| notice.end).collect();
    assert_eq!(found, ends);
}

/// Those that have an end, too, and of no other run.
pub async fn messages_of_a_run_come_in_the_order_they_were_stored<S: Store + Nights>(store: S) {
    let term = lead(&store, "this case").await;
    for (key, told) in [
        (key("a", 1), &["d", "c"][..]),
        (key("a", 2), &["e"]),
        (key("a\0", 1), &["f"]),
        (key("a", 3), &[]),
    ] {
        tell(&store, term, &key, told).await;
    }
    let later = Recording {
        notices: vec![notice("b"), notice("a")],
        ..recording(open(&key("a", 1), "running"), Some("starting"))
    };
    assert_eq!(record(&store, term, later).await, Changed::Stored);
    store.end_notice(term, "c", NoticeEnd::Delivered).await.expect("ended");
    for (key, expected) in [
        (key("a", 1), &["d", "c", "b", "a"][..]),
        (key("a", 2), &["e"]),
        (key("a\0", 1), &["f"]),
        (key("a", 3), &[]),
        (key("a", 4), &[]),
    ] {
        let notices = store.notices(&key).await.expect("notices");
        assert_eq!(ids(&notices), expected);
        assert!(notices.iter().all(|notice| notice.key == key), "{notices:?}");
    }
}

/// Whoever receives it knows it by its id.
pub async fn a_message_is_stored_once<S: Store + Nights>(store: S) {
    let term = lead(&store, "this case").await;
    tell(&store, term, &key("a", 1), &["one", "one"]).await;
    tell(&store, term, &key("a", 2), &["one", "two"]).await;
    let open = store.open_notices(9).await.expect("notices");
    assert_eq!(ids(&open), ["one", "two"]);
    assert_eq!((&open[0].key, &open[1].key), (&key("a", 1), &key("a", 2)));
}

/// Odd ids, and bytes as they were given.
pub async fn messages_come_back_as_they_were<S: Store + Nights>(store: S) {
    let term = lead(&store, "this case").await;
    let all: Vec<NewNotice> = ODD.iter().map(|id| odd(id)).collect();
    let told = Recording {
        notices: all.clone(),
        ..recording(open(&key("\0'", i64::MAX), "starting"), None)
    };
    assert_eq!(record(&store, term, told).await, Changed::Stored);
    let notices = store.notices(&key("\0'", i64::MAX)).await.expect("notices");
    assert_eq!(store.open_notices(99).await.expect("notices"), notices);
    for notice in &notices {
        assert!(notice.since_ms > A_PAST_MOMENT_MS, "stored at {}", notice.since_ms);
        assert_eq!((&notice.key, &notice.end), (&key("\0'", i64::MAX), &None));
    }
    let found: Vec<_> = notices.into_iter().map(|notice| notice.new).collect();
    assert_eq!(found, all);
    for id in ODD {
        store.end_notice(term, id, NoticeEnd::Delivered).await.expect("ended");
    }
    assert_eq!(store.open_notices(99).await.expect("notices"), []);
}

fn odd(id: &str) -> NewNotice {
    let body = format!(" {{\"text\":\"{} \\u0000 \u{2400}\"}}\n", id.escape_unicode());
    NewNotice { id: id.to_owned(), to: b"{\"to\": \"\xc3\xa4\"}".to_vec(), body: body.into_bytes() }
}

async fn tell(store: &impl Nights, term: u64, key: &DueKey, told: &[&str]) {
    let notices = told.iter().map(|id| notice(id)).collect();
    let told = Recording { notices, ..recording(open(key, "starting"), None) };
    assert_eq!(record(store, term, told).await, Changed::Stored);
}
