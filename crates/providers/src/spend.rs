//! Money that ran out. It comes as 402, but also as 429 (looking like a rate limit) and as 400.
//! Waiting does not help, and going on burns the queue.

use crate::error_body::ErrorBody;

/// Codes and types that name it. OpenAI: `credit_balance_exhausted`,
/// `{organization,project}_spend_limit_exceeded`, `organization_usage_limit_exceeded`, with the
/// type `insufficient_quota`. Anthropic: `{enforced,contract}_spend_limit_reached`, `billing_error`.
const WORDS: [&str; 4] = [
    "credit_balance_exhausted",
    "organization_usage_limit_exceeded",
    "insufficient_quota",
    "billing_error",
];
const WORD_ENDS: [&str; 2] = ["_spend_limit_exceeded", "_spend_limit_reached"];

/// How Anthropic's 400 begins, which has no code for it.
const MESSAGE_STARTS: [&str; 3] = [
    "You have reached your specified API usage limits",
    "You have reached your specified workspace API usage limits",
    "Your credit balance is too low",
];

/// Whether the error says that the money or a spend limit ran out.
pub(crate) fn is_spend(error: &ErrorBody) -> bool {
    let by_word = error.words.iter().any(|word| {
        WORDS.contains(&word.as_str()) || WORD_ENDS.iter().any(|end| word.ends_with(end))
    });
    let message = error.message.as_deref().unwrap_or_default();
    by_word || MESSAGE_STARTS.iter().any(|start| message.starts_with(start))
}
