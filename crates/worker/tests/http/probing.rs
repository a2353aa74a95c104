//! What a person is told where an endpoint cannot be called.

use std::net::TcpListener;
use std::time::Duration;

use iago_worker::{ProbeError, probe};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::server::{Server, Step, endpoint, reply};

const KEY: &str = "sk-very-secret-indeed";

async fn refused(status: u16, body: &Value) -> ProbeError {
    let server = Server::start(vec![Step::Say(reply(status, body))]).await;
    let mut endpoint = endpoint(&format!("http://{}/v1", server.address));
    endpoint.key = Some(SecretString::from(KEY));
    let error = probe(&endpoint, "echo-9").await.expect_err("it is no answer");
    assert_eq!(server.heard().len(), 1, "a probe is one call");
    assert!(!error.to_string().contains(KEY), "{error}");
    error
}

fn words(words: &str) -> Value {
    json!({ "error": { "message": words } })
}

#[tokio::test]
async fn each_kind_of_refusal_is_told_apart() {
    let key = refused(401, &words(&format!("no such key: {KEY}"))).await;
    assert!(matches!(key, ProbeError::Credential { status: 401, .. }), "{key:?}");
    let right = refused(403, &words("not for your organisation")).await;
    assert!(matches!(right, ProbeError::Forbidden { status: 403, .. }), "{right:?}");
    let money = json!({ "error": { "message": "quota", "code": "credit_balance_exhausted" } });
    let money = refused(429, &money).await;
    assert!(matches!(money, ProbeError::Money { status: 429, .. }), "{money:?}");
    let limit = refused(429, &words("slow down")).await;
    assert!(matches!(limit, ProbeError::Throttled { .. }), "{limit:?}");
    let trouble = refused(500, &words("oh")).await;
    assert!(matches!(trouble, ProbeError::Troubled { status: 500, .. }), "{trouble:?}");
    let parameter = refused(400, &words("`max_tokens` is too small")).await;
    assert!(matches!(parameter, ProbeError::Rejected { status: 400, .. }), "{parameter:?}");
}

#[tokio::test]
async fn a_model_that_is_not_there_is_not_an_address_that_is_wrong() {
    for (status, said) in [
        (404, "The model `echo-9` does not exist"),
        (404, "model: echo-9"),
        (400, "echo-9 is not a valid model ID"),
    ] {
        let error = refused(status, &words(said)).await;
        let is_model =
            matches!(&error, ProbeError::UnknownModel { model, .. } if model == "echo-9");
        assert!(is_model, "{said}: {error:?}");
    }
    let error = refused(404, &words("Not Found")).await;
    let expected = "/v1/chat/completions";
    let is_path = matches!(&error, ProbeError::UnknownPath { url, .. } if url.ends_with(expected));
    assert!(is_path, "{error:?}");
}

#[tokio::test]
async fn what_is_no_answer_is_not_understood() {
    let page = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n<html>Welcome!</html>".to_owned();
    let server = Server::start(vec![Step::Say(page)]).await;
    let error = probe(&endpoint(&format!("http://{}/v1", server.address)), "echo").await;
    assert!(matches!(error, Err(ProbeError::UnknownPath { status: 200, .. })), "{error:?}");
    let error = refused(200, &json!({ "hello": "world" })).await;
    assert!(matches!(error, ProbeError::NotUnderstood { .. }), "{error:?}");
}

#[tokio::test]
async fn nobody_there_is_said_with_the_address_and_what_the_system_says() {
    // A port that was free a moment ago.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = probe(&endpoint(&address), "echo").await.unwrap_err();
    let ProbeError::Unreachable { url, why } = &error else { panic!("{error:?}") };
    assert!(*url == address && why.contains("refused"), "{error:?}");
}

#[tokio::test]
async fn settings_that_make_no_client_are_said() {
    let mut wrong = endpoint("http://127.0.0.1:1");
    wrong.proxy = Some("ftp://user:secret@proxy".to_owned());
    let error = probe(&wrong, "echo").await.unwrap_err().to_string();
    assert!(error.contains("proxy") && !error.contains("secret"), "{error}");
    let mut wrong = endpoint("http://127.0.0.1:1");
    wrong.ca = Some(b"no certificate".to_vec());
    let error = probe(&wrong, "echo").await.unwrap_err();
    assert!(matches!(&error, ProbeError::Settings(why) if why.contains("PEM")), "{error}");
}

#[tokio::test]
async fn a_connection_that_is_never_made_is_given_up_before_the_answer_would_be() {
    // It takes the connection, and never says a word of the handshake that makes it a safe one.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut endpoint = endpoint(&format!("https://{}/v1", silent.local_addr().unwrap()));
    endpoint.timeouts.connect = Duration::from_millis(100);
    let error = probe(&endpoint, "echo").await.unwrap_err();
    assert!(matches!(error, ProbeError::Unreachable { .. }), "{error:?}");
}
