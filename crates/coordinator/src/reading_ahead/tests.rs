use std::collections::BTreeMap;

use iago_ledger::Limits;
use iago_store::MemoryStore;
use iago_sweep::{
    Coordinate, Digest, Fact, Finish, JobId, LOCAL_POOL, Parse, Plan, ResultFact, Text, Usage,
};
use tokio::sync::oneshot;

use super::*;
use crate::inbox::{Order, Submission};
use crate::report::{Around, report};
use crate::settings::{PoolSettings, Settings};
use crate::{Sources, compile, lead};

const SWEEP: &str = r#"
name = "read-ahead"
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
answer = { tag = "FIRST", required = true }
[[outcomes]]
name = "done"
when = "reply.parse == 'ok'"
[[measures]]
name = "done"
of = "reply.parse == 'ok'"
"#;

const PROMPTS: u32 = 3;

/// A sweep whose answers are in this tag.
fn submission(tag: &str) -> Submission {
    let rows: String = (0..PROMPTS).map(|number| format!("p{number},request {number}\n")).collect();
    let files = BTreeMap::from([
        (String::new(), SWEEP.replace("FIRST", tag).into_bytes()),
        ("p.csv".to_owned(), format!("id,text\n{rows}").into_bytes()),
    ]);
    let sources = Sources { file_name: "sweep.toml".to_owned(), files, prompts_max: None };
    let plan = compile(&sources).expect("a sweep");
    let json = serde_json::to_vec(&plan).expect("a plan has a JSON form");
    let plan_digest = Digest::of(&json).as_bytes().to_vec();
    Submission { sources, plan_digest, ..Submission::default() }
}

/// A leader whose loop does not run: the test says what it takes. Its inbox lives as long as the
/// handle.
async fn leader(store: &Arc<MemoryStore>) -> (crate::Handle, Driver<MemoryStore>) {
    let limits = Limits { concurrency: Some(10), ..Limits::default() };
    let pool = |name: &str| PoolSettings { name: name.to_owned(), limits };
    let pools = vec![pool("lab"), pool(LOCAL_POOL)];
    let settings = Settings::alone("the test".to_owned(), pools, Vec::new());
    lead(Arc::clone(store), settings).await.expect("nobody else leads")
}

async fn hand_in(driver: &mut Driver<MemoryStore>, tag: &str) -> Taken {
    let mut actions = Vec::new();
    let taken = driver.submit(submission(tag), &mut actions).await.expect("it is taken in");
    driver.finish_turn(actions).await.expect("the store answers");
    taken
}

fn unread(taken: Taken) -> Unread {
    match taken {
        Taken::Unread(unread) => *unread,
        Taken::In(submitted) => panic!("{submitted:?} was loaded without being read"),
    }
}

/// Takes what was read beside the loop.
async fn take_next(driver: &mut Driver<MemoryStore>) {
    let message = driver.ends.inbox.recv().await.expect("a handle is held");
    let Message::Read(unread, read, waits) = message else { panic!("nobody else says anything") };
    let mut actions = Vec::new();
    driver.take_read(*unread, read, waits, &mut actions).await.expect("the store answers");
    driver.finish_turn(actions).await.expect("the store answers");
}

/// An answer to every prompt, each in the first tag.
async fn answer_all(store: &MemoryStore, term: u64, sweep: SweepId) {
    let facts = (0..PROMPTS).map(|prompt| {
        let at = Coordinate { prompt, ..Coordinate::default() };
        let fact = ResultFact {
            job: JobId::pack(at).expect("it is in range"),
            term,
            attempt: 1,
            finish: Finish::Stop,
            parse: Parse::Ok,
            label: None,
            opens: 0,
            decided: 1,
            usage: Usage::default(),
            cost: None,
            latency_ms: 1,
            calls: 1,
            throttles: 0,
            echoed_model: None,
            request: Digest::of(""),
            simulated: true,
        };
        let text = Text { raw: "<FIRST>yes</FIRST>".to_owned(), ..Text::default() };
        Fact::Result(Box::new(fact), text)
    });
    store.append(sweep, term, facts.collect()).await.expect("it is stored");
}

async fn plan_now(store: &MemoryStore, sweep: SweepId) -> Plan {
    let head = head(store, sweep).await.expect("it is there");
    stored_plan(store, sweep, head.revision).await.expect("it is a plan")
}

/// How many texts were read by the latest plan.
async fn read_by_now(store: &MemoryStore, sweep: SweepId) -> usize {
    let grammar = plan_now(store, sweep).await.grammar_of(0);
    store.readings(sweep, grammar, None, 100).await.expect("the store answers").len()
}

async fn state(store: &MemoryStore, sweep: SweepId) -> State {
    head(store, sweep).await.expect("it is there").state
}

/// A sweep that is done at its first revision, and stored at a second one that is not read yet.
async fn revised(driver: &mut Driver<MemoryStore>) -> Unread {
    let Taken::In(submitted) = hand_in(driver, "FIRST").await else { panic!("nothing to read") };
    answer_all(&driver.store, driver.term, SweepId(submitted.sweep)).await;
    unread(hand_in(driver, "SECOND").await)
}

