//! Schedules, their versions and files, and what of them a coordinator needs in order to go on.

use iago_sweep::Digest;

use super::due::{
    ODD, against, going, key, night, nightly, open, over, record, recording, start, state, stored,
    told,
};
use super::facts::{begin, lead};
use crate::{Change, Changed, Dates, Nights, NoticeEnd, Store, StoreError};

/// By path, in the order of their characters, byte for byte.
pub async fn files_come_back_by_path<S: Store + Nights>(store: S) {
    let term = lead(&store, "this case").await;
    let every_byte: Vec<u8> = (0..=u8::MAX).collect();
    let long: Vec<u8> = (0..300_000u32).flat_map(u32::to_le_bytes).collect();
    let mut files: Vec<(String, Vec<u8>)> =
        ODD.iter().map(|path| ((*path).to_owned(), path.as_bytes().to_vec())).collect();
    files.extend([("empty".to_owned(), Vec::new()), ("every".to_owned(), every_byte)]);
    files.push(("prompts/long.jsonl".to_owned(), long));
    store.keep_files(term, Digest::of("files"), files.clone()).await.expect("kept");
    files.sort_unstable();
    assert!(store.files(Digest::of("files")).await.expect("files") == files, "they differ");
    assert_eq!(store.files(Digest::of("other")).await.expect("files"), []);
}

/// They may be kept twice, by whoever did not hear that they are.
pub async fn files_that_are_kept_stay<S: Store + Nights>(store: S) {
    let term = lead(&store, "this case").await;
    let content = Digest::of("files");
    let first = vec![file("a\0b", b"first"), file("c", b"")];
    store.keep_files(term, content, first.clone()).await.expect("kept");
    store.keep_files(term, content, first.clone()).await.expect("as it is");
    store.keep_files(term, content, vec![file("a\0b", b"second")]).await.expect("as it is");
    assert_eq!(store.files(content).await.expect("files"), first);
    let other = vec![file("a\0b", b"second")];
    store.keep_files(term, Digest::of("other"), other.clone()).await.expect("kept");
    store.keep_files(term, Digest::of("none"), Vec::new()).await.expect("nothing to keep");
    assert_eq!(store.files(Digest::of("other")).await.expect("files"), other);
    assert_eq!(store.files(content).await.expect("files"), first);
    assert_eq!(store.files(Digest::of("none")).await.expect("files"), []);
}

/// Beside those after it, also when the schedule is no more.
pub async fn a_version_is_kept_for_good<S: Store + Nights>(store: S) {
    let term = lead(&store, "this case").await;
    let (one, two) = (Digest::of("one"), Digest::of("two"));
    for name in ["nightly", "night\0ly"] {
        assert_eq!(store.version(name, one).await.expect("read"), None);
        change(&store, term, vec![keep(name, "one", "1"), keep(name, "two", "2")]).await;
        change(&store, term, vec![keep(name, "one", "3"), forget(name)]).await;
        let expected = Some(version(name, "one"));
        assert_eq!(store.version(name, one).await.expect("read"), expected);
        let expected = Some(version(name, "two"));
        assert_eq!(store.version(name, two).await.expect("read"), expected);
    }
    assert_eq!(store.version("Nightly", one).await.expect("read"), None);
    assert_eq!(store.version("nightly", Digest::of("three")).await.expect("read"), None);
}

/// As they stand, by name, in the order of their characters.
pub async fn schedules_in_force_are_given_by_name<S: Store + Nights>(store: S) {
    let term = lead(&store, "this case").await;
    assert_eq!(store.dates().await.expect("dates"), Dates::default(), "the store is not fresh");
    change(&store, term, ODD.iter().map(|name| keep(name, "one", "first")).collect()).await;
    change(&store, term, vec![keep("B", "two", "second"), keep("a", "one", "third")]).await;
    change(&store, term, vec![forget("\0"), forget("unknown")]).await;
    let mut names = ODD.to_vec();
    names.retain(|name| *name != "\0");
    names.sort_unstable();
    let standing_of = |name: &&str| match *name {
        "B" => standing("B", "second"),
        "a" => standing("a", "third"),
        other => standing(other, "first"),
    };
    let expected: Vec<Vec<u8>> = names.iter().map(standing_of).collect();
    assert_eq!(store.dates().await.expect("dates").schedules, expected);
    change(&store, term, vec![forget("B"), keep("\0", "one", "back")]).await;
    let schedules = store.dates().await.expect("dates").schedules;
    assert!(schedules.contains(&standing("\0", "back")), "{schedules:?}");
    assert!(!schedules.contains(&standing("B", "second")), "{schedules:?}");
}

