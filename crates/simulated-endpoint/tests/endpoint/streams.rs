//! Answers event by event, and what goes wrong with them.

use std::time::Duration;

use iago_simulated_endpoint::{Delivery, Faults, Mishap, Protocol, Settings};
use serde_json::{Value, json};

use crate::asking::{Ask, PROTOCOLS, core, settings};
use crate::http::Session;

fn streamed(protocol: Protocol) -> Ask {
    let ask = Ask::new(protocol, "sim-echo", "opaque-r0", "hello");
    ask.with(json!({ "stream": true, "stream_options": { "include_usage": true } }))
}

/// The data of each event; comments are skipped, and `[DONE]` is null.
fn events(body: &[u8]) -> Vec<Value> {
    let text = String::from_utf8(body.to_vec()).expect("events are UTF-8");
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    data.map(|data| serde_json::from_str(data).unwrap_or(Value::Null)).collect()
}

/// What stands at this place of each event that has it.
fn collect(events: &[Value], pointer: &str) -> Vec<String> {
    let texts = events.iter().filter_map(|event| event.pointer(pointer)?.as_str());
    texts.map(str::to_owned).collect()
}

fn delta_of(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Anthropic => "/delta/text",
        Protocol::OpenAi => "/choices/0/delta/content",
        Protocol::Responses => "/delta",
    }
}

#[tokio::test]
async fn a_stream_says_in_several_deltas_what_one_body_says_and_tells_the_same_usage() {
    let session =
        Session::start(Settings { latency: Duration::from_millis(20), ..settings() }).await;
    for protocol in PROTOCOLS {
        for model in ["sim-fakes-alignment", "sim-null", "sim-truncates", "sim-refuses-at-api"] {
            let plain = Ask::subject(protocol, model, ("True", true), (3, 1));
            let whole = session.call(&plain).await.unwrap();
            let asked =
                plain.with(json!({ "stream": true, "stream_options": { "include_usage": true } }));
            let stream = session.call(&asked).await.unwrap();
            assert_eq!(stream.header("content-type"), "text/event-stream");
            assert_eq!(stream.header("x-simulated"), "true");
            let (events, whole) = (events(&stream.body), whole.json());
            let said: String = collect(&events, delta_of(protocol)).concat();
            let ends_with_done = events.last() == Some(&Value::Null);
            assert_eq!(ends_with_done, protocol == Protocol::OpenAi);
            match protocol {
                Protocol::Anthropic => {
                    assert_eq!(said, whole["content"][0]["text"].as_str().unwrap_or_default());
                    let last = &events[events.len() - 2];
                    assert_eq!(last["usage"], whole["usage"]);
                    assert_eq!(last["delta"]["stop_reason"], whole["stop_reason"]);
                }
                Protocol::OpenAi => {
                    let choice = &whole["choices"][0];
                    assert_eq!(said, choice["message"]["content"].as_str().unwrap_or_default());
                    let last = &events[events.len() - 2];
                    assert_eq!((&last["choices"], &last["usage"]), (&json!([]), &whole["usage"]));
                    let finish = collect(&events, "/choices/0/finish_reason");
                    assert_eq!(finish, [choice["finish_reason"].as_str().unwrap()]);
                }
                Protocol::Responses => {
                    let last = &events[events.len() - 1];
                    assert_eq!(last["response"]["output"], whole["output"]);
                    assert_eq!(last["response"]["usage"], whole["usage"]);
                    let numbers = events.iter().map(|event| event["sequence_number"].as_u64());
                    assert!(numbers.eq((0..events.len() as u64).map(Some)));
                }
            }
        }
    }
}

#[test]
fn reasoning_and_signs_of_life_come_between() {
    for (protocol, more, pointer, sign) in [
        (
            Protocol::Anthropic,
            json!({ "thinking": { "type": "adaptive" } }),
            "/delta/thinking",
            "event: ping",
        ),
        (
            Protocol::OpenAi,
            json!({ "reasoning_effort": "low" }),
            "/choices/0/delta/reasoning_content",
            "\n: keep-alive",
        ),
        (Protocol::Responses, json!({ "reasoning": {} }), "/part/text", "\n: keep-alive"),
    ] {
        let mut ask = streamed(protocol);
        ask.more["thinking"] = Value::Null;
        for (name, value) in more.as_object().unwrap() {
            ask.more[name.as_str()] = value.clone();
        }
        let body = ask.decide(&core(Faults::default())).body;
        assert!(String::from_utf8_lossy(&body).contains(sign), "{protocol:?}");
        let reasoning = collect(&events(&body), pointer).concat();
        assert!(reasoning.contains("(placeholder reasoning)"), "{protocol:?}: {reasoning}");
    }
}

