//! How often something happens over many invented sweeps, and what that says of a method.

use iago_statistics::clopper_pearson;

use crate::dice::Dice;

pub(crate) const SWEEPS: u32 = 20_000;

/// The share of sweeps in which each of `N` events happens.
pub(crate) fn shares<const N: usize>(
    seed: u64,
    mut events: impl FnMut(&mut Dice) -> [bool; N],
) -> [f64; N] {
    let mut dice = Dice::new(seed);
    let mut happened = [0_u32; N];
    for _ in 0..SWEEPS {
        for (count, event) in happened.iter_mut().zip(events(&mut dice)) {
            *count += u32::from(event);
        }
    }
    happened.map(|count| f64::from(count) / f64::from(SWEEPS))
}

/// Each setting's result, in order, on as many threads as there are cores.
pub(crate) fn in_parallel<S: Sync, R: Send>(
    settings: &[S],
    run: impl Fn(&S) -> R + Sync,
) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let run = &run;
    let mut results: Vec<(usize, R)> = std::thread::scope(|scope| {
        let work = |thread: usize| {
            let mine = settings.iter().enumerate().skip(thread).step_by(threads);
            mine.map(|(index, setting)| (index, run(setting))).collect::<Vec<_>>()
        };
        let handles: Vec<_> =
            (0..threads).map(|thread| scope.spawn(move || work(thread))).collect();
        handles.into_iter().flat_map(|handle| handle.join().expect("no setting panics")).collect()
    });
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Coverages of one kind, over several settings.
pub(crate) struct Coverages(pub(crate) Vec<f64>);

impl std::fmt::Display for Coverages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() {
            return write!(f, " | ");
        }
        let lowest = self.0.iter().copied().fold(1.0, f64::min);
        let short = self.0.iter().filter(|share| is_short(**share)).count();
        write!(f, "{:.1} | {short} of {}", 100.0 * lowest, self.0.len())
    }
}

/// Whether the share is below 95% beyond binomial error.
fn is_short(share: f64) -> bool {
    let covered = (share * f64::from(SWEEPS)).round();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
    let covered = covered as u64;
    clopper_pearson(covered, u64::from(SWEEPS), 0.999_99).high < 0.95
}
