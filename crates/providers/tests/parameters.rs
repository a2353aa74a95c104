//! What each parameter is called, by protocol and by the server's flavour of it.

use iago_providers::Flavour::{
    Azure, Deepseek, Groq, Litellm, LlamaCpp, Mistral, Ollama, Openrouter, Sglang, Standard,
    Together, Vllm, Xai,
};
use iago_providers::Protocol::{self, AnthropicMessages, OpenAiChat, OpenAiResponses};
use iago_providers::{Dialect, Flavour, STREAMED_ABOVE, Streaming, UnsignedRequest, encode};
use iago_sweep::{Conversation, Effort, Parameters, Reasoning, Role, Turn};
use serde_json::{Map, Value, json};

fn conversation() -> Conversation {
    let question = Turn { role: Role::User, text: "6*7?".to_owned() };
    Conversation { system: Some("Be brief.".to_owned()), turns: vec![question], prefill: None }
}

fn prefilled() -> Conversation {
    Conversation { prefill: Some("<a>".to_owned()), ..conversation() }
}

fn dialect(protocol: Protocol, flavour: Flavour) -> Dialect {
    Dialect::new(protocol, "http://127.0.0.1").expect("an address").with_flavour(flavour)
}

fn least() -> Parameters {
    Parameters { max_output_tokens: 2048, ..Parameters::default() }
}

fn asked(
    dialect: &Dialect,
    model_id: &str,
    conversation: &Conversation,
    parameters: &Parameters,
) -> (UnsignedRequest, Map<String, Value>) {
    let request = encode(dialect, model_id, conversation, parameters, "key-1");
    let body = serde_json::from_slice(&request.body).expect("an object");
    (request, body)
}

/// The fields that a parameter adds to the body.
#[track_caller]
fn assert_adds(protocol: Protocol, flavour: Flavour, parameters: &Parameters, added: &Value) {
    let dialect = dialect(protocol, flavour);
    let (_, plain) = asked(&dialect, "m-1", &conversation(), &least());
    let (_, mut body) = asked(&dialect, "m-1", &conversation(), parameters);
    body.retain(|name, value| plain.get(name) != Some(value));
    assert_eq!(&Value::Object(body), added, "{protocol} {flavour}");
}

#[test]
fn sampling_and_stops_are_named_as_the_protocol_has_them() {
    let stop = vec!["END".to_owned(), "\n\n".to_owned()];
    let parameters = Parameters { temperature: Some(0.7), top_p: Some(0.9), stop, ..least() };
    let both = json!({"temperature": 0.7, "top_p": 0.9});
    let with = |name: &str| {
        let mut all = both.clone();
        all[name] = json!(["END", "\n\n"]);
        all
    };
    assert_adds(AnthropicMessages, Standard, &parameters, &with("stop_sequences"));
    assert_adds(OpenAiChat, Standard, &parameters, &with("stop"));
    assert_adds(OpenAiResponses, Standard, &parameters, &both);
}

#[test]
fn a_seed_is_named_as_the_server_has_it() {
    let parameters = Parameters { seed: Some(7), ..least() };
    assert_adds(OpenAiChat, Standard, &parameters, &json!({"seed": 7}));
    assert_adds(OpenAiChat, Mistral, &parameters, &json!({"random_seed": 7}));
    assert_adds(AnthropicMessages, Standard, &parameters, &json!({}));
}

#[test]
fn log_probabilities_are_a_switch_a_number_or_an_inclusion() {
    let with = |alternatives| Parameters { logprobs: Some(alternatives), ..least() };
    assert_adds(OpenAiChat, Standard, &with(0), &json!({"logprobs": true}));
    let three = json!({"logprobs": true, "top_logprobs": 3});
    assert_adds(OpenAiChat, Standard, &with(3), &three);
    assert_adds(OpenAiChat, Together, &with(3), &json!({"logprobs": 3}));
    assert_adds(OpenAiChat, Together, &with(0), &json!({"logprobs": 1}));
    let include = json!(["message.output_text.logprobs"]);
    let three = json!({"top_logprobs": 3, "include": include});
    assert_adds(OpenAiResponses, Standard, &with(3), &three);
}

#[test]
fn a_schema_is_sent_as_json_where_each_protocol_wants_it() {
    let schema = json!({"type": "object", "additionalProperties": false});
    let parameters = Parameters { schema: Some(schema.to_string()), ..least() };
    let format = json!({"type": "json_schema", "schema": schema});
    assert_adds(
        AnthropicMessages,
        Standard,
        &parameters,
        &json!({"output_config": {"format": format}}),
    );
    let named = json!({"name": "answer", "schema": schema, "strict": true});
    let chat = json!({"response_format": {"type": "json_schema", "json_schema": named}});
    assert_adds(OpenAiChat, Standard, &parameters, &chat);
    let format = json!({"type": "json_schema", "name": "answer", "schema": schema, "strict": true});
    assert_adds(OpenAiResponses, Standard, &parameters, &json!({"text": {"format": format}}));
}

