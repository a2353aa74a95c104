//! What became of due times, one change after another.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::due::{
    ODD, going, ids, key, nightly, notice, open, over, record, recording, start, state, state_of,
    stored, told,
};
use super::facts::lead;
use super::schedules::keep;
use crate::{Change, Changed, Nights, Recording, RunRow, State, Store, StoredRun};

/// Whoever records it again is told what is there.
pub async fn a_due_time_is_recorded_once<S: Store + Nights>(store: S) {
    let term = lead(&store, "this case").await;
    for key in [key("nightly", 5), key("nightly", 6), key("night\0ly", 5)] {
        let first = open(&key, "starting");
        let recorded = record(&store, term, recording(first.clone(), None)).await;
        assert_eq!(recorded, Changed::Stored);
        for second in [over(&key, "skipped"), first.clone()] {
            let refused = record(&store, term, recording(second, None)).await;
            assert_eq!(refused, Changed::Found(Box::new(first.clone())));
        }
        let run = StoredRun { row: first, sweep: None, verdict: None };
        assert_eq!(stored(&store, &key).await, Some(run));
    }
}

/// And from no other one, to the byte.
pub async fn a_run_is_replaced_in_the_state_that_it_is_believed_to_have<S: Store + Nights>(
    store: S,
) {
    let term = lead(&store, "this case").await;
    let missing = recording(open(&nightly(), "starting"), Some("waiting"));
    assert_eq!(record(&store, term, missing).await, Changed::Absent);
    assert_eq!(stored(&store, &nightly()).await, None);
    start(&store, term, &nightly()).await;
    let there = Changed::Found(Box::new(open(&nightly(), "starting")));
    for was in ["{\"state\":\"waiting\"}", "{\"state\": \"starting\"}", ""] {
        let was = Some(was.as_bytes().to_vec());
        let stale = Recording { was, ..recording(over(&nightly(), "missed"), None) };
        assert_eq!(record(&store, term, stale).await, there);
    }
    let next = over(&nightly(), "failed");
    let recorded = record(&store, term, recording(next.clone(), Some("starting"))).await;
    assert_eq!(recorded, Changed::Stored);
    assert_eq!(stored(&store, &nightly()).await.map(|run| run.row), Some(next));
}

/// All of one transaction, in their order.
pub async fn a_change_sees_those_before_it<S: Store + Nights>(store: S) {
    let term = lead(&store, "this case").await;
    let step = |row: RunRow, was| Change::Record(Box::new(recording(row, was)));
    let changes = vec![
        step(open(&nightly(), "waiting"), None),
        step(open(&nightly(), "starting"), Some("waiting")),
        step(over(&nightly(), "missed"), Some("waiting")),
        step(over(&nightly(), "skipped"), None),
        step(over(&nightly(), "failed"), Some("starting")),
    ];
    let found = Changed::Found(Box::new(open(&nightly(), "starting")));
    let expected = [Changed::Stored, Changed::Stored, found.clone(), found, Changed::Stored];
    assert_eq!(store.change(term, changes).await.expect("changed"), expected);
    let row = stored(&store, &nightly()).await.map(|run| run.row);
    assert_eq!(row, Some(over(&nightly(), "failed")));
    assert_eq!(store.change(term, Vec::new()).await.expect("changed"), []);
}

/// And nothing of itself: no verdict, no message, no cancellation.
pub async fn a_refused_record_leaves_all_others_written<S: Store + Nights>(store: S) {
    let term = lead(&store, "this case").await;
    let (sweep, anchors) = going(&store, term).await;
    let before = told(&store).await;
    let stale = telling(over(&nightly(), "expired"), Some("starting"), "stale");
    let absent = telling(over(&key("nightly", 1), "ended"), Some("running"), "absent");
    let refused = vec![stale, absent].into_iter().map(|it| Change::Record(Box::new(it)));
    let found = Changed::Found(Box::new(open(&nightly(), "running")));
    let changed = store.change(term, refused.clone().collect()).await.expect("changed");
    assert_eq!(changed, [found.clone(), Changed::Absent]);
    assert_eq!(told(&store).await, before);

    let written = telling(over(&key("nightly", 2), "missed"), None, "written");
    let mut changes: Vec<Change> = vec![keep("a", "one", "1")];
    changes.extend(refused);
    changes.extend([Change::Record(Box::new(written)), keep("b", "one", "1")]);
    let expected = [Changed::Stored, found, Changed::Absent, Changed::Stored, Changed::Stored];
    assert_eq!(store.change(term, changes).await.expect("changed"), expected);
    assert_eq!(store.dates().await.expect("dates").schedules.len(), 2);
    assert_eq!(ids(&store.open_notices(9).await.expect("notices")), ["written"]);
    let run = stored(&store, &key("nightly", 2)).await.expect("written");
    assert_eq!(run.verdict, Some(b"{\"of\":\"written\"}".to_vec()));
    for sweep in [sweep, anchors] {
        assert_eq!(state_of(&store, sweep).await, State::Running);
    }
}

