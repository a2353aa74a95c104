//! What holds for every reply, however broken or hostile.

use std::time::Duration;

use iago_providers::{
    CALL_TOKENS_MAX, Dialect, MESSAGE_CHARS_MAX, Outcome, Protocol, Reply, WAIT_MAX, decode, spent,
};
use iago_sweep::{Money, Usage};
use proptest::prelude::*;
use serde_json::{Value, json};

type Headers = Vec<(String, String)>;

fn dialect(protocol: Protocol) -> Dialect {
    Dialect::new(protocol, "http://127.0.0.1").expect("a valid address")
}

fn any_headers() -> impl Strategy<Value = Headers> {
    let name = prop_oneof![
        Just("Retry-After".to_owned()),
        Just("retry-after-ms".to_owned()),
        Just("x-should-retry".to_owned()),
        Just("Date".to_owned()),
        any::<String>(),
    ];
    let value = prop_oneof!["-?[0-9]{1,30}", "true|false|nan|inf|-inf", any::<String>()];
    prop::collection::vec((name, value), 0..5)
}

/// JSON with the keys and words that replies have, in any places.
fn any_reply_json() -> impl Strategy<Value = Value> {
    const WORDS: &str = "type|error|message|code|content|text|choices|stop_reason|finish_reason|\
        usage|cost|refusal|thinking|reasoning|input_tokens|output_tokens|prompt_tokens|\
        completion_tokens|detail|msg|refusal|content_filter|insufficient_quota|overloaded_error|abort|\\PC{0,400}";
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        WORDS.prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((WORDS, inner), 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Events with the names that streams have, and anything in them.
fn any_stream() -> impl Strategy<Value = Vec<u8>> {
    const KINDS: &str = "message_start|content_block_start|content_block_delta|message_delta|error|\
        response\\.(completed|failed|incomplete|output_item\\.done|output_text\\.delta)|ping|\\PC{0,9}";
    let event = (KINDS, any_reply_json(), "\n\n|\r\n\r\n|\r|\n|").prop_map(|(kind, json, end)| {
        let data = json!({"type": kind, "index": 0, "output_index": 0, "message": json,
            "content_block": json, "delta": json, "item": json, "response": json, "usage": json,
            "choices": [{"delta": json, "logprobs": json, "finish_reason": json}]});
        format!("event: {kind}\ndata: {data}{end}")
    });
    prop::collection::vec(event, 0..5).prop_map(|events| events.concat().into_bytes())
}

fn any_body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        any::<Vec<u8>>(),
        any_reply_json().prop_map(|json| json.to_string().into_bytes()),
        any_stream(),
        any_reply_json().prop_map(|json| {
            json!({"choices": [{"message": json}], "content": [json], "output": [json]})
                .to_string()
                .into_bytes()
        }),
    ]
}

/// Counts with the names that vendors give them, of any size.
fn any_usage() -> impl Strategy<Value = Vec<u8>> {
    const COUNTS: &str = "(input|output|prompt|completion|total|cache_read_input)_tokens|cost";
    let count = prop_oneof![any::<u64>(), 0..9u64].prop_map(Value::from);
    prop::collection::btree_map(COUNTS, count, 0..5)
        .prop_map(|usage| json!({"usage": usage}).to_string().into_bytes())
}

fn message_and_wait(outcome: &Outcome) -> Option<(&str, Option<Duration>)> {
    match outcome {
        Outcome::Answered(_) => None,
        Outcome::Throttled { message, retry_after, .. }
        | Outcome::Transient { message, retry_after, .. } => Some((message, *retry_after)),
        Outcome::Rejected { message, .. }
        | Outcome::Credential { message, .. }
        | Outcome::Misaddressed { message, .. } => Some((message, None)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_reply_has_an_outcome_with_bounded_words_and_waits(
        status in prop_oneof![
            any::<u16>(),
            prop::sample::select(vec![200, 400, 401, 403, 404, 429, 500, 529]),
        ],
        headers in any_headers(),
        body in any_body(),
        prefill: Option<String>,
    ) {
        for protocol in Protocol::ALL {
            let reply = Reply { status, headers: &headers, body: &body };
            let outcome = decode(&dialect(*protocol), &reply, prefill.as_deref());
            if let Some((message, wait)) = message_and_wait(&outcome) {
                prop_assert!(!message.is_empty() && message.chars().count() <= MESSAGE_CHARS_MAX);
                prop_assert!(!message.contains(|c: char| c.is_control()), "{:?}", message);
                prop_assert!(wait.is_none_or(|wait| !wait.is_zero() && wait <= WAIT_MAX));
            }
        }
    }

    #[test]
    fn any_body_has_a_bill_of_something_or_none(body in prop_oneof![any_body(), any_usage()]) {
        for protocol in Protocol::ALL {
            if let Some((usage, cost)) = spent(&dialect(*protocol), &body) {
                prop_assert!(usage != Usage::default() || cost.is_some());
                prop_assert!(usage.input.max(usage.output) <= CALL_TOKENS_MAX);
                prop_assert!(cost.is_none_or(|cost| cost >= Money::ZERO));
            }
        }
    }

    #[test]
    fn every_answer_comes_back_as_it_was_said_after_its_prefill(text: String, prefill: String) {
        prop_assume!(!text.starts_with(prefill.trim_end()) || prefill.is_empty());
        for protocol in Protocol::ALL {
            let body = json!({
                "content": [{"type": "text", "text": text}],
                "choices": [{"message": {"content": text}, "finish_reason": "stop"}],
                "output": [{"type": "message", "content": [{"type": "output_text", "text": text}]}],
            });
            let body = body.to_string();
            let reply = Reply { status: 200, headers: &[], body: body.as_bytes() };
            let outcome = decode(&dialect(*protocol), &reply, Some(&prefill));
            let sent = match protocol {
                Protocol::AnthropicMessages => prefill.trim_end(),
                Protocol::OpenAiChat | Protocol::OpenAiResponses => &prefill,
            };
            let Outcome::Answered(answer) = outcome else { panic!("not an answer: {outcome:?}") };
            prop_assert_eq!(answer.text.raw, format!("{sent}{text}"));
            prop_assert!(!answer.text.altered);
        }
    }

    #[test]
    fn a_failure_is_never_an_answer(
        status in (0u16..=999).prop_filter("no success", |status| !(200..300).contains(status)),
        headers in any_headers(),
        words: String,
    ) {
        for protocol in Protocol::ALL {
            let body = json!({
                "error": {"message": words},
                "content": [{"type": "text", "text": words}],
                "choices": [{"message": {"content": words}}],
                "output": [{"type": "message", "content": [{"type": "output_text", "text": words}]}],
            });
            let body = body.to_string();
            let reply = Reply { status, headers: &headers, body: body.as_bytes() };
            let outcome = decode(&dialect(*protocol), &reply, None);
            prop_assert!(!matches!(outcome, Outcome::Answered(_)));
        }
    }
}
