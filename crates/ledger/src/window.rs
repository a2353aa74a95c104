//! What was charged in the last minute, so that no sliding minute of an endpoint holds more than its limit.
//!
//! A charge counts for 60 seconds and [`SLACK`]: the endpoint counts when a call arrives, up to `SLACK` after
//! its grant, so calls that arrive within one minute were granted within a minute and `SLACK`.
//! Charges are merged into slots of [`SLOT_MS`]; a slot counts until its last moment is old enough, so merging only
//! ever errs to the safe side.

use std::collections::VecDeque;
use std::time::Duration;

/// The minute of every limit by the minute.
pub(crate) const MINUTE: Duration = Duration::from_secs(60);

/// The most that is allowed for a grant's way to the endpoint (ledger, worker, network).
pub const SLACK: Duration = Duration::from_millis(500);

/// How long a charge counts, in milliseconds.
const SPAN_MS: i64 = 60_500;

/// The width of a slot. At 25 ms the log holds at most 3,600 slots, and a minute's loss is 0.04%.
const SLOT_MS: i64 = 25;

/// How long charges are remembered after which nothing is asked of them: late ends of calls look back.
const KEPT_MS: i64 = 90_000;

/// The charges of the last minute, by slot, and those of half a minute before for looking back.
#[derive(Clone, Debug, Default)]
pub(crate) struct Window {
    slots: VecDeque<Slot>,
    /// So many of the first slots do not count any more.
    expired: usize,
    /// What those that count hold.
    sum: u64,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    number: i64,
    amount: u64,
}

impl Slot {
    fn counts_until_ms(self) -> i64 {
        (self.number + 1) * SLOT_MS + SPAN_MS
    }
}

impl Window {
    /// A window whose last minute before `now` was used evenly, `amount` in all.
    pub(crate) fn used_evenly(now: Duration, amount: u64) -> Self {
        let mut window = Self::default();
        window.fill_before(now, amount);
        window
    }

    /// Counts the time before `start` as used evenly, at `amount` per window.
    pub(crate) fn fill_before(&mut self, start: Duration, amount: u64) {
        let first = slot_of(start);
        let many = SPAN_MS / SLOT_MS;
        let upto = |part: i64| {
            u128::from(amount) * u128::from(part.unsigned_abs()) / u128::from(many.unsigned_abs())
        };
        for back in 1..=many {
            // Rounded so that the sum is exact, and spread so that the earliest part is there from the first slot.
            let part = upto(back) - upto(back - 1);
            self.put(first - back, u64::try_from(part).unwrap_or(u64::MAX));
        }
    }

    /// Forgets what is too old at `now`.
    pub(crate) fn advance(&mut self, now: Duration) {
        let now = ms(now);
        while let Some(slot) = self.slots.get(self.expired) {
            if slot.counts_until_ms() > now {
                break;
            }
            self.sum = self.sum.saturating_sub(slot.amount);
            self.expired += 1;
        }
        while self.slots.front().is_some_and(|slot| (slot.number + 1) * SLOT_MS + KEPT_MS <= now) {
            self.slots.pop_front();
            self.expired = self.expired.saturating_sub(1);
        }
    }

    /// What counts now.
    pub(crate) fn sum(&self) -> u64 {
        self.sum
    }

    /// Adds a charge of the moment `at`, which may be past.
    pub(crate) fn add(&mut self, at: Duration, amount: u64) {
        self.put(slot_of(at), amount);
    }

    /// Takes a charge of the moment `at`, or a part of it, back.
    pub(crate) fn take(&mut self, at: Duration, amount: u64) {
        if let Ok(place) = self.place(slot_of(at)) {
            let slot = &mut self.slots[place];
            let taken = amount.min(slot.amount);
            slot.amount -= taken;
            if place >= self.expired {
                self.sum = self.sum.saturating_sub(taken);
            }
        }
    }

    /// When `amount` more fits under `limit`, if nothing else is charged; `None` if it does now.
    /// An amount above the limit fits once nothing else counts.
    pub(crate) fn opens_at(&self, amount: u64, limit: u64) -> Option<Duration> {
        let room = limit.saturating_sub(amount.min(limit));
        let mut over = self.sum.checked_sub(room).filter(|over| *over > 0)?;
        for slot in self.slots.range(self.expired..) {
            over = over.saturating_sub(slot.amount);
            if over == 0 {
                return Some(from_ms(slot.counts_until_ms()));
            }
        }
        None
    }

    /// What was charged after `from`, up to and including `to`, to the width of a slot.
    pub(crate) fn between(&self, from: Duration, to: Duration) -> u64 {
        self.sum_of(slot_of(from), slot_of(to))
    }

    /// What was charged in so much time up to and including `to`, to the width of a slot.
    pub(crate) fn before(&self, to: Duration, time: Duration) -> u64 {
        self.sum_of(slot_of(to) - slot_of(time), slot_of(to))
    }

    fn sum_of(&self, after: i64, last: i64) -> u64 {
        let first = self.slots.partition_point(|slot| slot.number <= after);
        let counted = self.slots.range(first..).take_while(|slot| slot.number <= last);
        counted.fold(0, |sum, slot| sum.saturating_add(slot.amount))
    }

    fn put(&mut self, number: i64, amount: u64) {
        if amount == 0 {
            return;
        }
        match self.place(number) {
            Ok(place) => self.slots[place].amount = self.slots[place].amount.saturating_add(amount),
            // What is older than the oldest that does not count, does not count either.
            Err(place) if place < self.expired => return,
            Err(place) => self.slots.insert(place, Slot { number, amount }),
        }
        let counts = self.place(number).is_ok_and(|place| place >= self.expired);
        if counts {
            self.sum = self.sum.saturating_add(amount);
        }
    }

    fn place(&self, number: i64) -> Result<usize, usize> {
        // Nearly every charge is of the newest slot.
        match self.slots.back() {
            None => Err(0),
            Some(newest) if newest.number < number => Err(self.slots.len()),
            Some(newest) if newest.number == number => Ok(self.slots.len() - 1),
            Some(_) => self.slots.binary_search_by_key(&number, |slot| slot.number),
        }
    }
}

fn ms(at: Duration) -> i64 {
    i64::try_from(at.as_millis()).unwrap_or(i64::MAX / 2)
}

fn from_ms(ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}

fn slot_of(at: Duration) -> i64 {
    ms(at).div_euclid(SLOT_MS)
}
