//! Many invented sweeps of each setting, and what became of them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use iago_statistics::{Interval, clopper_pearson};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

pub(crate) const SWEEPS: u64 = 20_000;

/// What one invented sweep came to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Outcome {
    /// An interval was shown: does it hold the truth, and how wide is it?
    Shown { holds: bool, width: f64 },
    /// A caution stood in its place, or there was nothing to estimate.
    Withheld,
    /// A test was made.
    Tested { rejects: bool },
}

pub(crate) type Sweep = Box<dyn Fn(&mut ChaCha8Rng) -> Outcome + Send + Sync>;

/// Counts over the sweeps of one setting.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) wrong: u64,
    pub(crate) shown: u64,
    pub(crate) rejected: u64,
    pub(crate) width: f64,
}

impl Outcome {
    pub(crate) fn shown(interval: Interval, truth: f64) -> Self {
        // Where truth and end are the same on paper, rounding must not part them.
        let close = 1e-12;
        let holds = interval.low - close <= truth && truth <= interval.high + close;
        Self::Shown { holds, width: interval.width() }
    }
}

impl Counts {
    fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Shown { holds, width } => {
                self.shown += 1;
                self.wrong += u64::from(!holds);
                self.width += width;
            }
            Outcome::Withheld => {}
            Outcome::Tested { rejects } => self.rejected += u64::from(rejects),
        }
    }

    /// The share of sweeps that show no wrong interval, as an interval that misses once in 100,000.
    pub(crate) fn right(self) -> Interval {
        clopper_pearson(SWEEPS - self.wrong, SWEEPS, 0.999_99)
    }

    /// The share of sweeps in which the test rejects, likewise.
    pub(crate) fn rejects(self) -> Interval {
        clopper_pearson(self.rejected, SWEEPS, 0.999_99)
    }
}

/// Counts of each setting. Every setting has a seed of its own, so that nothing depends on how many
/// threads there are.
pub(crate) fn simulate(table: u64, settings: &[Sweep]) -> Vec<Counts> {
    let next = AtomicUsize::new(0);
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let mut found: Vec<(usize, Counts)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let mine = std::iter::from_fn(|| {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        settings.get(at).map(|sweep| (at, repeat(table, at, sweep)))
                    });
                    mine.collect::<Vec<_>>()
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("no setting panics")).collect()
    });
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, counts)| counts).collect()
}

fn repeat(table: u64, at: usize, sweep: &Sweep) -> Counts {
    let mut dice = ChaCha8Rng::seed_from_u64(table << 32 | at as u64);
    let mut counts = Counts::default();
    for _ in 0..SWEEPS {
        counts.add(sweep(&mut dice));
    }
    counts
}
