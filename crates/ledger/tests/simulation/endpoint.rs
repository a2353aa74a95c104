//! Endpoints that limit calls, each in its way.

use std::collections::VecDeque;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

/// How an endpoint counts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// So many in any 60 seconds.
    Minute,
    /// A bucket that refills steadily, and holds so many seconds of the flow (a call at least).
    Bucket { seconds: f64 },
}

pub(crate) struct Endpoint {
    kind: Kind,
    limit: f64,
    log: VecDeque<Duration>,
    level: f64,
    at: Duration,
}

impl Endpoint {
    pub(crate) fn new(kind: Kind, limit: f64) -> Self {
        let mut endpoint =
            Self { kind, limit, log: VecDeque::new(), level: 0.0, at: Duration::ZERO };
        endpoint.level = endpoint.holds();
        endpoint
    }

    pub(crate) fn set_limit(&mut self, now: Duration, limit: f64) {
        self.refill(now);
        self.limit = limit;
    }

    /// Takes a call, or says when there is room again.
    pub(crate) fn call(&mut self, now: Duration) -> Result<(), Duration> {
        match self.kind {
            Kind::Minute => self.call_minute(now),
            Kind::Bucket { .. } => self.call_bucket(now),
        }
    }

    fn call_minute(&mut self, now: Duration) -> Result<(), Duration> {
        while self.log.front().is_some_and(|at| *at + MINUTE <= now) {
            self.log.pop_front();
        }
        #[expect(clippy::cast_precision_loss, reason = "a test")]
        let full = self.log.len() as f64 >= self.limit;
        if full {
            return Err(self.log[0] + MINUTE - now);
        }
        self.log.push_back(now);
        Ok(())
    }

    fn call_bucket(&mut self, now: Duration) -> Result<(), Duration> {
        self.refill(now);
        if self.level < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - self.level) * 60.0 / self.limit));
        }
        self.level -= 1.0;
        Ok(())
    }

    fn refill(&mut self, now: Duration) {
        let passed = now.saturating_sub(self.at).as_secs_f64();
        self.level = (self.level + passed * self.limit / 60.0).min(self.holds());
        self.at = now;
    }

    fn holds(&self) -> f64 {
        match self.kind {
            Kind::Minute => 0.0,
            Kind::Bucket { seconds } => (seconds * self.limit / 60.0).max(1.0),
        }
    }
}
