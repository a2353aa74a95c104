//! What was taken and what it cost, where there may be no answer.

use iago_providers::Protocol::{self, AnthropicMessages, OpenAiChat, OpenAiResponses};
use iago_providers::{Answer, Dialect, spent};
use iago_sweep::{Finish, Money, Usage};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::case::{Case, answer, answered, by_vendor, reply};
use crate::told::{chat_chunk, chunk, event, told};
use crate::wire::{Ending, Trouble, error, said};

/// A body, of which only the bill is read.
struct Bill(Vec<u8>);

impl Bill {
    fn decoded(&self, vendor: Protocol) -> Option<(Usage, Option<Money>)> {
        let dialect = Dialect::new(vendor, "http://127.0.0.1").expect("a valid address");
        spent(&dialect, &self.0)
    }
}

fn json_bill(body: &Value) -> Bill {
    Bill(body.to_string().into_bytes())
}

fn cut_off(body: &Value) -> Bill {
    let Bill(mut body) = json_bill(body);
    body.pop();
    Bill(body)
}

fn stream_bill(events: &[String]) -> Bill {
    Bill(events.concat().into_bytes())
}

fn took(output: u64) -> (Usage, Option<Money>) {
    (Usage { input: 12, output, ..Usage::default() }, None)
}

fn usage(vendor: Protocol, output: u64) -> Value {
    let named = json!({"input_tokens": 12, "output_tokens": output});
    by_vendor(
        vendor,
        named.clone(),
        json!({"prompt_tokens": 12, "completion_tokens": output}),
        named,
    )
}

/// The beginning of a stream that has told what the input took, and one token of the output.
fn begun(vendor: Protocol) -> Vec<String> {
    let usage = usage(vendor, 1);
    let chat = || {
        let mut first = chat_chunk(&json!({"content": "fo"}), None);
        first["usage"] = usage.clone();
        chunk(&first)
    };
    let of_responses = || {
        let response = json!({"status": "in_progress", "output": [], "usage": usage});
        event(&json!({"type": "response.in_progress", "response": response}))
    };
    let first = match vendor {
        AnthropicMessages => told(vendor, &[], &[], Ending::Finished).remove(0),
        OpenAiChat => chat(),
        OpenAiResponses => of_responses(),
    };
    vec![first]
}

/// The same, and then an end that tells of five tokens of output and is no answer.
fn given_up(vendor: Protocol) -> Vec<String> {
    let mut events = begun(vendor);
    let usage = usage(vendor, 5);
    events.push(match vendor {
        AnthropicMessages => event(&json!({"type": "message_delta", "delta": {}, "usage": usage})),
        OpenAiChat => chunk(&json!({"choices": [], "usage": usage})),
        OpenAiResponses => {
            let failed = json!({"status": "failed", "usage": usage, "output": [],
                "error": error(vendor, Trouble::Server)["error"]});
            event(&json!({"type": "response.failed", "response": failed}))
        }
    });
    events
}

fn with_error(vendor: Protocol, mut events: Vec<String>) -> Vec<String> {
    events.push(format!("event: error\ndata: {}\n\n", error(vendor, Trouble::Overloaded)));
    events
}

/// An error that says what was taken before it.
fn error_and_usage(vendor: Protocol) -> Value {
    let mut body = error(vendor, Trouble::Server);
    body["usage"] = usage(vendor, 5);
    body
}

/// A whole reply whose answer broke off.
fn broken_answer(vendor: Protocol) -> Value {
    let mut body = said(vendor, "fo", Ending::Finished);
    match vendor {
        AnthropicMessages => body["content"] = Value::Null,
        OpenAiChat => body["choices"][0]["finish_reason"] = "error".into(),
        OpenAiResponses => body["status"] = "failed".into(),
    }
    body
}

fn with_cost(vendor: Protocol, cost: &Value) -> Bill {
    let mut body = error_and_usage(vendor);
    body["usage"]["cost"] = cost.clone();
    json_bill(&body)
}

/// A prompt that was held back, and read all the same.
fn filtered(vendor: Protocol) -> Case {
    reply(400, &json!({"error": {"code": "content_filter"}, "usage": usage(vendor, 0)}))
}

