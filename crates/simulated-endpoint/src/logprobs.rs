//! Placeholders for the probabilities of tokens. They say nothing about any model.

use serde_json::{Value, json};

use crate::draw;

/// So many characters are a token, as in the price list.
pub(crate) const TOKEN_CHARACTERS: usize = 4;
/// The vendor's limit on alternatives.
const ALTERNATIVES_MAX: u32 = 20;

/// One object per token of the words, with so many alternatives each. A token always has the same.
pub(crate) fn write(words: &str, alternatives: u32) -> Vec<Value> {
    let characters: Vec<char> = words.chars().collect();
    let write = |token: &[char]| write_token(&token.iter().collect::<String>(), alternatives);
    characters.chunks(TOKEN_CHARACTERS).map(write).collect()
}

fn write_token(token: &str, alternatives: u32) -> Value {
    // Whole eighths are the same in every notation.
    let logprob = -((draw::hash(0, &[b"logprob", token.as_bytes()]) % 16) as f64) / 8.0;
    let mut object = write_one(token, logprob);
    let others = (1..alternatives.min(ALTERNATIVES_MAX))
        .map(|rank| write_one(&format!("(other {rank})"), logprob - 1.0 - f64::from(rank)));
    let top = (alternatives > 0).then(|| object.clone()).into_iter().chain(others);
    object["top_logprobs"] = top.collect();
    object
}

fn write_one(token: &str, logprob: f64) -> Value {
    json!({ "token": token, "logprob": logprob, "bytes": token.as_bytes() })
}
