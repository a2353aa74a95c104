//! A seeded order of n things that is computed and never stored.
//!
//! A balanced Feistel network over the next even power of two, walked until it lands inside
//! (cycle walking; Black and Rogaway, "Ciphers with Arbitrary Finite Domains", 2002). Version 1:
//! positions are remembered by stores, so a change of this file needs a new version beside it.

/// Rounds of the network. Four suffice for an order that looks random; more cost nothing here.
const ROUNDS: u64 = 6;

/// A bijection of `0..len` onto itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permutation {
    len: u64,
    half_bits: u32,
    seed: u64,
}

impl Permutation {
    /// The order of `len` things that this seed gives.
    pub fn new(len: u64, seed: u64) -> Self {
        let bits = u64::BITS - len.saturating_sub(1).leading_zeros();
        Self { len, half_bits: bits.div_ceil(2).max(1), seed }
    }

    /// How many things are ordered.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there is nothing to order.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The thing at a position; `None` beyond the end.
    pub fn at(&self, position: u64) -> Option<u64> {
        if position >= self.len {
            return None;
        }
        let mut value = self.mix(position);
        // The domain is less than four times the length, so this ends after a few steps.
        while value >= self.len {
            value = self.mix(value);
        }
        Some(value)
    }

    fn mix(&self, value: u64) -> u64 {
        let mask = (1 << self.half_bits) - 1;
        let (mut left, mut right) = (value >> self.half_bits, value & mask);
        for round in 0..ROUNDS {
            let scrambled = scramble(right ^ scramble(self.seed.wrapping_add(round)));
            (left, right) = (right, left ^ (scrambled & mask));
        }
        (left << self.half_bits) | right
    }
}

/// The finaliser of splitmix64 (Steele, Lea and Flood, 2014).
pub(crate) fn scramble(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_thing_has_exactly_one_position(len in 0u64..3000, seed: u64) {
            let order = Permutation::new(len, seed);
            let seen: BTreeSet<u64> = (0..len).filter_map(|position| order.at(position)).collect();
            prop_assert_eq!(seen.len() as u64, len);
            prop_assert!(seen.iter().all(|thing| *thing < len));
            prop_assert_eq!(order.at(len), None);
        }
    }

    #[test]
    fn the_order_is_fixed_for_ever() {
        let order = Permutation::new(10, 7);
        let things: Vec<_> = (0..10).filter_map(|position| order.at(position)).collect();
        let again: Vec<_> =
            (0..10).filter_map(|position| Permutation::new(10, 7).at(position)).collect();
        assert_eq!(things, again);
        assert_ne!(things, (0..10).collect::<Vec<_>>());
    }

    #[test]
    fn another_seed_is_another_order() {
        let order = |seed| (0..100).map(|n| Permutation::new(100, seed).at(n)).collect::<Vec<_>>();
        assert_ne!(order(1), order(2));
    }
}
