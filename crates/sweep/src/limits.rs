//! What limits are spoken of with: pools, workers, what a call needs, what was used.

use std::ops::Add;

use serde::{Deserialize, Serialize};

use crate::Money;

/// A pool's number within one coordinator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PoolId(pub u32);

/// A worker process, over all its connections. One that was started anew is another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkerId(pub u64);

/// A sweep's part of a pool beside other sweeps that want jobs there: twice the weight gets twice the
/// tokens. 1 unless somebody says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Weight(pub u32);

impl Weight {
    /// The highest: more would leave the others next to nothing.
    pub const MAX: Self = Self(1_000);
}

impl Default for Weight {
    fn default() -> Self {
        Self(1)
    }
}

/// The tokens that a call is expected to take, or took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    /// Input tokens that count against a limit: those that no cache served.
    pub input: u64,
    /// Output tokens, reasoning included.
    pub output: u64,
}

/// Sums saturate: an endpoint can claim any number.
impl Add for Need {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            input: self.input.saturating_add(other.input),
            output: self.output.saturating_add(other.output),
        }
    }
}

/// What was called in a pool within the minute before a moment: the memory of limits by the day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolUse {
    /// The pool's name.
    pub pool: String,
    /// The moment, in milliseconds since 1970.
    pub at_ms: i64,
    /// HTTP exchanges.
    pub calls: u64,
    /// What they cost, as far as that is known.
    pub cost: Money,
}
