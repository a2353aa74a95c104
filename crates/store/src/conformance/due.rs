//! Runs, sweeps and messages for the cases about nights.

use iago_sweep::SweepId;

use super::facts::sweep;
use crate::{
    Begun, Change, Changed, Comparison, DueKey, Kind, NewComparison, NewNight, NewNotice, NewSweep,
    Night, Nights, Notice, Recording, RunRow, State, Store, StoredRun,
};

/// Names that databases refuse, read otherwise, or sort otherwise than Rust does.
pub(super) const ODD: [&str; 8] =
    ["", "\0", "B", "a", "ab'; --", "a \"b\"", "\u{e4}", "\u{2400}\u{2410}\u{1f9ea}"];

/// What a run is known by.
pub(super) fn key(schedule: &str, due_s: i64) -> DueKey {
    DueKey { schedule: schedule.to_owned(), due_s }
}

/// The run that most cases are about.
pub(super) fn nightly() -> DueKey {
    key("nightly", 1_790_000_000)
}

/// The JSON of a state.
pub(super) fn state(word: &str) -> Vec<u8> {
    format!("{{\"state\":\"{word}\"}}").into_bytes()
}

/// A run that is not over.
pub(super) fn open(key: &DueKey, word: &str) -> RunRow {
    let run = format!("{{\"due\":{},\"state\":\"{word}\"}}", key.due_s).into_bytes();
    RunRow { key: key.clone(), run, state: state(word), is_over: false }
}

/// A run that is.
pub(super) fn over(key: &DueKey, word: &str) -> RunRow {
    RunRow { is_over: true, ..open(key, word) }
}

/// What became of a due time, and nothing else. `was` is the word of its state before.
pub(super) fn recording(row: RunRow, was: Option<&str>) -> Recording {
    Recording { row, was: was.map(state), cancels: false, verdict: None, notices: Vec::new() }
}

/// Makes one change.
pub(super) async fn record(store: &impl Nights, term: u64, recording: Recording) -> Changed {
    let changes = vec![Change::Record(Box::new(recording))];
    let changed = store.change(term, changes).await.expect("changed");
    let [one] = changed.try_into().expect("one for each change");
    one
}

/// Records a run that is about to begin.
pub(super) async fn start(store: &impl Nights, term: u64, key: &DueKey) {
    let changed = record(store, term, recording(open(key, "starting"), None)).await;
    assert_eq!(changed, Changed::Stored);
}

/// A sweep to be stored as a run.
pub(super) fn night(name: &str) -> NewNight {
    NewNight { sweep: NewSweep { kind: Kind::Night, ..sweep(name) }, against: None }
}

/// What it is to be compared with, with anchors.
pub(super) fn against(baseline: &str, of: SweepId) -> NewComparison {
    let anchors = NewSweep { kind: Kind::Anchors, ..sweep("anchors") };
    NewComparison { baseline: baseline.to_owned(), of, revision: 0, anchors: Some(anchors) }
}

/// The same, as it is stored.
pub(super) fn compared(
    sweep: SweepId,
    with: &NewComparison,
    anchors: Option<SweepId>,
) -> Comparison {
    let NewComparison { baseline, of, revision, .. } = with.clone();
    Comparison { sweep, baseline, of, revision, anchors }
}

/// Begins a run that is starting.
pub(super) async fn begin_run(
    store: &impl Nights,
    term: u64,
    key: &DueKey,
    night: NewNight,
) -> Night {
    let begun = store.begin(term, open(key, "running"), state("starting"), night).await;
    match begun.expect("begun") {
        Begun::Night(night) => night,
        Begun::Found(row) => panic!("{row:?}"),
    }
}

/// A run that is going, compared with a baseline and with anchors; the sweep and the anchors.
pub(super) async fn going(store: &(impl Store + Nights), term: u64) -> (SweepId, SweepId) {
    let of = store.submit(term, sweep("a baseline")).await.expect("submitted");
    start(store, term, &nightly()).await;
    let new = NewNight { against: Some(against("main", of)), ..night("tonight") };
    let night = begin_run(store, term, &nightly(), new).await;
    (night.sweep, night.against.and_then(|with| with.anchors).expect("anchors"))
}

/// A message to be stored.
pub(super) fn notice(id: &str) -> NewNotice {
    NewNotice { id: id.to_owned(), to: b"{\"url\":\"a\"}".to_vec(), body: b"{\"of\":1}".to_vec() }
}

/// What is stored of a run.
pub(super) async fn stored(store: &impl Nights, key: &DueKey) -> Option<StoredRun> {
    let before = key.due_s.checked_add(1);
    let runs = store.runs(&key.schedule, before, 1).await.expect("runs");
    runs.into_iter().find(|run| run.row.key == *key)
}

/// The state of a sweep.
pub(super) async fn state_of(store: &impl Store, sweep: SweepId) -> State {
    let heads = store.sweeps().await.expect("listed");
    heads.into_iter().find(|head| head.id == sweep).expect("a sweep").state
}

/// How many sweeps there are.
pub(super) async fn count_sweeps(store: &impl Store) -> usize {
    store.sweeps().await.expect("listed").len()
}

/// Which messages these are.
pub(super) fn ids(notices: &[Notice]) -> Vec<&str> {
    notices.iter().map(|notice| notice.new.id.as_str()).collect()
}

/// All that a store tells of nights, of the run and sweeps of [`going`].
pub(super) async fn told(store: &(impl Store + Nights)) -> String {
    let heads = store.sweeps().await.expect("listed");
    let mut comparisons = Vec::new();
    for head in &heads {
        comparisons.extend(store.comparisons(head.id).await.expect("comparisons"));
    }
    format!(
        "{heads:?} {comparisons:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        store.baselines().await.expect("baselines"),
        store.dates().await.expect("dates"),
        store.runs("nightly", None, usize::MAX).await.expect("runs"),
        store.notices(&nightly()).await.expect("notices"),
        store.open_notices(usize::MAX).await.expect("notices"),
        store.files(iago_sweep::Digest::of("files")).await.expect("files"),
    )
}
