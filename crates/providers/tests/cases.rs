//! The one list of cases that every protocol must pass. Each case is told once and runs, and
//! fails, under its own name for each protocol: `cases::a_refusal_is_an_answer::openai_chat`.

#[path = "cases/case.rs"]
mod case;
#[path = "cases/wire.rs"]
mod wire;

use std::time::Duration;

use case::{
    Case, answer, answered, credential, overloaded, raw_reply, rejected, reply, throttled,
    transient,
};
use iago_providers::Protocol::{self, AnthropicMessages, OpenAiChat};
use iago_providers::{Answer, Outcome, WAIT_MAX};
use iago_sweep::{Finish, Usage};
use serde_json::{Value, json};
use wire::{Ending, Trouble, WORDS, anthropic, error, openai, said};

macro_rules! cases {
    ($($name:ident: |$vendor:ident| $reply:expr => $expected:expr;)*) => { $(
        mod $name {
            use super::*;

            fn check($vendor: Protocol) {
                assert_eq!($reply.decoded($vendor), $expected);
            }

            #[test]
            fn anthropic_messages() {
                check(AnthropicMessages);
            }

            #[test]
            fn openai_chat() {
                check(OpenAiChat);
            }
        }
    )* };
}

/// One of two values, for what the vendors tell in different ways.
fn by_vendor<T>(vendor: Protocol, for_anthropic: T, for_openai: T) -> T {
    match vendor {
        AnthropicMessages => for_anthropic,
        OpenAiChat => for_openai,
    }
}

fn spoken(vendor: Protocol, text: &str, ending: Ending) -> Case {
    reply(200, &said(vendor, text, ending))
}

fn failed(status: u16, vendor: Protocol, trouble: Trouble) -> Case {
    reply(status, &error(vendor, trouble))
}

/// An answer whose text is these JSON characters, however odd.
fn with_source(vendor: Protocol, source: &str) -> String {
    said(vendor, "PLACE", Ending::Finished).to_string().replace("PLACE", source)
}

fn with_message(message: &str) -> Value {
    json!({"type": "error", "error": {"type": "invalid_request_error", "message": message}})
}

fn full_usage(vendor: Protocol) -> Value {
    let mut body = said(vendor, "four", Ending::Finished);
    body["usage"] = by_vendor(
        vendor,
        json!({"input_tokens": 12, "cache_creation_input_tokens": 30,
               "cache_read_input_tokens": 900, "output_tokens": 140,
               "output_tokens_details": {"thinking_tokens": 120}}),
        json!({"prompt_tokens": 942, "completion_tokens": 140, "total_tokens": 1082,
               "prompt_tokens_details": {"cached_tokens": 900, "cache_write_tokens": 30},
               "completion_tokens_details": {"reasoning_tokens": 120}}),
    );
    body
}

fn thoughtful(vendor: Protocol) -> Value {
    let blocks = json!([
        {"type": "thinking", "thinking": "hm", "signature": "b64"},
        {"type": "redacted_thinking", "data": "b64"},
        {"type": "from_the_future", "text": "?"},
        {"type": "text", "text": "fo"}, {"type": "text", "text": "ur"},
    ]);
    let message = json!({"content": "four", "reasoning_content": "hm"});
    by_vendor(vendor, anthropic(&blocks, "end_turn"), openai(&message, "stop"))
}

