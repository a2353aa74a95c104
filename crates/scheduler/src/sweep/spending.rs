//! What a sweep may still spend.

use iago_sweep::{JobId, Money};

use super::Sweep;
use crate::spend::Spend;

impl Sweep {
    /// What it has cost, and what is reserved.
    pub(crate) fn spend(&self) -> Spend {
        let held_back = self.held_back.as_ref().map_or(Money::ZERO, |held_back| held_back.worth);
        Spend { reserved: self.reserved + held_back, ..self.known.spend() }
    }

    /// Whether this job could take the spend beyond the budget. It is held against the most that
    /// everything can cost, so that fewer and fewer are out near the end.
    pub(super) fn is_over_budget(&self, job: JobId) -> bool {
        let price = self.shape().reserve(job).unwrap_or_default();
        self.shape().budget.is_some_and(|budget| self.spend().most() + price > budget)
    }

    /// A job goes out: sets aside the most that it can cost.
    pub(super) fn reserve(&mut self, job: JobId) {
        let price = self.shape().reserve(job).unwrap_or_default();
        self.out.insert(job, price);
        self.reserved += price;
    }

    /// A lease has ended, whichever way.
    pub(crate) fn release(&mut self, job: JobId) {
        let reserved = self.out.remove(&job).unwrap_or_default();
        self.reserved = Money(self.reserved.0.saturating_sub(reserved.0));
    }
}
