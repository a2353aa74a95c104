//! Money is an integer of picodollars, so that no sum of a million calls is ever rounded.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};

use serde::{Deserialize, Serialize};

use crate::Usage;

/// An amount in picodollars (1e-12 US dollars). The largest amount is 9.2 million dollars.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Money(pub i64);

const PICODOLLARS_PER_DOLLAR: f64 = 1e12;

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// From dollars as people write them in files; `None` if negative or beyond the range.
    pub fn from_dollars(dollars: f64) -> Option<Self> {
        let pico = (dollars * PICODOLLARS_PER_DOLLAR).round();
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the range is checked in the same line"
        )]
        (0.0..9.2e18).contains(&pico).then_some(Self(pico as i64))
    }

    /// `part` of `whole` equal parts of it, rounded up. No parts are nothing.
    #[must_use]
    pub fn share(self, part: u64, whole: u64) -> Self {
        let parts = i128::from(self.0) * i128::from(part);
        let share = (parts + i128::from(whole) - 1).checked_div(i128::from(whole)).unwrap_or(0);
        Self(i64::try_from(share).unwrap_or(i64::MAX))
    }

    /// In dollars, for people.
    #[expect(clippy::cast_precision_loss, reason = "shown, never summed")]
    pub fn dollars(self) -> f64 {
        self.0 as f64 / PICODOLLARS_PER_DOLLAR
    }
}

impl Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.dollars() {
            0.0 => write!(f, "$0"),
            dollars if dollars < 0.01 => write!(f, "${dollars:.6}"),
            dollars => write!(f, "${dollars:.2}"),
        }
    }
}

/// What a model's tokens cost, in picodollars per token (a dollar per million tokens is 1,000,000).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// Per input token that no cache served.
    pub input: i64,
    /// Per input token read from the vendor's cache.
    pub cached_input: i64,
    /// Per input token written to the vendor's cache.
    pub cache_write: i64,
    /// Per output token, reasoning included.
    pub output: i64,
}

impl Price {
    /// What this usage costs.
    pub fn of(&self, usage: &Usage) -> Money {
        let amount = |tokens: u64, price: i64| {
            i64::try_from(tokens).unwrap_or(i64::MAX).saturating_mul(price)
        };
        let plain =
            usage.input.saturating_sub(usage.cached_input).saturating_sub(usage.cache_write);
        Money(amount(plain, self.input))
            + Money(amount(usage.cached_input, self.cached_input))
            + Money(amount(usage.cache_write, self.cache_write))
            + Money(amount(usage.output, self.output))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cached_tokens_are_counted_once() {
        let price = Price {
            input: 3_000_000,
            cached_input: 300_000,
            cache_write: 3_750_000,
            output: 15_000_000,
        };
        let usage =
            Usage { input: 1_000, cached_input: 600, cache_write: 100, output: 10, reasoning: 0 };
        let expected = 300 * 3_000_000 + 600 * 300_000 + 100 * 3_750_000 + 10 * 15_000_000;
        assert_eq!(price.of(&usage), Money(expected));
    }

    #[test]
    fn dollars_are_read_and_shown() {
        assert_eq!(Money::from_dollars(400.0).unwrap().to_string(), "$400.00");
        assert_eq!(Money::from_dollars(-1.0), None);
        assert_eq!(Money::from_dollars(f64::NAN), None);
    }
}
