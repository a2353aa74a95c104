//! Sums over a sweep. They saturate: no endpoint's absurd number may stop a sweep from being read.

use iago_sweep::{AttemptFact, FailureFact, Money, ResultFact, Usage};

/// Sums over a sweep.
///
/// An abandoned attempt is an estimate, made when its worker was lost. It counts only while nothing
/// exact of the same execution has arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Jobs with an answer.
    pub results: u64,
    /// Failures of all rounds.
    pub failures: u64,
    /// Attempts that count.
    pub attempts: u64,
    /// Calls in results.
    pub calls_results: u64,
    /// Calls in failures.
    pub calls_failures: u64,
    /// Calls in attempts that count.
    pub calls_attempts: u64,
    /// Throttled calls in results and failures; attempts do not tell.
    pub throttles: u64,
    /// What results, failures and attempts cost, as far as prices are known.
    pub cost: Money,
    /// Results, failures and attempts whose cost is not known, so that `cost` is only a lower bound.
    pub unpriced: u64,
    /// Tokens of results.
    pub usage: Usage,
}

impl Totals {
    /// All calls that are accounted for: what endpoints saw, less what is in flight.
    pub fn calls(&self) -> u64 {
        self.calls_results.saturating_add(self.calls_failures).saturating_add(self.calls_attempts)
    }

    /// Adds a result.
    pub fn add_result(&mut self, fact: &ResultFact) {
        self.results += 1;
        self.calls_results = self.calls_results.saturating_add(fact.calls.into());
        self.throttles = self.throttles.saturating_add(fact.throttles.into());
        self.add_cost(fact.cost);
        self.add_usage(&fact.usage);
    }

    /// Adds a failure.
    pub fn add_failure(&mut self, fact: &FailureFact) {
        self.failures += 1;
        self.calls_failures = self.calls_failures.saturating_add(fact.calls.into());
        self.throttles = self.throttles.saturating_add(fact.throttles.into());
        self.add_cost(fact.cost);
    }

    /// Adds an attempt that counts.
    pub fn add_attempt(&mut self, fact: &AttemptFact) {
        self.attempts += 1;
        self.calls_attempts = self.calls_attempts.saturating_add(fact.calls.into());
        self.add_cost(fact.cost);
    }

    fn add_cost(&mut self, cost: Option<Money>) {
        match cost {
            Some(cost) => self.cost += cost,
            None => self.unpriced += 1,
        }
    }

    fn add_usage(&mut self, usage: &Usage) {
        let sum = &mut self.usage;
        sum.input = sum.input.saturating_add(usage.input);
        sum.cached_input = sum.cached_input.saturating_add(usage.cached_input);
        sum.cache_write = sum.cache_write.saturating_add(usage.cache_write);
        sum.output = sum.output.saturating_add(usage.output);
        sum.reasoning = sum.reasoning.saturating_add(usage.reasoning);
    }
}
