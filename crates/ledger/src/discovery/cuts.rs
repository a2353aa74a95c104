//! By how much a refusal cuts the rate: by what was taken before it.

use std::time::Duration;

use super::{Discovery, Kind, LOWEST, Refusal, real};
use crate::window::{MINUTE, Window};

/// Cuts, as factors of the rate: of an endpoint that counts the minute (what it had taken is nearly exact),
const MINUTE_CUT: f64 = 0.995;
/// of one whose limit is known, at once and if none was taken since,
pub(super) const KNOWN_CUT: f64 = 0.95;
const KNOWN_CUT_AGAIN: f64 = 0.8;
/// of a flow that was climbed to, of one where the time since the last event is too short to measure, and at least.
const CLIMB_CUT: f64 = 0.6;
const BLIND_CUT: f64 = 0.92;
const FLOW_CUT: f64 = 0.97;
/// Below the flow that was measured, so that a bucket fills again.
const FLOW_MARGIN: f64 = 0.985;
/// An event so long after the one before is alone, and cuts no more than this.
const LONE: Duration = Duration::from_secs(10);
const LONE_CUT: f64 = 0.94;
/// A flow is measured from so much on.
const ENOUGH_TIME: Duration = Duration::from_secs(1);
const ENOUGH_CALLS: u64 = 5;
/// After so many events without a call taken it was no flow.
const MISSES_OF_FLOW: u32 = 4;
/// A bucket refills for so many calls after a cut, within these bounds.
const REFILL_CALLS: f64 = 2.0;
const REFILL_MOST: f64 = 1.0;
const REFILL_LEAST: Duration = Duration::from_millis(300);

impl Discovery {
    /// For how long nothing starts after a cut: an empty bucket would refuse the next call as well.
    pub(crate) fn refill(&self) -> Duration {
        let calls = if self.kind == Kind::Flow { REFILL_CALLS } else { 0.0 };
        Duration::from_secs_f64((calls * 60.0 / self.rate).clamp(0.0, REFILL_MOST))
            .max(if self.kind == Kind::Flow { REFILL_LEAST } else { Duration::ZERO })
    }

    pub(super) fn cut(&mut self, refusal: Refusal, window: &Window) {
        let before = self.crossed_at;
        self.crossed_at = refusal.started;
        match self.kind {
            Kind::Minute => {
                // What the first refusal meant is still to be learnt from calls that have not ended.
                self.roof = if self.puzzled() { f64::MAX } else { self.rate * MINUTE_CUT };
                self.amend(window);
            }
            Kind::Known => self.rate *= if self.misses > 1 { KNOWN_CUT_AGAIN } else { KNOWN_CUT },
            Kind::Flow => self.cut_flow(before, window),
        }
        self.rate = self.rate.max(LOWEST);
        self.cut_at = refusal.now;
        self.passed = false;
        self.quiet = 0.0;
        self.grown_at = refusal.now;
    }

    fn cut_flow(&mut self, before: Duration, window: &Window) {
        if std::mem::take(&mut self.climbing) {
            self.rate *= CLIMB_CUT;
            return;
        }
        if self.misses > MISSES_OF_FLOW {
            self.kind = Kind::Minute;
            self.roof = self.rate;
            return self.amend(window);
        }
        let since = self.crossed_at.saturating_sub(before);
        // A bucket that was not empty for long may have run over: what was taken of late says more then.
        let lone = since > LONE;
        let of_late = if lone { self.measure(LONE, window) } else { 0.0 };
        let measured = self.measure(since.min(MINUTE), window).max(of_late);
        let least = if lone { self.rate * LONE_CUT } else { self.rate * 0.5 };
        self.rate = measured.clamp(least, self.rate * FLOW_CUT);
    }

    /// The flow that was taken in so much time before the refusal.
    fn measure(&self, time: Duration, window: &Window) -> f64 {
        let taken = window.before(self.crossed_at, time);
        if time < ENOUGH_TIME || taken < ENOUGH_CALLS {
            return self.rate * BLIND_CUT;
        }
        real(taken) * 60.0 / time.as_secs_f64() * FLOW_MARGIN
    }

    /// Reads the minute before the refusal again: calls that started in it have ended since.
    pub(super) fn amend(&mut self, window: &Window) {
        if self.kind == Kind::Minute {
            let taken = window.before(self.crossed_at, MINUTE);
            self.rate = real(taken).min(self.roof).max(LOWEST);
        }
    }
}