/// A run that is over is history; a schedule that is no more still has runs.
pub async fn runs_that_are_not_over_are_given_by_key<S: Store + Nights>(store: S) {
    let term = lead(&store, "this case").await;
    let keys = [key("b", 5), key("B", 70), key("\0", 8), key("b", -5), key("b", i64::MIN)];
    for key in &keys {
        start(&store, term, key).await;
    }
    record(&store, term, recording(over(&key("b", 6), "missed"), None)).await;
    record(&store, term, recording(over(&key("b", 5), "failed"), Some("starting"))).await;
    let (sweep, _) = going(&store, term).await;
    let dates = store.dates().await.expect("dates");
    let given: Vec<_> = dates.runs.iter().map(|run| run.row.key.clone()).collect();
    let mut expected = vec![keys[1].clone(), keys[2].clone(), keys[3].clone(), keys[4].clone()];
    expected.push(nightly());
    expected.sort_unstable();
    assert_eq!(given, expected);
    for run in dates.runs {
        assert_eq!(run.sweep, (run.row.key == nightly()).then_some(sweep));
        assert_eq!(Some(&run), stored(&store, &run.row.key).await.as_ref());
    }
}

/// Each verb that names a term, and nothing of what it would have written.
pub async fn a_deposed_term_changes_no_night<S: Store + Nights>(store: S) {
    let (_, old) = begin(&store).await;
    let (sweep, _) = going(&store, old).await;
    start(&store, old, &key("nightly", 7)).await;
    let term = lead(&store, "another").await;
    let before = told(&store).await;
    for deposed in [old, term + 1, 0] {
        let begun = store.begin(
            deposed,
            open(&key("nightly", 7), "running"),
            state("starting"),
            night("late"),
        );
        let ended = store.end_notice(deposed, "none", NoticeEnd::Delivered);
        let outcomes = [
            store.keep_files(deposed, Digest::of("files"), vec![file("a", b"")]).await.err(),
            store.change(deposed, vec![keep("nightly", "one", "1")]).await.err(),
            store.change(deposed, Vec::new()).await.err(),
            begun.await.err(),
            store.compare(deposed, sweep, against("other", sweep)).await.err(),
            ended.await.err(),
        ];
        for (verb, outcome) in outcomes.iter().enumerate() {
            let is_deposed = matches!(outcome, Some(StoreError::Deposed { term: of, leader })
                if (*of, *leader) == (deposed, term));
            assert!(is_deposed, "verb {verb}: {outcome:?}");
        }
    }
    assert_eq!(told(&store).await, before);
}

/// A schedule as it stands from now on.
pub(super) fn keep(name: &str, of: &str, stands: &str) -> Change {
    Change::Keep {
        name: name.to_owned(),
        version: Digest::of(of),
        schedule: version(name, of),
        standing: standing(name, stands),
    }
}

pub(super) fn file(path: &str, bytes: &[u8]) -> (String, Vec<u8>) {
    (path.to_owned(), bytes.to_vec())
}

fn forget(name: &str) -> Change {
    Change::Forget { name: name.to_owned() }
}

fn version(name: &str, of: &str) -> Vec<u8> {
    format!("{{\"version\":\"{of}\",\"letters\":{}}}", name.len()).into_bytes()
}

fn standing(name: &str, stands: &str) -> Vec<u8> {
    format!("{{\"stands\":\"{stands}\",\"letters\":\"{}\"}}", name.escape_unicode()).into_bytes()
}

async fn change(store: &impl Nights, term: u64, changes: Vec<Change>) {
    let expected = vec![Changed::Stored; changes.len()];
    assert_eq!(store.change(term, changes).await.expect("changed"), expected);
}
