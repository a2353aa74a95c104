//! What a reply says about the account's limits.

use std::time::{Duration, SystemTime};

use crate::headers::find;
use crate::retry_after::{WAIT_MAX, wait, wait_until};
use crate::timestamp::parse_rfc3339;
use crate::{Dialect, Protocol};

/// The limits that one reply told of. The headers do not say how long a window is: most vendors
/// mean a minute, Groq counts requests by the day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateHeaders {
    /// Requests.
    pub requests: Option<Window>,
    /// Input tokens, where they have a limit of their own.
    pub input_tokens: Option<Window>,
    /// Output tokens, where they have a limit of their own.
    pub output_tokens: Option<Window>,
    /// Tokens of both kinds together.
    pub tokens: Option<Window>,
}

/// One limit; what the endpoint did not tell is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// How many there are in a window.
    pub limit: Option<u64>,
    /// How many are left in this one.
    pub remaining: Option<u64>,
    /// When they are back.
    pub reset: Option<Reset>,
}

/// When a limit is full again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reset {
    /// This long after the reply, at most [`WAIT_MAX`].
    After(Duration),
    /// At this time since the Unix epoch by the endpoint's clock: its reply had no `Date` to
    /// measure it against.
    At(Duration),
}

impl Reset {
    /// How long that is from `now`; nothing where it is over, at most [`WAIT_MAX`].
    pub fn wait_from(self, now: SystemTime) -> Duration {
        match self {
            Self::After(wait) => wait,
            Self::At(moment) => {
                let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
                moment.saturating_sub(now).min(WAIT_MAX)
            }
        }
    }
}

/// Reads the limits in a reply's headers; all `None` where the endpoint tells nothing.
pub fn rate_headers(dialect: &Dialect, headers: &[(String, String)]) -> RateHeaders {
    match dialect.protocol {
        Protocol::AnthropicMessages => {
            let window = |what| {
                let value = |part| find(headers, &format!("anthropic-ratelimit-{what}-{part}"));
                read_window(headers, value)
            };
            RateHeaders {
                requests: window("requests"),
                input_tokens: window("input-tokens"),
                output_tokens: window("output-tokens"),
                tokens: window("tokens"),
            }
        }
        Protocol::OpenAiChat => {
            let window = |what: &str| {
                read_window(headers, |part| find(headers, &format!("x-ratelimit-{part}{what}")))
            };
            RateHeaders {
                // OpenRouter counts requests and does not say so.
                requests: window("-requests").or_else(|| window("")),
                input_tokens: window("-tokens-prompt"), // Fireworks
                output_tokens: window("-tokens-generated"),
                tokens: window("-tokens").or_else(|| window("-project-tokens")),
            }
        }
    }
}

/// A limit of nothing or less is how Azure says that it does not know: then neither does it know
/// the rest.
fn read_window<'a>(
    headers: &[(String, String)],
    value: impl Fn(&'static str) -> Option<&'a str>,
) -> Option<Window> {
    let limit = value("limit").and_then(|limit| limit.parse::<i64>().ok());
    if limit.is_some_and(|limit| limit <= 0) {
        return None;
    }
    let window = Window {
        limit: limit.and_then(|limit| u64::try_from(limit).ok()),
        remaining: value("remaining").and_then(|remaining| remaining.parse().ok()),
        reset: value("reset").and_then(|reset| read_reset(reset, headers)),
    };
    (window != Window::default()).then_some(window)
}

/// Vendors write a moment (RFC 3339, epoch seconds or milliseconds) or a wait (seconds, or like
/// `6m0s`); its shape tells which.
fn read_reset(value: &str, headers: &[(String, String)]) -> Option<Reset> {
    let moment = match value.parse::<f64>() {
        Ok(number) if number > EPOCH_MILLISECONDS_FROM => seconds(number / 1000.0)?,
        Ok(number) if number > EPOCH_SECONDS_FROM => seconds(number)?,
        Ok(0.0) => return Some(Reset::After(Duration::ZERO)),
        Ok(_) => return wait(value, 1.0).map(Reset::After),
        Err(_) => match parse_rfc3339(value) {
            Some(moment) => moment,
            None => return read_units(value).map(Reset::After),
        },
    };
    Some(wait_until(moment, headers).map_or(Reset::At(moment), Reset::After))
}

/// Larger numbers are milliseconds since the epoch (from 2001 on).
const EPOCH_MILLISECONDS_FROM: f64 = 1e12;
/// Larger numbers are seconds since the epoch (from 2001 on): nobody waits thirty years.
const EPOCH_SECONDS_FROM: f64 = 1e9;

/// Units and their seconds; those that begin like another one stand before it.
const UNITS: [(&str, f64); 7] = [
    ("ns", 1e-9),
    ("us", 1e-6),
    ("µs", 1e-6),
    ("ms", 1e-3),
    ("s", 1.0),
    ("m", 60.0),
    ("h", 3600.0),
];

/// A wait as Go writes it: `12ms`, `8.64s`, `6m0s`, `1h2m3s`.
fn read_units(value: &str) -> Option<Duration> {
    let mut rest = value;
    let mut total = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..end].parse().ok()?;
        let (unit, unit_seconds) = UNITS.iter().find(|(unit, _)| rest[end..].starts_with(unit))?;
        total += number * unit_seconds;
        rest = &rest[end + unit.len()..];
    }
    (!value.is_empty()).then_some(())?;
    seconds(total).map(|wait| wait.min(WAIT_MAX))
}

fn seconds(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok()
}
