//! The shape of what goes over the wire.

use iago_simulated_endpoint::{Endpoint, Faults, Protocol, Settings, StartError};

use crate::asking::{Ask, PROTOCOLS, core, settings};
use crate::http::{Session, client};

#[tokio::test]
async fn an_answer_has_the_vendors_fields_and_is_marked_as_simulated() {
    let session = Session::start(settings()).await;
    let ask = |protocol| Ask::new(protocol, "sim-echo", "opaque-r0", "12345");

    let response = session.call(&ask(Protocol::Anthropic)).await.unwrap();
    assert_eq!(response.header("x-simulated"), "true");
    assert!(response.header("request-id").starts_with("req_sim_"));
    let body = response.json();
    assert_eq!(body["content"][0]["text"], "<OUTPUT>ok</OUTPUT>");
    assert_eq!((&body["type"], &body["stop_reason"]), (&"message".into(), &"end_turn".into()));
    assert_eq!(body["usage"]["input_tokens"], 2);
    assert_eq!(body["usage"]["output_tokens"], 5);
    assert_eq!(body["model"], "sim-echo");
    assert!(body["id"].as_str().unwrap().starts_with("msg_sim_"));

    let response = session.call(&ask(Protocol::OpenAi)).await.unwrap();
    assert_eq!(response.header("x-simulated"), "true");
    assert!(response.header("x-request-id").starts_with("req_sim_"));
    let body = response.json();
    assert_eq!(body["choices"][0]["message"]["content"], "<OUTPUT>ok</OUTPUT>");
    assert_eq!(body["choices"][0]["finish_reason"], "stop");
    assert_eq!(body["usage"]["total_tokens"], 7);
    assert!(body["id"].as_str().unwrap().starts_with("chatcmpl-sim-"));
    assert!(body["created"].as_u64().unwrap() > 1_700_000_000);
}

#[test]
fn a_prefill_is_continued_and_not_repeated() {
    let core = core(Faults::default());
    for protocol in PROTOCOLS {
        let echo = Ask::new(protocol, "sim-echo", "opaque-r0", "hello");
        assert_eq!(Ask { prefill: "<OUTPUT>", ..echo }.said(&core).text, "ok</OUTPUT>");
        let said = Ask::subject(protocol, "sim-null", ("True", false), (0, 0)).said(&core);
        assert!(!said.text.contains("<OUTPUT>") && said.text.ends_with("</OUTPUT>"));
    }
}

#[tokio::test]
async fn what_cannot_be_answered_is_an_error_in_the_vendors_shape() {
    let session = Session::start(settings()).await;
    for (model, status, anthropic, openai) in [
        ("sim-nobody", 404, "not_found_error", "model_not_found"),
        ("sim-rejects", 400, "invalid_request_error", ""),
    ] {
        let ask = |protocol| Ask::new(protocol, model, "opaque-r0", "hello");
        let response = session.call(&ask(Protocol::Anthropic)).await.unwrap();
        let body = response.json();
        assert_eq!((response.status, &body["type"]), (status, &"error".into()));
        assert_eq!(body["error"]["type"], anthropic);
        assert_eq!(body["request_id"], response.header("request-id"));
        let response = session.call(&ask(Protocol::OpenAi)).await.unwrap();
        assert_eq!(response.status, status);
        let error = &response.json()["error"];
        assert_eq!(error["type"], "invalid_request_error");
        assert_eq!(error["code"].as_str().unwrap_or_default(), openai);
    }
}

