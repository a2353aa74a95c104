//! What a pool's calls are held to: the lower of what is configured and what is told, without what others use of it.

use std::time::Duration;

use iago_sweep::Money;

use super::spacing::Spacing;
use super::{Pool, real, whole};
use crate::asks::Draw;
use crate::day::DayBound;
use crate::meter::{Bound, Quantity};
use crate::{Limits, Source};

impl Pool {
    /// Why such a call can never fit, for people. No estimate, and no limit that may be told otherwise a minute later, is
    /// a reason: larger needs are clamped.
    pub(crate) fn refusal(&self, draw: Draw) -> Option<String> {
        [Quantity::Input, Quantity::Tokens].into_iter().find_map(|quantity| {
            let (certain, words) = (draw.certain, quantity.words());
            let limit = configured(&self.limits, quantity).filter(|limit| certain > *limit)?;
            Some(format!(
                "needs {certain} input tokens at least, and the limit of {words} per minute is {limit}: \
                 shorten the prompt or raise the limit"
            ))
        })
    }

    /// Why such a call waits until the limits are configured otherwise, for people; `None` if it does not.
    pub(crate) fn stuck(&self, draw: Draw) -> Option<String> {
        let limit = self.limits.dollars_per_day?;
        let cost = draw.cost_most.unwrap_or(Money(1));
        (cost > limit).then(|| {
            format!(
                "a call may cost {cost}, and the limit of dollars per day is {limit}: \
                 lower the most tokens of an answer or raise the limit"
            )
        })
    }

    /// What may be used of a quantity in a minute now, and who says so.
    pub(crate) fn limit(&self, quantity: Quantity) -> Option<(u64, Source)> {
        let known = self.usable(quantity).map(|limit| match configured(&self.limits, quantity) {
            Some(configured) if configured <= limit => (limit, Source::Configured),
            _ => (limit, Source::Told),
        });
        let found = self.discovery.as_ref().filter(|_| quantity == Quantity::Requests);
        let found = found.map(|discovery| (whole(discovery.rate()), Source::Discovered));
        [known, found].into_iter().flatten().min_by_key(|(limit, _)| *limit)
    }

    /// The limits by the day.
    pub(crate) fn day_bound(&self) -> DayBound {
        let calls = [self.limits.requests_per_day, self.told_per_day];
        DayBound { calls: calls.into_iter().flatten().min(), dollars: self.limits.dollars_per_day }
    }

    /// Whether what is said of limits by the minute can be meant of this pool and not of the endpoint's own.
    pub(crate) fn speaks_of_minutes(&self) -> bool {
        let only_others = self.limits.has_day() || self.limits.concurrency.is_some();
        self.limits.has_minute() || !only_others
    }

    /// The limit as configured or told.
    pub(super) fn known(&self, quantity: Quantity) -> Option<u64> {
        let told = self.told[quantity as usize].limit();
        [configured(&self.limits, quantity), told].into_iter().flatten().min()
    }

    /// The same without what others use of it.
    pub(super) fn usable(&self, quantity: Quantity) -> Option<u64> {
        let told = &self.told[quantity as usize];
        // Others use what the provider counts, which may be more than is configured for us.
        let left = told.limit().map(|limit| whole(real(limit) * (1.0 - told.share())).max(1));
        [configured(&self.limits, quantity), left].into_iter().flatten().min()
    }

    /// Holds the meters to what is known now.
    pub(super) fn refresh(&mut self, now: Duration) {
        for quantity in Quantity::ALL {
            self.fill(now, quantity);
            let bound = self.bound(quantity);
            let meter = &mut self.meters[quantity as usize];
            if meter.bound() != bound {
                meter.set_bound(now, bound);
            }
        }
    }

    fn bound(&self, quantity: Quantity) -> Bound {
        let requests = quantity == Quantity::Requests;
        let spacing = if requests { self.spacing } else { Spacing::default() };
        let known = self.usable(quantity);
        let found = self.discovery.as_ref().filter(|_| requests);
        match found {
            Some(discovery) => discovery.bound(known, spacing),
            None => known.map(|limit| Bound::known(limit, spacing.late(false))).unwrap_or_default(),
        }
    }

    /// What was used before this pool was watched is not known: as a new meter begins.
    fn fill(&mut self, now: Duration, quantity: Quantity) {
        let Some(limit) = self.known(quantity) else { return };
        let meter = &mut self.meters[quantity as usize];
        if meter.bound() == Bound::default() {
            meter.window.fill_before(self.since, limit);
            meter.window.advance(now);
        }
    }
}

pub(super) fn configured(limits: &Limits, quantity: Quantity) -> Option<u64> {
    match quantity {
        Quantity::Requests => limits.requests_per_minute.map(u64::from),
        Quantity::Input => limits.input_tokens_per_minute,
        Quantity::Output => limits.output_tokens_per_minute,
        Quantity::Tokens => limits.tokens_per_minute,
    }
}