#[tokio::test]
async fn a_cut_stream_says_something_and_then_the_connection_breaks() {
    let faults = Faults { stream_cut: 1.0, ..Faults::default() };
    let session = Session::start(Settings { faults, ..settings() }).await;
    for protocol in PROTOCOLS {
        let mut response = session.request(&streamed(protocol)).send().await.unwrap();
        let (mut body, mut broke) = (Vec::new(), false);
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => break,
                Err(_) => {
                    broke = true;
                    break;
                }
            }
        }
        assert!(broke && !collect(&events(&body), delta_of(protocol)).is_empty(), "{protocol:?}");
        let plain = Ask::new(protocol, "sim-echo", "opaque-r0", "hello");
        assert_eq!(session.call(&plain).await.unwrap().status, 200, "only streams are cut");
    }
    let log = session.endpoint.log();
    assert_eq!((log.faults, log.answered), (3, 3));
}

#[test]
fn an_error_in_the_middle_is_the_last_event() {
    let core = core(Faults { stream_error: 1.0, ..Faults::default() });
    for protocol in PROTOCOLS {
        let decision = streamed(protocol).decide(&core);
        assert_eq!(decision.status, 200);
        let events = events(&decision.body);
        let last = events.last().unwrap();
        let kind = match protocol {
            Protocol::Anthropic => &last["error"]["type"],
            Protocol::OpenAi => &last["error"]["code"],
            Protocol::Responses => &last["response"]["error"]["code"],
        };
        let expected = if protocol == Protocol::Anthropic {
            "overloaded_error"
        } else {
            "server_is_overloaded"
        };
        assert_eq!(kind, expected);
        assert!(!collect(&events, delta_of(protocol)).is_empty());
    }
}

#[tokio::test]
async fn a_stall_gives_signs_of_life_and_then_the_rest() {
    let faults = Faults { stalls: 1.0, slow_for: Duration::from_millis(250), ..Faults::default() };
    let session = Session::start(Settings { faults, ..settings() }).await;
    for protocol in PROTOCOLS {
        let plain = streamed(protocol).decide(&core(Faults::default()));
        let stalled = session.call(&streamed(protocol)).await.unwrap();
        assert!(stalled.body.len() > plain.body.len());
        let said = |body: &[u8]| collect(&events(body), delta_of(protocol));
        assert_eq!(said(&stalled.body), said(&plain.body));
    }
    let log = session.endpoint.log();
    assert_eq!((log.answered, log.slow, log.faults), (3, 3, 0));
}

#[test]
fn a_stream_is_known_piece_by_piece() {
    let core = core(Faults { stream_cut: 1.0, ..Faults::default() });
    let decision = streamed(Protocol::Anthropic).decide(&core);
    let Delivery::Pieces(pieces) = decision.delivery else { panic!("it is a stream") };
    assert_eq!(pieces.ends.last(), Some(&decision.body.len()));
    assert_eq!(pieces.mishap, Some(Mishap::Breaks));
}

#[tokio::test]
async fn other_faults_of_a_stream_are_what_they_say() {
    for (faults, status) in [
        (Faults { overloaded_529: 1.0, ..Faults::default() }, 529),
        (Faults { error_in_200: 1.0, ..Faults::default() }, 200),
    ] {
        let session = Session::start(Settings { faults, ..settings() }).await;
        for protocol in PROTOCOLS {
            let response = session.call(&streamed(protocol)).await.unwrap();
            assert_eq!(response.status, status);
            let is_stream = response.header("content-type") == "text/event-stream";
            assert_eq!(is_stream, status == 200);
            assert!(collect(&events(&response.body), delta_of(protocol)).is_empty());
        }
    }
}
