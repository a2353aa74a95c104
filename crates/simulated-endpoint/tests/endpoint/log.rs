//! The endpoint's own account.

use iago_simulated_endpoint::{Endpoint, Faults, Protocol, Settings, StartError};
use serde_json::Value;

use crate::asking::{Ask, settings};
use crate::http::Session;

fn lines(path: &std::path::Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).expect("the log file is there");
    text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

#[tokio::test]
async fn a_call_is_in_the_file_before_it_is_answered_and_never_with_its_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("calls.jsonl");
    let log_file = Some(path.clone());
    let session = Session::start(Settings { log_file: log_file.clone(), ..settings() }).await;
    let ask = Ask::subject(Protocol::Anthropic, "sim-always-refuses", ("True", true), (5, 2));
    for calls in 1..=3 {
        session.call(&ask).await.unwrap();
        assert_eq!(lines(&path).len(), calls);
    }
    let line = &lines(&path)[2];
    assert_eq!((&line["seq"], &line["status"]), (&3.into(), &200.into()));
    assert_eq!((&line["protocol"], &line["class"]), (&"anthropic".into(), &"refuse".into()));
    assert_eq!(line["model"], ask.model);
    assert_eq!(line["key"], ask.key);
    assert!(line["ms"].is_u64());
    assert!(!std::fs::read_to_string(&path).unwrap().contains("unkind note"));

    session.endpoint.stop().await;
    let again = Session::start(Settings { log_file, ..settings() }).await;
    again.call(&ask).await.unwrap();
    assert_eq!(lines(&path).len(), 4, "a second start goes on at the end of the file");
}

#[tokio::test]
async fn a_broken_connection_is_in_the_file_with_status_0() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("calls.jsonl");
    let faults = Faults { reset: 1.0, ..Faults::default() };
    let settings = Settings { log_file: Some(path.clone()), faults, ..settings() };
    let session = Session::start(settings).await;
    assert!(session.call(&Ask::new(Protocol::OpenAi, "sim-echo", "a-r0", "x")).await.is_err());
    let line = &lines(&path)[0];
    assert_eq!((&line["status"], &line["class"]), (&0.into(), &"reset".into()));
}

#[tokio::test]
async fn every_call_is_counted_once_by_what_became_of_it() {
    let session = Session::start(settings()).await;
    for (model, key) in
        [("sim-echo", "a-r0"), ("sim-echo", "a-r0"), ("sim-echo", "b-r0"), ("sim-rejects", "c-r0")]
    {
        session.call(&Ask::new(Protocol::OpenAi, model, key, "x")).await.unwrap();
    }
    let log = session.endpoint.log();
    assert_eq!((log.calls, log.answered, log.rejected), (4, 3, 1));
    assert_eq!(log.calls, log.answered + log.rejected + log.faults + log.throttled);
    assert_eq!(log.by_key.into_values().collect::<Vec<_>>(), [2, 1, 1]);
    assert_eq!((log.by_model["sim-echo"], log.by_model["sim-rejects"]), (3, 1));
    assert_eq!(log.in_flight_max, 1);

    let summary = session.get("/log/summary").await;
    assert_eq!(summary.header("x-simulated"), "true");
    let summary = summary.json();
    assert_eq!((&summary["calls"], &summary["keys"]), (&4.into(), &3.into()));
    assert_eq!(summary["by_model"]["sim-echo"], 3);
}

#[tokio::test]
async fn a_log_file_that_cannot_be_opened_is_named() {
    let log_file = Some("/nowhere/at/all/calls.jsonl".into());
    let error = Endpoint::start(Settings { log_file, ..settings() }).await.unwrap_err();
    assert!(matches!(error, StartError::LogFile { .. }));
    assert!(error.to_string().contains("/nowhere/at/all/calls.jsonl"), "{error}");
}
