//! Rate headers, in every shape that vendors give them.

use std::time::{Duration, SystemTime};

use iago_providers::{
    Dialect, Flavour, Protocol, RateHeaders, Reset, WAIT_MAX, Window, rate_headers,
};
use proptest::prelude::*;

fn read(protocol: Protocol, headers: &[(&str, &str)]) -> RateHeaders {
    let dialect = Dialect::new(protocol, "http://127.0.0.1").expect("a valid address");
    let headers: Vec<_> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    rate_headers(&dialect, &headers)
}

fn window(limit: u64, remaining: u64, reset: Reset) -> Window {
    Window { limit: Some(limit), remaining: Some(remaining), reset: Some(reset), per_day: false }
}

fn reset(value: &str) -> Option<Reset> {
    let headers = [("x-ratelimit-reset-tokens", value), ("Date", "Thu, 21 Aug 2025 12:40:29 GMT")];
    read(Protocol::OpenAiChat, &headers).tokens.and_then(|window| window.reset)
}

fn after(milliseconds: u64) -> Reset {
    Reset::After(Duration::from_millis(milliseconds))
}

#[test]
fn anthropic_tells_four_limits() {
    let headers = read(
        Protocol::AnthropicMessages,
        &[
            ("Anthropic-Ratelimit-Requests-Limit", "50"),
            ("anthropic-ratelimit-requests-remaining", "49"),
            ("anthropic-ratelimit-requests-reset", "2025-08-21T12:40:59Z"),
            ("anthropic-ratelimit-input-tokens-remaining", "0"),
            ("anthropic-ratelimit-output-tokens-limit", "8000"),
            ("anthropic-ratelimit-tokens-limit", "28000"),
            ("date", "Thu, 21 Aug 2025 12:40:29 GMT"),
        ],
    );
    assert_eq!(headers.requests, Some(window(50, 49, Reset::After(Duration::from_secs(30)))));
    assert_eq!(headers.input_tokens.and_then(|window| window.remaining), Some(0));
    assert_eq!(headers.output_tokens.and_then(|window| window.limit), Some(8000));
    assert_eq!(headers.tokens.and_then(|window| window.limit), Some(28000));
}

#[test]
fn openai_tells_two() {
    let headers = read(
        Protocol::OpenAiChat,
        &[
            ("x-ratelimit-limit-requests", "5000"),
            ("x-ratelimit-remaining-requests", "4999"),
            ("x-ratelimit-reset-requests", "12ms"),
            ("x-ratelimit-limit-tokens", "160000"),
            ("x-ratelimit-remaining-tokens", "159976"),
            ("x-ratelimit-reset-tokens", "6m0s"),
        ],
    );
    assert_eq!(headers.requests, Some(window(5000, 4999, Reset::After(Duration::from_millis(12)))));
    assert_eq!(
        headers.tokens,
        Some(window(160_000, 159_976, Reset::After(Duration::from_secs(360))))
    );
    assert_eq!((headers.input_tokens, headers.output_tokens), (None, None));
}

#[test]
fn fireworks_tells_prompt_and_generated_tokens_and_openrouter_requests() {
    let headers = read(
        Protocol::OpenAiChat,
        &[
            ("x-ratelimit-limit-tokens-prompt", "60000"),
            ("x-ratelimit-limit-tokens-generated", "6000"),
            ("x-ratelimit-limit", "50"),
        ],
    );
    assert_eq!(headers.input_tokens.and_then(|window| window.limit), Some(60_000));
    assert_eq!(headers.output_tokens.and_then(|window| window.limit), Some(6_000));
    assert_eq!(headers.requests.and_then(|window| window.limit), Some(50));
}

/// What the headers say under a flavour.
fn at(flavour: Flavour, headers: &[(&str, &str)]) -> RateHeaders {
    let dialect = Dialect::new(Protocol::OpenAiChat, "http://127.0.0.1").expect("an address");
    let headers: Vec<_> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    rate_headers(&dialect.with_flavour(flavour), &headers)
}

#[test]
fn every_family_is_read_whatever_the_protocol() {
    let of_anthropic = [("anthropic-ratelimit-requests-limit", "50")];
    let of_openai = [("x-ratelimit-limit-requests", "50")];
    let passed_on = [("llm_provider-x-ratelimit-limit-requests", "50")];
    let passed_on_twice = [("llm_provider-anthropic-ratelimit-requests-limit", "50")];
    for protocol in Protocol::ALL {
        for headers in [of_anthropic, of_openai, passed_on, passed_on_twice] {
            let requests = read(*protocol, &headers).requests;
            assert_eq!(requests.and_then(|window| window.limit), Some(50), "{headers:?}");
        }
    }
}

