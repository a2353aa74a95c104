//! Limits by the day: calls and dollars of any 24 hours, in slots of a minute.

use std::collections::VecDeque;
use std::time::Duration;

use iago_sweep::Money;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const SLOT: Duration = Duration::from_secs(60);

/// What is used of a day. At most 1,442 slots.
#[derive(Clone, Debug, Default)]
pub(crate) struct Day {
    slots: VecDeque<Slot>,
    calls: u64,
    cost: Money,
    /// Seen by others' account of it: nothing before this.
    held_until: Duration,
    /// The mean cost of calls of late.
    mean: Money,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    /// When it began, in slots since a day before the clock's zero, so that what was used before has a place.
    number: u64,
    calls: u64,
    cost: Money,
}

/// The limits by the day.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct DayBound {
    pub(crate) calls: Option<u64>,
    pub(crate) dollars: Option<Money>,
}

/// How much one call weighs in the mean cost.
const MEAN_WEIGHT: i64 = 16;

/// A call whose highest cost is not known is taken to cost so many times the mean,
const MARGIN: i64 = 2;

/// or, while no cost is known at all, this part of the limit.
const UNSEEN_PARTS: i64 = 100;

impl Day {
    /// Counts what was used before the clock's `start`.
    pub(crate) fn count_before(&mut self, start: Duration, ago: Duration, calls: u64, cost: Money) {
        let Some(number) = slot_of(start).checked_sub(ago.as_secs().div_euclid(SLOT.as_secs()))
        else {
            return;
        };
        self.add(number, calls, cost);
        self.mean = self.mean.max(cost.share(1, calls));
    }

    /// What is kept free for a call that can cost so much at most. Nothing where dollars are not limited.
    pub(crate) fn reserve(&self, bound: DayBound, cost_most: Option<Money>) -> Money {
        let Some(limit) = bound.dollars else { return Money::ZERO };
        let expected = match self.mean {
            Money::ZERO => Money(limit.0 / UNSEEN_PARTS),
            mean => Money(mean.0.saturating_mul(MARGIN)),
        };
        // An estimate is no reason to wait for ever.
        cost_most.unwrap_or_else(|| expected.max(Money(1)).min(limit))
    }

    /// Counts a call that starts, and what is reserved for it.
    pub(crate) fn charge(&mut self, now: Duration, reserved: Money) {
        self.advance(now);
        self.add(slot_of(now), 1, reserved);
    }

    /// Corrects a call of the moment `at`: whether it counts, and what it cost (`None`: unknown, stays as reserved).
    pub(crate) fn settle(
        &mut self,
        at: Duration,
        reserved: Money,
        counts: bool,
        cost: Option<Money>,
    ) {
        let actual = cost.unwrap_or(reserved);
        let Ok(place) = self.slots.binary_search_by_key(&slot_of(at), |slot| slot.number) else {
            return;
        };
        let slot = &mut self.slots[place];
        let calls = u64::from(!counts).min(slot.calls);
        slot.calls -= calls;
        self.calls = self.calls.saturating_sub(calls);
        let more = Money(actual.0.saturating_sub(reserved.0));
        slot.cost += more;
        self.cost += more;
    }

    /// Takes in what an answer cost.
    pub(crate) fn learn(&mut self, cost: Money) {
        let more = cost.0.saturating_sub(self.mean.0) / MEAN_WEIGHT;
        self.mean = Money(self.mean.0.saturating_add(more));
        // The first calls would otherwise be expected to cost nearly nothing.
        self.mean = self.mean.max(Money(cost.0 / 2));
    }

    /// Counts a cost that nothing was reserved for.
    pub(crate) fn spend(&mut self, now: Duration, cost: Money) {
        self.advance(now);
        self.add(slot_of(now), 0, cost);
    }

    /// The provider counts so many calls; those that are not ours are counted as of now.
    pub(crate) fn count_others(&mut self, now: Duration, counted: u64) {
        self.advance(now);
        let others = counted.saturating_sub(self.calls);
        self.add(slot_of(now), others, Money::ZERO);
    }

    /// Grants nothing before `until`, at most a day away.
    pub(crate) fn hold(&mut self, now: Duration, until: Duration) {
        self.held_until = self.held_until.max(until.min(now.saturating_add(DAY)));
    }

    /// Forgets that it was held.
    pub(crate) fn release(&mut self) {
        self.held_until = Duration::ZERO;
    }

    /// When one more call fits that so much is reserved for; `None` if now.
    pub(crate) fn opens_at(
        &mut self,
        now: Duration,
        bound: DayBound,
        reserved: Money,
    ) -> Option<Duration> {
        self.advance(now);
        let held = Some(self.held_until).filter(|until| *until > now);
        let room = |calls: u64, cost: Money| {
            // A limit of no calls is what a stopped account tells: one is tried a day.
            let calls = bound.calls.is_none_or(|limit| calls < limit.max(1));
            // What costs nothing for certain fits whatever was spent.
            let dollars = reserved == Money::ZERO
                || bound.dollars.is_none_or(|limit| cost + reserved <= limit);
            calls && dollars
        };
        let full = !room(self.calls, self.cost);
        held.max(full.then(|| self.when(room).max(now)))
    }

    /// Calls and cost of the last day.
    pub(crate) fn used(&self) -> (u64, Money) {
        (self.calls, self.cost)
    }

    /// When what is left of the slots satisfies `enough`; a day from the newest if nothing does before.
    fn when(&self, enough: impl Fn(u64, Money) -> bool) -> Duration {
        let (mut calls, mut cost) = (self.calls, self.cost);
        let mut at = Duration::ZERO;
        for slot in &self.slots {
            calls = calls.saturating_sub(slot.calls);
            cost = Money(cost.0.saturating_sub(slot.cost.0));
            at = ends(slot.number);
            if enough(calls, cost) {
                break;
            }
        }
        at
    }

    fn advance(&mut self, now: Duration) {
        while let Some(slot) = self.slots.front().filter(|slot| ends(slot.number) <= now) {
            self.calls = self.calls.saturating_sub(slot.calls);
            self.cost = Money(self.cost.0.saturating_sub(slot.cost.0));
            self.slots.pop_front();
        }
    }

    fn add(&mut self, number: u64, calls: u64, cost: Money) {
        if calls == 0 && cost == Money::ZERO {
            return;
        }
        match self.slots.binary_search_by_key(&number, |slot| slot.number) {
            Ok(place) => {
                let slot = &mut self.slots[place];
                slot.calls = slot.calls.saturating_add(calls);
                slot.cost += cost;
            }
            Err(place) => self.slots.insert(place, Slot { number, calls, cost }),
        }
        self.calls = self.calls.saturating_add(calls);
        self.cost += cost;
    }
}

fn slot_of(at: Duration) -> u64 {
    at.saturating_add(DAY).as_secs() / SLOT.as_secs()
}

/// When a slot counts no more: a day after its end.
fn ends(number: u64) -> Duration {
    SLOT * u32::try_from(number.saturating_add(1)).unwrap_or(u32::MAX)
}
