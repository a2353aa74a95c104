//! What outlives the process that wrote it.

use std::time::Duration;

use iago_sweep::{AttemptCause, Digest, Fact, ReadingFact, SweepId, Text};

use super::access::token;
use super::baselines::baseline;
use super::due::{going, key, nightly, notice, open, over, record, recording, told};
use super::facts::{
    attempt, begin, failure, frontier, job, lead, reading, result, revision, sweep, text_of,
};
use super::schedules::{file, keep};
use super::uses::used;
use crate::{
    Access, Act, Appended, Change, Changed, Nights, NoticeEnd, Recording, Scope, State, Store,
    StoreError,
};

/// Heads, plans and states.
pub async fn sweeps_survive_reopening<S: Store>(store: S, reopen: impl AsyncFn(S) -> S) {
    let term = lead(&store, "this case").await;
    let id = store.submit(term, sweep("one")).await.expect("submitted");
    let two = store.submit(term, sweep("two")).await.expect("submitted");
    store.control(term, two, State::Cancelled).await.expect("controlled");
    store.revise(term, id, revision(1)).await.expect("revised");
    store.control(term, id, State::Paused("for a reason".to_owned())).await.expect("controlled");
    let before = store.sweeps().await.expect("listed");
    let store = reopen(store).await;
    assert_eq!(store.sweeps().await.expect("listed"), before);
    for number in [0, 1] {
        assert_eq!(store.plan(id, number).await.expect("a plan"), revision(number).plan);
    }
    let term = lead(&store, "the next one").await;
    let third = store.submit(term, sweep("three")).await.expect("submitted");
    assert!(before.iter().all(|head| head.id < third), "{third} was given before");
}

/// A crash does not take a retry back, and the next one counts on.
pub async fn retries_survive_reopening<S: Store>(store: S, reopen: impl AsyncFn(S) -> S) {
    let (id, term) = begin(&store).await;
    store.append(id, term, vec![Fact::Failure(failure(1, 0))]).await.expect("appended");
    for round in [1, 2] {
        assert_eq!(store.retry(term, id).await.expect("begun"), round);
    }
    let store = reopen(store).await;
    assert_eq!(store.sweeps().await.expect("listed")[0].round, 2);
    assert_eq!(store.failures(id).await.expect("failures"), [failure(1, 0)]);
    let term = lead(&store, "the next one").await;
    let again = store.append(id, term, vec![Fact::Failure(failure(1, 2))]).await.expect("appended");
    assert_eq!(again, [Appended::Repeated]);
    assert_eq!(store.retry(term, id).await.expect("begun"), 3);
}

/// Everything that was appended.
pub async fn facts_survive_reopening<S: Store>(store: S, reopen: impl AsyncFn(S) -> S) {
    let (sweep, term) = begin(&store).await;
    store.append(sweep, term, one_of_each()).await.expect("appended");
    let before = snapshot(&store, sweep).await;
    let store = reopen(store).await;
    assert_eq!(snapshot(&store, sweep).await, before);
}

/// Texts that were read anew need not be read again, and what they came to stays.
pub async fn readings_survive_reopening<S: Store>(store: S, reopen: impl AsyncFn(S) -> S) {
    let (sweep, term) = begin(&store).await;
    let grammar = reading(1).grammar;
    store.keep_readings(sweep, term, vec![reading(1), reading(2)]).await.expect("kept");
    let store = reopen(store).await;
    let term = lead(&store, "the next one").await;
    let another = ReadingFact { label: None, ..reading(2) };
    store.keep_readings(sweep, term, vec![another, reading(3)]).await.expect("kept");
    let readings = store.readings(sweep, grammar, None, 10).await.expect("readings");
    assert_eq!(readings, [reading(1), reading(2), reading(3)]);
}

/// A limit by the day is not new after a restart.
pub async fn uses_survive_reopening<S: Store>(store: S, reopen: impl AsyncFn(S) -> S) {
    let term = lead(&store, "this case").await;
    store.note_use(term, vec![used("a pool", 1), used("another", 0)]).await.expect("noted");
    let store = reopen(store).await;
    let term = lead(&store, "the next one").await;
    store.note_use(term, vec![used("a pool", 1)]).await.expect("noted");
    let read = store.recent_use(0).await.expect("read");
    assert_eq!(read, [used("another", 0), used("a pool", 1), used("a pool", 1)]);
}

