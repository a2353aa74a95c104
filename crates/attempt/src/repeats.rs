//! How many calls of a pool may be repeats of calls that failed.

use std::time::Duration;

/// Repeats that a first call earns, in thousandths of one: a fifth.
const EARNED_BY_A_CALL: u32 = 200;

/// A whole repeat, in thousandths.
const WHOLE: u32 = 1000;

/// Repeats in stock before any call was made, so that a pool which begins with trouble can go on.
pub const REPEATS_AT_START: u32 = 10;

/// Repeats that are kept in stock at most: a long time without trouble earns no storm.
pub const REPEATS_MAX: u32 = 50;

/// With an empty stock one repeat may begin in this long: enough for jobs that fail for good to come to their end, and
/// far from a storm.
pub const REPEAT_EVERY: Duration = Duration::from_millis(50);

/// A pool's budget of repeats.
///
/// Each job has its own bound on calls, but a thousand jobs that fail together are a storm all the
/// same, at the very moment in which the endpoint has trouble. Here they share a stock. A first call
/// adds a fifth of a repeat to it, a repeat takes one, and a repeat that is answered gives it back:
/// what helped is no storm. So however many calls fail, and whenever, the repeats among `n` first
/// calls within a time `t` of which no repeat is answered are at most
/// `REPEATS_AT_START + n / 5 + t / REPEAT_EVERY + 1`.
///
/// All times are on the caller's one clock, from any start.
#[derive(Clone, Debug)]
pub struct Repeats {
    /// In thousandths.
    stock: u32,
    /// When the next one may begin that the stock does not have.
    trickle: Duration,
}

impl Default for Repeats {
    fn default() -> Self {
        Self { stock: REPEATS_AT_START * WHOLE, trickle: Duration::ZERO }
    }
}

impl Repeats {
    /// A first call of a request begins.
    pub fn called(&mut self) {
        self.put_back(EARNED_BY_A_CALL);
    }

    /// Takes a repeat, or says how long it is until it is worth while to ask again.
    pub fn may_repeat(&mut self, now: Duration) -> Result<(), Duration> {
        if let Some(rest) = self.stock.checked_sub(WHOLE) {
            self.stock = rest;
            return Ok(());
        }
        if now < self.trickle {
            return Err(self.trickle - now);
        }
        self.trickle = now + REPEAT_EVERY;
        Ok(())
    }

    /// A repeat was answered, or never began.
    pub fn give_back(&mut self) {
        self.put_back(WHOLE);
    }

    fn put_back(&mut self, thousandths: u32) {
        self.stock = (self.stock + thousandths).min(REPEATS_MAX * WHOLE);
    }
}
