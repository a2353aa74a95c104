//! How much longer than others a frame was on its way.
//!
//! Two clocks that begin anywhere can still tell: what came fastest sets the measure. A connection that
//! hangs, or a process that is stopped, lets everything through at once when it goes on, and what was
//! granted for one minute must not begin in another.

use std::time::Duration;

use tokio::time::Instant;

/// Of the time that passes so much is put down to clocks that do not run alike: a thousandth, twice
/// what a clock is moved by at most while it is set right (500 parts in a million).
const DRIFT_PART: u32 = 1000;

/// Of one connection.
#[derive(Debug, Default)]
pub(crate) struct Lateness(Option<Fastest>);

/// When the frame that came fastest was sent by their clock, and when it came by ours.
#[derive(Debug)]
struct Fastest {
    sent_ms: u64,
    received: Instant,
}

impl Lateness {
    /// How late a frame is; the first one cannot be.
    pub(crate) fn of(&mut self, sent_ms: u64, received: Instant) -> Duration {
        let late = self.0.as_ref().map_or(Duration::ZERO, |fastest| {
            let passed = received.saturating_duration_since(fastest.received);
            let theirs = Duration::from_millis(sent_ms.saturating_sub(fastest.sent_ms));
            let before = Duration::from_millis(fastest.sent_ms.saturating_sub(sent_ms));
            before + passed.saturating_sub(theirs.saturating_add(passed / DRIFT_PART))
        });
        if late.is_zero() {
            self.0 = Some(Fastest { sent_ms, received });
        }
        late
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// How late frames are that are sent and received at these milliseconds.
    fn late(frames: &[(u64, u64)]) -> Vec<u128> {
        let (began, mut lateness) = (Instant::now(), Lateness::default());
        let of = |(sent, received): &(u64, u64)| {
            lateness.of(*sent, began + Duration::from_millis(*received)).as_millis()
        };
        frames.iter().map(of).collect()
    }

    #[test]
    fn what_was_held_up_is_late_by_as_much_as_it_was_held_up() {
        let frames =
            [(500, 20), (600, 90), (1_600, 31_090), (2_600, 31_090), (31_600, 31_095), (0, 31_100)];
        let late = late(&frames);
        assert_eq!(late[..2], [0, 0]);
        // Less the thousandth of 31 seconds that may be the clocks'.
        assert_eq!(late[2..], [29_969, 28_969, 0, 31_604]);
    }

    proptest! {
        #[test]
        fn clocks_that_do_not_run_alike_make_nothing_late(
            millionths in 999_500u64..1_000_500,
            every_ms in 1_000u64..60_000,
        ) {
            let frames = (0..2_000).map(|nth| (nth * every_ms, nth * every_ms * millionths / 1_000_000));
            prop_assert!(late(&frames.collect::<Vec<_>>()).iter().all(|late| *late <= 1));
        }
    }
}