/// Whatever is recorded of it later; another one takes its place.
pub async fn a_verdict_stays_with_its_run<S: Store + Nights>(store: S) {
    let term = lead(&store, "this case").await;
    start(&store, term, &nightly()).await;
    let steps = [
        ("starting", "running", None, None),
        ("running", "ended", Some("{\"first\":\"\u{e4}\\u0000\"}"), Some(0)),
        ("ended", "ended", None, Some(0)),
        ("ended", "ended", Some(" {\"second\":1}\n"), Some(1)),
    ];
    let verdicts = ["{\"first\":\"\u{e4}\\u0000\"}", " {\"second\":1}\n"];
    for (was, word, verdict, expected) in steps {
        let verdict = verdict.map(|verdict| verdict.as_bytes().to_vec());
        let next = Recording { verdict, ..recording(open(&nightly(), word), Some(was)) };
        assert_eq!(record(&store, term, next).await, Changed::Stored);
        let expected = expected.map(|at: usize| verdicts[at].as_bytes().to_vec());
        assert_eq!(stored(&store, &nightly()).await.expect("stored").verdict, expected);
        assert_eq!(store.dates().await.expect("dates").runs[0].verdict, expected);
    }
}

/// The sweep of the run and the one of its anchors, and no other.
pub async fn what_is_cancelled_takes_its_anchors_along<S: Store + Nights>(store: S) {
    let term = lead(&store, "this case").await;
    let (sweep, anchors) = going(&store, term).await;
    store.control(term, anchors, State::Paused("401".to_owned())).await.expect("controlled");
    let next =
        Recording { cancels: true, ..recording(over(&nightly(), "expired"), Some("running")) };
    assert_eq!(record(&store, term, next).await, Changed::Stored);
    for head in store.sweeps().await.expect("listed") {
        let is_of_the_run = [sweep, anchors].contains(&head.id);
        let expected = if is_of_the_run { State::Cancelled } else { State::Running };
        assert_eq!(head.state, expected, "{}", head.name);
    }
}

/// Each for itself.
pub async fn what_is_done_is_not_cancelled<S: Store + Nights>(store: S) {
    let term = lead(&store, "this case").await;
    let (sweep, anchors) = going(&store, term).await;
    store.control(term, sweep, State::Done).await.expect("controlled");
    let next = Recording { cancels: true, ..recording(open(&nightly(), "late"), Some("running")) };
    assert_eq!(record(&store, term, next).await, Changed::Stored);
    assert_eq!(state_of(&store, sweep).await, State::Done);
    assert_eq!(state_of(&store, anchors).await, State::Cancelled);
}

/// It may expire before it begins.
pub async fn a_run_without_a_sweep_cancels_nothing<S: Store + Nights>(store: S) {
    let term = lead(&store, "this case").await;
    let (sweep, anchors) = going(&store, term).await;
    let other = key("nightly", 3);
    start(&store, term, &other).await;
    let steps = [(key("nightly", 4), None), (other, Some("starting"))];
    for (key, was) in steps {
        let next = Recording { cancels: true, ..recording(over(&key, "missed"), was) };
        assert_eq!(record(&store, term, next).await, Changed::Stored);
    }
    for sweep in [sweep, anchors] {
        assert_eq!(state_of(&store, sweep).await, State::Running);
    }
}

/// Of one schedule, strictly before a moment, at most so many.
pub async fn runs_come_in_pages_the_latest_first<S: Store + Nights>(store: S) {
    let term = lead(&store, "this case").await;
    let dues = [i64::MIN, -1, 0, 1_790_000_000, i64::MAX];
    for due_s in [dues[3], dues[0], dues[4], dues[1], dues[2]] {
        record(&store, term, recording(over(&key("nightly", due_s), "ended"), None)).await;
        for name in ODD {
            record(&store, term, recording(open(&key(name, due_s), "starting"), None)).await;
        }
    }
    let all: Vec<i64> = dues.into_iter().rev().collect();
    for name in ["nightly"].into_iter().chain(ODD) {
        for (before_s, limit, from) in
            [(None, usize::MAX, 0), (None, 2, 0), (Some(1), 9, 2), (Some(0), 1, 3), (None, 0, 0)]
        {
            let runs = store.runs(name, before_s, limit).await.expect("runs");
            let found: Vec<i64> = runs.iter().map(|run| run.row.key.due_s).collect();
            let to = all.len().min(from + limit.min(all.len()));
            assert_eq!(found, all[from..to], "before {before_s:?}, at most {limit}");
            assert!(runs.iter().all(|run| run.row.key.schedule == name), "{runs:?}");
        }
    }
    assert_eq!(store.runs("nightly", Some(i64::MIN), 9).await.expect("runs"), []);
    assert_eq!(store.runs("Nightly", None, 9).await.expect("runs"), []);
}

