//! How long to wait before the next call or connection: the one place of a worker that knows the `backoff`
//! crate.
//!
//! The crate is no longer maintained, so it is kept behind this function; its own randomisation is
//! off, because a wait must be a function of the job or the process. It stands in the worker and not in the pure
//! `iago-attempt` because its constructor reads the clock.

use std::time::Duration;

use backoff::ExponentialBackoff;
use backoff::backoff::Backoff;
use iago_sweep::Digest;

/// Waits that double, from the first to the longest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ladder {
    first: Duration,
    longest: Duration,
}

/// Between calls of an attempt: about what the vendors' own clients use.
pub(crate) const CALLS: Ladder =
    Ladder { first: Duration::from_millis(500), longest: Duration::from_secs(32) };

/// Between requests to a program that breaks: it runs here, and nobody else waits for it.
pub(crate) const PROGRAMS: Ladder =
    Ladder { first: Duration::from_millis(100), longest: Duration::from_secs(10) };

/// Between connections to a coordinator. Short, because a standby takes over within seconds and
/// results wait for it.
pub(crate) const CONNECTIONS: Ladder =
    Ladder { first: Duration::from_millis(100), longest: Duration::from_secs(2) };

/// Steps after which every ladder has long reached its longest wait.
const STEPS_MAX: u32 = 32;

/// A wait is shortened by up to this share, so that jobs that failed together part company.
const JITTER_SHARE: f64 = 0.25;

/// The nth wait (from 0) of the job or process with this key: exponential, less a share drawn from
/// the key.
pub(crate) fn delay(ladder: Ladder, nth: u32, key: u64) -> Duration {
    let Ladder { first, longest } = ladder;
    let mut backoff = ExponentialBackoff {
        current_interval: first,
        initial_interval: first,
        randomization_factor: 0.0,
        multiplier: 2.0,
        max_interval: longest,
        max_elapsed_time: None,
        ..ExponentialBackoff::default()
    };
    let mut wait = first;
    for _ in 0..=nth.min(STEPS_MAX) {
        wait = backoff.next_backoff().unwrap_or(longest);
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
    fn waits_double_up_to_a_bound_and_are_the_same_for_the_same_key() {
        for ladder in [CALLS, PROGRAMS, CONNECTIONS] {
            let waits: Vec<_> = (0..9).map(|nth| delay(ladder, nth, 7)).collect();
            for (nth, wait) in (0..).zip(&waits) {
                let full = ladder.first.saturating_mul(1 << nth).min(ladder.longest);
                assert!(*wait <= full && *wait >= full.mul_f64(0.75), "{nth}: {wait:?}");
            }
            assert_eq!(waits, (0..9).map(|nth| delay(ladder, nth, 7)).collect::<Vec<_>>());
            assert_ne!(delay(ladder, 3, 7), delay(ladder, 3, 8));
            assert!(delay(ladder, u32::MAX, 7) <= ladder.longest);
        }
    }
}
