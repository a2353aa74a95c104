//! What a sweep has cost, and how that is counted.

use std::collections::BTreeMap;

use iago_sweep::Money;

use crate::executions::{Execution, Executions};

/// What a sweep has cost so far, as far as prices are known.
///
/// Every end of an execution is counted once, under what it was paid for, however often it is
/// delivered and across restarts, so that the sum is the store's own:
///
/// | what ended | counted as | how much |
/// | --- | --- | --- |
/// | the answer that counts | `answered`, or `judges` where its stage grades | as told |
/// | the failure that counts, of each round | `failed` | as told: the calls that told of it, answered or not |
/// | an answer or a failure that another execution was ahead of; what was given back | `late` | as told |
/// | a lease whose worker was lost | `abandoned` | what was reserved for it, until its end turns up after all and is counted instead |
/// | an end without a told cost, after calls | `unknown` | what was reserved for it |
/// | calls that broke without a word, beside a told cost | `unknown` | what one call can cost, for each |
/// | a lease that never reached its worker; a job that was set aside | nowhere | nothing was called |
///
/// An end has no told cost where no call of it told what it took: a call that timed out may have been
/// answered and paid for all the same, and is no less than what was reserved. Not so where the last
/// thing that an endpoint said was a refusal (HTTP 400 and above), for which nobody is charged. What
/// calls cost that broke without a word, while another call of the same attempt told, nobody can know:
/// the attempt's told cost stands, and beside it what was reserved for each of these calls is `unknown`.
/// That is known to the leader that heard of them; stores keep what was told.
///
/// A budget is held against the sum of all of these, what is reserved for jobs that are out, and what
/// may be in flight since an earlier term. Where coordinator and workers were killed at one stroke,
/// nobody is left to tell what they had called in the moments before, and it is not in here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spend {
    /// Answers of stages that ask models under test.
    pub answered: Money,
    /// Answers of judges and helpers.
    pub judges: Money,
    /// Failures of all rounds.
    pub failed: Money,
    /// What came after another execution of the job had ended it, and what was given back.
    pub late: Money,
    /// The most that leases of lost workers can have cost.
    pub abandoned: Money,
    /// The most that executions can have cost which called and ended without a told cost, and calls
    /// that broke without a word. No part of what is known to be spent, and still held against a budget.
    pub unknown: Money,
    /// The most that jobs can cost which are out, or may be in flight since an earlier term.
    pub reserved: Money,
}

/// What an execution's cost is counted as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Answered,
    Judges,
    Failed,
    Late,
}

/// The cost of an end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cost {
    told: Money,
    /// Calls were made of which nobody knows what they cost: at most this.
    unknown: Money,
}

/// What was counted so far, and of which executions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Account {
    spend: Spend,
    ended: Executions,
    /// What leases of lost workers are taken to have cost, until their ends turn up.
    abandoned: BTreeMap<Execution, Money>,
}

impl Spend {
    /// What is spent, as far as it is known: all but what is unknown or only reserved.
    pub fn total(&self) -> Money {
        self.answered + self.judges + self.failed + self.late + self.abandoned
    }

    /// The most that all this can come to: what a budget is held against.
    pub fn most(&self) -> Money {
        self.total() + self.unknown + self.reserved
    }
}

impl Cost {
    /// What was told, or at most the reserve where calls ended without a word on their cost.
    pub(crate) fn of(told: Option<Money>, calls: u32, reserve: Option<Money>) -> Self {
        let unknown = if told.is_none() && calls > 0 { reserve } else { None };
        Self { told: told.unwrap_or_default(), unknown: unknown.unwrap_or_default() }
    }

    /// The same, where some of the calls broke without a word and can have cost this at most.
    pub(crate) fn with_broken(self, most: Money) -> Self {
        Self { unknown: self.unknown.max(most), ..self }
    }
}

impl Account {
    pub(crate) fn spend(&self) -> Spend {
        self.spend
    }

    /// Counts the end of an execution, if it was not counted before.
    pub(crate) fn count(&mut self, execution: Execution, purpose: Purpose, cost: Cost) {
        if self.end(execution) {
            self.add(purpose, cost);
        }
    }

    /// An execution has ended; false if that was known. What it was taken to have cost while it was
    /// given up counts no more.
    pub(crate) fn end(&mut self, execution: Execution) -> bool {
        let Money(given_up) = self.abandoned.remove(&execution).unwrap_or_default();
        self.spend.abandoned = Money(self.spend.abandoned.0.saturating_sub(given_up));
        self.ended.insert(execution)
    }

    /// Counts an execution whose worker was lost at the most that it can have cost.
    pub(crate) fn abandon(&mut self, execution: Execution, most: Money) {
        if !self.ended.contains(execution) && self.abandoned.insert(execution, most).is_none() {
            self.spend.abandoned += most;
        }
    }

    /// Counts a cost, of whichever execution.
    pub(crate) fn add(&mut self, purpose: Purpose, cost: Cost) {
        *self.spend.part(purpose) += cost.told;
        self.spend.unknown += cost.unknown;
    }

    /// Whether the end of an execution was counted.
    pub(crate) fn has_ended(&self, execution: Execution) -> bool {
        self.ended.contains(execution)
    }
}

impl Spend {
    fn part(&mut self, purpose: Purpose) -> &mut Money {
        match purpose {
            Purpose::Answered => &mut self.answered,
            Purpose::Judges => &mut self.judges,
            Purpose::Failed => &mut self.failed,
            Purpose::Late => &mut self.late,
        }
    }
}
