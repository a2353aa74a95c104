//! Delays, counted by size.

use std::time::Duration;

/// Width of a class, in microseconds, and their number: ten seconds in steps of 0.1 ms. What took
/// longer counts as the longest.
const STEP_US: u128 = 100;
const STEPS: usize = 100_000;

/// How often each delay occurred.
pub(super) struct Latencies {
    counts: Vec<u32>,
}

impl Latencies {
    pub(super) fn new() -> Self {
        Self { counts: vec![0; STEPS] }
    }

    pub(super) fn add(&mut self, delay: Duration) {
        let step = usize::try_from(delay.as_micros() / STEP_US).unwrap_or(STEPS);
        self.counts[step.min(STEPS - 1)] += 1;
    }

    pub(super) fn clear(&mut self) {
        *self = Self::new();
    }

    /// The delay in milliseconds that this share of all stayed below, rounded up to 0.1 ms.
    pub(super) fn quantile_ms(&self, share: f64) -> f64 {
        let (mut seen, mut steps) = (0.0, 0u32);
        let total = self.counts.iter().map(|count| f64::from(*count)).sum::<f64>();
        for count in &self.counts {
            steps += 1;
            seen += f64::from(*count);
            if seen >= share * total {
                break;
            }
        }
        f64::from(steps) / 10.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_delays_lies_below_the_quantile() {
        let mut latencies = Latencies::new();
        (1..=1_000).for_each(|ms| latencies.add(Duration::from_millis(ms)));
        assert!((latencies.quantile_ms(0.5) - 500.1).abs() < 1e-9);
        assert!((latencies.quantile_ms(0.99) - 990.1).abs() < 1e-9);
        latencies.add(Duration::from_secs(60));
        assert!((latencies.quantile_ms(1.0) - 10_000.0).abs() < 1e-9, "the longest class");
        latencies.clear();
        latencies.add(Duration::from_millis(2));
        assert!((latencies.quantile_ms(1.0) - 2.1).abs() < 1e-9, "only what came since");
    }
}
