//! An answer of chat completions, chunk by chunk.

use serde_json::{Value, json};

use crate::events::{COMMENT, DONE, Events, cut, write_data};
use crate::openai::{REFUSAL, write_choice, write_head, write_logprobs, write_usage};
use crate::reply::{Envelope, Reply};

/// The whole stream.
pub(crate) fn write(envelope: &Envelope<'_>, reply: &Reply) -> Events {
    let chunk = |delta: Value| write_data(&write_chunk(envelope, &delta, None, &Value::Null));
    let mut events = vec![chunk(json!({ "role": "assistant", "content": "", "refusal": null }))];
    let reasoning = cut(envelope.reasoning.unwrap_or_default());
    events.extend(reasoning.iter().map(|part| chunk(json!({ "reasoning_content": part }))));
    events.push(COMMENT.to_vec());
    events.extend(write_words(envelope, reply));
    let (_, _, finish) = write_choice(reply);
    events.push(write_data(&write_chunk(envelope, &json!({}), Some(finish), &Value::Null)));
    if envelope.tells_usage {
        events.push(write_data(&write_last(envelope)));
    }
    events.push(DONE.to_vec());
    events
}

fn write_words(envelope: &Envelope<'_>, reply: &Reply) -> Events {
    let (content, refusal, _) = write_choice(reply);
    let name = if refusal == REFUSAL { "refusal" } else { "content" };
    let words = content.as_str().or(refusal.as_str()).unwrap_or_default();
    let write = |part: &String| {
        let logprobs = write_logprobs(envelope, part);
        write_data(&write_chunk(envelope, &json!({ name: part }), None, &logprobs))
    };
    cut(words).iter().map(write).collect()
}

/// Only the chunk after the last word says why they end.
fn write_chunk(
    envelope: &Envelope<'_>,
    delta: &Value,
    finish: Option<&str>,
    logprobs: &Value,
) -> Value {
    let mut chunk = write_head(envelope, "chat.completion.chunk");
    chunk["choices"] = json!([{
        "index": 0,
        "delta": delta,
        "logprobs": logprobs,
        "finish_reason": finish,
    }]);
    if envelope.tells_usage {
        chunk["usage"] = Value::Null;
    }
    chunk
}

/// Usage comes alone, after the last word.
fn write_last(envelope: &Envelope<'_>) -> Value {
    let mut chunk = write_head(envelope, "chat.completion.chunk");
    chunk["choices"] = json!([]);
    chunk["usage"] = write_usage(&envelope.usage);
    chunk
}
