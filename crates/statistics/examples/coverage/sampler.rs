//! Invented sweeps, one uniform number for each prompt and cell.
//!
//! Answers are beta-binomial: each prompt has its own propensity, and two repeats of a prompt
//! correlate by a given amount; or there are two classes of prompts, of which one always says yes. What a prompt can come to, and how likely that is, is worked out once
//! for a setting; drawing is then a search in a short list.

use iago_statistics::{Missing, Pair, Tally};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

/// How large a sweep is and how much the repeats of a prompt resemble each other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Design {
    pub(crate) prompts: u32,
    pub(crate) repeats: u32,
    pub(crate) correlation: f64,
}

/// A share of the prompts always says yes, and the others do at one rate, each repeat on its own. So few
/// prompts may carry the rate that a sweep has none of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TwoClasses {
    pub(crate) always: f64,
    pub(crate) else_rate: f64,
}

/// How often an answer is lost if it is a yes, and if it is a no.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Losses {
    pub(crate) yes: f64,
    pub(crate) no: f64,
}

/// All that a draw can come to, with its chance.
#[derive(Clone, Debug)]
pub(crate) struct Chances<T> {
    outcomes: Vec<T>,
    /// In units of 2⁻³²: the chance of this outcome or one before it.
    up_to: Vec<u64>,
}

impl<T: Copy> Chances<T> {
    pub(crate) fn new(weighted: impl IntoIterator<Item = (T, f64)>) -> Self {
        let (outcomes, weights): (Vec<T>, Vec<f64>) =
            weighted.into_iter().filter(|(_, weight)| *weight > 0.0).unzip();
        let total: f64 = weights.iter().sum();
        let mut so_far = 0.0;
        let up_to = weights.iter().map(|weight| {
            so_far += weight / total;
            whole(so_far * (u64::from(u32::MAX) + 1) as f64)
        });
        Self { up_to: up_to.collect(), outcomes }
    }

    pub(crate) fn map<U: Copy>(self, map: impl FnMut(T) -> U) -> Chances<U> {
        Chances { outcomes: self.outcomes.into_iter().map(map).collect(), up_to: self.up_to }
    }

    pub(crate) fn draw(&self, dice: &mut ChaCha8Rng) -> T {
        self.at(dice.next_u32())
    }

    /// Outcomes are in order, so that one number drawn for several cells makes them all high or all
    /// low.
    pub(crate) fn at(&self, uniform: u32) -> T {
        let found = self.up_to.iter().position(|up_to| u64::from(uniform) < *up_to);
        self.outcomes[found.unwrap_or(self.outcomes.len() - 1)]
    }
}

impl TwoClasses {
    /// The rate of the population of prompts.
    pub(crate) fn rate(self) -> f64 {
        self.always + (1.0 - self.always) * self.else_rate
    }
}

impl Design {
    /// One prompt in a cell, with what was lost of it.
    pub(crate) fn cell(self, rate: f64, losses: Losses) -> Chances<Missing> {
        let chance_of_yes = beta_binomial(rate, self.correlation, self.repeats);
        let mut weighted = Vec::new();
        for (all_yes, chance) in (0..).zip(chance_of_yes) {
            let all_no = self.repeats - all_yes;
            for (yes, kept_yes) in (0..).zip(beta_binomial(1.0 - losses.yes, 0.0, all_yes)) {
                for (no, kept_no) in (0..).zip(beta_binomial(1.0 - losses.no, 0.0, all_no)) {
                    let missing = self.repeats - yes - no;
                    let seen = Missing { yes, of: yes + no, missing };
                    weighted.push((seen, chance * kept_yes * kept_no));
                }
            }
        }
        Chances::new(weighted)
    }

    /// One prompt in a cell of which nothing depends on the answer but the answer.
    pub(crate) fn tallies(self, rate: f64, lost: f64) -> Chances<Tally> {
        self.cell(rate, Losses { yes: lost, no: lost })
            .map(|Missing { yes, of, .. }| Tally { yes, of })
    }

    /// One prompt of either class, with nothing lost. The correlation of the design plays no part.
    pub(crate) fn of_two_classes(self, classes: TwoClasses) -> Chances<Tally> {
        let of = self.repeats;
        let TwoClasses { always, else_rate } = classes;
        let weighted = (0..).zip(beta_binomial(else_rate, 0.0, of)).map(|(yes, chance)| {
            let of_always = if yes == of { always } else { 0.0 };
            (Tally { yes, of }, (1.0 - always) * chance + of_always)
        });
        Chances::new(weighted)
    }

    /// One prompt under two conditions that share its propensity: the factor does nothing at all.
    pub(crate) fn twins(self, rate: f64) -> Chances<Pair> {
        let of = self.repeats;
        let side = |yes| Tally { yes, of };
        let both = beta_binomial(rate, self.correlation, 2 * of);
        let pairs = (0..=of).flat_map(|from| (0..=of).map(move |to| (from, to)));
        Chances::new(pairs.map(|(from, to)| {
            let ways = choose(of, from) * choose(of, to) / choose(2 * of, from + to);
            (Pair { from: side(from), to: side(to) }, both[(from + to) as usize] * ways)
        }))
    }

    pub(crate) fn transcripts(self) -> f64 {
        f64::from(self.prompts * self.repeats)
    }

    pub(crate) fn count(self) -> usize {
        self.prompts as usize
    }

    pub(crate) fn draw<T: Copy>(self, chances: &Chances<T>, dice: &mut ChaCha8Rng) -> Vec<T> {
        (0..self.prompts).map(|_| chances.draw(dice)).collect()
    }
}

/// The chance of each number of yes among some draws from Pólya's urn, where each answer adds to its
/// like: the beta-binomial distribution, whose draws correlate by `1/(a + b + 1)`.
pub(crate) fn beta_binomial(rate: f64, correlation: f64, draws: u32) -> Vec<f64> {
    let reinforcement = correlation / (1.0 - correlation);
    let mut chances = vec![1.0];
    for drawn in 0..draws {
        let all = 1.0 + reinforcement * f64::from(drawn);
        let mut next = vec![0.0; chances.len() + 1];
        for (yes, chance) in chances.iter().enumerate() {
            let another = (rate + reinforcement * yes as f64) / all;
            next[yes + 1] += chance * another;
            next[yes] += chance * (1.0 - another);
        }
        chances = next;
    }
    chances
}

fn choose(of: u32, some: u32) -> f64 {
    (0..some).map(|i| f64::from(of - i) / f64::from(i + 1)).product()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of 2^32 is no larger and not negative"
)]
fn whole(share: f64) -> u64 {
    share.round() as u64
}
