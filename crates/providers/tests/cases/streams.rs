//! Answers and failures that come as server-sent events.

use iago_providers::Protocol::{self, AnthropicMessages, OpenAiChat, OpenAiResponses};
use iago_providers::{Answer, Outcome};
use iago_sweep::{Finish, Usage};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::case::{
    Case, answer, answered, by_vendor, credential, failed, overloaded, raw_reply, rejected, reply,
    throttled, transient,
};
use crate::told::{chat_chunk, chunk, event, told, whole};
use crate::wire::{Ending, Trouble, WORDS, error, responses};

const CUT_OFF: &str = "the stream was cut off before the answer was over";

/// What is said is `four`, in two pieces.
fn four(vendor: Protocol) -> Vec<String> {
    told(vendor, &[], &["fo", "ur"], Ending::Finished)
}

fn streamed(events: &[String]) -> Case {
    raw_reply(200, events.concat())
}

/// The same bytes with one text in the place of another.
fn four_with(vendor: Protocol, from: &str, to: &str) -> Case {
    raw_reply(200, four(vendor).concat().replace(from, to))
}

/// `event: …` lines are left out.
fn nameless(vendor: Protocol) -> Case {
    let body = four(vendor).concat();
    let lines = body.split_inclusive('\n').filter(|line| !line.starts_with("event:"));
    raw_reply(200, lines.collect::<String>())
}

/// Every event's JSON stands on many lines.
fn many_lines(vendor: Protocol) -> Case {
    let pretty = |line: &str| match line.strip_prefix("data: ").map(serde_json::from_str::<Value>) {
        Some(Ok(json)) => {
            let lines = format!("{json:#}");
            lines.lines().map(|line| format!("data: {line}\n")).collect::<String>()
        }
        Some(Err(_)) | None => format!("{line}\n"),
    };
    raw_reply(200, four(vendor).concat().lines().map(pretty).collect::<String>())
}

/// The first half of the events, and then this.
fn interrupted(vendor: Protocol, by: &str) -> Case {
    let mut events = four(vendor);
    events.truncate(events.len() / 2);
    events.push(by.to_owned());
    streamed(&events)
}

fn trouble(vendor: Protocol, kind: Trouble) -> Case {
    interrupted(vendor, &format!("event: error\ndata: {}\n\n", error(vendor, kind)))
}

fn thoughtful() -> Answer {
    let mut answer = answer("four", Finish::Stop);
    answer.text.reasoning = Some("hm, well".to_owned());
    answer
}

/// A refusal after a first word.
fn refusing(vendor: Protocol) -> Case {
    let parts =
        json!([{"type": "output_text", "text": "No"}, {"type": "refusal", "refusal": ", no"}]);
    let complete = responses(&parts, Ending::Finished);
    match vendor {
        AnthropicMessages => {
            let body = told(vendor, &[], &["No", ", no"], Ending::Finished).concat();
            raw_reply(200, body.replace("end_turn", "refusal"))
        }
        OpenAiChat => {
            let mut events = told(vendor, &[], &["No"], Ending::Finished);
            events.insert(2, chunk(&chat_chunk(&json!({"refusal": ", no"}), None)));
            streamed(&events)
        }
        OpenAiResponses => {
            streamed(&[event(&json!({"type": "response.completed", "response": complete}))])
        }
    }
}