#[test]
fn a_gateways_own_limit_wins_over_the_one_that_it_passes_on() {
    let headers =
        [("llm_provider-x-ratelimit-limit-requests", "50"), ("x-ratelimit-limit-requests", "2")];
    let requests = at(Flavour::Litellm, &headers).requests;
    assert_eq!(requests.and_then(|window| window.limit), Some(2));
}

#[test]
fn groq_counts_requests_by_the_day_and_tokens_by_the_minute() {
    let headers = [("x-ratelimit-limit-requests", "14400"), ("x-ratelimit-limit-tokens", "6000")];
    let groq = at(Flavour::Groq, &headers);
    assert!(groq.requests.is_some_and(|window| window.per_day));
    assert!(groq.tokens.is_some_and(|window| !window.per_day));
    assert!(at(Flavour::Standard, &headers).requests.is_some_and(|window| !window.per_day));
}

#[test]
fn a_limit_that_is_back_only_after_hours_is_one_of_a_day() {
    let with = |reset| {
        at(Flavour::Openrouter, &[("x-ratelimit-limit", "50"), ("x-ratelimit-reset", reset)])
    };
    assert!(with("5h0m0s").requests.is_some_and(|window| window.per_day));
    assert!(with("6m0s").requests.is_some_and(|window| !window.per_day));
}

#[test]
fn together_counts_by_the_second() {
    let headers = [
        ("x-ratelimit-limit", "10"),
        ("x-ratelimit-remaining", "9"),
        ("x-tokenlimit-limit", "3000"),
        ("x-tokenlimit-remaining", "2990"),
    ];
    let told = at(Flavour::Together, &headers);
    let of_a_minute = |limit| Some(Window { limit: Some(limit), ..Window::default() });
    assert_eq!((told.requests, told.tokens), (of_a_minute(600), of_a_minute(180_000)));
}

#[test]
fn a_reset_is_read_by_its_shape() {
    for (value, expected) in [
        ("1s", Some(after(1_000))),
        ("8.64s", Some(after(8_640))),
        ("2m59.56s", Some(after(179_560))),
        ("1h2m3s", Some(after(3_723_000))),
        ("250us", Some(Reset::After(Duration::from_micros(250)))),
        ("60", Some(after(60_000))),
        ("0", Some(after(0))),
        ("2025-08-21T12:40:59Z", Some(after(30_000))),
        ("1755780059", Some(after(30_000))),
        ("1755780059000", Some(after(30_000))),
        ("2025-08-21T12:40:00Z", Some(after(0))),
        ("9000h", Some(Reset::After(WAIT_MAX))),
        ("-1", None),
        ("NaN", None),
        ("soon", None),
        ("1x", None),
        ("", None),
    ] {
        assert_eq!(reset(value), expected, "{value}");
    }
}

#[test]
fn a_moment_without_the_replys_date_is_left_to_the_callers_clock() {
    let headers = [("x-ratelimit-reset-requests", "1755780059")];
    let moment = Duration::from_secs(1_755_780_059);
    let reset = read(Protocol::OpenAiChat, &headers).requests.and_then(|window| window.reset);
    assert_eq!(reset, Some(Reset::At(moment)));

    let now = SystemTime::UNIX_EPOCH + moment - Duration::from_secs(5);
    assert_eq!(Reset::At(moment).wait_from(now), Duration::from_secs(5));
    assert_eq!(Reset::At(moment).wait_from(now + Duration::from_secs(9)), Duration::ZERO);
    assert_eq!(Reset::At(moment).wait_from(SystemTime::UNIX_EPOCH), WAIT_MAX);
}

#[test]
fn azures_limit_of_minus_one_says_nothing_and_neither_does_its_remainder() {
    for unknown in ["-1", "0"] {
        let headers =
            [("x-ratelimit-limit-tokens", unknown), ("x-ratelimit-remaining-tokens", "0")];
        assert_eq!(read(Protocol::OpenAiChat, &headers), RateHeaders::default());
    }
}

#[test]
fn no_headers_tell_nothing() {
    for protocol in Protocol::ALL {
        assert_eq!(read(*protocol, &[]), RateHeaders::default());
    }
}

proptest! {
    #[test]
    fn any_value_is_read_or_left(
        value in "\\PC*|[0-9]{1,25}(\\.[0-9]*)?(ns|us|µs|ms|s|m|h)?|[0-9:TZ+-]*",
    ) {
        if let Some(Reset::After(wait)) = reset(&value) {
            prop_assert!(wait <= WAIT_MAX);
        }
    }
}
