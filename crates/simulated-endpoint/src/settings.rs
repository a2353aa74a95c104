//! What an endpoint is told before it starts.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use crate::limit::Limit;
use crate::trouble::Trouble;

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
    /// The limit of the whole endpoint, over all models, at the start.
    pub limit: Option<Limit>,
    /// What goes wrong, and how often.
    pub faults: Faults,
    /// What is wrong tonight, at the start.
    pub trouble: Trouble,
    /// What is served well at once; without it, any number.
    pub capacity: Option<Capacity>,
    /// How long every answer takes.
    pub latency: Duration,
    /// A share from 0 to 1 of the latency, by which it is longer or shorter. It is drawn by key, so
    /// that a second run waits as long.
    pub latency_spread: f64,
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
            trouble: Trouble::default(),
            capacity: None,
            latency: Duration::ZERO,
            latency_spread: 0.0,
            log_file: None,
            api_key: None,
        }
    }
}

/// What the machines behind the endpoint can do at once, apart from any limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    /// So many calls in flight are served well.
    pub concurrency: u32,
    pub sheds: Sheds,
}

/// What happens to a call beyond the capacity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sheds {
    /// It gets a 529 at once, and costs nothing of the limit.
    Overloaded529,
    /// It takes longer, in proportion to the calls that are in flight when it comes in: with twice
    /// the capacity twice the latency, so that no more is done in a second.
    Slower,
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
    /// How late a slow body is, and how long a stream stalls.
    pub slow_for: Duration,
    /// A 200 whose JSON is cut off.
    pub malformed: f64,
    /// A 200 whose body is an error.
    pub error_in_200: f64,
    /// Of calls that ask for a stream only: the connection breaks in the middle.
    pub stream_cut: f64,
    /// Of calls that ask for a stream only: an error comes in the middle, and then the end.
    pub stream_error: f64,
    /// Of calls that ask for a stream only: for `slow_for` nothing but signs of life in the middle,
    /// and then the rest.
    pub stalls: f64,
}

/// Settings that mean nothing. The caller can only correct them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    #[error("the fault shares must lie between 0 and 1, and their sum at most at 1")]
    FaultShares,
    #[error("a limit of 0 would admit no call: set each quantity to 1 or more, or leave it out")]
    ZeroLimit,
    #[error("burst_seconds must be a number above 0, and no more than a day")]
    Burst,
    #[error("a capacity of 0 would serve no call: set its concurrency to 1 or more")]
    ZeroCapacity,
    #[error("`swapped` names the model `{0}`, which is not served here: GET /v1/models lists all")]
    UnknownModel(String),
    #[error("fails_for_good must lie between 0 and 1")]
    FailsForGood,
    #[error("latency_spread must lie between 0 and 1")]
    LatencySpread,
}

impl Settings {
    /// Says whether the numbers mean something.
    pub(crate) fn check(&self) -> Result<(), SettingsError> {
        if !self.faults.are_shares() {
            return Err(SettingsError::FaultShares);
        }
        if self.capacity.is_some_and(|capacity| capacity.concurrency == 0) {
            return Err(SettingsError::ZeroCapacity);
        }
        if !(0.0..=1.0).contains(&self.latency_spread) {
            return Err(SettingsError::LatencySpread);
        }
        self.trouble.check()?;
        self.limit.map_or(Ok(()), |limit| limit.check())
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
            self.stream_cut,
            self.stream_error,
            self.stalls,
        ];
        let each = shares.iter().all(|share| (0.0..=1.0).contains(share));
        each && shares.iter().sum::<f64>() <= 1.0 + Self::ROUNDING
    }
}
