//! How far apart calls start where one of them is a large part of a second's flow.
//!
//! A limit of 60 calls a minute may be enforced as one call a second: by a bucket that holds a single one. A late start
//! must not be caught up then, since the one after it would come too early, and neither may calls be closer together
//! than the ways to the endpoint differ. Each refusal that only this explains widens the space between starts.

use std::time::Duration;

/// How late a start may always be without being lost, in seconds, until there is a refusal: a driver may wake up a
/// tenth of a second late.
pub(crate) const LATE: f64 = 0.1;

/// Lateness, in seconds, that is caught up where an endpoint may hold no burst.
const STRICT_LATE: f64 = 0.01;

/// By how many seconds each refusal but the first widens the space.
const STEP: f64 = 0.005;

/// After so many refusals it is something else that refuses. The space is wider by 0.045 s then, 4.5% of 60 a minute.
const MOST: u32 = 10;

/// Where a call is less of the flow than this, in seconds, a bucket of a second holds some.
const LONG: f64 = 0.65;

/// So much longer than the flow says two starts may be apart to be thought too close together.
const NEAR: f64 = 1.15;

/// What refusals have taught of a bucket that holds a single call.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spacing {
    refusals: u32,
    /// When the last call started that was refused for this reason, while none that started later was taken.
    doubtful: Option<Duration>,
}

/// A call of a known limit that was refused, and the one before it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TooClose {
    /// When it started.
    pub(crate) started: Duration,
    /// Calls a minute.
    pub(crate) limit: f64,
}

impl TooClose {
    /// How long before it the other must have started.
    pub(crate) fn within(self) -> Duration {
        Duration::from_secs_f64(NEAR * 60.0 / self.limit)
    }
}

impl Spacing {
    /// Whether a refusal is one of those that closeness explains; it widens the space then. `near` says whether another
    /// call started within the time that [`TooClose::within`] says.
    pub(crate) fn explain(&mut self, refused: TooClose, near: bool) -> bool {
        let explains =
            60.0 / refused.limit > LONG && near && self.refusals < MOST && self.doubtful.is_none();
        if explains {
            self.refusals += 1;
            self.doubtful = Some(refused.started);
        } else if self.refusals == MOST {
            // More space was no remedy: it was something else all the time.
            self.refusals = 1;
        }
        explains
    }

    /// A call that started then was taken.
    pub(crate) fn take(&mut self, started: Duration) {
        self.doubtful.take_if(|refused| started > *refused);
    }

    /// Seconds of lateness that are caught up; below zero, by how many more starts are apart. `strict` where an endpoint
    /// may hold no burst at all.
    pub(crate) fn late(self, strict: bool) -> f64 {
        match self.refusals {
            0 if strict => STRICT_LATE,
            0 => LATE,
            refusals => -STEP * f64::from(refusals - 1),
        }
    }
}