cases! {
    // answers
    a_text_is_an_answer: |vendor| spoken(vendor, "four", Ending::Finished)
        => answered(answer("four", Finish::Stop));
    a_stop_sequence_is_a_stop: |vendor| spoken(vendor, "four", Ending::StopSequence)
        => answered(answer("four", Finish::Stop));
    an_unknown_stop_reason_loses_no_answer: |vendor| spoken(vendor, "four", Ending::Unheard)
        => answered(answer("four", Finish::Stop));
    a_cut_answer_says_so: |vendor| spoken(vendor, "fo", Ending::OutputLimit)
        => answered(answer("fo", Finish::Length));
    a_limit_used_up_by_reasoning_is_a_cut_answer: |vendor| spoken(vendor, "", Ending::OutputLimit)
        => answered(answer("", Finish::Length));
    an_answer_without_a_word_is_empty: |vendor| spoken(vendor, "", Ending::Finished)
        => answered(answer("", Finish::Empty));
    an_answer_of_blanks_is_empty_and_kept: |vendor| spoken(vendor, " \n", Ending::Finished)
        => answered(answer(" \n", Finish::Empty));
    an_answer_without_content_is_empty: |vendor| reply(200, &by_vendor(vendor,
            anthropic(&json!([]), "end_turn"), openai(&json!({"content": null}), "stop")))
        => answered(answer("", Finish::Empty));
    cache_and_reasoning_tokens_are_parts_of_the_totals: |vendor| reply(200, &full_usage(vendor))
        => answered(Answer {
            usage: Usage {
                input: 942, cached_input: 900, cache_write: 30, output: 140, reasoning: 120,
            },
            ..answer("four", Finish::Stop)
        });
    absent_usage_is_zero: |vendor| {
            let mut body = said(vendor, "four", Ending::Finished);
            body["usage"] = Value::Null;
            reply(200, &body)
        } => answered(Answer { usage: Usage::default(), ..answer("four", Finish::Stop) });
    reasoning_is_kept_apart_and_unknown_blocks_are_passed_over: |vendor|
        reply(200, &thoughtful(vendor))
        => {
            let mut answer = answer("four", Finish::Stop);
            answer.text.reasoning = Some("hm".to_owned());
            answered(answer)
        };
    a_refusal_is_an_answer: |vendor| reply(200, &by_vendor(vendor,
            anthropic(&json!([]), "refusal"),
            openai(&json!({"content": null, "refusal": "I will not."}), "stop")))
        => answered(answer(by_vendor(vendor, "", "I will not."), Finish::Refusal));
    a_refusal_in_the_middle_keeps_what_was_said: |vendor| reply(200, &by_vendor(vendor,
            anthropic(&json!([{"type": "text", "text": "Well, no."}]), "refusal"),
            openai(&json!({"content": "Well, ", "refusal": "no."}), "stop")))
        => answered(answer("Well, no.", Finish::Refusal));
    a_filtered_answer_is_an_answer: |vendor| reply(200, &by_vendor(vendor,
            anthropic(&Value::Null, "refusal"), // Anthropic has no other word for it
            openai(&json!({"content": "fo"}), "content_filter")))
        => answered(by_vendor(vendor, answer("", Finish::Refusal), answer("fo", Finish::Filter)));
    a_simulated_answer_says_so: |vendor|
        spoken(vendor, "four", Ending::Finished).with("X-Simulated", "true")
        => answered(Answer { simulated: true, ..answer("four", Finish::Stop) });

    // prefills
    a_prefill_goes_before_what_continues_it: |vendor|
        spoken(vendor, " four", Ending::Finished).prefilled("<a>")
        => answered(answer("<a> four", Finish::Stop));
    a_repeated_prefill_is_there_once: |vendor|
        spoken(vendor, "<a> four", Ending::Finished).prefilled("<a>")
        => answered(answer("<a> four", Finish::Stop));
    a_prefill_is_taken_as_it_was_sent: |vendor|
        spoken(vendor, "four", Ending::Finished).prefilled("<a>\n")
        => answered(answer(by_vendor(vendor, "<a>four", "<a>\nfour"), Finish::Stop));
    nothing_after_a_prefill_is_empty: |vendor| spoken(vendor, "", Ending::Finished).prefilled("<a>")
        => answered(answer("<a>", Finish::Empty));
    a_repeated_prefill_and_nothing_more_is_empty: |vendor|
        spoken(vendor, "<a>", Ending::Finished).prefilled("<a>")
        => answered(answer("<a>", Finish::Empty));

    // odd bytes
    a_lone_surrogate_stays_as_its_escape: |vendor|
        raw_reply(200, with_source(vendor, r"a\ud800b \ud83d\ude00"))
        => {
            let mut answer = answer("a\\ud800b 😀", Finish::Stop);
            answer.text.altered = true;
            answered(answer)
        };
    a_nul_stays_a_nul: |vendor| raw_reply(200, with_source(vendor, r"a\u0000b"))
        => answered(answer("a\0b", Finish::Stop));
    blank_lines_before_the_body_are_kept_alive_with: |vendor|
        raw_reply(200, format!("\u{feff}\r\n\n  {}", said(vendor, "four", Ending::Finished)))
        => answered(answer("four", Finish::Stop));
    a_cut_off_body_is_transient: |vendor| raw_reply(200, by_vendor(vendor,
            r#"{"content":[{"type":"text","text":"fo"#, r#"{"choices":[{"message":{"content":"fo"#))
        => transient(200, "body is cut-off JSON: EOF while parsing a string at line 1 column 37");
    an_empty_body_is_transient: |_vendor| raw_reply(200, "")
        => transient(200, "body is cut-off JSON: EOF while parsing a value at line 1 column 0");
    a_body_that_is_not_json_is_transient: |_vendor| raw_reply(200, "{oops}")
        => transient(200, "body is not JSON: key must be a string at line 1 column 2");
    a_body_that_is_not_text_is_transient: |_vendor| raw_reply(200, b"\xff{}")
        => transient(200, "body is not UTF-8: invalid utf-8 sequence of 1 bytes from index 0");
    a_body_without_an_answer_is_transient: |vendor| reply(200, &json!({"choices": []}))
        => transient(200, by_vendor(vendor,
            "the reply has no content", "the reply has no choices"));

    // errors inside a 200
    a_rate_limit_inside_a_200: |vendor|
        failed(200, vendor, Trouble::RateLimit).with("Retry-After", "7")
        => throttled(Some(Duration::from_secs(7)));
    an_overload_inside_a_200: |vendor| failed(200, vendor, Trouble::Overloaded) => overloaded();
    an_invalid_request_inside_a_200: |vendor| failed(200, vendor, Trouble::Invalid)
        => rejected(400);
    an_unknown_model_inside_a_200: |vendor| failed(200, vendor, Trouble::NoSuchModel)
        => rejected(404);
    a_bad_key_inside_a_200: |vendor| failed(200, vendor, Trouble::BadKey) => credential(401, false);
    a_missing_permission_inside_a_200: |vendor| failed(200, vendor, Trouble::Forbidden)
        => credential(403, false);
    a_spend_limit_inside_a_200: |vendor| failed(200, vendor, Trouble::SpendLimit)
        => credential(429, true);
    a_server_error_inside_a_200: |vendor| failed(200, vendor, Trouble::Server)
        => transient(500, WORDS);
    an_unknown_error_inside_a_200: |vendor| failed(200, vendor, Trouble::Unheard)
        => transient(500, WORDS);
    an_error_code_inside_a_200: |_vendor|
        reply(200, &json!({"error": {"code": 502, "message": WORDS}}))
        => transient(502, WORDS);
    an_error_that_is_only_a_text_inside_a_200: |_vendor| reply(200, &json!({"error": WORDS}))
        => transient(500, WORDS);
    an_error_event_inside_a_200: |vendor|
        raw_reply(200, format!("event: error\ndata: {}\n\n", error(vendor, Trouble::RateLimit)))
        => throttled(None);

    // throttled
    a_429_is_throttled: |vendor| failed(429, vendor, Trouble::RateLimit) => throttled(None);
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
    a_529_is_an_overload: |vendor| failed(529, vendor, Trouble::Overloaded) => overloaded();
    a_bare_529_is_an_overload: |_vendor| raw_reply(529, WORDS) => overloaded();
    a_503_that_speaks_of_overload_is_one: |vendor| failed(503, vendor, Trouble::Overloaded)
        => overloaded();

    // transient
    status_408: |vendor| failed(408, vendor, Trouble::Unheard) => transient(408, WORDS);
    status_409: |vendor| failed(409, vendor, Trouble::Unheard) => transient(409, WORDS);
    status_500: |vendor| failed(500, vendor, Trouble::Server) => transient(500, WORDS);
    status_502: |vendor| failed(502, vendor, Trouble::Server) => transient(502, WORDS);
    status_503: |vendor| failed(503, vendor, Trouble::Server) => transient(503, WORDS);
    status_504: |vendor| failed(504, vendor, Trouble::Server) => transient(504, WORDS);
    status_520: |_vendor| raw_reply(520, WORDS) => transient(520, WORDS);
    status_521: |_vendor| raw_reply(521, WORDS) => transient(521, WORDS);
    status_522: |_vendor| raw_reply(522, WORDS) => transient(522, WORDS);
    status_523: |_vendor| raw_reply(523, WORDS) => transient(523, WORDS);
    status_524: |_vendor| raw_reply(524, WORDS) => transient(524, WORDS);
    a_page_of_a_load_balancer: |_vendor|
        raw_reply(502, "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>")
        => transient(502, "502 Bad Gateway");
    an_error_event_as_the_body_of_a_500: |vendor|
        raw_reply(500, format!("data: {}\n\ndata: [DONE]\n\n", error(vendor, Trouble::Server)))
        => transient(500, WORDS);
    a_failure_without_a_word: |_vendor| raw_reply(500, "")
        => transient(500, "HTTP 500 without a readable message");

    // rejected
    status_400: |vendor| failed(400, vendor, Trouble::Invalid) => rejected(400);
    status_404: |vendor| failed(404, vendor, Trouble::NoSuchModel) => rejected(404);
    status_405: |_vendor| raw_reply(405, WORDS) => rejected(405);
    status_413: |_vendor| raw_reply(413, WORDS) => rejected(413);
    status_422: |_vendor|
        reply(422, &json!({"detail": [{"loc": ["body"], "msg": WORDS, "input": "the prompt"}]}))
        => rejected(422);
    a_conversation_that_is_too_long: |vendor| failed(400, vendor, Trouble::TooLong)
        => rejected(400);
    a_redirect: |_vendor| raw_reply(308, WORDS) => rejected(308);

    // credential
    status_401: |vendor| failed(401, vendor, Trouble::BadKey) => credential(401, false);
    status_402: |vendor| failed(402, vendor, Trouble::Unheard) => credential(402, true);
    status_403: |vendor| failed(403, vendor, Trouble::Forbidden) => credential(403, false);
    a_spend_limit_that_looks_like_a_rate_limit: |vendor| failed(429, vendor, Trouble::SpendLimit)
        => credential(429, true);
    a_spend_limit_as_a_bad_request: |_vendor|
        reply(400, &with_message("You have reached your specified API usage limits."))
        => Outcome::Credential {
            status: 400,
            message: "You have reached your specified API usage limits.".to_owned(),
            spend: true,
        };

    // the endpoint's own opinion
    should_retry_turns_a_rejection_into_a_retry: |vendor|
        failed(400, vendor, Trouble::Invalid).with("X-Should-Retry", "true")
        => transient(400, WORDS);
    should_retry_turns_a_refused_key_into_a_retry: |vendor|
        failed(403, vendor, Trouble::Forbidden).with("x-should-retry", "true")
        => transient(403, WORDS);
    should_retry_leaves_a_rate_limit: |vendor|
        failed(429, vendor, Trouble::RateLimit).with("x-should-retry", "true")
        => throttled(None);
    should_retry_does_not_conjure_money: |vendor|
        failed(429, vendor, Trouble::SpendLimit).with("x-should-retry", "true")
        => credential(429, true);
    should_not_retry_turns_a_server_error_into_a_rejection: |vendor|
        failed(500, vendor, Trouble::Server).with("x-should-retry", "false")
        => rejected(500);
    should_not_retry_turns_an_overload_into_a_rejection: |vendor|
        failed(529, vendor, Trouble::Overloaded).with("x-should-retry", "false")
        => rejected(529);
    should_not_retry_a_429_pauses_the_credential_and_burns_no_job: |vendor|
        failed(429, vendor, Trouble::RateLimit).with("x-should-retry", "false")
        => credential(429, false);
    an_opinion_that_is_none_is_ignored: |vendor|
        failed(500, vendor, Trouble::Server).with("x-should-retry", "maybe")
        => transient(500, WORDS);
}
