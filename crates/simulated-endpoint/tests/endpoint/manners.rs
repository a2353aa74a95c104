//! How an answer is wanted: with reasoning, probabilities, a cached prefix, or without sampling.

use std::time::Duration;

use iago_simulated_endpoint::{Call, Faults, Protocol};
use serde_json::{Value, json};

use crate::asking::{Ask, core};

fn echo(protocol: Protocol, more: Value) -> Ask {
    Ask::new(protocol, "sim-echo", "opaque-r0", "hello").with(more)
}

fn body(ask: &Ask) -> Value {
    let decision = ask.decide(&core(Faults::default()));
    assert_eq!(decision.status, 200, "{}", String::from_utf8_lossy(&decision.body));
    serde_json::from_slice(&decision.body).expect("an answer is JSON")
}

#[test]
fn reasoning_comes_where_it_is_asked_for_and_is_counted() {
    let anthropic = body(&echo(Protocol::Anthropic, json!({ "thinking": { "type": "adaptive" } })));
    assert_eq!(anthropic["content"][0]["type"], "thinking");
    assert_eq!(anthropic["content"][1]["text"], "<OUTPUT>ok</OUTPUT>");
    let thinking = anthropic["usage"]["output_tokens_details"]["thinking_tokens"].as_u64().unwrap();
    assert!(thinking > 0);
    assert_eq!(anthropic["usage"]["output_tokens"], thinking + 5);

    let chat = body(&echo(Protocol::OpenAi, json!({ "reasoning_effort": "low" })));
    assert!(chat["choices"][0]["message"]["reasoning_content"].is_string());
    let details = &chat["usage"]["completion_tokens_details"];
    assert_eq!(details["reasoning_tokens"], thinking);
    assert_eq!(chat["usage"]["completion_tokens"], thinking + 5);

    let more = json!({ "reasoning": { "effort": "low" } });
    let responses = body(&echo(Protocol::Responses, more));
    assert_eq!(responses["output"][0]["type"], "reasoning");
    assert_eq!(responses["output"][1]["content"][0]["text"], "<OUTPUT>ok</OUTPUT>");
    assert_eq!(responses["usage"]["output_tokens_details"]["reasoning_tokens"], thinking);
}

#[test]
fn no_reasoning_comes_where_it_is_turned_off() {
    let off = json!({ "thinking": { "type": "disabled" } });
    assert_eq!(body(&echo(Protocol::Anthropic, off))["content"][0]["type"], "text");
    let off = json!({ "reasoning_effort": "none" });
    let chat = body(&echo(Protocol::OpenAi, off));
    assert_eq!(chat["usage"]["completion_tokens"], 5);
    let off = json!({ "reasoning": { "effort": "none" } });
    assert_eq!(body(&echo(Protocol::Responses, off))["output"][0]["type"], "message");
}

#[test]
fn every_token_has_the_alternatives_that_are_asked_for() {
    let more = json!({ "logprobs": true, "top_logprobs": 3 });
    let chat = body(&echo(Protocol::OpenAi, more));
    let tokens = chat["choices"][0]["logprobs"]["content"].as_array().unwrap().clone();
    let text: String = tokens.iter().map(|token| token["token"].as_str().unwrap()).collect();
    assert_eq!(text, "<OUTPUT>ok</OUTPUT>");
    for token in &tokens {
        assert!(token["logprob"].as_f64().unwrap() <= 0.0);
        assert_eq!(token["top_logprobs"].as_array().unwrap().len(), 3);
    }
    let more = json!({ "include": ["message.output_text.logprobs"], "top_logprobs": 3 });
    let responses = body(&echo(Protocol::Responses, more));
    assert_eq!(responses["output"][0]["content"][0]["logprobs"], Value::from(tokens));
    assert!(body(&echo(Protocol::OpenAi, json!({})))["choices"][0]["logprobs"].is_null());
}

#[test]
fn the_first_call_with_a_marked_prefix_writes_and_later_ones_read() {
    let core = core(Faults::default());
    let usage = |key: &str, user: &str, mark: bool| {
        let mut part = json!({ "type": "text", "text": "x".repeat(400) });
        if mark {
            part["cache_control"] = json!({ "type": "ephemeral" });
        }
        let ask = Ask::new(Protocol::Anthropic, "sim-echo", key, user);
        let decision = ask.with(json!({ "system": [part] })).decide(&core);
        let body: Value = serde_json::from_slice(&decision.body).expect("an answer is JSON");
        let count = |name: &str| body["usage"][name].as_u64().unwrap();
        let cached = ["cache_creation_input_tokens", "cache_read_input_tokens"].map(count);
        (count("input_tokens"), cached)
    };
    assert_eq!(usage("a-r0", "hello", false), (102, [0, 0]));
    assert_eq!(usage("b-r0", "hello", true), (2, [100, 0]));
    assert_eq!(usage("c-r0", "hello, again", true), (3, [0, 100]));
}

#[test]
fn the_newer_version_takes_no_sampling_and_the_older_one_does() {
    let core = core(Faults::default());
    for name in ["temperature", "top_p", "top_k"] {
        let ask = echo(Protocol::Anthropic, json!({ name: 1 }));
        for (version, status) in [("2023-06-01", 200), ("2026-10-21", 400)] {
            let call = Call {
                protocol: ask.protocol,
                key: Some(&ask.key),
                credential: None,
                version: Some(version),
                body: &ask.body(),
                in_flight: 1,
            };
            let decision = core.decide(Duration::ZERO, &call);
            assert_eq!(decision.status, status, "{name}");
            let words = format!("{name}: Extra inputs are not permitted");
            let body = String::from_utf8_lossy(&decision.body).into_owned();
            assert_eq!(body.contains(&words), status == 400, "{body}");
        }
    }
}
