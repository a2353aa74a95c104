//! What vendors call the fields that a sweep file has keys for: `extra` cannot say them a second time.

use std::collections::BTreeMap;

use iago_sweep::Parameters;
use serde_json::Value;

/// Fields that a key or a stage says whole, in any vendor's words, with the way to say them.
pub(crate) const SAID_ELSEWHERE: [(&str, &str); 18] = [
    ("model", "is what `id` says; write it there"),
    ("messages", IN_STAGES),
    ("input", IN_STAGES),
    ("system", IN_STAGES),
    ("instructions", IN_STAGES),
    ("stream", "is for the endpoint to say, in its `streaming`; take it out"),
    ("n", "would pay for answers that nobody reads; use `repeats` or `votes`"),
    ("max_tokens", "is what `max_output_tokens` says; write it there"),
    ("max_completion_tokens", "is what `max_output_tokens` says; write it there"),
    ("max_output_tokens", "is a key of its own, beside `extra`; write it there"),
    ("temperature", "is a key of its own, beside `extra`; write it there"),
    ("top_p", "is a key of its own, beside `extra`; write it there"),
    ("stop", "is a key of its own, beside `extra`; write it there"),
    ("stop_sequences", "is what `stop` says; write it there"),
    ("seed", "is a key of its own, beside `extra`; write it there"),
    ("random_seed", "is what `seed` says; write it there"),
    ("logprobs", "is a key of its own, beside `extra`; write it there"),
    ("top_logprobs", "is what `logprobs` says; write it there"),
];

const IN_STAGES: &str = "is what the `messages` of a stage say; write it there";

/// Fields of which a key says a part: they may say more than it does, and nothing else.
const SAID_IN_PART: [(&[&str], &str); 11] = [
    (&["reasoning_effort"], "reasoning"),
    (&["reasoning", "effort"], "reasoning"),
    (&["reasoning", "max_tokens"], "reasoning"),
    (&["reasoning", "enabled"], "reasoning"),
    (&["thinking", "type"], "reasoning"),
    (&["thinking", "budget_tokens"], "reasoning"),
    (&["output_config", "effort"], "reasoning"),
    (&["output_config", "format"], "schema"),
    (&["output_format"], "schema"),
    (&["response_format"], "schema"),
    (&["text", "format"], "schema"),
];

/// What `extra` says otherwise than another key does.
pub(crate) fn find_contradiction(asked: &Parameters) -> Option<String> {
    let says = |key: &str| match key {
        "schema" => asked.schema.is_some(),
        _ => asked.reasoning.is_some(),
    };
    let (path, key) =
        SAID_IN_PART.iter().find(|(path, key)| says(key) && has(&asked.extra, path))?;
    let path = path.join(".");
    Some(format!("`{path}` says what `{key}` says already; keep one of the two"))
}

fn has(extra: &BTreeMap<String, Value>, path: &[&str]) -> bool {
    let Some((first, rest)) = path.split_first() else { return false };
    let found = extra.get(*first);
    rest.iter().try_fold(found, |value, name| Some(value?.get(name))).flatten().is_some()
}