fn held_back() -> Answer {
    let Usage { input, .. } = answer("", Finish::Filter).usage;
    let usage = Usage { input, ..Usage::default() };
    Answer { usage, model: None, ..answer("", Finish::Filter) }
}

cases! {
    an_answer: |vendor| json_bill(&said(vendor, "four", Ending::Finished)) => Some(took(5));
    an_answer_that_was_cut_at_its_limit: |vendor|
        json_bill(&said(vendor, "four", Ending::OutputLimit)) => Some(took(5));
    a_whole_stream: |vendor| stream_bill(&told(vendor, &["hm"], &["four"], Ending::Finished))
        => Some(took(5));
    a_stream_that_broke_off: |vendor| stream_bill(&begun(vendor)) => Some(took(1));
    a_stream_that_broke_off_within_an_event: |vendor|
        Bill([begun(vendor).concat().as_bytes(), b"data: {\"usage\":{\"prom\xff"].concat())
        => Some(took(1));
    a_stream_with_an_error_in_it: |vendor| stream_bill(&with_error(vendor, begun(vendor)))
        => Some(took(1));
    a_stream_that_was_given_up: |vendor| stream_bill(&given_up(vendor)) => Some(took(5));
    a_stream_that_was_given_up_with_an_error: |vendor|
        stream_bill(&with_error(vendor, given_up(vendor)))
        => Some(took(5));
    an_event_that_cannot_be_read: |vendor|
        Bill(format!("data: {{oops\n\n{}", given_up(vendor).concat()).into_bytes())
        => Some(took(5));
    an_error_that_says_what_was_taken: |vendor| json_bill(&error_and_usage(vendor)) => Some(took(5));
    an_error_in_a_list: |vendor| json_bill(&json!([error_and_usage(vendor)])) => Some(took(5));
    an_answer_that_broke_off: |vendor| json_bill(&broken_answer(vendor)) => Some(took(5));
    the_providers_own_figure: |vendor| with_cost(vendor, &json!(0.000_25))
        => Some((took(5).0, Some(Money(250_000_000))));
    a_filtered_prompt_that_was_read: |vendor| filtered(vendor) => answered(held_back());

    // where nothing is told
    an_error_alone: |vendor| json_bill(&error(vendor, Trouble::Server)) => None;
    an_error_in_a_stream_alone: |vendor| stream_bill(&with_error(vendor, Vec::new())) => None;
    counts_of_nothing: |vendor| json_bill(&json!({"usage": by_vendor(vendor,
            json!({"input_tokens": 0, "output_tokens": 0}),
            json!({"prompt_tokens": 0, "completion_tokens": 0}),
            json!({"input_tokens": 0, "output_tokens": 0, "output_tokens_details": {}}))}))
        => None;
    usage_that_is_none: |_vendor| json_bill(&json!({"usage": null, "message": {"usage": 7}}))
        => None;
    a_stream_of_comments: |_vendor| Bill(b": ping\n\n: ping\n\n".to_vec()) => None;
    json_that_was_cut_off: |vendor|
        cut_off(&said(vendor, "four", Ending::Finished))
        => None;
    a_page: |_vendor| Bill(b"<html>usage</html>".to_vec()) => None;
    nothing: |_vendor| Bill(Vec::new()) => None;
}

#[test]
fn tokens_of_a_cache_are_read_as_in_an_answer() {
    let mut body = error_and_usage(AnthropicMessages);
    body["usage"]["cache_read_input_tokens"] = 100.into();
    let (usage, _) = json_bill(&body).decoded(AnthropicMessages).expect("it is told");
    assert_eq!((usage.input, usage.cached_input, usage.output), (112, 100, 5));
}

proptest! {
    #[test]
    fn the_beginning_of_a_stream_tells_of_no_more_than_the_whole_took(
        words in prop::collection::vec("\\PC{0,9}", 0..5),
        end in any::<prop::sample::Index>(),
    ) {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        for vendor in Protocol::ALL {
            let body = told(*vendor, &["hm"], &words, Ending::Finished).concat().into_bytes();
            let cut = body[..end.index(body.len())].to_vec();
            if let Some((usage, cost)) = Bill(cut).decoded(*vendor) {
                prop_assert!(usage.input == 12 && (1..=5).contains(&usage.output), "{:?}", usage);
                prop_assert_eq!(cost, None);
            }
        }
    }
}
