//! How long to wait before a message is sent again: all that this crate takes from `backoff`.
//!
//! That crate is no longer maintained, so it is kept behind this function. Its own randomisation is off: a
//! wait is a function of the message and of how often it was sent.

use std::time::Duration;

use backoff::ExponentialBackoff;
use backoff::backoff::Backoff;
use iago_sweep::Digest;

/// The first wait: most trouble is over by then.
const FIRST: Duration = Duration::from_secs(2);
/// The longest one.
const LONGEST: Duration = Duration::from_secs(3600);
/// Steps after which the longest wait has long been reached.
const STEPS_MAX: u32 = 16;
/// A wait is shortened by up to this share, so that messages that failed together part company.
const JITTER_SHARE: f64 = 0.25;

/// The nth wait (from 0) of the message with this id: each is twice the one before, less a share drawn from
/// the id.
pub(crate) fn delay(nth: u32, id: &str) -> Duration {
    let mut backoff = ExponentialBackoff {
        current_interval: FIRST,
        initial_interval: FIRST,
        randomization_factor: 0.0,
        multiplier: 2.0,
        max_interval: LONGEST,
        max_elapsed_time: None,
        ..ExponentialBackoff::default()
    };
    let mut wait = FIRST;
    for _ in 0..=nth.min(STEPS_MAX) {
        wait = backoff.next_backoff().unwrap_or(LONGEST);
    }
    wait.mul_f64(1.0 - JITTER_SHARE * share(nth, id))
}

/// A number in 0..1 that id and nth decide.
fn share(nth: u32, id: &str) -> f64 {
    let drawn = Digest::of([nth.to_le_bytes().as_slice(), id.as_bytes()].concat()).seed();
    // The upper half: 32 bits fill a float without rounding up to 1.
    f64::from(u32::try_from(drawn >> 32).unwrap_or(0)) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour_and_differ_by_message_alone() {
        for nth in 0..20 {
            let full = FIRST.saturating_mul(1 << nth.min(11)).min(LONGEST);
            let wait = delay(nth, "a");
            assert!(wait <= full && wait >= full.mul_f64(0.75), "{nth}: {wait:?}");
            assert_eq!(wait, delay(nth, "a"));
            assert_ne!(wait, delay(nth, "b"));
        }
        assert!(delay(u32::MAX, "a") <= LONGEST);
    }
}