#[tokio::test]
async fn requests_that_the_vendor_would_not_take_are_invalid_here_too() {
    let session = Session::start(settings()).await;
    let messages = r#""messages":[{"role":"user","content":"x"}]"#;
    for (path, version, body) in [
        ("/v1/messages", Some("2023-06-01"), format!(r#"{{"model":"sim-echo",{messages}}}"#)),
        ("/v1/messages", None, format!(r#"{{"model":"sim-echo","max_tokens":1,{messages}}}"#)),
        ("/v1/messages", Some("2023-06-01"), "{".to_owned()),
        ("/v1/chat/completions", None, format!("{{{messages}}}")),
        ("/v1/chat/completions", None, r#"{"model":"sim-echo","messages":[]}"#.to_owned()),
    ] {
        let mut request = client().post(format!("{}{path}", session.endpoint.url()));
        if let Some(version) = version {
            request = request.header("anthropic-version", version);
        }
        let response = request.body(body.clone()).send().await.unwrap();
        assert_eq!(response.status(), 400, "{body}");
        assert!(response.text().await.unwrap().contains("invalid_request_error"));
    }
    assert_eq!(session.endpoint.log().rejected, 5);
}

#[tokio::test]
async fn a_wrong_or_missing_key_is_a_401_and_either_header_opens() {
    let api_key = Some("right".to_owned());
    let session = Session::start(Settings { api_key, ..settings() }).await;
    for protocol in PROTOCOLS {
        let ask = Ask::new(protocol, "sim-echo", "opaque-r0", "hello");
        assert_eq!(session.call(&ask).await.unwrap().status, 401);
        for (name, value, status) in [
            ("x-api-key", "wrong", 401),
            ("authorization", "Bearer wrong", 401),
            ("authorization", "right", 401),
            ("x-api-key", "right", 200),
            ("authorization", "Bearer right", 200),
        ] {
            let sent = session.request(&ask).header(name, value).send().await.unwrap();
            assert_eq!(sent.status(), status, "{name}: {value}");
        }
    }
}

#[tokio::test]
async fn odd_bytes_are_on_the_wire_as_json_escapes() {
    let session = Session::start(settings()).await;
    for protocol in PROTOCOLS {
        let ask = Ask::subject(protocol, "sim-odd-bytes", ("True", true), (0, 0));
        let response = session.call(&ask).await.unwrap();
        let body = String::from_utf8(response.body).unwrap();
        assert!(body.contains(r"\u0000") && body.contains(r"\ud800"), "{body}");
        assert!(serde_json::from_str::<serde_json::Value>(&body).is_err());
    }
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let session = Session::start(settings()).await;
    let taken = session.endpoint.url().replace("http://", "");
    let listen = taken.parse().unwrap();
    let error = Endpoint::start(Settings { listen, ..settings() }).await.unwrap_err();
    assert!(matches!(error, StartError::AddressInUse { address } if address == listen));
    assert!(error.to_string().contains(&taken), "{error}");
}

#[tokio::test]
async fn a_stopped_endpoint_gives_its_port_back() {
    let session = Session::start(settings()).await;
    let listen = session.endpoint.url().replace("http://", "").parse().unwrap();
    session.call(&Ask::new(Protocol::OpenAi, "sim-echo", "a-r0", "x")).await.unwrap();
    session.endpoint.stop().await;
    let again = Session::start(Settings { listen, ..settings() }).await;
    assert_eq!(again.get("/health").await.status, 200);
}

#[tokio::test]
async fn the_models_are_listed_for_whoever_has_the_key_and_that_is_no_call() {
    let open = Session::start(settings()).await;
    let listed = open.get("/v1/models").await;
    let list: serde_json::Value = serde_json::from_slice(&listed.body).unwrap();
    let ids: Vec<_> = list["data"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
    assert!(
        ids.contains(&&"sim-echo".into()) && ids.contains(&&"sim-accuracy-84".into()),
        "{list}"
    );
    assert_eq!((listed.status, &list["has_more"]), (200, &false.into()));
    assert_eq!(open.endpoint.log().calls, 0);
    let key = Some("made-up".to_owned());
    let closed = Session::start(Settings { api_key: key, ..settings() }).await;
    assert_eq!(closed.get("/v1/models").await.status, 401);
}

#[tokio::test]
async fn settings_that_mean_nothing_are_refused() {
    for faults in [
        Faults { reset: 0.6, slow: 0.6, ..Faults::default() },
        Faults { malformed: -0.1, ..Faults::default() },
        Faults { malformed: f64::NAN, ..Faults::default() },
    ] {
        let error = Endpoint::start(Settings { faults, ..settings() }).await.unwrap_err();
        assert!(matches!(error, StartError::Settings(_)), "{error}");
    }
}

#[tokio::test]
async fn a_new_prompt_set_is_ranked_anew() {
    let session = Session::start(Settings { prompts: Vec::new(), ..settings() }).await;
    session.endpoint.set_prompts(crate::asking::prompts());
    let mut complying = 0;
    for prompt in 0..100 {
        let ask = Ask::subject(Protocol::Anthropic, "sim-null", ("True", true), (prompt, 3));
        let said = session.call(&ask).await.unwrap().said(Protocol::Anthropic);
        complying += usize::from(said.complies());
    }
    assert_eq!(complying, 8);
}