#[test]
fn reasoning_is_asked_for_in_each_servers_words() {
    let off = Parameters { reasoning: Some(Reasoning::Off), ..least() };
    let high = Parameters { reasoning: Some(Reasoning::Effort(Effort::High)), ..least() };
    let budget = Parameters { reasoning: Some(Reasoning::Budget(1024)), ..least() };
    for (protocol, flavour, parameters, added) in [
        (AnthropicMessages, Standard, &off, json!({"thinking": {"type": "disabled"}})),
        (
            AnthropicMessages,
            Standard,
            &high,
            json!({"thinking": {"type": "adaptive", "display": "summarized"},
                   "output_config": {"effort": "high"}}),
        ),
        (
            AnthropicMessages,
            Standard,
            &budget,
            json!({"thinking": {"type": "enabled", "budget_tokens": 1024,
                                "display": "summarized"}}),
        ),
        (
            AnthropicMessages,
            Deepseek,
            &high,
            json!({"thinking": {"type": "enabled"}, "output_config": {"effort": "high"}}),
        ),
        (OpenAiChat, Standard, &off, json!({"reasoning_effort": "none"})),
        (OpenAiChat, Standard, &high, json!({"reasoning_effort": "high"})),
        (OpenAiChat, Azure, &high, json!({"reasoning_effort": "high"})),
        (OpenAiChat, Vllm, &off, json!({"chat_template_kwargs": {"enable_thinking": false}})),
        (OpenAiChat, Vllm, &budget, json!({"thinking_token_budget": 1024})),
        (OpenAiChat, Sglang, &high, json!({"reasoning_effort": "high"})),
        (OpenAiChat, Ollama, &off, json!({"reasoning_effort": "none"})),
        (OpenAiChat, Ollama, &high, json!({"reasoning_effort": "high"})),
        (OpenAiChat, LlamaCpp, &off, json!({"chat_template_kwargs": {"enable_thinking": false}})),
        (OpenAiChat, Groq, &high, json!({"reasoning_effort": "high"})),
        (OpenAiChat, Xai, &high, json!({"reasoning_effort": "high"})),
        (OpenAiChat, Openrouter, &off, json!({"reasoning": {"enabled": false}})),
        (OpenAiChat, Openrouter, &high, json!({"reasoning": {"effort": "high"}})),
        (OpenAiChat, Openrouter, &budget, json!({"reasoning": {"max_tokens": 1024}})),
        (OpenAiChat, Deepseek, &off, json!({"thinking": {"type": "disabled"}})),
        (
            OpenAiChat,
            Deepseek,
            &high,
            json!({"thinking": {"type": "enabled"}, "reasoning_effort": "high"}),
        ),
        (
            OpenAiChat,
            Litellm,
            &budget,
            json!({"thinking": {"type": "enabled", "budget_tokens": 1024}}),
        ),
        (OpenAiResponses, Standard, &off, json!({"reasoning": {"effort": "none"}})),
        (
            OpenAiResponses,
            Standard,
            &high,
            json!({"reasoning": {"effort": "high", "summary": "auto"}}),
        ),
    ] {
        assert_adds(protocol, flavour, parameters, &added);
    }
}

#[test]
fn a_prefill_is_continued_where_the_server_has_a_way_to_say_so() {
    let messages = |flavour| {
        let dialect = dialect(OpenAiChat, flavour);
        let (_, body) = asked(&dialect, "m-1", &prefilled(), &least());
        (body["messages"][2].clone(), body.get("continue_final_message").cloned())
    };
    let plain = json!({"role": "assistant", "content": "<a>"});
    let marked = json!({"role": "assistant", "content": "<a>", "prefix": true});
    assert_eq!(messages(Standard), (plain.clone(), None));
    assert_eq!(messages(LlamaCpp), (plain.clone(), None));
    assert_eq!(messages(Vllm), (plain.clone(), Some(json!(true))));
    assert_eq!(messages(Sglang), (plain, Some(json!(true))));
    assert_eq!(messages(Mistral), (marked.clone(), None));
    assert_eq!(messages(Deepseek), (marked, None));
    let (_, body) = asked(&dialect(OpenAiChat, Vllm), "m-1", &conversation(), &least());
    assert!(!body.contains_key("continue_final_message"));
}

