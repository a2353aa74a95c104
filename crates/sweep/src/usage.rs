//! Tokens, in one scheme for every vendor.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

/// Tokens of one call or of many. Totals include their parts: `cached_input` and `cache_write` are
/// within `input`, `reasoning` is within `output`, whatever the vendor's own sums leave out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// All input tokens.
    pub input: u64,
    /// Input tokens read from the vendor's cache.
    pub cached_input: u64,
    /// Input tokens written to the vendor's cache.
    pub cache_write: u64,
    /// All output tokens.
    pub output: u64,
    /// Output tokens spent on hidden reasoning, where the vendor tells.
    pub reasoning: u64,
}

/// Sums saturate: an endpoint can claim any number.
impl AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.input = self.input.saturating_add(other.input);
        self.cached_input = self.cached_input.saturating_add(other.cached_input);
        self.cache_write = self.cache_write.saturating_add(other.cache_write);
        self.output = self.output.saturating_add(other.output);
        self.reasoning = self.reasoning.saturating_add(other.reasoning);
    }
}
