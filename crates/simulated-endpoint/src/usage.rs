//! What an answer takes, in tokens.

use crate::cache::Cached;
use crate::manner::Manner;
use crate::minute::Cost;
use crate::reply::{Reply, tokens};

/// Tokens of one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Usage {
    /// All input.
    pub(crate) input: u64,
    /// Input that was read from the cache.
    pub(crate) cache_read: u64,
    /// Input that was written to the cache.
    pub(crate) cache_write: u64,
    /// All output, reasoning included.
    pub(crate) output: u64,
    pub(crate) reasoning: u64,
}

/// What stands for reasoning where some is asked for.
pub(crate) const REASONING: &str =
    "(placeholder reasoning) The request is read, and the answer takes the form that it asks for.";

/// No call is said to be larger, so that sums stay far from the end of the numbers.
const MAX_OUTPUT: u64 = u32::MAX as u64;

impl Usage {
    /// Of an answer to so many characters, before the cache was asked.
    pub(crate) fn of(characters: usize, reply: &Reply, manner: &Manner) -> Self {
        let reasons = reply.reasoning(manner).unwrap_or_default();
        let reasoning = tokens(reasons.chars().count());
        let output = reply.output_tokens() + reasoning;
        Self { input: tokens(characters), output, reasoning, ..Self::default() }
    }

    pub(crate) fn with_cached(self, cached: Cached) -> Self {
        let cache_read = tokens(cached.read);
        let cache_write = tokens(cached.marked) - cache_read;
        Self { cache_read, cache_write, ..self }
    }

    /// Input that had nothing to do with the cache.
    pub(crate) fn plain_input(&self) -> u64 {
        self.input - self.cache_read - self.cache_write
    }

    /// What it takes of a limit: of one that counts what a call allows itself, that.
    pub(crate) fn cost(&self, allowed: Option<u64>) -> Cost {
        let output = allowed.map_or(self.output, |output| output.min(MAX_OUTPUT));
        Cost { input: self.input, output }
    }
}

impl Reply {
    /// What is said to have been thought before it.
    pub(crate) fn reasoning(&self, manner: &Manner) -> Option<&'static str> {
        match self {
            Self::Text { .. } => manner.reasons.then_some(REASONING),
            Self::Declined { .. } => None,
        }
    }
}
