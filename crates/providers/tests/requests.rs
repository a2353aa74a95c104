//! The exact requests: what is paid for, and what a stored hash of a request stands for.

use iago_providers::{AuthStyle, Dialect, OutputLimitField, Protocol, UnsignedRequest, encode};
use iago_sweep::{Conversation, Parameters, Role, Turn};
use proptest::prelude::*;
use serde_json::Value;

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
    Parameters { max_output_tokens: 64, temperature, cache_prefix, ..Parameters::default() }
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
fn a_whole_conversation_for_responses() {
    let dialect = dialect(Protocol::OpenAiResponses);
    let request = encode(&dialect, "m-1", &conversation(), &parameters(Some(0.5), true), "key-1");
    assert_eq!(
        body(&request),
        concat!(
            r#"{"model":"m-1","max_output_tokens":64,"temperature":0.5,"#,
            r#""instructions":"Answer with a number.","#,
            r#""input":[{"type":"message","role":"user","content":"2*3?"},"#,
            r#"{"type":"message","role":"assistant","content":"6"},"#,
            r#"{"type":"message","role":"user","content":"6*7 \"in\" <b>?\n"},"#,
            r#"{"type":"message","role":"assistant","content":"<a>\n"}],"store":false}"#,
        )
    );
    assert_eq!(request.url, "https://models.example/v1/responses");
    assert_eq!((request.auth, request.streams), (AuthStyle::Bearer, false));
}

#[test]
fn what_is_not_asked_for_is_not_sent() {
    let question = r#"[{"role":"user","content":"6*7?"}]"#;
    let chat = format!(r#"{{"model":"m-1","max_tokens":64,"messages":{question}}}"#);
    let item = question.replace("[{", r#"[{"type":"message","#);
    let responses =
        format!(r#"{{"model":"m-1","max_output_tokens":64,"input":{item},"store":false}}"#);
    for protocol in Protocol::ALL {
        let dialect = Dialect { idempotency: false, ..dialect(*protocol) };
        let request = encode(&dialect, "m-1", &self::question(), &parameters(None, false), "key-1");
        let least = match protocol {
            Protocol::AnthropicMessages | Protocol::OpenAiChat => &chat,
            Protocol::OpenAiResponses => &responses,
        };
        assert_eq!(body(&request), least);
        assert!(headers(&request).iter().all(|(name, _)| *name != "idempotency-key"));
    }
}

#[test]
fn without_a_system_message_the_first_question_is_what_anthropic_keeps() {
    let anthropic = dialect(Protocol::AnthropicMessages);
    let request = encode(&anthropic, "m-1", &question(), &parameters(None, true), "key-1");
    let marked =
        r#""content":[{"type":"text","text":"6*7?","cache_control":{"type":"ephemeral"}}]"#;
    assert!(body(&request).contains(marked), "{}", body(&request));
}

#[test]
fn openai_keeps_calls_with_one_system_message_together() {
    let openai = |protocol| Dialect::new(protocol, "https://api.openai.com").expect("an address");
    let asked = |system: &str| Conversation { system: Some(system.to_owned()), ..question() };
    let key = |dialect: &Dialect, conversation: &Conversation, cached| {
        let request = encode(dialect, "m-1", conversation, &parameters(None, cached), "key-1");
        let body: Value = serde_json::from_slice(&request.body).expect("JSON");
        body.get("prompt_cache_key").and_then(Value::as_str).map(str::to_owned)
    };
    for protocol in [Protocol::OpenAiChat, Protocol::OpenAiResponses] {
        let openai = openai(protocol);
        let of_a = key(&openai, &asked("a"), true);
        assert!(of_a.as_ref().is_some_and(|key| key.starts_with("iago-")));
        assert_eq!(of_a, key(&openai, &asked("a"), true));
        assert_ne!(of_a, key(&openai, &asked("b"), true));
        assert_eq!(key(&openai, &asked("a"), false), None);
        assert_eq!(key(&openai, &question(), true), None);
        assert_eq!(key(&dialect(protocol), &asked("a"), true), None);
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

            let body: Value = serde_json::from_slice(&request.body)?;
            prop_assert_eq!(body["model"].as_str(), Some(model.as_str()));
            prop_assert_eq!(body.get("temperature").and_then(|it| it.as_f64()), temperature);
            let said = |text: &str| body.to_string().contains(&Value::from(text).to_string());
            prop_assert!(conversation.turns.iter().all(|turn| said(&turn.text)));
        }
    }
}

#[test]
fn anthropics_version_and_the_way_of_authenticating_are_the_endpoints() {
    let usual = dialect(Protocol::AnthropicMessages);
    for version in ["2023-06-01", "2026-10-21"] {
        for auth in [AuthStyle::XApiKey, AuthStyle::Bearer, AuthStyle::None] {
            let anthropic_version = version.to_owned();
            let dialect = Dialect { anthropic_version, auth, ..usual.clone() };
            let request = encode(&dialect, "m-1", &question(), &parameters(None, false), "key-1");
            assert_eq!(request.auth, auth);
            assert!(headers(&request).contains(&("anthropic-version", version)), "{version}");
        }
    }
}
