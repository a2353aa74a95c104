//! Single calls that are tried while all are refused.

use std::time::Duration;

use super::{Discovery, Kind, LOWEST, Refusal, SHORT_HISTORY, real};
use crate::window::{MINUTE, Window};

/// A call that was not refused after this time was taken: refusals come at once, answers take long.
pub(super) const TELLING: Duration = Duration::from_secs(5);

/// Between calls that are tried while all are refused.
pub(super) const PROBES: (Duration, Duration) =
    (Duration::from_millis(500), Duration::from_secs(4));

/// No wait between such calls is longer where the first refusal is to be understood.
const LAST_PROBE: Duration = Duration::from_secs(32);

/// Only single calls are tried.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stall {
    /// When the next may start.
    pub(super) next: Duration,
    pub(super) gap: Duration,
    /// When the one under way started.
    pub(super) trying: Option<Duration>,
    /// Whether it is to be understood what the first refusal meant.
    pub(super) first: bool,
    /// Whether the one under way started although the minute was full.
    pub(super) beyond: bool,
}

impl Discovery {
    /// A call starts; `full` says whether the minute will be full for some time yet.
    pub(crate) fn start(&mut self, now: Duration, full: bool) {
        if let Some(stall) = &mut self.stall {
            stall.trying = Some(now);
            // Calls that are not known of yet may fill the minute; none of it is over.
            stall.beyond = full || now < self.minute_over;
        }
    }

    /// A call that started then was never made, or nobody will tell how it ended.
    pub(crate) fn forget(&mut self, started: Duration) {
        if let Some(stall) = &mut self.stall {
            stall.trying = stall.trying.filter(|trying| *trying != started);
        }
    }

    /// When a call may start for all that this knows; `None` if now.
    pub(crate) fn opens_at(&mut self, now: Duration, window: &Window) -> Option<Duration> {
        let stall = self.stall?;
        match stall.trying {
            Some(started) if started + TELLING <= now => {
                self.passed = true;
                self.leave_stall(now, window);
                None
            }
            Some(started) => Some(started + TELLING),
            None => Some(stall.next).filter(|next| *next > now),
        }
    }

    /// Whether only single calls are tried, whatever fits.
    pub(crate) fn stalled(&self) -> bool {
        self.stall.is_some()
    }

    /// What was found may now fit again: one call may be tried at once.
    pub(crate) fn window_opens(&mut self, opens: Duration) {
        if let Some(stall) = &mut self.stall {
            stall.next = stall.next.min(opens);
        }
    }

    /// Whether the first refusal is not understood yet.
    pub(crate) fn puzzled(&self) -> bool {
        self.stall.is_some_and(|stall| stall.first)
    }

    pub(super) fn stall_after(&self, refusal: Refusal) -> Option<Stall> {
        let first = self.stall.is_some_and(|stall| stall.first);
        if self.misses < 2 {
            return None;
        }
        let (gap, longest) = match self.stall {
            Some(stall) => (stall.gap * 2, if first { LAST_PROBE } else { PROBES.1 }),
            None => (PROBES.0, PROBES.1),
        };
        let gap = gap.min(longest);
        Some(Stall {
            next: refusal.hold_until.max(refusal.now + gap),
            gap,
            trying: None,
            first,
            beyond: false,
        })
    }

    pub(super) fn leave_stall(&mut self, now: Duration, window: &Window) {
        let Some(stall) = self.stall.take() else { return };
        let unclear = self.history < SHORT_HISTORY && !self.confirmed && !self.forgetful;
        if stall.first && (stall.beyond || unclear) {
            // An endpoint that counts the minute would have refused it. Where no call was tried in time, since those
            // that were granted came to nothing, the same is taken for true until it is refused.
            self.kind = Kind::Flow;
            self.climbing = self.history < SHORT_HISTORY;
            self.rate = self.rate.max(60.0 / stall.gap.as_secs_f64());
        } else if !stall.first && self.kind == Kind::Minute {
            // The limit is between what was refused last and what was taken now.
            let taken = real(window.before(now, MINUTE)).min(self.rate);
            self.rate = f64::midpoint(self.rate, taken).max(LOWEST);
            self.roof = self.rate;
        }
        self.quiet = 0.0;
        self.grown_at = now;
    }
}
