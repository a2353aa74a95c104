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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// Per input token that no cache served.
    pub input: i64,
    /// Per input token read from the vendor's cache.
    pub cached_input: i64,
    /// Per input token written to the vendor's cache.
    pub cache_write: i64,
    /// Per output token.
    pub output: i64,
    /// Per output token of reasoning, where that differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<i64>,
    /// What long prompts cost instead.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub long: Vec<LongPrice>,
}

/// What all tokens of a call cost whose prompt is longer than so many tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LongPrice {
    /// Input tokens, those from a cache included; it holds for more than these.
    pub above: u64,
    /// As in [`Price`].
    pub input: i64,
    /// As in [`Price`].
    pub cached_input: i64,
    /// As in [`Price`].
    pub cache_write: i64,
    /// As in [`Price`].
    pub output: i64,
}

impl Price {
    /// What this usage costs. Where several prices for long prompts fit, the one for the longest does.
    pub fn of(&self, usage: &Usage) -> Money {
        let LongPrice { input, cached_input, cache_write, output, .. } = self.at(usage.input);
        let plain =
            usage.input.saturating_sub(usage.cached_input).saturating_sub(usage.cache_write);
        let thought = usage.reasoning.min(usage.output);
        amount(plain, input)
            + amount(usage.cached_input, cached_input)
            + amount(usage.cache_write, cache_write)
            + amount(usage.output - thought, output)
            + amount(thought, self.reasoning.unwrap_or(output))
    }

    /// The most that so many input and output tokens can cost, whatever a cache does and however much
    /// of the output is reasoning.
    pub fn most(&self, usage: &Usage) -> Money {
        let at = |price: LongPrice| {
            let output = price.output.max(self.reasoning.unwrap_or(price.output));
            let input = price.input.max(price.cache_write).max(price.cached_input);
            amount(usage.input, input) + amount(usage.output, output)
        };
        let reached = self.long.iter().filter(|long| usage.input > long.above).copied();
        reached.chain([self.usual()]).map(at).max().unwrap_or_default()
    }

    /// The price of prompts of any length that no other price names.
    fn usual(&self) -> LongPrice {
        let Self { input, cached_input, cache_write, output, .. } = *self;
        LongPrice { above: 0, input, cached_input, cache_write, output }
    }

    fn at(&self, input: u64) -> LongPrice {
        let reached = self.long.iter().filter(|long| input > long.above);
        reached.max_by_key(|long| long.above).copied().unwrap_or_else(|| self.usual())
    }
}

fn amount(tokens: u64, price: i64) -> Money {
    Money(i64::try_from(tokens).unwrap_or(i64::MAX).saturating_mul(price))
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
            ..Price::default()
        };
        let usage =
            Usage { input: 1_000, cached_input: 600, cache_write: 100, output: 10, reasoning: 0 };
        let expected = 300 * 3_000_000 + 600 * 300_000 + 100 * 3_750_000 + 10 * 15_000_000;
        assert_eq!(price.of(&usage), Money(expected));
    }

    #[test]
    fn a_long_prompt_makes_the_whole_call_dearer() {
        let long =
            |above, input| LongPrice { above, input, output: 2 * input, ..LongPrice::default() };
        let price = Price {
            input: 1,
            output: 2,
            reasoning: Some(5),
            long: vec![long(1_000, 10), long(200, 3)],
            ..Price::default()
        };
        let of = |input| price.of(&Usage { input, output: 10, reasoning: 4, ..Usage::default() });
        assert_eq!(of(200), Money(200 + 6 * 2 + 4 * 5));
        assert_eq!(of(201), Money(3 * 201 + 6 * 6 + 4 * 5));
        assert_eq!(of(1_001), Money(10 * 1_001 + 6 * 20 + 4 * 5));
    }

    #[test]
    fn the_most_is_never_less_than_what_it_comes_to() {
        let price =
            Price { input: 3, cached_input: 1, cache_write: 4, output: 15, ..Price::default() };
        let most = price.most(&Usage { input: 100, output: 10, ..Usage::default() });
        assert_eq!(most, Money(4 * 100 + 15 * 10));
        let written = Usage { input: 100, cache_write: 100, output: 10, ..Usage::default() };
        assert_eq!(price.of(&written), most);
    }

    #[test]
    fn dollars_are_read_and_shown() {
        assert_eq!(Money::from_dollars(400.0).unwrap().to_string(), "$400.00");
        assert_eq!(Money::from_dollars(-1.0), None);
        assert_eq!(Money::from_dollars(f64::NAN), None);
    }
}
