//! What an endpoint admits in a minute, and what it tells about that.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::settings::SettingsError;

/// How much the endpoint admits. A call above any of the quantities gets a 429 and no answer, and
/// costs nothing of any of them.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limit {
    pub requests_per_minute: Option<u32>,
    /// All input counts, whether it was read from the cache or not.
    pub input_tokens_per_minute: Option<u64>,
    pub output_tokens_per_minute: Option<u64>,
    /// Input and output together.
    pub tokens_per_minute: Option<u64>,
    pub kind: LimitKind,
    /// Counts the most output that a call allows itself, and corrects that by nothing, as some
    /// vendors do; a call that names no maximum counts by its answer, as all do otherwise.
    pub counts_max_output: bool,
    pub tells: Tells,
}

/// How the limit is measured. Calls count when they come in, at once with their answer.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum LimitKind {
    /// At most the limit in any 60 seconds.
    #[default]
    SlidingMinute,
    /// Each quantity flows steadily into a bucket that holds what flows in `burst_seconds`. A full
    /// bucket admits one call of any size up to a minute's flow, and is in debt after it.
    TokenBucket { burst_seconds: f64 },
}

/// What replies tell of the limit. By default, everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tells {
    /// Limit, rest and reset of each quantity for which the vendor has headers.
    pub headers: bool,
    /// How a 429 says when to come back.
    pub retry_after: RetryAfter,
}

/// How a 429 says when to come back. It never does for a call that would fit into no minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RetryAfter {
    None,
    /// `retry-after`, in whole seconds and at least one.
    #[default]
    Seconds,
    /// `retry-after-ms`, in whole milliseconds and at least one.
    Milliseconds,
}

/// Something that is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quantity {
    Requests,
    InputTokens,
    OutputTokens,
    Tokens,
}

/// The longest burst, beyond which a bucket is no limit for as long as anybody looks.
const BURST_MAX: Duration = Duration::from_secs(24 * 60 * 60);

impl Default for Tells {
    fn default() -> Self {
        Self { headers: true, retry_after: RetryAfter::default() }
    }
}

impl Limit {
    /// The limit of so many calls in any minute, and of nothing else.
    #[must_use]
    pub fn requests(requests_per_minute: u32) -> Self {
        Self { requests_per_minute: Some(requests_per_minute), ..Self::default() }
    }

    pub(crate) fn check(&self) -> Result<(), SettingsError> {
        if Quantity::ALL.iter().any(|quantity| self.of(*quantity) == Some(0)) {
            return Err(SettingsError::ZeroLimit);
        }
        match self.kind {
            LimitKind::TokenBucket { burst_seconds }
                if !(burst_seconds > 0.0 && burst_seconds <= BURST_MAX.as_secs_f64()) =>
            {
                Err(SettingsError::Burst)
            }
            LimitKind::TokenBucket { .. } | LimitKind::SlidingMinute => Ok(()),
        }
    }

    pub(crate) fn of(&self, quantity: Quantity) -> Option<u64> {
        match quantity {
            Quantity::Requests => self.requests_per_minute.map(u64::from),
            Quantity::InputTokens => self.input_tokens_per_minute,
            Quantity::OutputTokens => self.output_tokens_per_minute,
            Quantity::Tokens => self.tokens_per_minute,
        }
    }
}

impl LimitKind {
    /// How much flow a bucket holds; nothing if there is none. Numbers that mean nothing hold none.
    pub(crate) fn burst(self) -> Option<Duration> {
        match self {
            Self::SlidingMinute => None,
            Self::TokenBucket { burst_seconds } => {
                Some(Duration::try_from_secs_f64(burst_seconds).unwrap_or_default().min(BURST_MAX))
            }
        }
    }
}

impl Quantity {
    pub(crate) const ALL: [Self; 4] =
        [Self::Requests, Self::InputTokens, Self::OutputTokens, Self::Tokens];

    /// For people.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::InputTokens => "input tokens",
            Self::OutputTokens => "output tokens",
            Self::Tokens => "tokens",
        }
    }
}
