//! Answers, however they end and whatever is in them.

use iago_providers::Answer;
use iago_providers::Protocol::{self, AnthropicMessages, OpenAiChat, OpenAiResponses};
use iago_sweep::{Finish, Money, Usage};
use serde_json::{Value, json};

use crate::case::{answer, answered, by_vendor, reply, spoken};
use crate::wire::{Ending, anthropic, openai, responses, said};

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
        json!({"input_tokens": 942, "output_tokens": 140, "total_tokens": 1082,
               "input_tokens_details": {"cached_tokens": 900, "cache_write_tokens": 30},
               "output_tokens_details": {"reasoning_tokens": 120}}),
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
    let parts = json!([{"type": "output_text", "text": "fo"}, {"type": "from_the_future"},
                       {"type": "output_text", "text": "ur"}]);
    let mut of_items = responses(&parts, Ending::Finished);
    let before = [
        json!({"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]}),
        json!({"type": "from_the_future", "content": [{"type": "output_text", "text": "?"}]}),
        json!({"type": "message", "phase": "commentary",
               "content": [{"type": "output_text", "text": "on my way"}]}),
    ];
    if let Some(items) = of_items["output"].as_array_mut() {
        items.splice(0..0, before);
    }
    by_vendor(vendor, anthropic(&blocks, "end_turn"), openai(&message, "stop"), of_items)
}

/// Anthropic never tells any.
fn with_logprobs(vendor: Protocol) -> Value {
    let mut body = said(vendor, "four", Ending::Finished);
    let token = json!({"token": "four", "logprob": -0.1, "top_logprobs": []});
    match vendor {
        AnthropicMessages => {}
        OpenAiChat => body["choices"][0]["logprobs"] = json!({"content": [token]}),
        OpenAiResponses => body["output"][0]["content"][0]["logprobs"] = json!([token]),
    }
    body
}

cases! {
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
            anthropic(&json!([]), "end_turn"), openai(&json!({"content": null}), "stop"),
            responses(&json!([]), Ending::Finished)))
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
            openai(&json!({"content": null, "refusal": "I will not."}), "stop"),
            responses(&json!([{"type": "refusal", "refusal": "I will not."}]), Ending::Finished)))
        => {
            let words = "I will not.";
            answered(answer(by_vendor(vendor, "", words, words), Finish::Refusal))
        };
    a_refusal_in_the_middle_keeps_what_was_said: |vendor| reply(200, &by_vendor(vendor,
            anthropic(&json!([{"type": "text", "text": "Well, no."}]), "refusal"),
            openai(&json!({"content": "Well, ", "refusal": "no."}), "stop"),
            responses(&json!([{"type": "output_text", "text": "Well, "},
                              {"type": "refusal", "refusal": "no."}]), Ending::Finished)))
        => answered(answer("Well, no.", Finish::Refusal));
    a_filtered_answer_is_an_answer: |vendor| spoken(vendor, "fo", Ending::Filtered)
        => {
            let finish = by_vendor(vendor, Finish::Refusal, Finish::Filter, Finish::Filter);
            answered(answer("fo", finish))
        };
    a_refusal_before_the_first_word_may_lack_content: |vendor| reply(200, &by_vendor(vendor,
            anthropic(&Value::Null, "refusal"),
            openai(&json!({"refusal": "no"}), "stop"),
            responses(&json!([{"type": "refusal", "refusal": "no"}]), Ending::OutputLimit)))
        => answered(answer(by_vendor(vendor, "", "no", "no"), Finish::Refusal));
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
        => answered(answer(by_vendor(vendor, "<a>four", "<a>\nfour", "<a>\nfour"), Finish::Stop));
    nothing_after_a_prefill_is_empty: |vendor| spoken(vendor, "", Ending::Finished).prefilled("<a>")
        => answered(answer("<a>", Finish::Empty));
    a_repeated_prefill_and_nothing_more_is_empty: |vendor|
        spoken(vendor, "<a>", Ending::Finished).prefilled("<a>")
        => answered(answer("<a>", Finish::Empty));

    // what was asked for beside the words
    log_probabilities_are_kept_as_they_were_told: |vendor| reply(200, &with_logprobs(vendor))
        => {
            let token = r#"{"logprob":-0.1,"token":"four","top_logprobs":[]}"#;
            let mut answer = answer("four", Finish::Stop);
            answer.text.logprobs = by_vendor(vendor,
                None, Some(format!(r#"{{"content":[{token}]}}"#)), Some(format!("[{token}]")));
            answered(answer)
        };
    a_structured_answer_is_a_text: |vendor| spoken(vendor, r#"{"grade": 3}"#, Ending::Finished)
        => answered(answer(r#"{"grade": 3}"#, Finish::Stop));
    a_structured_answer_that_was_cut_says_so: |vendor| spoken(vendor, r#"{"gra"#, Ending::OutputLimit)
        => answered(answer(r#"{"gra"#, Finish::Length));
    a_gateways_cost_in_a_header_is_the_cost: |vendor|
        spoken(vendor, "four", Ending::Finished).with("x-litellm-response-cost", "1.5e-07")
        => answered(Answer { cost: Some(Money(150_000)), ..answer("four", Finish::Stop) });
    a_gateways_cost_of_nothing_is_unknown: |vendor|
        spoken(vendor, "four", Ending::Finished).with("x-litellm-response-cost", "0.0")
        => answered(answer("four", Finish::Stop));
    a_gateways_cost_in_the_usage_is_the_cost: |vendor| {
            let mut body = said(vendor, "four", Ending::Finished);
            body["usage"]["cost"] = json!(0.000_123_4);
            reply(200, &body)
        } => answered(Answer { cost: Some(Money(123_400_000)), ..answer("four", Finish::Stop) });
}
