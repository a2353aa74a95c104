//! Invented answers: reproducible, correlated within a prompt, and quick to draw.

use iago_statistics::Tally;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

/// A source of chance that a seed determines.
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

    /// Standard normal (Box and Muller 1958).
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (2.0 * std::f64::consts::PI * self.uniform()).cos()
    }
}

/// Prompts x repeats, and how much two answers to one prompt correlate.
#[derive(Clone, Copy)]
pub(crate) struct Design {
    pub(crate) prompts: u32,
    pub(crate) repeats: u32,
    pub(crate) correlation: f64,
}

impl Design {
    pub(crate) const fn new(prompts: u32, repeats: u32, correlation: f64) -> Self {
        Self { prompts, repeats, correlation }
    }

    pub(crate) fn urn(self, rate: f64) -> Urn {
        Urn::new(rate, self.correlation)
    }
}

impl std::fmt::Display for Design {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} x {} | {}", self.prompts, self.repeats, self.correlation)
    }
}

/// Pólya's urn: draws from it are beta-binomial.
pub(crate) struct Urn {
    rate: f64,
    /// How much each answer adds, in units of what was in the urn at first.
    reinforcement: f64,
    yes: f64,
    of: f64,
}

impl Urn {
    pub(crate) fn new(rate: f64, correlation: f64) -> Self {
        Self { rate, reinforcement: correlation / (1.0 - correlation), yes: 0.0, of: 0.0 }
    }

    pub(crate) fn draw(&mut self, dice: &mut Dice) -> bool {
        let all = 1.0 + self.reinforcement * self.of;
        let yes = dice.uniform() * all < self.rate + self.reinforcement * self.yes;
        self.of += 1.0;
        self.yes += f64::from(u8::from(yes));
        yes
    }

    pub(crate) fn tally(&mut self, dice: &mut Dice, repeats: u32) -> Tally {
        let yes = (0..repeats).map(|_| u32::from(self.draw(dice))).sum();
        Tally { yes, of: repeats }
    }
}
