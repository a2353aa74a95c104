//! What single vendors and servers do differently, told with their own bodies.

use std::time::Duration;

use iago_providers::{CALL_TOKENS_MAX, Dialect, Outcome, Protocol, Reply, decode};
use iago_sweep::{Finish, Usage};
use serde_json::{Value, json};

fn decoded(protocol: Protocol, status: u16, headers: &[(&str, &str)], body: &Value) -> Outcome {
    let dialect = Dialect::new(protocol, "http://127.0.0.1").expect("a valid address");
    let headers: Vec<_> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let body = body.to_string();
    decode(&dialect, &Reply { status, headers: &headers, body: body.as_bytes() }, None)
}

fn openai(status: u16, body: &Value) -> Outcome {
    decoded(Protocol::OpenAiChat, status, &[], body)
}

fn anthropic(status: u16, body: &Value) -> Outcome {
    decoded(Protocol::AnthropicMessages, status, &[], body)
}

fn usage(protocol: Protocol, usage: &Value) -> Usage {
    let body = json!({
        "content": [{"type": "text", "text": "four"}],
        "choices": [{"message": {"content": "four"}}],
        "output": [],
        "usage": usage,
    });
    let outcome = decoded(protocol, 200, &[], &body);
    let Outcome::Answered(answer) = outcome else { panic!("not an answer: {outcome:?}") };
    answer.usage
}

fn chosen(choice: &Value) -> Outcome {
    openai(200, &json!({"choices": [choice]}))
}

#[track_caller]
fn assert_answer(outcome: &Outcome, raw: &str, reasoning: Option<&str>, finish: Finish) {
    let Outcome::Answered(answer) = outcome else { panic!("not an answer: {outcome:?}") };
    assert_eq!(answer.text.raw, raw);
    assert_eq!(answer.text.reasoning.as_deref(), reasoning);
    assert_eq!(answer.finish, finish);
}

#[track_caller]
fn assert_rejected(outcome: &Outcome, words: &str) {
    let Outcome::Rejected { message, .. } = outcome else { panic!("not rejected: {outcome:?}") };
    assert_eq!(message, words);
}

#[test]
fn reasoning_is_found_under_each_servers_name_for_it() {
    for key in ["reasoning_content", "reasoning"] {
        let mut choice = json!({"message": {"content": "four"}, "finish_reason": "stop"});
        choice["message"][key] = json!("hm");
        assert_answer(&chosen(&choice), "four", Some("hm"), Finish::Stop);
    }
}