/// Two tokens with their log probabilities, one chunk each.
fn with_logprobs(vendor: Protocol) -> Case {
    let body = four(vendor).concat();
    let token = |word: &str| format!(r#"{{"logprob":-0.5,"token":"{word}"}}"#);
    match vendor {
        AnthropicMessages => raw_reply(200, body),
        OpenAiChat => {
            let mut body = body;
            for word in ["fo", "ur"] {
                let plain = chunk(&chat_chunk(&json!({"content": word}), None));
                let told = format!(r#""logprobs":{{"content":[{}]}}"#, token(word));
                body = body.replace(&plain, &plain.replace(r#""logprobs":null"#, &told));
            }
            raw_reply(200, body)
        }
        OpenAiResponses => {
            let told = format!(r#""logprobs":[{},{}]"#, token("fo"), token("ur"));
            raw_reply(200, body.replace(r#""logprobs":[]"#, &told))
        }
    }
}

cases! {
    // answers
    a_stream_is_the_answer_that_it_adds_up_to: |vendor| streamed(&four(vendor))
        => answered(answer("four", Finish::Stop));
    a_stream_that_was_cut_at_its_limit_says_so: |vendor|
        streamed(&told(vendor, &[], &["fo"], Ending::OutputLimit))
        => answered(answer("fo", Finish::Length));
    a_stream_without_a_word_is_empty: |vendor| streamed(&told(vendor, &[], &[], Ending::Finished))
        => answered(answer("", Finish::Empty));
    a_filtered_stream_keeps_what_was_said: |vendor|
        streamed(&told(vendor, &[], &["fo"], Ending::Filtered))
        => answered(answer("fo",
            by_vendor(vendor, Finish::Refusal, Finish::Filter, Finish::Filter)));
    a_refusal_in_a_stream: |vendor| refusing(vendor) => answered(answer("No, no", Finish::Refusal));
    reasoning_in_a_stream_is_kept_apart: |vendor|
        streamed(&told(vendor, &["hm, ", "well"], &["fo", "ur"], Ending::Finished))
        => answered(thoughtful());
    a_prefill_goes_before_a_stream: |vendor| streamed(&four(vendor)).prefilled("<a>")
        => answered(answer("<a>four", Finish::Stop));
    a_repeated_prefill_in_a_stream_is_there_once: |vendor|
        streamed(&told(vendor, &[], &["<", "a>fo", "ur"], Ending::Finished)).prefilled("<a>")
        => answered(answer("<a>four", Finish::Stop));
    log_probabilities_in_a_stream: |vendor| with_logprobs(vendor)
        => {
            let tokens = r#"[{"logprob":-0.5,"token":"fo"},{"logprob":-0.5,"token":"ur"}]"#;
            let mut answer = answer("four", Finish::Stop);
            answer.text.logprobs = by_vendor(vendor,
                None, Some(format!(r#"{{"content":{tokens}}}"#)), Some(tokens.to_owned()));
            answered(answer)
        };
    a_lone_surrogate_in_a_stream: |vendor| four_with(vendor, "fo", r"\ud800")
        => {
            let mut answer = answer("\\ud800ur", Finish::Stop);
            answer.text.altered = true;
            answered(answer)
        };

    // how the events are written
    lines_that_end_in_two_bytes: |vendor| four_with(vendor, "\n", "\r\n")
        => answered(answer("four", Finish::Stop));
    lines_that_end_in_the_other_byte: |vendor| four_with(vendor, "\n", "\r")
        => answered(answer("four", Finish::Stop));
    events_without_names: |vendor| nameless(vendor) => answered(answer("four", Finish::Stop));
    data_on_many_lines: |vendor| many_lines(vendor) => answered(answer("four", Finish::Stop));
    colons_without_blanks: |vendor| four_with(vendor, "data: ", "data:")
        => answered(answer("four", Finish::Stop));
    comments_that_keep_the_connection_alive: |vendor|
        four_with(vendor, "\n\n", "\n\n: OPENROUTER PROCESSING\n\n:\n\n")
        => answered(answer("four", Finish::Stop));
    a_comment_and_a_byte_order_mark_before_everything: |vendor|
        raw_reply(200, format!("\u{feff}\n: hello\nretry: 3\nid: 1\n\n{}", four(vendor).concat()))
        => answered(answer("four", Finish::Stop));
    no_done: |vendor| four_with(vendor, "data: [DONE]\n\n", "")
        => answered(answer("four", Finish::Stop));
    no_blank_line_at_the_end: |vendor|
        raw_reply(200, four_with_no_done(vendor).trim_end().to_owned())
        => answered(answer("four", Finish::Stop));

    // what is no answer
    an_error_in_the_middle: |vendor| trouble(vendor, Trouble::Server) => transient(500, WORDS);
    an_overload_in_the_middle: |vendor| trouble(vendor, Trouble::Overloaded) => overloaded();
    a_rate_limit_in_the_middle: |vendor| trouble(vendor, Trouble::RateLimit) => throttled(None);
    an_invalid_request_in_the_middle: |vendor| trouble(vendor, Trouble::Invalid) => rejected(400);
    money_that_ran_out_in_the_middle: |vendor| trouble(vendor, Trouble::SpendLimit)
        => credential(429, true);
    an_error_without_a_name_in_the_middle: |vendor|
        interrupted(vendor, &format!("data: {{\"error\":{{\"message\":\"{WORDS}\"}}}}\n\ndata: [DONE]\n\n"))
        => transient(500, WORDS);
    an_error_that_only_its_event_names: |vendor|
        interrupted(vendor, &format!("event: error\ndata: {{\"message\":\"{WORDS}\"}}\n\n"))
        => transient(500, WORDS);
    a_stream_that_broke_off: |vendor| interrupted(vendor, "") => transient(200, CUT_OFF);
    a_stream_that_broke_off_and_was_closed_as_if_it_had_not: |vendor|
        interrupted(vendor, "data: [DONE]\n\n")
        => transient(200, CUT_OFF);
    a_stream_of_comments_alone: |_vendor| raw_reply(200, ": ping\n\n: ping\n\n")
        => transient(200, CUT_OFF);
    an_event_that_is_not_json: |vendor| four_with(vendor, "\n\n", "\n\ndata: {oops\n\n")
        => transient(200, "an event of the stream is not JSON");
    events_as_the_body_of_a_500: |vendor| raw_reply(500, four(vendor).concat())
        => transient(500, "HTTP 500 without a readable message");

    // what was asked for as a stream and came whole
    json_in_the_place_of_a_stream: |vendor|
        reply(200, &whole(vendor, &[], &["fo", "ur"], Ending::Finished))
        => answered(answer("four", Finish::Stop));
    a_failure_in_the_place_of_a_stream: |vendor| failed(429, vendor, Trouble::RateLimit)
        => throttled(None);
}

fn four_with_no_done(vendor: Protocol) -> String {
    four(vendor).concat().replace("data: [DONE]\n\n", "")
}

const VENDORS: &[Protocol] = Protocol::ALL;

fn any_ending() -> impl Strategy<Value = Ending> {
    prop::sample::select(vec![
        Ending::Finished,
        Ending::StopSequence,
        Ending::OutputLimit,
        Ending::Filtered,
        Ending::Unheard,
    ])
}

/// What stands in an answer that is still to say what it took.
fn without_usage(outcome: Outcome) -> Outcome {
    let Outcome::Answered(answer) = outcome else { return outcome };
    answered(Answer { usage: Usage::default(), ..*answer })
}

proptest! {
    #[test]
    fn a_stream_is_decoded_to_what_the_same_answer_as_json_is(
        thoughts in prop::collection::vec(".{0,9}", 0..3),
        words in prop::collection::vec(".{0,9}", 0..6),
        ending in any_ending(),
    ) {
        let thoughts: Vec<&str> = thoughts.iter().map(String::as_str).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        for vendor in VENDORS {
            let streamed = streamed(&told(*vendor, &thoughts, &words, ending)).decoded(*vendor);
            let whole = reply(200, &whole(*vendor, &thoughts, &words, ending)).decoded(*vendor);
            prop_assert_eq!(streamed, whole);
        }
    }

    #[test]
    fn the_beginning_of_a_stream_is_no_answer_or_the_whole_one(
        words in prop::collection::vec("\\PC{0,9}", 0..5),
        ending in any_ending(),
        end in any::<prop::sample::Index>(),
    ) {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        for vendor in VENDORS {
            let body = told(*vendor, &["hm"], &words, ending).concat().into_bytes();
            let complete = raw_reply(200, body.clone()).decoded(*vendor);
            let cut = raw_reply(200, &body[..end.index(body.len())]).decoded(*vendor);
            let is_whole = without_usage(cut.clone()) == without_usage(complete);
            prop_assert!(is_whole || matches!(cut, Outcome::Transient { .. }), "{:?}", cut);
        }
    }
}

#[test]
fn a_stream_cut_between_any_two_events_is_no_answer_until_it_says_why_it_stopped() {
    for vendor in VENDORS {
        let events = told(*vendor, &["hm"], &["fo", "ur"], Ending::Finished);
        let says_why = |event: &String| {
            ["\"end_turn\"", "\"stop\"", "response.completed"].iter().any(|why| event.contains(why))
        };
        let last = events.iter().position(says_why).expect("an end");
        for taken in 0..=events.len() {
            let outcome = streamed(&events[..taken]).decoded(*vendor);
            let is_answer = matches!(outcome, Outcome::Answered(_));
            assert_eq!(is_answer, taken > last, "{vendor} after {taken}: {outcome:?}");
        }
    }
}
