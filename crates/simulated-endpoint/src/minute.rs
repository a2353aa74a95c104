//! What was admitted in the last minute, from moment to moment.

use std::collections::VecDeque;
use std::time::Duration;

use crate::limit::Quantity;

pub(crate) const MINUTE: Duration = Duration::from_secs(60);

/// What one admitted call takes of the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Cost {
    pub(crate) input: u64,
    pub(crate) output: u64,
}

/// The calls of the last minute. A call leaves it after exactly a minute.
#[derive(Debug, Default)]
pub(crate) struct Minute {
    admitted: VecDeque<(Duration, Cost)>,
    sum: Cost,
}

impl Cost {
    pub(crate) fn of(self, quantity: Quantity) -> u64 {
        match quantity {
            Quantity::Requests => 1,
            Quantity::InputTokens => self.input,
            Quantity::OutputTokens => self.output,
            Quantity::Tokens => self.input.saturating_add(self.output),
        }
    }
}

impl Minute {
    /// Forgets what is older than a minute.
    pub(crate) fn advance(&mut self, now: Duration) {
        while let Some((at, cost)) = self.admitted.front()
            && *at + MINUTE <= now
        {
            self.sum.input -= cost.input;
            self.sum.output -= cost.output;
            self.admitted.pop_front();
        }
    }

    pub(crate) fn admit(&mut self, now: Duration, cost: Cost) {
        self.admitted.push_back((now, cost));
        self.sum.input += cost.input;
        self.sum.output += cost.output;
    }

    pub(crate) fn used(&self, quantity: Quantity) -> u64 {
        match quantity {
            Quantity::Requests => self.admitted.len() as u64,
            Quantity::InputTokens | Quantity::OutputTokens | Quantity::Tokens => {
                self.sum.of(quantity)
            }
        }
    }

    /// How long until so much of it has left; forever if there is not so much.
    pub(crate) fn wait_for(&self, quantity: Quantity, much: u64, now: Duration) -> Duration {
        let mut left = 0_u64;
        let leaves = self.admitted.iter().find(|(_, cost)| {
            left += cost.of(quantity);
            left >= much
        });
        leaves.map_or(Duration::MAX, |(at, _)| *at + MINUTE - now)
    }

    /// How long until all of it has left.
    pub(crate) fn wait_for_all(&self, now: Duration) -> Duration {
        self.admitted.back().map(|(at, _)| *at + MINUTE - now).unwrap_or_default()
    }
}