/// Whoever led before is deposed still.
pub async fn terms_grow_across_reopening<S: Store>(store: S, reopen: impl AsyncFn(S) -> S) {
    let (sweep, first) = begin(&store).await;
    let second = lead(&store, "the next one").await;
    let store = reopen(store).await;
    let refused = store.append(sweep, first, vec![]).await;
    assert!(matches!(refused, Err(StoreError::Deposed { .. })), "{refused:?}");
    assert!(lead(&store, "the third one").await > second);
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
    let term = lead(&store, "the next one").await;
    let again = store.append(sweep, term, one_of_each()).await.expect("appended");
    let mut expected = [Appended::Repeated; 4];
    expected[3] = Appended::Stored; // a frontier is at least as far
    assert_eq!(again, expected);
    assert_eq!(snapshot(&store, sweep).await, before);
}

/// Whom they let in, whom no more, and who said so.
pub async fn tokens_and_audit_survive_reopening<S: Store + Access>(
    store: S,
    reopen: impl AsyncFn(S) -> S,
) {
    for name in ["good", "over\0", "revoked"] {
        let lives = name.contains("over").then_some(Duration::ZERO);
        store.grant(token(name, Scope::Worker, lives)).await.expect("granted");
        store.note("somebody", Act::Grant, None, name).await.expect("noted");
    }
    store.revoke("revoked").await.expect("revoked");
    let (tokens, audit) = (store.tokens().await, store.audit(10).await);
    let (tokens, audit) = (tokens.expect("tokens"), audit.expect("audit"));
    let store = reopen(store).await;
    assert_eq!(store.tokens().await.expect("tokens"), tokens);
    assert_eq!(store.audit(10).await.expect("audit"), audit);
    let again = store.grant(token("over\0", Scope::Worker, None)).await;
    assert!(matches!(again, Err(StoreError::Taken { .. })), "{again:?}");
    store.note("somebody", Act::Lead, None, "").await.expect("noted");
    assert_eq!(store.audit(1).await.expect("audit")[0].act, Act::Lead);
}

/// What is due, what became of what was, and who is still to be told.
pub async fn nights_survive_reopening<S: Store + Nights>(store: S, reopen: impl AsyncFn(S) -> S) {
    let term = lead(&store, "this case").await;
    let (sweep, _) = going(&store, term).await;
    store.set_baseline(baseline("ma\0in", sweep, 0)).await.expect("set");
    store.keep_files(term, Digest::of("files"), vec![file("a\0", b"\0")]).await.expect("kept");
    let ended = Recording {
        verdict: Some(b"{\"word\":\"pass\"}".to_vec()),
        notices: vec![notice("one"), notice("two")],
        ..recording(over(&nightly(), "ended"), Some("running"))
    };
    let waits = recording(open(&key("nightly", 7), "waiting"), None);
    let records = [ended, waits].map(|it| Change::Record(Box::new(it)));
    let changes = [keep("nightly", "one", "1")].into_iter().chain(records).collect();
    assert_eq!(store.change(term, changes).await.expect("changed"), [const { Changed::Stored }; 3]);
    store.end_notice(term, "one", NoticeEnd::GivenUp("410".to_owned())).await.expect("ended");
    let before = told(&store).await;
    let version = store.version("nightly", Digest::of("one")).await.expect("read");
    assert!(version.is_some());
    let store = reopen(store).await;
    assert_eq!(told(&store).await, before);
    assert_eq!(store.version("nightly", Digest::of("one")).await.expect("read"), version);
    let term = lead(&store, "the next one").await;
    let late = recording(open(&key("nightly", 7), "starting"), None);
    let found = record(&store, term, late).await;
    assert_eq!(found, Changed::Found(Box::new(open(&key("nightly", 7), "waiting"))));
}

fn one_of_each() -> Vec<Fact> {
    let text = Text { logprobs: Some("[]".to_owned()), ..text_of(&result(1)) };
    vec![
        Fact::Result(Box::new(result(1)), text),
        Fact::Failure(failure(2, 0)),
        Fact::Attempt(attempt(3, 1, AttemptCause::Released)),
        frontier(0, "pool", 4_096),
    ]
}

async fn snapshot(store: &impl Store, sweep: SweepId) -> String {
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?}",
        store.results(sweep, None, usize::MAX).await.expect("recovered"),
        store.failures(sweep).await.expect("failures"),
        store.attempts(sweep).await.expect("attempts"),
        store.frontiers(sweep).await.expect("frontiers"),
        store.read(sweep, &[job(1)]).await.expect("read"),
        store.totals(sweep).await.expect("totals"),
    )
}
