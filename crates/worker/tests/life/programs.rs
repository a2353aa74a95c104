//! Scores by a program: real processes, written for the plainest of shells.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use iago_protocol::{Delivery, FromCoordinator, FromWorker, Outcome};
use iago_sweep::{Label, Money, Plan, Says, Scorer};
use iago_worker::{ProgramSettings, Settings};
use serde_json::Value;

use crate::coordinator::{Coordinator, Stream, soon};
use crate::sweep::{Changed, ask_for, score_stage};
use crate::worker::{Worker, settings};

const PLENTY: u64 = 1 << 30;
pub(crate) const POOL: &str = "local.judge";
const MIB: u64 = 1024 * 1024;
/// Bytes of an answer that no pipe holds at once.
const LONG: usize = 1024 * 1024;

/// A program that does this for each request, where `$line` is the request and `$id` its number.
pub(crate) fn script(body: &str) -> ProgramSettings {
    let each = r#"id=${line#*\"id\":}; id=${id%%,*}"#;
    let script = format!("while IFS= read -r line; do {each}\n{body}\ndone");
    ProgramSettings {
        command: ["sh", "-c", &script].map(str::to_owned).to_vec(),
        environment: BTreeMap::new(),
        timeout: Duration::from_secs(20),
        memory_bytes_max: 256 * MIB,
        concurrency: 1,
    }
}

