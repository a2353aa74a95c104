//! How long an endpoint asks to wait, wherever it says so.

use std::time::Duration;

use iago_providers::Protocol::{self, AnthropicMessages, OpenAiChat, OpenAiResponses};
use iago_providers::{Outcome, WAIT_MAX};
use serde_json::json;

use crate::case::{Case, failed, reply, throttled};
use crate::wire::Trouble;

/// A throttle that asks to wait in these words.
fn asking(words: &str) -> Case {
    reply(429, &json!({"error": {"type": "tokens", "message": words}}))
}

fn asked(words: &str, milliseconds: Option<u64>) -> Outcome {
    Outcome::Throttled {
        retry_after: milliseconds.map(Duration::from_millis),
        overloaded: false,
        message: words.to_owned(),
    }
}

/// Google's error, with the wait among its details.
fn googles(delay: &str) -> Case {
    let info = json!({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay});
    let quota = json!({"@type": "type.googleapis.com/google.rpc.QuotaFailure"});
    reply(
        429,
        &json!({"error": {"code": 429, "message": "Quota exceeded", "details": [quota, info]}}),
    )
}

cases! {
    retry_after_in_seconds: |vendor|
        failed(429, vendor, Trouble::RateLimit).with("retry-after", "7")
        => throttled(Some(Duration::from_secs(7)));
    retry_after_in_fractions: |vendor|
        failed(429, vendor, Trouble::RateLimit).with("Retry-After", " 0.25 ")
        => throttled(Some(Duration::from_millis(250)));
    retry_after_in_milliseconds_wins: |vendor|
        failed(429, vendor, Trouble::RateLimit)
            .with("retry-after", "5").with("Retry-After-Ms", "700")
        => throttled(Some(Duration::from_millis(700)));
    retry_after_as_a_date_counts_from_the_replys_own: |vendor|
        failed(429, vendor, Trouble::RateLimit)
            .with("Date", "Sun, 06 Nov 1994 08:49:37 GMT")
            .with("Retry-After", "Sun, 06 Nov 1994 08:50:07 GMT")
        => throttled(Some(Duration::from_secs(30)));
    retry_after_as_a_date_alone_is_none: |vendor|
        failed(429, vendor, Trouble::RateLimit).with("Retry-After", "Sun, 06 Nov 1994 08:50:07 GMT")
        => throttled(None);
    retry_after_in_the_past_is_none: |vendor| failed(429, vendor, Trouble::RateLimit)
            .with("Date", "Sun, 06 Nov 1994 08:50:37 GMT")
            .with("Retry-After", "Sun, 06 Nov 1994 08:50:07 GMT")
        => throttled(None);
    retry_after_below_zero_is_none: |vendor|
        failed(429, vendor, Trouble::RateLimit).with("retry-after", "-3")
        => throttled(None);
    retry_after_that_is_no_number_is_none: |vendor|
        failed(429, vendor, Trouble::RateLimit).with("retry-after", "NaN")
        => throttled(None);
    retry_after_is_bounded: |vendor|
        failed(429, vendor, Trouble::RateLimit).with("retry-after", "1e300")
        => throttled(Some(WAIT_MAX));
    bedrock_counts_in_milliseconds: |vendor|
        failed(429, vendor, Trouble::RateLimit).with("x-amz-retry-after", "1500")
        => throttled(Some(Duration::from_millis(1500)));
    what_a_gateway_was_told_holds: |vendor|
        failed(429, vendor, Trouble::RateLimit).with("llm_provider-retry-after", "4")
        => throttled(Some(Duration::from_secs(4)));
    googles_delay_stands_in_the_body: |_vendor| googles("18.5s")
        => asked("Quota exceeded", Some(18_500));
    googles_delay_of_nonsense_is_none: |_vendor| googles("soon") => asked("Quota exceeded", None);
    seconds_in_words: |_vendor| asking("Limit reached. Please try again in 5.289s. Visit us.")
        => asked("Limit reached. Please try again in 5.289s. Visit us.", Some(5_289));
    minutes_and_milliseconds_in_words: |_vendor| asking("Please try again in 6m0.5s.")
        => asked("Please try again in 6m0.5s.", Some(360_500));
    a_unit_apart_from_its_number: |_vendor| asking("Please retry after 20 seconds.")
        => asked("Please retry after 20 seconds.", Some(20_000));
    words_that_name_no_wait: |_vendor| asking("Please try again in a while.")
        => asked("Please try again in a while.", None);
    a_header_wins_over_words: |_vendor| asking("try again in 5s").with("retry-after", "2")
        => asked("try again in 5s", Some(2_000));
}
