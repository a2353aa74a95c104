//! Answers told event by event, as each vendor's documentation shows it.

use iago_providers::Protocol;
use serde_json::{Value, json};

use crate::wire::{Ending, anthropic_ending, openai_ending, responses, said};

/// An answer with this text, in pieces, after some thoughts; it takes 12 input and 5 output tokens.
pub(crate) fn told(
    vendor: Protocol,
    thoughts: &[&str],
    words: &[&str],
    ending: Ending,
) -> Vec<String> {
    match vendor {
        Protocol::AnthropicMessages => anthropic(thoughts, words, ending),
        Protocol::OpenAiChat => chat(thoughts, words, ending),
        Protocol::OpenAiResponses => of_responses(thoughts, words, ending),
    }
}

/// The same answer as one JSON.
pub(crate) fn whole(vendor: Protocol, thoughts: &[&str], words: &[&str], ending: Ending) -> Value {
    let mut body = said(vendor, &words.concat(), ending);
    let thoughts = thoughts.concat();
    if thoughts.is_empty() {
        return body;
    }
    match vendor {
        Protocol::AnthropicMessages => {
            let block = json!({"type": "thinking", "thinking": thoughts, "signature": "b64"});
            insert_first(&mut body["content"], block);
        }
        Protocol::OpenAiChat => body["choices"][0]["message"]["reasoning"] = thoughts.into(),
        Protocol::OpenAiResponses => insert_first(&mut body["output"], summary(&thoughts)),
    }
    body
}

fn insert_first(list: &mut Value, item: Value) {
    list.as_array_mut().expect("a list").insert(0, item);
}

fn summary(thoughts: &str) -> Value {
    json!({"type": "reasoning", "summary": [{"type": "summary_text", "text": thoughts}]})
}

/// One event whose name its data has.
pub(crate) fn event(data: &Value) -> String {
    let name = data["type"].as_str().expect("a type");
    format!("event: {name}\ndata: {data}\n\n")
}

/// One event without a name.
pub(crate) fn chunk(data: &Value) -> String {
    format!("data: {data}\n\n")
}

fn anthropic(thoughts: &[&str], words: &[&str], ending: Ending) -> Vec<String> {
    let message = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "model-1", "content": [],
        "stop_reason": null, "stop_sequence": null,
        "usage": {"input_tokens": 12, "output_tokens": 1},
    });
    let mut events = vec![json!({"type": "message_start", "message": message})];
    let mut blocks = 0;
    for (kind, pieces) in [("thinking", thoughts), ("text", words)] {
        if !pieces.is_empty() {
            events.extend(block(blocks, kind, pieces));
            blocks += 1;
        }
    }
    let delta = json!({"stop_reason": anthropic_ending(ending), "stop_sequence": null});
    let usage = json!({"output_tokens": 5});
    events.push(json!({"type": "message_delta", "delta": delta, "usage": usage}));
    events.push(json!({"type": "message_stop"}));
    events.iter().map(event).collect()
}

fn block(index: u32, kind: &str, pieces: &[&str]) -> Vec<Value> {
    let begun = json!({"type": kind, kind: ""});
    let mut events =
        vec![json!({"type": "content_block_start", "index": index, "content_block": begun})];
    events.push(json!({"type": "ping"}));
    events.extend(pieces.iter().map(|piece| {
        let delta = json!({"type": format!("{kind}_delta"), kind: piece});
        json!({"type": "content_block_delta", "index": index, "delta": delta})
    }));
    if kind == "thinking" {
        let delta = json!({"type": "signature_delta", "signature": "b64"});
        events.push(json!({"type": "content_block_delta", "index": index, "delta": delta}));
    }
    events.push(json!({"type": "content_block_stop", "index": index}));
    events
}

/// A chunk of chat with one choice.
pub(crate) fn chat_chunk(delta: &Value, finish_reason: Option<&str>) -> Value {
    let choice =
        json!({"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish_reason});
    json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "model-1",
           "choices": [choice], "usage": null})
}

fn chat(thoughts: &[&str], words: &[&str], ending: Ending) -> Vec<String> {
    let mut chunks = vec![chat_chunk(&json!({"role": "assistant", "content": ""}), None)];
    let thoughts = thoughts.iter().map(|piece| chat_chunk(&json!({"reasoning": piece}), None));
    chunks.extend(thoughts);
    chunks.extend(words.iter().map(|piece| chat_chunk(&json!({"content": piece}), None)));
    chunks.push(chat_chunk(&json!({}), Some(openai_ending(ending))));
    chunks.push(json!({"model": "model-1", "choices": [],
        "usage": {"prompt_tokens": 12, "completion_tokens": 5, "total_tokens": 17}}));
    let done = "data: [DONE]\n\n".to_owned();
    chunks.iter().map(chunk).chain([done]).collect()
}

fn of_responses(thoughts: &[&str], words: &[&str], ending: Ending) -> Vec<String> {
    let parts = json!([{"type": "output_text", "text": words.concat(), "logprobs": []}]);
    let mut complete = responses(&parts, ending);
    if !thoughts.concat().is_empty() {
        insert_first(&mut complete["output"], summary(&thoughts.concat()));
    }
    let mut begun = complete.clone();
    begun["status"] = json!("in_progress");
    begun["output"] = json!([]);
    let piece = |kind: &str, text: &&str| json!({"type": format!("response.{kind}.delta"), "output_index": 0, "delta": text});
    let mut events = vec![
        json!({"type": "response.created", "response": begun}),
        json!({"type": "response.in_progress", "response": begun}),
    ];
    events.extend(thoughts.iter().map(|text| piece("reasoning_summary_text", text)));
    events.extend(words.iter().map(|text| piece("output_text", text)));
    let last = if complete["incomplete_details"].is_null() { "completed" } else { "incomplete" };
    events.push(json!({"type": format!("response.{last}"), "response": complete}));
    events.iter().map(event).collect()
}