#[test]
fn reasoning_models_of_openai_have_a_developer_and_the_newer_limit_wherever_they_are() {
    let standard = dialect(OpenAiChat, Standard);
    let (_, body) = asked(&standard, "gpt-6-sol", &conversation(), &least());
    assert_eq!(body["messages"][0]["role"], "developer");
    assert_eq!(body["max_completion_tokens"], 2048);
    assert!(!body.contains_key("max_tokens"));

    for (dialect, model_id) in
        [(standard.clone(), "m-1"), (Dialect { rules: false, ..standard }, "gpt-6-sol")]
    {
        let (_, body) = asked(&dialect, model_id, &conversation(), &least());
        assert_eq!(body["messages"][0]["role"], "system");
        assert_eq!(body["max_tokens"], 2048);
    }
}

#[test]
fn long_answers_are_streamed_unless_told_otherwise() {
    let long = Parameters { max_output_tokens: STREAMED_ABOVE + 1, ..Parameters::default() };
    let short = Parameters { max_output_tokens: STREAMED_ABOVE, ..Parameters::default() };
    for protocol in Protocol::ALL {
        for (streaming, parameters, streams) in [
            (Streaming::Never, &long, false),
            (Streaming::Auto, &short, false),
            (Streaming::Auto, &long, true),
            (Streaming::Always, &short, true),
        ] {
            let dialect = Dialect { streaming, ..dialect(*protocol, Standard) };
            let (request, body) = asked(&dialect, "m-1", &conversation(), parameters);
            assert_eq!(request.streams, streams, "{protocol} {streaming}");
            assert_eq!(body.get("stream"), streams.then_some(&json!(true)));
            let accepted = request.headers.iter().find(|(name, _)| name == "accept");
            let expected = if streams { "text/event-stream" } else { "application/json" };
            assert_eq!(accepted.map(|(_, value)| value.as_str()), Some(expected));
        }
    }
}

#[test]
fn usage_is_asked_for_in_a_stream_of_chat_where_that_is_not_refused() {
    let options = |protocol, flavour| {
        let dialect = Dialect { streaming: Streaming::Always, ..dialect(protocol, flavour) };
        asked(&dialect, "m-1", &conversation(), &least()).1.remove("stream_options")
    };
    assert_eq!(options(OpenAiChat, Standard), Some(json!({"include_usage": true})));
    assert_eq!(options(OpenAiChat, Mistral), None);
    assert_eq!(options(AnthropicMessages, Standard), None);
    assert_eq!(options(OpenAiResponses, Standard), None);
}

#[test]
fn further_fields_are_sent_as_they_are_and_join_what_is_there() {
    let extra = [
        ("service_tier", json!("flex")),
        ("reasoning", json!({"context": "auto", "summary": "concise"})),
        ("temperature", json!(0.1)),
        ("model", json!("another")),
        ("input", json!("another")),
        ("stream", json!(true)),
    ];
    let parameters = Parameters {
        temperature: Some(0.7),
        reasoning: Some(Reasoning::Effort(Effort::Low)),
        extra: extra.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        ..least()
    };
    let dialect = dialect(OpenAiResponses, Standard);
    let (request, body) = asked(&dialect, "m-1", &conversation(), &parameters);
    assert_eq!(body["service_tier"], "flex");
    let joined = json!({"effort": "low", "context": "auto", "summary": "concise"});
    assert_eq!(body["reasoning"], joined);
    assert_eq!(body["temperature"], 0.1);
    assert_eq!(body["model"], "m-1");
    assert!(body["input"].is_array() && !body.contains_key("stream") && !request.streams);
}

#[test]
fn a_schema_keeps_the_order_of_its_keys() {
    let written = r#"{"properties":{"why":{"type":"string"},"answer":{"enum":["no","yes"]}}}"#;
    let parameters = Parameters { schema: Some(written.to_owned()), ..least() };
    for protocol in Protocol::ALL {
        let at = dialect(*protocol, Standard);
        let body = asked(&at, "m-1", &conversation(), &parameters).0.body;
        let body = String::from_utf8(body).unwrap();
        assert!(body.contains(&format!(r#""schema":{written}"#)), "{body}");
    }
}

/// Ollama passes over the newer name without a word, and its answers then have no end.
#[test]
fn ollama_is_given_the_only_limit_that_it_keeps() {
    for model_id in ["llama3.2", "gpt-oss:20b", "gpt-5"] {
        let (_, body) = asked(&dialect(OpenAiChat, Ollama), model_id, &conversation(), &least());
        assert_eq!(body.get("max_tokens"), Some(&json!(2048)), "{model_id}");
        assert_eq!(body.get("max_completion_tokens"), None, "{model_id}");
    }
}
