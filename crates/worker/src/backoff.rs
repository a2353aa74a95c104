//! How long to wait before the next call: the one place that knows the `backoff` crate.
//!
//! The crate is no longer maintained, so it is kept behind this function; its own randomisation is
//! off, because a wait must be a function of the job. It stands in the worker and not in the pure
//! `iago-attempt` because its constructor reads the clock.

use std::time::Duration;

use backoff::ExponentialBackoff;
use backoff::backoff::Backoff;
use iago_sweep::Digest;

/// The first wait: about what the vendors' own clients use.
const INITIAL: Duration = Duration::from_millis(500);
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(32);
/// A wait is shortened by up to this share, so that jobs that failed together part company.
const JITTER_SHARE: f64 = 0.25;

/// The nth wait (from 0) of the job with this key: exponential, less a share drawn from the key.
pub(crate) fn delay(nth: u32, key: u64) -> Duration {
    let mut backoff = ExponentialBackoff {
        current_interval: INITIAL,
        initial_interval: INITIAL,
        randomization_factor: 0.0,
        multiplier: 2.0,
        max_interval: LONGEST,
        max_elapsed_time: None,
        ..ExponentialBackoff::default()
    };
    let mut wait = INITIAL;
    for _ in 0..=nth {
        wait = backoff.next_backoff().unwrap_or(LONGEST);
    }
    wait.mul_f64(1.0 - JITTER_SHARE * share(key, nth))
}

/// A number in 0..1 that key and nth decide.
pub(crate) fn share(key: u64, nth: u32) -> f64 {
    let drawn = Digest::of([key.to_le_bytes().as_slice(), &nth.to_le_bytes()].concat()).seed();
    // The upper half: 32 bits fill a float without rounding up to 1.
    f64::from(u32::try_from(drawn >> 32).unwrap_or(0)) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_bound_and_are_the_same_for_the_same_job() {
        let waits: Vec<_> = (0..9).map(|nth| delay(nth, 7)).collect();
        for (nth, wait) in (0..).zip(&waits) {
            let full = INITIAL.saturating_mul(1 << nth).min(LONGEST);
            assert!(*wait <= full && *wait >= full.mul_f64(0.75), "{nth}: {wait:?}");
        }
        assert_eq!(waits, (0..9).map(|nth| delay(nth, 7)).collect::<Vec<_>>());
        assert_ne!(delay(3, 7), delay(3, 8));
    }
}
