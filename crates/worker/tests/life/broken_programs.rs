//! Programs that crash, hang, say nonsense, or were never there.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use iago_protocol::Outcome;
use iago_sweep::{FailureClass, Label};
use iago_worker::{ProgramSettings, Settings, WorkerError};

use crate::coordinator::soon;
use crate::programs::{begin, begin_with, good, hear_block, note, reply, run, script, with};

/// With the path of a file that outlives its processes.
fn remembering(body: &str, file: &Path) -> ProgramSettings {
    let file = file.to_str().expect("it is text").to_owned();
    let environment = BTreeMap::from([("FILE".to_owned(), file)]);
    ProgramSettings { environment, ..script(body) }
}

fn failure(outcome: &Outcome) -> (FailureClass, &str) {
    let Outcome::Failed { class, status: None, message } = outcome else {
        panic!("no failure: {outcome:?}")
    };
    (*class, message)
}

#[tokio::test]
async fn a_crash_is_trouble_that_passes() {
    let directory = tempfile::tempdir().expect("there is room");
    let body = format!(r#"[ -e "$FILE" ] || {{ touch "$FILE"; exit 3; }}; {}"#, good("$$"));
    let program = remembering(&body, &directory.path().join("crashed"));
    let delivered = run(program, &["<OUT>1</OUT>", "<OUT>2</OUT>"]).await;
    assert_eq!(reply(&delivered[0]).0, Label::Word("good".to_owned()));
    assert_eq!(note(&delivered[0]), note(&delivered[1]), "the second process is kept");
}

#[tokio::test]
async fn what_one_answer_does_to_it_is_that_jobs_failure_and_nobody_elses() {
    let body = format!("case $line in *poison*) exit 3;; esac; {}", good(""));
    let answers = ["<OUT>1</OUT>", "<OUT>poison</OUT>", "<OUT>3</OUT>"];
    let delivered = run(script(&body), &answers).await;
    for fine in [&delivered[0], &delivered[2]] {
        assert_eq!(reply(fine).0, Label::Word("good".to_owned()));
    }
    let (class, why) = failure(&delivered[1].outcome);
    assert_eq!((class, delivered[1].calls), (FailureClass::Exhausted, 0));
    assert!(why.contains("local.judge") && why.contains("exit status: 3"), "{why}");
}

#[tokio::test]
async fn what_is_no_reply_to_a_lone_job_is_its_failure_that_says_why_and_quotes_nothing() {
    let beyond = format!("head -c 100000 /dev/zero | tr '\\0' x; {}", good(""));
    let cases = [
        ("echo private words", "no JSON object"),
        (r#"echo '"private words"'"#, "no JSON object"),
        (r#"echo "{\"id\":$id}""#, "says none of"),
        (r#"echo "{\"id\":$id,\"label\":\"private\"}""#, "`label` is none of"),
        (r#"echo "{\"id\":99,\"label\":\"good\"}""#, "`id`"),
        (r#"echo "{\"label\":\"good\"}""#, "`id`"),
        (r"printf '\377\n'", "UTF-8"),
        (beyond.as_str(), "longer than"),
        ("exit 3", "exit status: 3"),
    ];
    // Each takes its time to be given up.
    let tried = cases.map(async |(body, expected)| {
        let delivered = run(script(body), &["<OUT>1</OUT>"]).await;
        let (class, why) = failure(&delivered[0].outcome);
        assert_eq!(class, FailureClass::Exhausted);
        assert!(why.contains(expected) && !why.contains("private"), "{why}");
    });
    futures_util::future::join_all(tried).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn one_that_hangs_is_killed_with_all_that_it_started() {
    let directory = tempfile::tempdir().expect("there is room");
    let file = directory.path().join("pids");
    let body = format!(
        r#"n=$((n + 1)); [ $n = 1 ] || {{ sleep 1000 & echo $! >> "$FILE"; wait; }}; {}"#,
        good("$$")
    );
    let hangs = remembering(&body, &file);
    let hangs = ProgramSettings { timeout: Duration::from_millis(500), ..hangs };
    let delivered = run(hangs, &["<OUT>1</OUT>", "<OUT>2</OUT>"]).await;
    assert_ne!(note(&delivered[0]), note(&delivered[1]), "it was tried again");
    let pids = std::fs::read_to_string(&file).expect("it was written");
    assert_eq!(pids.lines().count(), 1);
    for pid in pids.lines() {
        crate::programs::is_gone(pid).await;
    }
}

#[tokio::test]
async fn the_time_that_a_process_takes_to_start_is_no_part_of_its_reply() {
    let body = format!("[ $ready ] || {{ sleep 2; ready=1; }}; {}", good("$$"));
    let program = ProgramSettings { timeout: Duration::from_millis(500), ..script(&body) };
    let delivered = run(program, &["<OUT>1</OUT>", "<OUT>2</OUT>"]).await;
    assert_eq!(note(&delivered[0]), note(&delivered[1]));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn one_at_work_ends_with_a_worker_that_has_lost_its_coordinator() {
    let directory = tempfile::tempdir().expect("there is room");
    let file = directory.path().join("pid");
    let hangs =
        remembering(r#"echo $$ > "$FILE.part"; mv "$FILE.part" "$FILE"; sleep 1000"#, &file);
    let hangs = ProgramSettings { timeout: Duration::from_secs(1000), ..hangs };
    let once = Settings { reconnects: false, ..with(hangs) };
    let (stream, worker, _coordinator) = begin_with(once, &["<OUT>1</OUT>"]).await;
    soon("the process", async {
        while !file.exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    stream.break_off().await;
    assert!(matches!(worker.end().await, Err(WorkerError::Lost(_))));
    let pid = std::fs::read_to_string(&file).expect("it was written");
    crate::programs::is_gone(pid.trim()).await;
}

#[tokio::test]
async fn one_that_is_of_no_use_to_anybody_blocks_its_pool_and_burns_nothing() {
    let command = |command: &[&str]| {
        let command = command.iter().map(|part| (*part).to_owned()).collect();
        ProgramSettings { command, ..script("") }
    };
    let cases = [
        (command(&["/nowhere/program"]), "cannot be started"),
        (command(&[]), "cannot be started"),
        (command(&["sh", "-c", "exit 4"]), "exit status: 4"),
        (script(r#"echo "{\"id\":$id,\"label\":\"god\"}""#), "`label` is none of"),
        (script(r#"echo "{\"id\":0,\"label\":\"good\"}""#), "`id`"),
        (script("echo Hello"), "no JSON object"),
    ];
    let tried = cases.map(async |(program, why)| {
        let answers = ["<OUT>1</OUT>", "<OUT>2</OUT>"];
        let (mut stream, _worker, _coordinator) = begin(program, &answers).await;
        // The blocks are said before the deliveries.
        let reason = hear_block(&mut stream).await;
        assert!(reason.contains(why), "{reason}");
        for delivery in stream.deliveries(2).await {
            assert_eq!((delivery.outcome, delivery.calls), (Outcome::Released, 0));
        }
    });
    futures_util::future::join_all(tried).await;
}
