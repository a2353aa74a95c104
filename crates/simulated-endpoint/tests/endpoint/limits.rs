//! Limits, and what a caller is told about them.

use std::time::Duration;

use iago_simulated_endpoint::{Call, Core, Limit, LimitKind, Protocol, Settings};

use crate::asking::{Ask, PROTOCOLS, settings};
use crate::http::Session;

fn limited(requests_per_minute: u32, kind: LimitKind) -> Settings {
    Settings { limit: Some(Limit { requests_per_minute, kind }), ..settings() }
}

fn echo(protocol: Protocol) -> Ask {
    Ask::new(protocol, "sim-echo", "opaque-r0", "hello")
}

#[tokio::test]
async fn the_call_above_the_limit_is_a_429_that_says_when_to_come_back() {
    for kind in [LimitKind::SlidingMinute, LimitKind::TokenBucket { burst: 3 }] {
        let session = Session::start(limited(3, kind)).await;
        for _ in 0..3 {
            assert_eq!(session.call(&echo(Protocol::Anthropic)).await.unwrap().status, 200);
        }
        for protocol in PROTOCOLS {
            let response = session.call(&echo(protocol)).await.unwrap();
            assert_eq!(response.status, 429);
            let wait: u64 = response.header("retry-after").parse().unwrap();
            assert!((1..=60).contains(&wait), "{wait}");
        }
        let log = session.endpoint.log();
        assert_eq!((log.calls, log.answered, log.throttled, log.over_limit), (5, 3, 2, 2));
    }
}

#[tokio::test]
async fn rate_headers_are_in_the_vendors_form() {
    let session = Session::start(limited(60, LimitKind::SlidingMinute)).await;
    let response = session.call(&echo(Protocol::Anthropic)).await.unwrap();
    assert_eq!(response.header("anthropic-ratelimit-requests-limit"), "60");
    assert_eq!(response.header("anthropic-ratelimit-requests-remaining"), "59");
    let reset = response.header("anthropic-ratelimit-requests-reset");
    assert!(reset.len() == 20 && reset.ends_with('Z') && reset.contains('T'), "{reset}");

    let response = session.call(&echo(Protocol::OpenAi)).await.unwrap();
    assert_eq!(response.header("x-ratelimit-limit-requests"), "60");
    assert_eq!(response.header("x-ratelimit-remaining-requests"), "58");
    assert_eq!(response.header("x-ratelimit-reset-requests"), "1m0s");
}

#[tokio::test]
async fn without_a_limit_there_are_no_rate_headers() {
    let session = Session::start(settings()).await;
    let response = session.call(&echo(Protocol::OpenAi)).await.unwrap();
    assert!(response.headers.keys().all(|name| !name.as_str().contains("ratelimit")));
}

#[test]
fn the_window_slides() {
    let core = Core::new(&limited(2, LimitKind::SlidingMinute), Duration::ZERO);
    let ask = echo(Protocol::OpenAi);
    let status = |millis| {
        let (key, body) = (Some(ask.key.as_str()), ask.body());
        let protocol = ask.protocol;
        let call = Call { protocol, key, credential: None, version: None, body: &body };
        core.decide(Duration::from_millis(millis), &call).status
    };
    let arrivals = [0, 30_000, 59_999, 60_000, 60_001, 90_000];
    assert_eq!(arrivals.map(status), [200, 200, 429, 200, 429, 200]);
}

#[tokio::test]
async fn a_spent_budget_looks_like_a_rate_limit_and_says_otherwise_in_the_body() {
    let session = Session::start(settings()).await;
    let ask = |protocol| Ask::new(protocol, "sim-billing", "opaque-r0", "hello");
    let response = session.call(&ask(Protocol::Anthropic)).await.unwrap();
    assert_eq!(response.status, 429);
    let code = &response.json()["error"]["details"]["error_code"];
    assert_eq!(code, "enforced_spend_limit_reached");
    assert!(!response.headers.contains_key("retry-after"));

    let response = session.call(&ask(Protocol::OpenAi)).await.unwrap();
    assert_eq!(response.status, 429);
    assert_eq!(response.json()["error"]["code"], "credit_balance_exhausted");
    let log = session.endpoint.log();
    assert_eq!((log.rejected, log.throttled, log.over_limit), (2, 0, 0));
}

#[tokio::test]
async fn a_call_without_a_good_key_is_not_held_against_the_limit() {
    let api_key = Some("right".to_owned());
    let session =
        Session::start(Settings { api_key, ..limited(1, LimitKind::SlidingMinute) }).await;
    assert_eq!(session.call(&echo(Protocol::OpenAi)).await.unwrap().status, 401);
    let request = session.request(&echo(Protocol::OpenAi)).bearer_auth("right");
    assert_eq!(request.send().await.unwrap().status(), 200);
}
