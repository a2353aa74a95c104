//! The answer in a reply of OpenAI Responses.

use iago_sweep::{Finish, Usage};
use serde_json::Value;

use crate::said::{NoAnswer, Said, block_texts, join_reasoning, json_text, tokens};

/// The answer in a reply: the texts of all messages that are not commentary on the way to it.
pub(crate) fn read(reply: &Value) -> Result<Said, NoAnswer> {
    let items = reply.get("output").and_then(Value::as_array).ok_or("the reply has no output")?;
    let parts: Vec<&Value> = items.iter().filter(is_answer).flat_map(parts).collect();
    let refusal: String = texts(&parts, "refusal", "refusal").collect();
    let text: String = texts(&parts, "output_text", "text").collect();
    Ok(Said {
        reasoning: join_reasoning(items.iter().flat_map(thoughts)),
        finish: finish(reply, !refusal.is_empty())?,
        text: text + &refusal,
        logprobs: logprobs(&parts),
        usage: usage(reply.get("usage").unwrap_or(&Value::Null)),
    })
}

fn is_answer(item: &&Value) -> bool {
    kind(item) == Some("message") && item.get("phase").and_then(Value::as_str) != Some("commentary")
}

fn kind(item: &Value) -> Option<&str> {
    item.get("type").and_then(Value::as_str)
}

fn parts(item: &Value) -> &[Value] {
    item.get("content").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn texts<'a>(parts: &'a [&Value], of_kind: &'a str, key: &'a str) -> impl Iterator<Item = &'a str> {
    parts
        .iter()
        .filter(move |part| kind(part) == Some(of_kind))
        .filter_map(move |part| part.get(key)?.as_str())
}

/// The summaries of a reasoning item; servers of open models tell the reasoning itself.
fn thoughts(item: &Value) -> Vec<&str> {
    if kind(item) != Some("reasoning") {
        return Vec::new();
    }
    let summary = item.get("summary").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let told: Vec<&str> = block_texts(summary, "summary_text", "text").collect();
    if told.is_empty() {
        block_texts(parts(item), "reasoning_text", "text").collect()
    } else {
        told
    }
}

/// A status or a reason that nobody has heard of is a stop: a paid answer is never lost.
fn finish(reply: &Value, refused: bool) -> Result<Finish, NoAnswer> {
    let reason = reply.pointer("/incomplete_details/reason").and_then(Value::as_str);
    match (reply.get("status").and_then(Value::as_str), reason) {
        (Some("failed" | "cancelled" | "queued" | "in_progress"), _) => {
            Err("the endpoint gave up in the middle of the answer")
        }
        (Some("incomplete"), Some("content_filter")) => Ok(Finish::Filter),
        _ if refused => Ok(Finish::Refusal),
        (Some("incomplete"), _) => Ok(Finish::Length),
        (_, _) => Ok(Finish::Stop),
    }
}

/// Those of every part of the answer, one list after the other.
fn logprobs(parts: &[&Value]) -> Option<String> {
    let lists = parts.iter().filter_map(|part| part.get("logprobs")?.as_array());
    json_text(&Value::Array(lists.flatten().cloned().collect()))
}

pub(crate) fn usage(usage: &Value) -> Usage {
    Usage {
        input: tokens(usage, "/input_tokens"),
        cached_input: tokens(usage, "/input_tokens_details/cached_tokens"),
        cache_write: tokens(usage, "/input_tokens_details/cache_write_tokens"),
        output: tokens(usage, "/output_tokens"),
        reasoning: tokens(usage, "/output_tokens_details/reasoning_tokens"),
    }
}
