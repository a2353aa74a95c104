//! Limits, and what a caller is told about them.

use std::time::Duration;

use iago_simulated_endpoint::{
    Call, Capacity, Core, Limit, LimitKind, Protocol, RetryAfter, Settings, Sheds, Tells,
};
use serde_json::json;

use crate::asking::{Ask, PROTOCOLS, settings};
use crate::http::Session;

fn limited(requests_per_minute: u32, kind: LimitKind) -> Settings {
    Settings { limit: Some(Limit { kind, ..Limit::requests(requests_per_minute) }), ..settings() }
}

fn echo(protocol: Protocol) -> Ask {
    Ask::new(protocol, "sim-echo", "opaque-r0", "hello")
}

#[tokio::test]
async fn the_call_above_the_limit_is_a_429_that_says_when_to_come_back() {
    for kind in [LimitKind::SlidingMinute, LimitKind::TokenBucket { burst_seconds: 60.0 }] {
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
        assert_eq!((log.calls, log.answered, log.throttled, log.over_limit), (6, 3, 3, 3));
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
        let call =
            Call { protocol, key, credential: None, version: None, body: &body, in_flight: 1 };
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

#[tokio::test]
async fn each_quantity_is_limited_and_told_in_the_vendors_words() {
    let limit = Limit {
        input_tokens_per_minute: Some(10),
        output_tokens_per_minute: Some(100),
        tokens_per_minute: Some(200),
        tells: Tells { retry_after: RetryAfter::Milliseconds, ..Tells::default() },
        ..Limit::requests(60)
    };
    let session = Session::start(Settings { limit: Some(limit), ..settings() }).await;
    // Two tokens in, and five out.
    let response = session.call(&echo(Protocol::Anthropic)).await.unwrap();
    for (name, limit, remaining) in [
        ("requests", 60, 59),
        ("input-tokens", 10, 8),
        ("output-tokens", 100, 95),
        ("tokens", 200, 193),
    ] {
        let header =
            |what| response.header(&format!("anthropic-ratelimit-{name}-{what}")).to_owned();
        assert_eq!(header("limit"), limit.to_string());
        assert_eq!(header("remaining"), remaining.to_string());
        assert!(header("reset").ends_with('Z'));
    }
    let response = session.call(&echo(Protocol::Responses)).await.unwrap();
    assert_eq!(response.header("x-ratelimit-remaining-tokens"), "186");
    assert!(!response.headers.contains_key("x-ratelimit-limit-input-tokens"));

    let long = Ask::new(Protocol::OpenAi, "sim-echo", "long-r0", &"x".repeat(28));
    let response = session.call(&long).await.unwrap();
    assert_eq!((response.status, &response.json()["error"]["type"]), (429, &"tokens".into()));
    let wait: u64 = response.header("retry-after-ms").parse().unwrap();
    assert!((1_000..=60_000).contains(&wait), "{wait}");
    assert!(!response.headers.contains_key("retry-after"));

    let log = session.endpoint.log();
    assert_eq!((log.minute_max, log.throttled), (2, 1));
    assert_eq!((log.input_tokens_minute_max, log.output_tokens_minute_max), (4, 10));
    assert_eq!(log.tokens_minute_max, 14);
    assert_eq!(log.admitted_by_second.iter().sum::<u32>(), 2);
    let summary = session.get("/log/summary").await.json();
    assert_eq!((&summary["minute_max"], &summary["tokens_minute_max"]), (&2.into(), &14.into()));
}

#[tokio::test]
async fn a_call_that_fits_into_no_minute_is_not_told_to_come_back() {
    let limit = Limit { tokens_per_minute: Some(6), ..Limit::default() };
    let session = Session::start(Settings { limit: Some(limit), ..settings() }).await;
    let response = session.call(&echo(Protocol::Anthropic)).await.unwrap();
    assert_eq!(response.status, 429);
    assert!(!response.headers.contains_key("retry-after"));
    assert!(response.json()["error"]["message"].as_str().unwrap().contains("whole minute"));
}

#[tokio::test]
async fn what_a_call_allows_itself_may_count_instead_of_what_it_takes() {
    let limit = Limit {
        output_tokens_per_minute: Some(1_000),
        counts_max_output: true,
        tells: Tells { headers: false, retry_after: RetryAfter::None },
        ..Limit::default()
    };
    let session = Session::start(Settings { limit: Some(limit), ..settings() }).await;
    let ask = |max| echo(Protocol::Responses).with(json!({ "max_output_tokens": max }));
    for (max, status) in [(600, 200), (600, 429), (400, 200), (1, 429)] {
        let response = session.call(&ask(max)).await.unwrap();
        assert_eq!(response.status, status, "{max}");
        let told = |name: &str| name.contains("ratelimit") || name.contains("retry");
        assert!(!response.headers.keys().any(|name| told(name.as_str())));
    }
}

#[tokio::test]
async fn the_limit_can_be_changed_while_it_runs() {
    let session = Session::start(limited(1, LimitKind::SlidingMinute)).await;
    let status = async || session.call(&echo(Protocol::OpenAi)).await.unwrap().status;
    assert_eq!((status().await, status().await), (200, 429));
    session.endpoint.set_limit(Some(Limit::requests(2)));
    assert_eq!((status().await, status().await), (200, 429));
    for (body, code) in [
        (r#"{"requests_per_minute":4,"kind":{"token-bucket":{"burst_seconds":1.5}}}"#, 200),
        (r#"{"requests_per_minute":3}"#, 200),
        (r#"{"requests_per_minute":0}"#, 400),
        (r#"{"requests_per_hour":9}"#, 400),
        (r#"{"kind":{"token-bucket":{"burst_seconds":-1.0}}}"#, 400),
    ] {
        let changed = session.post("/control/limit", body).await;
        assert_eq!((changed.status, changed.header("x-simulated")), (code, "true"), "{body}");
    }
    assert_eq!((status().await, status().await), (200, 429));
    assert_eq!(session.post("/control/limit", "null").await.status, 200);
    assert_eq!((status().await, status().await), (200, 200));
}

#[test]
fn above_its_capacity_it_sheds_or_slows_down() {
    let latency = Duration::from_millis(100);
    let decide = |sheds, in_flight| {
        let capacity = Some(Capacity { concurrency: 4, sheds });
        let limit = Some(Limit::requests(1));
        let core = Core::new(&Settings { capacity, latency, limit, ..settings() }, Duration::ZERO);
        let ask = echo(Protocol::OpenAi);
        let (key, body) = (Some(ask.key.as_str()), ask.body());
        let protocol = ask.protocol;
        let call = Call { protocol, key, credential: None, version: None, body: &body, in_flight };
        let first = core.decide(Duration::ZERO, &call);
        (first.status, first.latency, core.log().minute_max)
    };
    assert_eq!(decide(Sheds::Overloaded529, 4), (200, latency, 1));
    assert_eq!(decide(Sheds::Overloaded529, 5), (529, Duration::ZERO, 0));
    assert_eq!(decide(Sheds::Slower, 4), (200, latency, 1));
    assert_eq!(decide(Sheds::Slower, 8), (200, 2 * latency, 1));
}

#[test]
fn latency_spreads_by_key_and_is_the_same_in_a_second_run() {
    let latency = Duration::from_millis(100);
    let run = || -> Vec<Duration> {
        let settings = Settings { latency, latency_spread: 0.5, ..settings() };
        let core = Core::new(&settings, Duration::ZERO);
        let ask = |job| Ask::new(Protocol::OpenAi, "sim-echo", &format!("job{job}-r0"), "x");
        (0..200).map(|job| ask(job).decide(&core).latency).collect()
    };
    let latencies = run();
    assert_eq!(run(), latencies);
    let (least, most) = (latencies.iter().min().unwrap(), latencies.iter().max().unwrap());
    assert!(*least >= latency / 2 && *least < latency * 6 / 10, "{least:?}");
    assert!(*most <= latency * 3 / 2 && *most > latency * 14 / 10, "{most:?}");
}
