//! What an endpoint is told before it starts.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// Everything that an endpoint is told. The default listens on a free port of the loopback
/// address, knows no prompts, has no limit and makes no faults.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The texts of all requests of the prompt set, for exact counts by rank. A request that is
    /// not among them is drawn by its key, independently of every other one.
    pub prompts: Vec<String>,
    /// Seeds ranks, draws, wordings and faults.
    pub seed: u64,
    /// The limit of the whole endpoint, over all models.
    pub limit: Option<Limit>,
    /// What goes wrong, and how often.
    pub faults: Faults,
    /// How long every answer takes.
    pub latency: Duration,
    /// Where to append one JSON line per call, before the call is answered.
    pub log_file: Option<PathBuf>,
    /// If set, a call without this key is turned away with a 401.
    pub api_key: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            prompts: Vec::new(),
            seed: 0,
            limit: None,
            faults: Faults::default(),
            latency: Duration::ZERO,
            log_file: None,
            api_key: None,
        }
    }
}

/// How many calls the endpoint admits. A call above it gets a 429 and no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    pub requests_per_minute: u32,
    pub kind: LimitKind,
}

/// How the limit is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitKind {
    /// At most the limit in any 60 seconds.
    SlidingMinute,
    /// The limit is a steady flow into a bucket that holds `burst` calls.
    TokenBucket { burst: u32 },
}

/// Shares of calls, each from 0 to 1 and together at most 1, that go wrong. They are laid side by
/// side in the order of the fields, and one draw per call picks at most one of them.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Faults {
    /// A 500.
    pub internal_500: f64,
    /// A 529, the vendor's word for too much traffic in general.
    pub overloaded_529: f64,
    /// The connection breaks before a whole answer.
    pub reset: f64,
    /// The answer's head comes at once, and its body after `slow_for`.
    pub slow: f64,
    /// How late a slow body is.
    pub slow_for: Duration,
    /// A 200 whose JSON is cut off.
    pub malformed: f64,
    /// A 200 whose body is an error.
    pub error_in_200: f64,
}

/// Settings that mean nothing. The caller can only correct them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    #[error("the fault shares must lie between 0 and 1, and their sum at most at 1")]
    FaultShares,
    #[error("a limit of 0 would admit no call: set requests_per_minute and burst to 1 or more")]
    ZeroLimit,
}

impl Settings {
    /// Says whether the numbers mean something.
    pub(crate) fn check(&self) -> Result<(), SettingsError> {
        if !self.faults.are_shares() {
            return Err(SettingsError::FaultShares);
        }
        if self.limit.is_some_and(Limit::admits_nothing) {
            return Err(SettingsError::ZeroLimit);
        }
        Ok(())
    }
}

impl Limit {
    fn admits_nothing(self) -> bool {
        self.requests_per_minute == 0 || self.kind == LimitKind::TokenBucket { burst: 0 }
    }
}

impl Faults {
    /// Room for the rounding of a sum such as ten times 0.1.
    const ROUNDING: f64 = 1e-9;

    fn are_shares(&self) -> bool {
        let shares = [
            self.internal_500,
            self.overloaded_529,
            self.reset,
            self.slow,
            self.malformed,
            self.error_in_200,
        ];
        let each = shares.iter().all(|share| (0.0..=1.0).contains(share));
        each && shares.iter().sum::<f64>() <= 1.0 + Self::ROUNDING
    }
}