#[tokio::test]
async fn a_new_leader_reads_beside_its_loop() {
    let store = Arc::new(MemoryStore::default());
    let (_, mut driver) = leader(&store).await;
    let sweep = revised(&mut driver).await.place.sweep;
    let (_handle, mut driver) = leader(&store).await;
    driver.resume_all().await.unwrap();
    assert_eq!((read_by_now(&store, sweep).await, driver.sweeps.len()), (0, 0));
    take_next(&mut driver).await;
    assert_eq!((read_by_now(&store, sweep).await, driver.sweeps.len()), (3, 1));
    assert_eq!(state(&store, sweep).await, State::Done);
}

#[tokio::test]
async fn an_order_is_answered_once_the_texts_are_read() {
    let store = Arc::new(MemoryStore::default());
    let (_handle, mut driver) = leader(&store).await;
    let sweep = revised(&mut driver).await.place.sweep;
    for order in [Order::Pause("ann".to_owned()), Order::Resume, Order::Retry] {
        let is_pause = matches!(order, Order::Pause(_));
        let mut actions = Vec::new();
        let steered = driver.steer(sweep, order, &mut actions).await.unwrap();
        driver.finish_turn(actions).await.unwrap();
        assert_eq!(steered.is_none(), is_pause);
        let Some(unread) = steered else { continue };
        let (reply, replied) = oneshot::channel();
        driver.read_ahead(*unread, Waits::Operator(reply));
        take_next(&mut driver).await;
        replied.await.unwrap().unwrap();
        assert_eq!(driver.sweeps[&sweep].revision, 1);
    }
}

#[tokio::test]
async fn a_revision_that_came_meanwhile_is_read_beside_the_loop_too() {
    let store = Arc::new(MemoryStore::default());
    let (_handle, mut driver) = leader(&store).await;
    let second = revised(&mut driver).await;
    let sweep = second.place.sweep;
    let third = unread(hand_in(&mut driver, "THIRD").await);
    assert_eq!((second.place.revision, third.place.revision), (1, 2));
    let (reply, replied) = oneshot::channel();
    driver.read_ahead(second, Waits::Submitter(reply));
    take_next(&mut driver).await;
    assert_eq!((read_by_now(&store, sweep).await, driver.sweeps[&sweep].revision), (0, 0));
    take_next(&mut driver).await;
    assert_eq!((read_by_now(&store, sweep).await, driver.sweeps[&sweep].revision), (3, 2));
    assert_eq!(replied.await.unwrap().unwrap().revision, 2);
}

#[tokio::test]
async fn an_end_of_the_revision_before_is_no_end_of_the_sweep() {
    let store = Arc::new(MemoryStore::default());
    let (_handle, mut driver) = leader(&store).await;
    let unread = revised(&mut driver).await;
    let sweep = unread.place.sweep;
    driver.act(vec![Action::Finished(sweep)]).await.unwrap();
    assert_eq!(state(&store, sweep).await, State::Running, "somebody must go on reading");
    assert!(!driver.endings.contains_key(&sweep));
    driver.read_ahead(unread, Waits::Nobody);
    take_next(&mut driver).await;
    assert_eq!(state(&store, sweep).await, State::Done);
}

#[tokio::test]
async fn a_sweep_that_was_stopped_while_it_was_read_stays_stopped() {
    let store = Arc::new(MemoryStore::default());
    let (_handle, mut driver) = leader(&store).await;
    let unread = revised(&mut driver).await;
    let sweep = unread.place.sweep;
    let (reply, replied) = oneshot::channel();
    driver.read_ahead(unread, Waits::Submitter(reply));
    let mut actions = Vec::new();
    driver.steer(sweep, Order::Cancel, &mut actions).await.unwrap();
    driver.finish_turn(actions).await.unwrap();
    take_next(&mut driver).await;
    assert_eq!(replied.await.unwrap().unwrap_err().code(), Code::FailedPrecondition);
    assert_eq!(state(&store, sweep).await, State::Cancelled);
}

#[tokio::test]
async fn a_report_is_interim_until_all_texts_are_read_in_one_way() {
    let store = Arc::new(MemoryStore::default());
    let (_handle, mut driver) = leader(&store).await;
    let unread = revised(&mut driver).await;
    let sweep = unread.place.sweep;
    let plan = plan_now(&store, sweep).await;
    let told = report(&*store, sweep, &plan, Around::default()).await.unwrap();
    assert_eq!(told.interim.map(|interim| interim.open), Some(3));
    driver.read_ahead(unread, Waits::Nobody);
    take_next(&mut driver).await;
    let told = report(&*store, sweep, &plan, Around::default()).await.unwrap();
    assert_eq!(told.interim, None);
}

/// The state in the store is the same before and after: only that somebody stopped it tells.
#[tokio::test]
async fn a_pause_of_what_is_being_resumed_holds() {
    let store = Arc::new(MemoryStore::default());
    let (_handle, mut driver) = leader(&store).await;
    let sweep = revised(&mut driver).await.place.sweep;
    let pause = || Order::Pause("somebody".to_owned());
    let mut actions = Vec::new();
    driver.steer(sweep, pause(), &mut actions).await.unwrap();
    let resumed = driver.steer(sweep, Order::Resume, &mut actions).await.unwrap();
    let unread = resumed.expect("its texts are to be read first");
    let (reply, replied) = oneshot::channel();
    driver.read_ahead(*unread, Waits::Operator(reply));
    driver.steer(sweep, pause(), &mut actions).await.unwrap();
    driver.finish_turn(actions).await.unwrap();
    take_next(&mut driver).await;
    assert_eq!(replied.await.unwrap().unwrap_err().code(), Code::FailedPrecondition);
    assert!(matches!(state(&store, sweep).await, State::Paused(_)));
}