/// Says `good`, with a note.
pub(crate) fn good(note: &str) -> String {
    format!(r#"printf '{{"id":%s,"label":"good","version":"v7","note":"%s"}}\n' "$id" "{note}""#)
}

pub(crate) fn by_program(plan: &mut Plan) {
    ask_for(plan, None);
    let says = Says::Labels(vec!["good".to_owned(), "bad".to_owned()]);
    let (program, sees) = ("judge".to_owned(), vec!["answer".to_owned(), "request".to_owned()]);
    plan.stages.push(score_stage("judged", Scorer::External { program, sees, says }));
}

pub(crate) fn with(program: ProgramSettings) -> Settings {
    Settings { programs: BTreeMap::from([("judge".to_owned(), program)]), ..settings() }
}

/// A worker with this program and one job for each answer.
pub(crate) async fn begin(
    program: ProgramSettings,
    answers: &[&str],
) -> (Stream, Worker, Coordinator) {
    begin_with(with(program), answers).await
}

pub(crate) async fn begin_with(
    settings: Settings,
    answers: &[&str],
) -> (Stream, Worker, Coordinator) {
    let mut coordinator = Coordinator::start().await;
    let worker = Worker::start(&coordinator, settings).await;
    let (mut stream, inventory) = coordinator.greet(4).await;
    assert!(inventory.pools.contains(&POOL.to_owned()), "{:?}", inventory.pools);
    stream.say(FromCoordinator::ResultCredit(PLENTY)).await;
    stream.allow(POOL, 1000).await;
    let sweep = Changed::new(by_program);
    let jobs = (0..).zip(answers).map(|(nth, said)| sweep.assignment(1, nth, &[said]));
    stream.assign(jobs).await;
    stream.answer_need_with(sweep.json).await;
    (stream, worker, coordinator)
}

/// What becomes of these answers, in their order.
pub(crate) async fn run(program: ProgramSettings, answers: &[&str]) -> Vec<Delivery> {
    let (mut stream, _worker, _coordinator) = begin(program, answers).await;
    let mut delivered = stream.deliveries(answers.len()).await;
    delivered.sort_by_key(|one| one.job);
    delivered
}

/// A score's label and its reply.
pub(crate) fn reply(delivery: &Delivery) -> (Label, Value) {
    assert_eq!((delivery.calls, delivery.cost), (0, Some(Money::ZERO)));
    let Outcome::Answered { label: Some(label), text, .. } = &delivery.outcome else {
        panic!("no score: {delivery:?}")
    };
    (label.clone(), serde_json::from_str(&text.raw).expect("it is the reply"))
}

pub(crate) fn note(delivery: &Delivery) -> String {
    reply(delivery).1["note"].as_str().expect("it is a text").to_owned()
}

/// Waits until this process runs no more.
#[cfg(target_os = "linux")]
pub(crate) async fn is_gone(pid: &str) {
    let stat = format!("/proc/{pid}/stat");
    // Where nobody asks how it ended, its number is kept, and its state is `Z`.
    let runs = || std::fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z "));
    soon("the end of a process", async {
        while runs() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_program_says_what_its_stage_asks_for() {
    let delivered = run(script(&good("")), &["<OUT>fine</OUT>"]).await;
    assert_eq!(reply(&delivered[0]).0, Label::Word("good".to_owned()));
    let Outcome::Answered { echoed_model, .. } = &delivered[0].outcome else { unreachable!() };
    assert_eq!(echoed_model.as_deref(), Some("v7"));
    assert!(!delivered[0].simulated);
}

#[tokio::test]
async fn it_is_told_which_transcript_it_is_and_what_its_stage_sees() {
    let echo = r#"printf '%s,"label":"bad"}\n' "${line%?}""#;
    let delivered = run(script(echo), &["<OUT>fine</OUT> and more"]).await;
    let request = reply(&delivered[0]).1;
    let expected = serde_json::json!({
        "id": 1, "label": "bad", "sweep": "echoes", "prompt": "hello", "model": "echo",
        "condition": "only", "repeat": 0, "values": { "answer": "fine", "request": "Hello!" },
    });
    assert_eq!(request, expected);
}

#[tokio::test]
async fn one_process_is_kept_for_all_requests_and_there_are_no_more_than_are_allowed() {
    let answers = ["<OUT>fine</OUT>"; 20];
    let pids = |delivered: Vec<Delivery>| delivered.iter().map(note).collect::<BTreeSet<_>>();
    assert_eq!(pids(run(script(&good("$$")), &answers).await).len(), 1);
    let two = ProgramSettings { concurrency: 2, ..script(&good("$$")) };
    assert!(pids(run(two, &answers).await).len() <= 2);
}

#[tokio::test]
async fn it_gets_no_variable_of_the_worker_but_the_path() {
    let names = good("$(env | sed 's/=.*//' | tr '\\n' ' ')");
    let environment = BTreeMap::from([("GREETING".to_owned(), "hello".to_owned())]);
    let delivered = run(ProgramSettings { environment, ..script(&names) }, &["<OUT>1</OUT>"]).await;
    let names = note(&delivered[0]);
    let given: BTreeSet<_> = names.split_whitespace().collect();
    assert!(given.is_superset(&BTreeSet::from(["GREETING", "PATH"])), "{given:?}");
    // What shells set by themselves.
    let own = BTreeSet::from(["GREETING", "PATH", "PWD", "OLDPWD", "SHLVL", "_"]);
    assert!(given.is_subset(&own), "{given:?}");
}

#[tokio::test]
async fn it_works_in_an_empty_directory_of_its_own_that_goes_with_it() {
    let body = format!("touch left-behind; {}", good("$PWD $(ls | wc -l)"));
    let (mut stream, worker, _coordinator) = begin(script(&body), &["<OUT>1</OUT>"]).await;
    let delivered = stream.deliveries(1).await;
    let note = note(&delivered[0]);
    let (directory, files) = note.split_once(' ').expect("two words");
    assert_eq!(files.trim(), "1", "only its own");
    assert_ne!(Path::new(directory), std::env::current_dir().expect("there is one"));
    stream.say(FromCoordinator::Acknowledged(1)).await;
    worker.stop.cancel();
    while stream.hear_any().await.is_some() {}
    drop(stream);
    worker.end().await.expect("it drained");
    assert!(!Path::new(directory).exists());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn its_memory_is_bounded() {
    let program = ProgramSettings { memory_bytes_max: 64 * MIB, ..script(&good("$(ulimit -v)")) };
    assert_eq!(note(&run(program, &["<OUT>1</OUT>"]).await[0]), "65536");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn it_ends_with_its_worker() {
    let (mut stream, worker, _coordinator) = begin(script(&good("$$")), &["<OUT>1</OUT>"]).await;
    let pid = note(&stream.deliveries(1).await[0]);
    stream.say(FromCoordinator::Acknowledged(1)).await;
    worker.stop.cancel();
    while stream.hear_any().await.is_some() {}
    drop(stream);
    worker.end().await.expect("it drained");
    is_gone(&pid).await;
}

#[tokio::test]
async fn what_it_says_beside_its_replies_does_not_hold_it_up() {
    let noise = format!("head -c 1000000 /dev/zero >&2; {}", good(""));
    for delivery in run(script(&noise), &["<OUT>1</OUT>", "<OUT>2</OUT>"]).await {
        assert_eq!(reply(&delivery).0, Label::Word("good".to_owned()));
    }
}

#[tokio::test]
async fn it_is_not_asked_about_what_an_answer_lacks() {
    let never = "exit 1";
    let delivered = run(script(never), &["no tag at all"]).await;
    assert_eq!(reply(&delivered[0]), (Label::Abstained, serde_json::json!({ "abstain": true })));
}

#[tokio::test]
async fn a_long_request_comes_whole() {
    let long = format!("<OUT>{}</OUT>", "x".repeat(LONG));
    let delivered = run(script(&good("${#line}")), &[&long]).await;
    let length: usize = note(&delivered[0]).parse().expect("it is a number");
    assert!(length > LONG, "{length}");
}

/// What a pool is said to be blocked by.
pub(crate) async fn hear_block(stream: &mut Stream) -> String {
    let (pool, reason) = stream
        .hear_until("that the pool is blocked", |frame| {
            let FromWorker::PoolBlocked { pool, reason } = frame else { return None };
            Some((pool, reason))
        })
        .await;
    assert_eq!(pool, POOL);
    reason
}
