//! What becomes of due times, with a store in memory, paused time, and a clock that goes with it. Nobody
//! works on the sweeps: they end because a person cancels them, or by their deadline.

mod dying;
mod failing;
mod fragile;
mod taking_over;

use std::collections::BTreeMap;
use std::time::Duration;

use iago_ledger::Limits;
use iago_nightly::{Missed, Origin, Skipped, Terms, Word};
use iago_store::{Kind, MemoryStore};
use iago_sweep::LOCAL_POOL;
use tokio::sync::oneshot;
use tokio::time::sleep;

use super::*;
use crate::clock::Clock;
use crate::inbox::{Handle, Order};
use crate::settings::{PoolSettings, Settings};
use crate::{Sources, compile, lead};

const SWEEP: &str = r#"
name = "small"
seed = 1
repeats = 1
[prompts]
path = "p.csv"
id = "id"
fields = { request = "text" }
[defaults]
endpoint = "lab"
max_output_tokens = 16
temperature = 1.0
[models.m]
id = "m"
[stages.reply]
kind = "generate"
messages = [{ role = "user", template = "{{ request }}" }]
[stages.reply.fields]
answer = { tag = "OUTPUT", required = true }
[[outcomes]]
name = "done"
when = "reply.parse == 'ok'"
[[measures]]
name = "done"
of = "reply.parse == 'ok'"
[[gates]]
measure = "done"
better = "higher"
margin = 0.05
tier = "critical"
"#;

const NAME: &str = "nightly";
/// How long a run has that nobody is patient with.
const SHORT: &str = "start_within = \"1m\"\ndone_within = \"2m\"";
const SECOND: Duration = Duration::from_secs(1);

/// A minute before it is due.
fn noon() -> Timestamp {
    "2026-09-15T11:59:00Z".parse().expect("a moment")
}

/// Due at noon in UTC, and tells everybody of everything.
fn terms(more: &str) -> Terms {
    let text = format!(
        "sweep = \"small.toml\"\nzone = \"UTC\"\ncron = \"0 12 * * *\"\n{more}\n\
         tell = [{{ webhook = \"all\", on = [\"missed\", \"deadline\", \"infrastructure\", \
         \"inconclusive\", \"unreliable-baseline\", \"pass\"] }}]\n"
    );
    Terms::read(&text).expect("terms")
}

fn offer(terms: Terms) -> Offer {
    offer_of(terms, SWEEP)
}

fn offer_of(terms: Terms, text: &str) -> Offer {
    let files = BTreeMap::from([
        (String::new(), text.as_bytes().to_vec()),
        ("p.csv".to_owned(), b"id,text\np1,one\np2,two\n".to_vec()),
    ]);
    let sources =
        Sources { file_name: "small.toml".to_owned(), files: files.clone(), prompts_max: None };
    let plan = compile(&sources).expect("a sweep");
    let schedule = terms.pin(name(), content_of(&files));
    Offer { schedule, files, plan }
}

fn name() -> ScheduleName {
    NAME.parse().expect("a name")
}

fn settings(clock: Clock) -> Settings {
    let limits = Limits { concurrency: Some(10), ..Limits::default() };
    let pool = |name: &str| PoolSettings { name: name.to_owned(), limits };
    let pools = vec![pool("lab"), pool(LOCAL_POOL)];
    let alone = Settings::alone("the test".to_owned(), pools, Vec::new());
    Settings { resumes: true, clock, ..alone }
}

/// A coordinator that leads; it is killed when this is dropped.
struct Leader {
    handle: Handle,
    _running: AbortOnDropHandle<()>,
}

impl Leader {
    async fn new<S: Store + Nights>(store: Arc<S>, clock: Clock) -> Self {
        let (handle, driver) = lead(store, settings(clock)).await.expect("nobody else leads");
        Self { handle, _running: AbortOnDropHandle::new(tokio::spawn(driver.run())) }
    }

    async fn wish(&self, wish: Wish) -> Result<(), Status> {
        let (reply, replied) = oneshot::channel();
        let told = self.handle.inbox.send(Message::Wish(Box::new(wish), reply)).await;
        assert!(told.is_ok(), "it leads");
        replied.await.expect("it answers")
    }

    async fn put(&self, more: &str) {
        self.wish(Wish::Put(Box::new(offer(terms(more))))).await.expect("it is taken");
    }

    async fn steer(&self, sweep: SweepId, order: Order) {
        let (reply, replied) = oneshot::channel();
        let told = self.handle.inbox.send(Message::Steer(sweep, order, reply)).await;
        assert!(told.is_ok(), "it leads");
        replied.await.expect("it answers").expect("it is done");
    }
}

/// A store with a coordinator that leads from a minute before noon, with a schedule.
async fn led(more: &str) -> (Arc<MemoryStore>, Clock, Leader) {
    let (store, clock) = (Arc::new(MemoryStore::default()), Clock::set(noon()));
    let leader = Leader::new(Arc::clone(&store), clock).await;
    leader.put(more).await;
    (store, clock, leader)
}

