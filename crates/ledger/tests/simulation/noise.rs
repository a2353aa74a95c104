//! An endpoint that refuses a share of the calls at random, whatever the rate.

use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::endpoint::Kind;
use crate::world::{Setting, World};

const SLOTS: usize = 8;
const LATENCY: Duration = Duration::from_millis(50);
/// To the endpoint, in the mean, as in the simulated world.
const WAY: Duration = Duration::from_millis(15);
const WAIT: Duration = Duration::from_secs(1);
const SECONDS: usize = 900;

fn noisy(share: f64, seed: u64) -> Setting {
    Setting {
        kind: Kind::Minute,
        limit: 1e9,
        noise: share,
        noise_wait: Some(WAIT),
        latency: LATENCY,
        slots: 8,
        workers: 2,
        seed,
        ..Setting::default()
    }
}

/// Calls taken a minute where nothing but the pauses applies: all slots wait after a refusal.
fn paused_only(share: f64, seed: u64) -> f64 {
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    let mut free = [Duration::ZERO; SLOTS];
    let mut pauses: Vec<Duration> = Vec::new();
    let mut taken = 0_u32;
    loop {
        let (slot, start) = free.iter().copied().enumerate().min_by_key(|of| of.1).expect("slots");
        if start >= Duration::from_secs(SECONDS as u64) {
            return f64::from(taken) * 60.0 / SECONDS as f64;
        }
        pauses.retain(|from| *from + WAIT > start);
        if let Some(from) = pauses.iter().filter(|from| **from <= start).max() {
            free[slot] = *from + WAIT;
        } else if f64::from(dice.next_u32()) / f64::from(u32::MAX) < share {
            free[slot] = start + WAY + LATENCY / 2;
            pauses.push(free[slot]);
        } else {
            free[slot] = start + WAY + LATENCY;
            taken += 1;
        }
    }
}

/// Half of what the pauses leave, over fifteen minutes: it takes minutes of cuts that change nothing until they are known
/// to be for nothing, and in that time nearly nothing is called; then nearly all is reached.
#[test]
fn refusals_at_random_leave_half_of_what_the_pauses_leave_that_they_ask_for() {
    for seed in 1..=10 {
        let mut world = World::new(noisy(0.05, seed));
        world.run(Duration::from_secs(SECONDS as u64));
        let (reached, most) = (world.rate(0, SECONDS), paused_only(0.05, seed));
        assert!(reached >= 0.5 * most, "seed {seed}: {reached:.0} of {most:.0}");
        let last = world.rate(600, SECONDS);
        assert!(last >= 0.8 * most, "seed {seed}: {last:.0} of {most:.0} in the last five minutes");
    }
}

#[test]
fn a_limit_is_found_beside_refusals_at_random() {
    for seed in 1..=5 {
        let limit = 600.0;
        let mut world = World::new(Setting { limit, noise_wait: None, ..noisy(0.05, seed) });
        world.run(Duration::from_secs(SECONDS as u64));
        let reached = world.rate(300, SECONDS);
        let refused = world.refused_share(300, SECONDS);
        // The noise may be taken for half as much again, since it was found out beside the limit, and half as much
        // again as that is borne.
        assert!(reached >= 0.75 * limit, "seed {seed}: {reached:.0}");
        assert!(refused <= 0.25, "seed {seed}: {refused:.3}");
    }
}
