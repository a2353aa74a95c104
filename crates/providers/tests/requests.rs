//! The exact requests: what is paid for, and what a stored hash of a request stands for.

use iago_providers::{AuthStyle, Dialect, OutputLimitField, Protocol, UnsignedRequest, encode};
use iago_sweep::{Conversation, Parameters, Role, Turn};
use proptest::prelude::*;

fn turn(role: Role, text: &str) -> Turn {
    Turn { role, text: text.to_owned() }
}

fn conversation() -> Conversation {
    Conversation {
        system: Some("Answer with a number.".to_owned()),
        turns: vec![
            turn(Role::User, "2*3?"),
            turn(Role::Assistant, "6"),
            turn(Role::User, "6*7 \"in\" <b>?\n"),
        ],
        prefill: Some("<a>\n".to_owned()),
    }
}

fn question() -> Conversation {
    Conversation { turns: vec![turn(Role::User, "6*7?")], ..Conversation::default() }
}

fn parameters(temperature: Option<f64>, cache_prefix: bool) -> Parameters {
    Parameters { max_output_tokens: 64, temperature, cache_prefix }
}

fn dialect(protocol: Protocol) -> Dialect {
    Dialect::new(protocol, "https://models.example").expect("a valid address")
}

fn body(request: &UnsignedRequest) -> &str {
    std::str::from_utf8(&request.body).expect("JSON is UTF-8")
}

fn headers(request: &UnsignedRequest) -> Vec<(&str, &str)> {
    request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

#[test]
fn a_whole_conversation_for_anthropic() {
    let dialect = dialect(Protocol::AnthropicMessages);
    let request = encode(&dialect, "m-1", &conversation(), &parameters(Some(1.0), true), "key-1");
    assert_eq!(
        body(&request),
        concat!(
            r#"{"model":"m-1","max_tokens":64,"temperature":1.0,"#,
            r#""system":[{"type":"text","text":"Answer with a number.","#,
            r#""cache_control":{"type":"ephemeral"}}],"#,
            r#""messages":[{"role":"user","content":"2*3?"},"#,
            r#"{"role":"assistant","content":"6"},"#,
            r#"{"role":"user","content":"6*7 \"in\" <b>?\n"},"#,
            r#"{"role":"assistant","content":"<a>"}]}"#,
        )
    );
    assert_eq!(request.url, "https://models.example/v1/messages");
    assert_eq!(request.auth, AuthStyle::XApiKey);
    assert_eq!(
        headers(&request),
        [
            ("accept", "application/json"),
            ("content-type", "application/json"),
            ("anthropic-version", "2023-06-01"),
            ("idempotency-key", "key-1"),
        ]
    );
}

#[test]
fn a_whole_conversation_for_openai() {
    let dialect = dialect(Protocol::OpenAiChat);
    let request = encode(&dialect, "m-1", &conversation(), &parameters(Some(0.5), true), "key-1");
    assert_eq!(
        body(&request),
        concat!(
            r#"{"model":"m-1","max_tokens":64,"temperature":0.5,"#,
            r#""messages":[{"role":"system","content":"Answer with a number."},"#,
            r#"{"role":"user","content":"2*3?"},"#,
            r#"{"role":"assistant","content":"6"},"#,
            r#"{"role":"user","content":"6*7 \"in\" <b>?\n"},"#,
            r#"{"role":"assistant","content":"<a>\n"}]}"#,
        )
    );
    assert_eq!(request.url, "https://models.example/v1/chat/completions");
    assert_eq!(request.auth, AuthStyle::Bearer);
    assert_eq!(
        headers(&request),
        [
            ("accept", "application/json"),
            ("content-type", "application/json"),
            ("idempotency-key", "key-1"),
        ]
    );
}

#[test]
fn what_is_not_asked_for_is_not_sent() {
    let dialects = Protocol::ALL.iter().map(|protocol| dialect(*protocol));
    for dialect in dialects.map(|dialect| Dialect { idempotency: false, ..dialect }) {
        let request = encode(&dialect, "m-1", &question(), &parameters(None, true), "key-1");
        let least =
            r#"{"model":"m-1","max_tokens":64,"messages":[{"role":"user","content":"6*7?"}]}"#;
        assert_eq!(body(&request), least);
        assert!(headers(&request).iter().all(|(name, _)| *name != "idempotency-key"));
    }
}

#[test]
fn a_system_message_without_a_cache_mark_is_a_text() {
    let dialect = dialect(Protocol::AnthropicMessages);
    let asked = Conversation { system: Some("Be brief.".to_owned()), ..question() };
    let request = encode(&dialect, "m-1", &asked, &parameters(None, false), "key-1");
    assert!(body(&request).contains(r#""system":"Be brief.","#));
}

#[test]
fn empty_texts_that_a_vendor_would_refuse_are_left_out() {
    let asked =
        Conversation { system: Some(String::new()), prefill: Some(String::new()), ..question() };
    for protocol in Protocol::ALL {
        let dialect = dialect(*protocol);
        let with = encode(&dialect, "m-1", &asked, &parameters(None, true), "key-1");
        let without = encode(&dialect, "m-1", &question(), &parameters(None, true), "key-1");
        assert_eq!(body(&with), body(&without));
    }
}

#[test]
fn the_output_limit_goes_under_the_name_that_the_endpoint_knows() {
    let newer = OutputLimitField::MaxCompletionTokens;
    let dialect = Dialect { output_limit_field: newer, ..dialect(Protocol::OpenAiChat) };
    let request = encode(&dialect, "m-1", &question(), &parameters(None, false), "key-1");
    assert!(body(&request).contains(r#""max_completion_tokens":64,"#));
    assert!(!body(&request).contains(r#""max_tokens""#));
}

#[test]
fn a_request_shows_itself_without_its_prompt() {
    let dialect = dialect(Protocol::OpenAiChat);
    let request = encode(&dialect, "m-1", &question(), &parameters(None, false), "key-1");
    let shown = format!("{request:?}");
    assert!(shown.contains("body_bytes") && !shown.contains("6*7"), "{shown}");
}

fn any_conversation() -> impl Strategy<Value = Conversation> {
    let role = prop_oneof![Just(Role::User), Just(Role::Assistant)];
    let turn = (role, any::<String>()).prop_map(|(role, text)| Turn { role, text });
    let turns = prop::collection::vec(turn, 0..5);
    (any::<Option<String>>(), turns, any::<Option<String>>())
        .prop_map(|(system, turns, prefill)| Conversation { system, turns, prefill })
}

proptest! {
    #[test]
    fn every_conversation_has_one_body_that_is_json_and_says_all_of_it(
        conversation in any_conversation(),
        hundredths in prop::option::of(0_u8..=200),
        cached: bool,
        model: String,
    ) {
        let temperature = hundredths.map(|hundredths| f64::from(hundredths) / 100.0);
        let parameters = parameters(temperature, cached);
        for protocol in Protocol::ALL {
            let dialect = dialect(*protocol);
            let request = encode(&dialect, &model, &conversation, &parameters, "key-1");
            let again = encode(&dialect, &model, &conversation.clone(), &parameters, "key-1");
            prop_assert_eq!(&request, &again);

            let body: serde_json::Value = serde_json::from_slice(&request.body)?;
            prop_assert_eq!(body["model"].as_str(), Some(model.as_str()));
            prop_assert_eq!(body.get("temperature").and_then(|it| it.as_f64()), temperature);
            let messages = body["messages"].as_array().expect("a list");
            for turn in &conversation.turns {
                prop_assert!(messages.iter().any(|message| message["content"] == turn.text));
            }
        }
    }
}