/// All runs, the first due first.
async fn runs(store: &MemoryStore) -> Vec<(Run, StoredRun)> {
    let mut runs = store.runs(NAME, None, 1_000).await.expect("the store answers");
    runs.reverse();
    let read = |stored: StoredRun| (read_run(&stored.row.run).expect("a run"), stored);
    runs.into_iter().map(read).collect()
}

async fn states(store: &MemoryStore) -> Vec<RunState> {
    runs(store).await.into_iter().map(|(run, _)| run.state).collect()
}

fn morning(stored: &StoredRun) -> Option<Morning> {
    let json = stored.verdict.as_ref()?;
    Some(serde_json::from_slice(json).expect("a morning"))
}

async fn sweeps(store: &MemoryStore) -> Vec<(Kind, iago_store::State)> {
    let heads = store.sweeps().await.expect("the store answers");
    heads.into_iter().rev().map(|head| (head.kind, head.state)).collect()
}

async fn messages(store: &MemoryStore) -> usize {
    store.open_notices(1_000).await.expect("the store answers").len()
}

/// The sweep of the latest run, once there is one.
async fn sweep_of_run(store: &MemoryStore) -> SweepId {
    loop {
        if let Some(sweep) = runs(store).await.last().and_then(|(_, stored)| stored.sweep) {
            return sweep;
        }
        sleep(SECOND / 10).await;
    }
}

