//! Each fault is what it says, and none of them changes the truth.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use iago_simulated_endpoint::{Faults, Protocol, Settings};

use crate::asking::{Ask, PROTOCOLS, core, settings};
use crate::http::Session;

fn echo(protocol: Protocol) -> Ask {
    Ask::new(protocol, "sim-echo", "opaque-r0", "hello")
}

async fn session(faults: Faults) -> Session {
    Session::start(Settings { faults, ..settings() }).await
}

#[tokio::test]
async fn statuses_and_error_bodies_are_the_vendors() {
    let none = Faults::default();
    for (faults, status, anthropic, openai) in [
        (Faults { internal_500: 1.0, ..none }, 500, "api_error", "server_error"),
        (
            Faults { overloaded_529: 1.0, ..none },
            529,
            "overloaded_error",
            "service_unavailable_error",
        ),
        (Faults { error_in_200: 1.0, ..none }, 200, "api_error", "server_error"),
    ] {
        let session = session(faults).await;
        for (protocol, kind) in [(Protocol::Anthropic, anthropic), (Protocol::OpenAi, openai)] {
            let response = session.call(&echo(protocol)).await.unwrap();
            assert_eq!((response.status, response.header("x-simulated")), (status, "true"));
            assert_eq!(response.json()["error"]["type"], kind);
        }
        let log = session.endpoint.log();
        assert_eq!((log.calls, log.faults, log.answered), (2, 2, 0));
    }
}

#[tokio::test]
async fn a_reset_is_a_broken_connection_and_counts_as_a_call() {
    let session = session(Faults { reset: 1.0, ..Faults::default() }).await;
    for protocol in PROTOCOLS {
        assert!(session.call(&echo(protocol)).await.is_err());
    }
    assert_eq!((session.endpoint.log().calls, session.endpoint.log().faults), (3, 3));
}

#[tokio::test]
async fn a_malformed_answer_is_a_200_that_is_no_json() {
    let session = session(Faults { malformed: 1.0, ..Faults::default() }).await;
    for protocol in PROTOCOLS {
        let response = session.call(&echo(protocol)).await.unwrap();
        assert_eq!(response.status, 200);
        assert!(response.body.starts_with(b"{"));
        assert!(serde_json::from_slice::<serde_json::Value>(&response.body).is_err());
    }
}

#[tokio::test]
async fn a_slow_answer_sends_its_head_at_once_and_a_stop_does_not_wait_for_its_body() {
    let slow_for = Duration::from_secs(3_600);
    let session = session(Faults { slow: 1.0, slow_for, ..Faults::default() }).await;
    let mut head = session.request(&echo(Protocol::Anthropic)).send().await.unwrap();
    assert_eq!(head.status(), 200);
    let body = tokio::time::timeout(Duration::from_millis(50), head.chunk()).await;
    assert!(body.is_err(), "the body came with the head");
    let log = session.endpoint.log();
    assert_eq!((log.answered, log.slow, log.faults), (1, 1, 0));

    session.endpoint.stop().await;
    let body = head.bytes().await.unwrap();
    assert!(String::from_utf8_lossy(&body).contains("<OUTPUT>ok</OUTPUT>"));
}

#[test]
fn every_call_of_a_job_draws_anew_and_a_second_run_draws_the_same() {
    let faults = Faults { internal_500: 0.2, overloaded_529: 0.1, ..Faults::default() };
    let run = || -> Vec<Vec<u16>> {
        let core = core(faults);
        let calls = |job| {
            let ask = Ask::new(Protocol::OpenAi, "sim-echo", &format!("job{job}-r0"), "x");
            (0..10).map(|_| ask.decide(&core).status).collect()
        };
        (0..300).map(calls).collect()
    };
    let statuses = run();
    let share = |status| {
        statuses.iter().flatten().filter(|found| **found == status).count() as f64 / 3_000.0
    };
    assert!((share(500) - 0.2).abs() < 0.03 && (share(529) - 0.1).abs() < 0.03);
    assert!(statuses.iter().all(|calls| calls.contains(&200)));
    assert_eq!(run(), statuses);
}

#[tokio::test]
async fn the_truth_is_the_same_under_faults_and_the_log_equals_the_calls() {
    let faults = Faults {
        internal_500: 0.05,
        overloaded_529: 0.02,
        reset: 0.01,
        slow: 0.01,
        slow_for: Duration::from_millis(5),
        malformed: 0.01,
        error_in_200: 0.01,
        ..Faults::default()
    };
    for protocol in PROTOCOLS {
        let session = session(faults).await;
        let jobs = (0..100).flat_map(|prompt| (0..5).map(move |repeat| (prompt, repeat)));
        let ask = |job| Ask::subject(protocol, "sim-fakes-alignment", ("True", true), job);
        let answers = stream::iter(jobs).map(|job| insist(&session, ask(job))).buffer_unordered(16);
        let (calls, complying) = answers
            .fold((0, 0), |(calls, complying), (more, complies)| async move {
                (calls + more, complying + u64::from(complies))
            })
            .await;
        let log = session.endpoint.log();
        assert_eq!(complying, 70);
        assert_eq!((log.calls, log.answered), (calls, 500));
        assert_eq!(log.by_key.values().map(|calls| u64::from(*calls)).sum::<u64>(), calls);
        assert!(log.faults > 10 && log.slow > 0 && log.in_flight_max <= 16);
    }
}

/// Calls until there is an answer; the number of calls, and whether the answer complies.
async fn insist(session: &Session, ask: Ask) -> (u64, bool) {
    for calls in 1.. {
        let Ok(response) = session.call(&ask).await else { continue };
        let body = serde_json::from_slice::<serde_json::Value>(&response.body);
        if response.status == 200 && body.is_ok_and(|body| body["error"].is_null()) {
            return (calls, response.said(ask.protocol).complies());
        }
    }
    unreachable!("the loop ends only with an answer")
}
