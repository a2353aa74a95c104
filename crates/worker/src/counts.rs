//! What one attempt has used up so far.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use iago_sweep::Money;

/// Kept apart from the attempt itself, so that calls are known even where it breaks.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    calls: AtomicU32,
    throttles: AtomicU32,
    broken: AtomicU32,
    is_simulated: AtomicBool,
    paid: Mutex<Paid>,
}

/// What is known of what a call cost, or several calls together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Paid {
    /// Nothing was told: such a call may have cost nothing, or all that it could.
    #[default]
    Untold,
    /// What was told comes to this.
    Cost(Money),
    /// Tokens were taken whose price nobody knows.
    Unpriced,
}

impl Counts {
    pub(crate) fn call(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn throttle(&self) {
        self.throttles.fetch_add(1, Ordering::Relaxed);
    }

    /// A call may be billed, and nobody tells what it cost.
    pub(crate) fn lose_bill(&self) {
        self.broken.fetch_add(1, Ordering::Relaxed);
    }

    /// What answers is a simulation.
    pub(crate) fn simulate(&self) {
        self.is_simulated.store(true, Ordering::Relaxed);
    }

    /// Counts what a call cost.
    pub(crate) fn pay(&self, paid: Paid) {
        let mut all = self.paid.lock().unwrap_or_else(PoisonError::into_inner);
        *all = all.and(paid);
    }

    /// HTTP exchanges, those that were throttled among them.
    pub(crate) fn calls(&self) -> u32 {
        self.calls.load(Ordering::Relaxed)
    }

    pub(crate) fn throttles(&self) -> u32 {
        self.throttles.load(Ordering::Relaxed)
    }

    /// Calls that may be billed, and of which nobody tells what they cost.
    pub(crate) fn broken(&self) -> u32 {
        self.broken.load(Ordering::Relaxed)
    }

    pub(crate) fn is_simulated(&self) -> bool {
        self.is_simulated.load(Ordering::Relaxed)
    }

    /// What those calls cost that told of it; `None` where none did, or where a price is not known.
    pub(crate) fn cost(&self) -> Option<Money> {
        self.paid.lock().unwrap_or_else(PoisonError::into_inner).cost()
    }
}

impl Paid {
    pub(crate) fn cost(self) -> Option<Money> {
        match self {
            Self::Cost(cost) => Some(cost),
            Self::Untold | Self::Unpriced => None,
        }
    }

    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Unpriced, _) | (_, Self::Unpriced) => Self::Unpriced,
            (Self::Cost(one), Self::Cost(another)) => Self::Cost(one + another),
            (Self::Untold, known) | (known, Self::Untold) => known,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_adds_up_until_a_price_is_not_known() {
        let counts = Counts::default();
        counts.pay(Paid::Untold);
        assert_eq!(counts.cost(), None, "nothing was told, which is not free");
        for (paid, all) in [
            (Paid::Cost(Money::ZERO), Some(Money::ZERO)),
            (Paid::Cost(Money(7)), Some(Money(7))),
            (Paid::Untold, Some(Money(7))),
            (Paid::Cost(Money(i64::MAX)), Some(Money(i64::MAX))),
            (Paid::Unpriced, None),
            (Paid::Cost(Money(1)), None),
        ] {
            counts.pay(paid);
            assert_eq!(counts.cost(), all, "after {paid:?}");
        }
    }
}
