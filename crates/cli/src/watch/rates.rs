//! How fast a sweep goes, and how long it will take at that.

use std::time::Duration;

use iago_protocol::wire::Progress;
use tokio::time::Instant;

/// Rates are taken over about this long, so that they follow and do not jump.
const RATE_WINDOW: Duration = Duration::from_secs(5);
/// Over less than this nothing can be said.
const RATE_WINDOW_MIN: Duration = Duration::from_millis(500);
/// What would take longer than some years is not told to the hour.
const LEFT_MAX_S: f64 = 1e8;

/// What is known of the stages.
pub(super) enum Parents {
    /// From the plan: the stage whose results open each stage.
    Known(Vec<Option<u32>>),
    /// There is no plan at hand: all stages are taken to be opened by the first.
    Assumed,
}

/// What was seen before, for rates.
struct Seen {
    at: Instant,
    calls: u64,
    ended: u64,
}

/// What was seen of a sweep lately.
pub(super) struct Rates {
    parents: Parents,
    seen: Vec<Seen>,
}

/// How it goes at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Pace {
    pub(super) calls_per_s: f64,
    /// Until it is done, at this pace; `None` where nothing moves.
    pub(super) left: Option<Duration>,
    /// Of the jobs that are expected in all, how many have ended: 0 to 1.
    pub(super) share: f64,
    /// For each stage, whether more jobs of it may become known.
    pub(super) grows: Vec<bool>,
}

impl Rates {
    pub(super) fn new(parents: Parents) -> Self {
        Self { parents, seen: Vec::new() }
    }

    /// Takes a look into account.
    pub(super) fn see(&mut self, progress: &Progress, now: Instant) -> Pace {
        let ended = ended(progress);
        self.remember(Seen { at: now, calls: progress.calls, ended });
        let left = self.expected_left(progress);
        let stages = (0..).zip(&progress.stages);
        let grows = stages.map(|(stage, _)| self.growth(stage, progress) > 1.0).collect();
        let pace = Pace { share: share(ended, left), grows, ..Pace::default() };
        let Some(first) = self.seen.first() else { return pace };
        let time = now - first.at;
        if time < RATE_WINDOW_MIN {
            return pace;
        }
        let jobs_per_s = per_second(ended, first.ended, time);
        let left = (left / jobs_per_s).min(LEFT_MAX_S);
        Pace {
            calls_per_s: per_second(progress.calls, first.calls, time),
            left: (jobs_per_s > 0.0).then(|| Duration::from_secs_f64(left.max(0.0))),
            ..pace
        }
    }

    fn remember(&mut self, seen: Seen) {
        let now = seen.at;
        self.seen.push(seen);
        let old = |seen: &Seen| now - seen.at > RATE_WINDOW;
        while self.seen.len() > 2 && self.seen.get(1).is_some_and(old) {
            self.seen.remove(0);
        }
    }

    /// Jobs that are still to come: the known ones, and those that open results will open at the
    /// rate seen so far.
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    fn expected_left(&self, progress: &Progress) -> f64 {
        let stages = (0_u32..).zip(&progress.stages);
        let left = stages.map(|(number, stage)| {
            let expected = stage.known as f64 * self.growth(number, progress);
            expected - (stage.done + stage.failed) as f64
        });
        left.sum()
    }

    /// By how much the jobs of a stage are expected to grow.
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    fn growth(&self, stage: u32, progress: &Progress) -> f64 {
        let parent = self.parents.of(stage).and_then(|parent| progress.stages.get(parent as usize));
        parent.map_or(1.0, |parent| {
            parent.known.max(1) as f64 / (parent.done + parent.failed).max(1) as f64
        })
    }
}

impl Parents {
    fn of(&self, stage: u32) -> Option<u32> {
        match self {
            Self::Known(parents) => *parents.get(stage as usize)?,
            Self::Assumed => (stage > 0).then_some(0),
        }
    }
}

/// Jobs that have an answer, or failed for good.
pub(super) fn ended(progress: &Progress) -> u64 {
    progress.stages.iter().map(|stage| stage.done + stage.failed).sum()
}

#[expect(clippy::cast_precision_loss, reason = "shown, never summed")]
fn per_second(now: u64, then: u64, time: Duration) -> f64 {
    now.saturating_sub(then) as f64 / time.as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "shown, never summed")]
fn share(ended: u64, left: f64) -> f64 {
    let ended = ended as f64;
    if ended + left > 0.0 { ended / (ended + left) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use iago_protocol::wire::StageProgress;

    use super::*;

    #[test]
    fn what_open_results_will_open_is_expected_as_well() {
        let stage = |done, known| StageProgress { done, known, ..StageProgress::default() };
        let progress =
            Progress { stages: vec![stage(10, 40), stage(0, 10)], ..Progress::default() };
        let mut rates = Rates::new(Parents::Assumed);
        let begun = Instant::now();
        rates.see(
            &Progress { stages: vec![stage(0, 40), stage(0, 0)], ..Progress::default() },
            begun,
        );
        let pace = rates.see(&progress, begun + Duration::from_secs(2));
        assert_eq!(pace.grows, [false, true]);
        assert!((pace.share - 0.125).abs() < 1e-9, "10 of 80: {pace:?}");
        assert_eq!(pace.left, Some(Duration::from_secs(14)), "70 at 5 a second");
    }
}
