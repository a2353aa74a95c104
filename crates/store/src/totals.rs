//! Sums over a sweep. They saturate: no endpoint's absurd number may stop a sweep from being read.

use std::collections::BTreeMap;

use iago_sweep::{AttemptCause, AttemptFact, FailureFact, Money, ResultFact, Usage};

/// Sums over a sweep.
///
/// An abandoned attempt is an estimate, made when its worker was lost. It counts only while nothing
/// exact of the same execution has arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// Results that rest on planted behaviour.
    pub simulated: u64,
    /// The same calls and costs, by what they went to.
    pub spent: Spending,
}

/// What a sweep's calls went to. The parts add up to the whole of [`Totals`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spending {
    /// Results, by the number of their stage. Which stages ask models under test and which ask judges
    /// or helpers is said by the plan, which no store reads. Stages without results are left out.
    pub stages: BTreeMap<u32, Spent>,
    /// Failures of all rounds.
    pub failures: Spent,
    /// Executions that came to nothing that counts: an answer that was late or came twice, and a
    /// lease that was given back.
    pub late: Spent,
    /// Executions whose worker was lost: the most that they can have cost.
    pub abandoned: Spent,
}

/// What some executions came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// How many executions.
    pub executions: u64,
    /// Their calls.
    pub calls: u64,
    /// What they cost, as far as prices are known.
    pub cost: Money,
    /// How many of them have an unknown cost.
    pub unpriced: u64,
}

/// Which part of a sweep's sums: a sum over its facts goes in by [`Totals::add`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Results of the stage with this number.
    Stage(u32),
    /// Failures.
    Failures,
    /// Attempts of this cause that count.
    Attempts(AttemptCause),
}

/// Sums over the facts of one [`Part`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// How many facts, their calls and their cost.
    pub spent: Spent,
    /// Throttled calls; attempts do not tell.
    pub throttles: u64,
    /// Tokens; only results tell.
    pub usage: Usage,
    /// How many rest on planted behaviour; counted of results only.
    pub simulated: u64,
}

impl Totals {
    /// All calls that are accounted for: what endpoints saw, less what is in flight.
    pub fn calls(&self) -> u64 {
        self.calls_results.saturating_add(self.calls_failures).saturating_add(self.calls_attempts)
    }

    /// Adds the sums over some facts of one part. Of no facts at all, nothing is added.
    pub fn add(&mut self, part: Part, sums: &Sums) {
        let Sums { spent, throttles, usage, simulated } = sums;
        if spent.executions == 0 {
            return;
        }
        let (count, calls) = match part {
            Part::Stage(_) => (&mut self.results, &mut self.calls_results),
            Part::Failures => (&mut self.failures, &mut self.calls_failures),
            Part::Attempts(_) => (&mut self.attempts, &mut self.calls_attempts),
        };
        *count = count.saturating_add(spent.executions);
        *calls = calls.saturating_add(spent.calls);
        self.throttles = self.throttles.saturating_add(*throttles);
        self.cost += spent.cost;
        self.unpriced = self.unpriced.saturating_add(spent.unpriced);
        self.simulated = self.simulated.saturating_add(*simulated);
        self.add_usage(usage);
        self.spent.part(part).add(spent);
    }

    /// Adds a result.
    pub fn add_result(&mut self, fact: &ResultFact) {
        let spent = Spent::once(fact.calls, fact.cost);
        let (throttles, simulated) = (fact.throttles.into(), fact.simulated.into());
        let sums = Sums { spent, throttles, usage: fact.usage, simulated };
        self.add(Part::Stage(fact.job.at().stage), &sums);
    }

    /// Adds a failure.
    pub fn add_failure(&mut self, fact: &FailureFact) {
        let spent = Spent::once(fact.calls, fact.cost);
        let sums = Sums { spent, throttles: fact.throttles.into(), ..Sums::default() };
        self.add(Part::Failures, &sums);
    }

    /// Adds an attempt that counts.
    pub fn add_attempt(&mut self, fact: &AttemptFact) {
        let spent = Spent::once(fact.calls, fact.cost);
        self.add(Part::Attempts(fact.cause), &Sums { spent, ..Sums::default() });
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

impl Spending {
    fn part(&mut self, part: Part) -> &mut Spent {
        match part {
            Part::Stage(stage) => self.stages.entry(stage).or_default(),
            Part::Failures => &mut self.failures,
            Part::Attempts(AttemptCause::Duplicate | AttemptCause::Released) => &mut self.late,
            Part::Attempts(AttemptCause::Abandoned) => &mut self.abandoned,
        }
    }
}

impl Spent {
    fn once(calls: u32, cost: Option<Money>) -> Self {
        let unpriced = u64::from(cost.is_none());
        Self { executions: 1, calls: calls.into(), cost: cost.unwrap_or_default(), unpriced }
    }

    fn add(&mut self, other: &Self) {
        self.executions = self.executions.saturating_add(other.executions);
        self.calls = self.calls.saturating_add(other.calls);
        self.cost += other.cost;
        self.unpriced = self.unpriced.saturating_add(other.unpriced);
    }
}
