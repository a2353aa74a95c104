//! Chance that a seed determines.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Uniform from 0 up to 1.
    pub(crate) fn uniform(&mut self) -> f64 {
        f64::from(self.0.next_u32()) / (f64::from(u32::MAX) + 1.0)
    }

    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    pub(crate) fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.0.next_u32() as usize % all.len()]
    }

    /// How many of so many draws say yes.
    pub(crate) fn yes(&mut self, of: u32, probability: f64) -> u32 {
        (0..of).map(|_| u32::from(self.chance(probability))).sum()
    }

    /// Beta by Jöhnk (1964), for shapes that are not large; the mean, where they are.
    pub(crate) fn beta(&mut self, a: f64, b: f64) -> f64 {
        for _ in 0..1_000 {
            let (x, y) = (self.uniform().powf(1.0 / a), self.uniform().powf(1.0 / b));
            if x + y <= 1.0 && x + y > 0.0 {
                return x / (x + y);
            }
        }
        a / (a + b)
    }
}
