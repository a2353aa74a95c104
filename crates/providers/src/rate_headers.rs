//! What a reply says about the account's limits.

use std::time::{Duration, SystemTime};

use crate::Dialect;
use crate::headers::find;
use crate::quirks::quirks;
use crate::retry_after::{WAIT_MAX, wait, wait_until};
use crate::timestamp::parse_rfc3339;
use crate::wait_units::parse_units;

/// The limits that one reply told of.
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
    /// The window is a day; otherwise it is a minute.
    pub per_day: bool,
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

/// Names under which the four limits go, in each vendor's family: what stands before `limit`,
/// `remaining` or `reset`, and what stands behind it. The first that tells anything holds.
type Names = &'static [(&'static str, &'static str)];

const REQUESTS: Names = &[
    ("anthropic-ratelimit-requests-", ""),
    ("x-ratelimit-", "-requests"),
    ("x-ratelimit-", "-req-minute"), // Mistral
];
const INPUT_TOKENS: Names =
    &[("anthropic-ratelimit-input-tokens-", ""), ("x-ratelimit-", "-tokens-prompt")];
const OUTPUT_TOKENS: Names =
    &[("anthropic-ratelimit-output-tokens-", ""), ("x-ratelimit-", "-tokens-generated")];
const TOKENS: Names = &[
    ("anthropic-ratelimit-tokens-", ""),
    ("x-ratelimit-", "-tokens"),
    ("x-ratelimit-", "-tokens-minute"), // Mistral
    ("x-ratelimit-", "-tokens_usage_based"),
    ("x-ratelimit-", "-project-tokens"),
];
/// OpenRouter and Together count requests and do not say so.
const PLAIN_REQUESTS: Names = &[("x-ratelimit-", "")];
const PLAIN_TOKENS: Names = &[("x-tokenlimit-", "")]; // Together

/// What LiteLLM puts before the names of headers that a provider behind it sent.
const PASSED_ON: &str = "llm_provider-";

/// Reads the limits in a reply's headers, in any vendor's words: gateways pass them on. All `None`
/// where the endpoint tells nothing.
pub fn rate_headers(dialect: &Dialect, headers: &[(String, String)]) -> RateHeaders {
    let quirks = quirks(dialect.flavour);
    let named = |names| read_any(headers, names);
    let plain = |names| Some(named(names)?.by_the_minute(quirks.plain_windows_per_minute));
    let by_the_day =
        |window: Window| Window { per_day: window.per_day || quirks.requests_per_day, ..window };
    RateHeaders {
        requests: named(REQUESTS).or_else(|| plain(PLAIN_REQUESTS)).map(by_the_day),
        input_tokens: named(INPUT_TOKENS),
        output_tokens: named(OUTPUT_TOKENS),
        tokens: named(TOKENS).or_else(|| plain(PLAIN_TOKENS)),
    }
}

fn read_any(headers: &[(String, String)], names: Names) -> Option<Window> {
    ["", PASSED_ON].iter().find_map(|from| {
        names.iter().find_map(|(before, behind)| {
            let value = |part| find(headers, &format!("{from}{before}{part}{behind}"));
            read_window(headers, value)
        })
    })
}

impl Window {
    /// The same of a limit whose window is this part of a minute. What is left of a second says
    /// nothing about a minute.
    fn by_the_minute(self, windows_per_minute: u64) -> Self {
        if windows_per_minute == 1 {
            return self;
        }
        let limit = self.limit.map(|limit| limit.saturating_mul(windows_per_minute));
        Self { limit, remaining: None, reset: None, ..self }
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
    let reset = value("reset").and_then(|reset| read_reset(reset, headers));
    let window = Window {
        limit: limit.and_then(|limit| u64::try_from(limit).ok()),
        remaining: value("remaining").and_then(|remaining| remaining.parse().ok()),
        reset,
        per_day: matches!(reset, Some(Reset::After(wait)) if wait > LONGEST_OF_A_MINUTE),
    };
    (window != Window::default()).then_some(window)
}

/// No limit of a minute is full again only after so long: with buckets that refill slowly it has
/// been seen to take six minutes.
const LONGEST_OF_A_MINUTE: Duration = Duration::from_secs(3600);

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
            None => return parse_units(value).map(Reset::After),
        },
    };
    Some(wait_until(moment, headers).map_or(Reset::At(moment), Reset::After))
}

/// Larger numbers are milliseconds since the epoch (from 2001 on).
const EPOCH_MILLISECONDS_FROM: f64 = 1e12;
/// Larger numbers are seconds since the epoch (from 2001 on): nobody waits thirty years.
const EPOCH_SECONDS_FROM: f64 = 1e9;

fn seconds(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok()
}