/// Of coordinators that both believe to lead, one records a due time, and the other finds it.
pub async fn those_who_record_one_due_time_at_once_agree<S: Store + Nights>(store: S) {
    let term = lead(&store, "this case").await;
    let store = Arc::new(store);
    for due_s in 0..4 {
        let mut racers = JoinSet::new();
        for word in ["a", "b", "c", "d"] {
            let store = Arc::clone(&store);
            let told = telling(open(&key("nightly", due_s), word), None, &format!("{word}{due_s}"));
            racers.spawn(async move {
                let changes = vec![keep("nightly", word, word), Change::Record(Box::new(told))];
                (word, store.change(term, changes).await.expect("changed"))
            });
        }
        let outcomes = racers.join_all().await;
        let row = stored(&*store, &key("nightly", due_s)).await.expect("recorded").row;
        let found = Changed::Found(Box::new(row.clone()));
        for (word, changed) in outcomes {
            let is_first = state(word) == row.state;
            let expected = if is_first { Changed::Stored } else { found.clone() };
            assert_eq!(changed, [Changed::Stored, expected], "{word}");
        }
    }
    assert_eq!(store.open_notices(99).await.expect("notices").len(), 4, "one of each");
}

/// Those that record the same due times in opposite orders wait for each other, and all come through.
pub async fn changes_that_cross_come_through<S: Store + Nights>(store: S) {
    const DUE: i64 = 8;
    let term = lead(&store, "this case").await;
    let store = Arc::new(store);
    let mut racers = JoinSet::new();
    for word in ["a", "b", "c", "d"] {
        let store = Arc::clone(&store);
        let told =
            |due_s| telling(open(&key("nightly", due_s), word), None, &format!("{word}{due_s}"));
        let mut changes: Vec<_> =
            (0..DUE).map(|due_s| Change::Record(Box::new(told(due_s)))).collect();
        if ["b", "d"].contains(&word) {
            changes.reverse();
        }
        racers.spawn(async move { store.change(term, changes).await.expect("changed") });
    }
    let outcomes: Vec<Changed> = racers.join_all().await.into_iter().flatten().collect();
    let first = outcomes.iter().filter(|changed| **changed == Changed::Stored).count();
    assert_eq!(i64::try_from(first), Ok(DUE), "{outcomes:?}");
    assert!(!outcomes.contains(&Changed::Absent), "{outcomes:?}");
    assert_eq!(i64::try_from(store.open_notices(99).await.expect("notices").len()), Ok(DUE));
}

/// From one state to the next there is one step.
pub async fn those_who_replace_one_state_at_once_agree<S: Store + Nights>(store: S) {
    let term = lead(&store, "this case").await;
    start(&store, term, &nightly()).await;
    let store = Arc::new(store);
    let mut racers = JoinSet::new();
    for word in ["a", "b", "c", "d", "e", "f"] {
        let store = Arc::clone(&store);
        let told = telling(over(&nightly(), word), Some("starting"), word);
        racers.spawn(async move { record(&*store, term, told).await });
    }
    let outcomes = racers.join_all().await;
    let run = stored(&*store, &nightly()).await.expect("recorded");
    let found = Changed::Found(Box::new(run.row.clone()));
    assert_eq!(outcomes.iter().filter(|it| **it == Changed::Stored).count(), 1);
    assert_eq!(outcomes.iter().filter(|it| **it == found).count(), 5);
    let notices = store.open_notices(9).await.expect("notices");
    let [told] = ids(&notices).try_into().expect("one message");
    assert_eq!(run.row.state, state(told));
    assert_eq!(run.verdict, Some(format!("{{\"of\":\"{told}\"}}").into_bytes()));
}

/// All that a record may bring along, by one name.
fn telling(row: RunRow, was: Option<&str>, name: &str) -> Recording {
    Recording {
        cancels: true,
        verdict: Some(format!("{{\"of\":\"{name}\"}}").into_bytes()),
        notices: vec![notice(name)],
        ..recording(row, was)
    }
}
