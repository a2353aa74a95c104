//! When to ask what a stream of progress does not tell: whether something costs nobody knows what.

use std::time::Duration;

use tokio::time::Instant;

/// The answer is a sum over all of a sweep: it is asked for more and more seldom.
const PAUSE_FIRST: Duration = Duration::from_secs(2);
const PAUSE_MAX: Duration = Duration::from_secs(600);

/// What is known of it.
pub(super) struct Costs {
    /// Something does. What cost nobody knows what will go on doing so.
    pub(super) unpriced: bool,
    next: Option<Instant>,
    pause: Duration,
}

impl Costs {
    pub(super) fn unasked() -> Self {
        Self { unpriced: false, next: None, pause: PAUSE_FIRST }
    }

    /// Whether to ask now. If so it is taken to be asked.
    pub(super) fn is_due(&mut self, calls: u64, now: Instant) -> bool {
        if self.unpriced || calls == 0 || self.next.is_some_and(|next| now < next) {
            return false;
        }
        self.next = Some(now + self.pause);
        self.pause = (self.pause * 2).min(PAUSE_MAX);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_asked_seldom_and_not_again_once_it_is_known() {
        let (mut costs, begun) = (Costs::unasked(), Instant::now());
        let mut asked = |from: u64, calls| {
            let seconds = (from..from + 100)
                .filter(|second| costs.is_due(calls, begun + Duration::from_secs(*second)));
            seconds.collect::<Vec<_>>()
        };
        assert!(asked(0, 0).is_empty(), "nothing has been called yet");
        assert_eq!(asked(100, 5), [100, 102, 106, 114, 130, 162]);
        costs.unpriced = true;
        assert!(!costs.is_due(5, begun + Duration::from_secs(10_000)));
    }
}