#[test]
fn mistral_lists_thinking_and_text_in_the_content() {
    let content = json!([
        {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
        {"type": "text", "text": "fo"},
        {"type": "text", "text": "ur"},
    ]);
    let choice = json!({"message": {"content": content}, "finish_reason": "model_length"});
    assert_answer(&chosen(&choice), "four", Some("hm"), Finish::Length);
}

#[test]
fn a_model_that_calls_a_tool_it_was_not_given_said_nothing() {
    let message = json!({"content": null, "tool_calls": [{"id": "1", "type": "function"}]});
    let choice = json!({"message": message, "finish_reason": "tool_calls"});
    assert_answer(&chosen(&choice), "", None, Finish::Empty);
}

#[test]
fn an_answer_that_the_server_gave_up_on_is_none() {
    for reason in ["abort", "error", "insufficient_system_resource"] {
        let choice = json!({"message": {"content": "fo"}, "finish_reason": reason});
        assert!(
            matches!(chosen(&choice), Outcome::Transient { status: Some(200), .. }),
            "{reason}"
        );
    }
}

#[test]
fn an_error_in_a_choice_is_an_error() {
    let error = json!({"code": 429, "message": "slow down"});
    let choice = json!({"message": {"content": ""}, "finish_reason": "error", "error": error});
    assert!(matches!(chosen(&choice), Outcome::Throttled { .. }));
}

#[test]
fn anthropics_full_context_window_is_a_cut_answer() {
    let body = json!({"content": [{"type": "text", "text": "fo"}],
                      "stop_reason": "model_context_window_exceeded"});
    assert_answer(&anthropic(200, &body), "fo", None, Finish::Length);
}

#[test]
fn azures_filter_on_the_prompt_is_an_answer_and_not_a_drop() {
    let error = json!({"code": "content_filter", "type": null, "param": "prompt", "status": 400,
                       "message": "The response was filtered",
                       "innererror": {"code": "ResponsibleAIPolicyViolation"}});
    assert_answer(&openai(400, &json!({"error": error})), "", None, Finish::Filter);

    let within = json!({"error": {"message": "no", "innererror": error["innererror"]}});
    assert_answer(&openai(400, &within), "", None, Finish::Filter);

    let message = "litellm.ContentPolicyViolationError: litellm.BadRequestError: no";
    let passed_on = json!({"error": {"message": message, "type": null, "code": "400"}});
    assert_answer(&openai(400, &passed_on), "", None, Finish::Filter);
}

#[test]
fn a_server_that_says_in_words_that_it_is_full_is_overloaded() {
    for (status, message) in [
        (503, "The request queue is full."),
        (503, "server busy, please try again. maximum pending requests exceeded"),
        (429, "Service overloaded"),
    ] {
        let outcome = openai(status, &json!({"object": "error", "message": message}));
        assert!(matches!(outcome, Outcome::Throttled { overloaded: true, .. }), "{message}");
    }
    let vllm =
        json!({"error": {"message": "busy", "type": "ServiceUnavailableError", "code": 503}});
    assert!(matches!(openai(503, &vllm), Outcome::Throttled { overloaded: true, .. }));
    let loading = json!({"error": {"message": "Loading model", "type": "unavailable_error"}});
    assert!(matches!(openai(503, &loading), Outcome::Transient { .. }));
}

#[test]
fn growing_too_fast_is_a_throttle_whatever_the_status() {
    for (status, code) in [(429, "slow_down"), (503, "slow_down"), (429, "ramp_limit_exceeded")] {
        let outcome = openai(status, &json!({"error": {"message": "slower", "code": code}}));
        assert!(matches!(outcome, Outcome::Throttled { overloaded: false, .. }), "{status} {code}");
    }
}

#[test]
fn together_refuses_long_conversations_with_a_403_that_is_no_credentials_fault() {
    let error = json!({"message": "Input exceeds the model's context length", "type": "x"});
    assert_rejected(
        &openai(403, &json!({"error": error})),
        "Input exceeds the model's context length",
    );
}

#[test]
fn openrouters_402_for_too_much_at_once_is_a_throttle() {
    let metadata = json!({"limit_source": "openrouter_in_flight_budget"});
    let error = json!({"code": 402, "message": "too much in flight", "metadata": metadata});
    let body = json!({"error": error});
    let outcome = decoded(Protocol::OpenAiChat, 402, &[("Retry-After", "3")], &body);
    let Outcome::Throttled { retry_after, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(retry_after, Some(Duration::from_secs(3)));
}

#[test]
fn every_code_for_money_that_ran_out_pauses_the_credential() {
    for code in [
        "credit_balance_exhausted",
        "organization_spend_limit_exceeded",
        "project_spend_limit_exceeded",
        "organization_usage_limit_exceeded",
    ] {
        let body = json!({"error": {"message": "pay", "type": "insufficient_quota", "code": code}});
        assert!(matches!(openai(429, &body), Outcome::Credential { spend: true, .. }), "{code}");
    }
    for code in ["enforced_spend_limit_reached", "contract_spend_limit_reached"] {
        let details = json!({"error_code": code});
        let error = json!({"type": "rate_limit_error", "message": "pay", "details": details});
        let outcome = anthropic(429, &json!({"type": "error", "error": error}));
        assert!(matches!(outcome, Outcome::Credential { spend: true, .. }), "{code}");
    }
}

#[test]
fn a_ramp_limit_is_a_throttle_like_any_other() {
    let details = json!({"error_code": "ramp_limit_exceeded"});
    let error = json!({"type": "rate_limit_error", "message": "slower", "details": details});
    let outcome = anthropic(429, &json!({"type": "error", "error": error}));
    assert!(matches!(outcome, Outcome::Throttled { overloaded: false, .. }));
}

#[test]
fn an_organisation_on_hold_is_a_credentials_fault_without_a_bill() {
    let details = json!({"error_code": "organization_on_hold"});
    let error = json!({"type": "invalid_request_error", "message": "hold", "details": details});
    let outcome = anthropic(400, &json!({"type": "error", "error": error}));
    assert!(matches!(outcome, Outcome::Credential { spend: false, .. }));
}

#[test]
fn errors_without_an_error_object_are_read() {
    let flat = json!({"object": "error", "message": "bad field", "type": "BadRequestError",
                      "param": null, "code": 400});
    assert_rejected(&openai(400, &flat), "bad field");
    assert_rejected(&openai(200, &flat), "bad field");
    assert_rejected(&openai(400, &json!({"code": "x", "error": "bad field"})), "bad field");
    assert_rejected(&openai(400, &json!([{"error": {"message": "bad field"}}])), "bad field");
}

#[test]
fn a_validators_findings_are_told_without_the_request_that_they_quote() {
    let findings = json!({"detail": [
        {"loc": ["body", "n"], "msg": "Field required", "input": {"messages": "the prompt"}},
        {"loc": ["body", "m"], "msg": "Too short", "input": "the prompt"},
    ]});
    assert_rejected(&openai(422, &findings), "Field required; Too short");

    let quoted =
        json!({"error": {"message": "Field required, 'input': {'messages': 'the prompt'}"}});
    assert_rejected(&openai(400, &quoted), "Field required,…");
}

#[test]
fn deepseek_and_sglang_count_at_the_top_level() {
    let told = json!({"prompt_tokens": 30, "completion_tokens": 20, "total_tokens": 50,
                      "prompt_cache_hit_tokens": 10, "prompt_cache_miss_tokens": 20,
                      "reasoning_tokens": 15});
    let expected =
        Usage { input: 30, cached_input: 10, output: 20, reasoning: 15, ..Usage::default() };
    assert_eq!(usage(Protocol::OpenAiChat, &told), expected);
}

#[test]
fn xai_counts_reasoning_and_cache_beside_their_totals() {
    let told = json!({"prompt_tokens": 5, "completion_tokens": 20, "total_tokens": 40,
                      "prompt_tokens_details": {"cached_tokens": 25},
                      "completion_tokens_details": {"reasoning_tokens": 15}});
    let expected =
        Usage { input: 30, cached_input: 25, output: 35, reasoning: 15, ..Usage::default() };
    assert_eq!(usage(Protocol::OpenAiChat, &told), expected);
}

#[test]
fn reasoning_larger_than_its_completion_stands_beside_it_even_without_a_sum() {
    let told = json!({"prompt_tokens": 5, "completion_tokens": 10,
                      "completion_tokens_details": {"reasoning_tokens": 15}});
    assert_eq!(usage(Protocol::OpenAiChat, &told).output, 25);
}

#[test]
fn a_prompt_that_was_cached_whole_is_not_counted_twice() {
    let told = json!({"prompt_tokens": 30, "prompt_tokens_details": {"cached_tokens": 30}});
    assert_eq!(usage(Protocol::OpenAiChat, &told).input, 30);
}

#[test]
fn counts_that_are_none_or_too_many_cannot_spoil_a_sum() {
    let told = json!({"input_tokens": u64::MAX, "cache_read_input_tokens": u64::MAX,
                      "output_tokens": -1, "prompt_tokens": u64::MAX, "completion_tokens": "5"});
    for protocol in Protocol::ALL {
        let usage = usage(*protocol, &told);
        assert_eq!((usage.input, usage.output), (CALL_TOKENS_MAX, 0));
    }
}