/// The state of the latest run, once it is over.
async fn end(store: &MemoryStore) -> RunState {
    loop {
        match states(store).await.pop() {
            Some(state) if state.is_over() => return state,
            Some(_) | None => sleep(SECOND / 10).await,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_due_time_becomes_one_run_that_is_judged_when_it_has_ended() {
    let (store, _, leader) = led("").await;
    sleep(59 * SECOND).await;
    assert!(runs(&store).await.is_empty(), "it is not due yet");
    let sweep = sweep_of_run(&store).await;
    assert_eq!(states(&store).await, [RunState::Running]);
    assert_eq!(sweeps(&store).await, [(Kind::Night, iago_store::State::Running)]);
    leader.steer(sweep, Order::Cancel).await;
    assert_eq!(end(&store).await, RunState::Ended);
    let (run, stored) = runs(&store).await.remove(0);
    let told = morning(&stored).expect("it was judged");
    assert_eq!((told.run, told.sweep), (Some(run.key), Some(sweep)));
    assert_eq!(told.word, Word::Infrastructure, "somebody cancelled it");
    assert_eq!(messages(&store).await, 1);
    sleep(3600 * SECOND).await;
    assert_eq!(runs(&store).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_a_person_paused_has_not_come_to_an_end() {
    let (store, _, leader) = led("").await;
    let sweep = sweep_of_run(&store).await;
    leader.steer(sweep, Order::Pause("somebody".to_owned())).await;
    sleep(3600 * SECOND).await;
    assert_eq!(states(&store).await, [RunState::Running]);
    leader.steer(sweep, Order::Resume).await;
    leader.steer(sweep, Order::Cancel).await;
    assert_eq!(end(&store).await, RunState::Ended);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_not_done_by_its_deadline_is_cancelled_and_says_so() {
    let (store, _, _leader) = led(SHORT).await;
    sweep_of_run(&store).await;
    assert_eq!(end(&store).await, RunState::Expired);
    assert_eq!(sweeps(&store).await, [(Kind::Night, iago_store::State::Cancelled)]);
    let (_, stored) = runs(&store).await.remove(0);
    let told = morning(&stored).expect("it is told");
    assert_eq!((told.word, told.sweep), (Word::Deadline, stored.sweep));
    assert_eq!(messages(&store).await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_due_time_while_the_last_run_is_going_is_skipped_or_waits() {
    for (overlap, second) in [
        ("skip", RunState::Skipped { why: Skipped::StillGoing { due: due(0) } }),
        ("queue", RunState::Waiting),
    ] {
        let (store, clock) = (Arc::new(MemoryStore::default()), Clock::set(noon()));
        let leader = Leader::new(Arc::clone(&store), clock).await;
        let often =
            Terms { timetable: every_ten_minutes(), ..terms(&format!("overlap = \"{overlap}\"")) };
        leader.wish(Wish::Put(Box::new(offer(often)))).await.expect("it is taken");
        let sweep = sweep_of_run(&store).await;
        sleep(600 * SECOND).await;
        assert_eq!(states(&store).await, [RunState::Running, second.clone()], "{overlap}");
        leader.steer(sweep, Order::Cancel).await;
        sleep(2 * SECOND).await;
        let now = if second.is_over() { second } else { RunState::Running };
        assert_eq!(states(&store).await, [RunState::Ended, now], "{overlap}");
    }
}

fn every_ten_minutes() -> iago_nightly::Timetable {
    iago_nightly::Timetable::new("*/10 * * * *", "UTC").expect("a timetable")
}

/// So many minutes after noon.
fn due(minutes: i64) -> Timestamp {
    noon() + jiff::SignedDuration::from_mins(1 + minutes)
}

#[tokio::test(start_paused = true)]
async fn nobody_was_there_when_it_was_due_and_that_is_told() {
    let (store, clock, leader) = led("start_within = \"30m\"").await;
    drop(leader);
    sleep(2 * 3600 * SECOND).await;
    let _next = Leader::new(Arc::clone(&store), clock).await;
    assert_eq!(end(&store).await, RunState::Missed { why: Missed::Late });
    let (_, stored) = runs(&store).await.remove(0);
    assert!(morning(&stored).expect("it is told").missed);
    assert_eq!((messages(&store).await, sweeps(&store).await), (1, Vec::new()));
}

#[tokio::test(start_paused = true)]
async fn a_schedule_that_is_paused_skips_and_stays_paused_when_it_is_added_again() {
    let (store, _, leader) = led("").await;
    leader.wish(Wish::Pause(name())).await.expect("it is there");
    leader.put("priority = 1").await;
    sleep(70 * SECOND).await;
    assert_eq!(states(&store).await, [RunState::Skipped { why: Skipped::Paused }]);
    assert_eq!(messages(&store).await, 0);
    leader.wish(Wish::RunNow(name())).await.expect("somebody wants it all the same");
    sweep_of_run(&store).await;
    let (run, _) = runs(&store).await.remove(1);
    assert_eq!((run.origin, run.state), (Origin::Asked, RunState::Running));
    sleep(2 * SECOND).await;
    let refused = leader.wish(Wish::RunNow(name())).await.expect_err("one is going");
    assert!(refused.message().contains("`nightly`") && refused.message().contains("still going"));
    leader.wish(Wish::Remove(name())).await.expect("it is there");
    let gone = leader.wish(Wish::Resume(name())).await.expect_err("it is gone");
    assert_eq!(gone.code(), tonic::Code::NotFound);
}

#[tokio::test(start_paused = true)]
async fn a_night_whose_baseline_is_not_there_runs_and_is_never_a_pass() {
    let (store, _, leader) = led("baseline = { pinned = \"good\" }").await;
    let sweep = sweep_of_run(&store).await;
    leader.steer(sweep, Order::Cancel).await;
    end(&store).await;
    let (_, stored) = runs(&store).await.remove(0);
    let told = morning(&stored).expect("it was judged");
    assert!(told.word < Word::Regression, "{}", told.word);
    assert!(told.why.expect("it says why").contains("no baseline named `good`"));
}

/// What came in time is not late because whoever led went away before it was judged.
#[tokio::test(start_paused = true)]
async fn a_run_that_ended_in_time_is_judged_by_whoever_leads_after_its_deadline() {
    let (store, clock, leader) = led(SHORT).await;
    let sweep = sweep_of_run(&store).await;
    drop(leader);
    let term = store.lead("somebody", Duration::ZERO).await.expect("nobody leads");
    store.control(term, sweep, iago_store::State::Done).await.expect("it is there");
    sleep(3600 * SECOND).await;
    let _next = Leader::new(Arc::clone(&store), clock).await;
    assert_eq!(end(&store).await, RunState::Ended);
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_was_replaced_writes_nothing_at_the_due_minute() {
    let (store, clock, _deposed) = led("").await;
    let leader = Leader::new(Arc::clone(&store), clock).await;
    let sweep = sweep_of_run(&store).await;
    sleep(SECOND).await;
    assert_eq!(sweeps(&store).await.len(), 1);
    leader.steer(sweep, Order::Cancel).await;
    assert_eq!(end(&store).await, RunState::Ended);
    assert_eq!((runs(&store).await.len(), messages(&store).await), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_sweep_that_cannot_be_worked_on_is_no_schedule() {
    let (store, clock) = (Arc::new(MemoryStore::default()), Clock::set(noon()));
    let leader = Leader::new(Arc::clone(&store), clock).await;
    let mut offered = offer(terms(""));
    offered.plan.models[0].endpoint = "nowhere".to_owned();
    let refused = leader.wish(Wish::Put(Box::new(offered))).await.expect_err("no such pool");
    assert!(refused.message().contains("nowhere"), "{}", refused.message());
    assert!(store.dates().await.expect("the store answers").schedules.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_run_whose_files_are_gone_fails_and_says_so() {
    let (store, _, leader) = led("").await;
    let offered = offer(terms(""));
    let elsewhere = Schedule { content: iago_sweep::Digest::of("nothing"), ..offered.schedule };
    let standing = iago_nightly::Standing { schedule: elsewhere, since: noon(), last_due: None };
    drop(leader);
    let term = store.lead("somebody", Duration::ZERO).await.expect("nobody leads");
    let keep = iago_store::Change::Keep {
        name: NAME.to_owned(),
        version: standing.schedule.version(),
        schedule: rows::json(&standing.schedule),
        standing: rows::json(&standing),
    };
    store.change(term, vec![keep]).await.expect("it leads");
    let _next = Leader::new(Arc::clone(&store), Clock::set(noon())).await;
    let RunState::Failed { why } = end(&store).await else { panic!("it has no files") };
    assert!(why.contains("add the schedule again"), "{why}");
    let (_, stored) = runs(&store).await.remove(0);
    assert_eq!(morning(&stored).expect("it is told").word, Word::Infrastructure);
}
