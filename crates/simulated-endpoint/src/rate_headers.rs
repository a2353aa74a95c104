//! The headers in which each vendor tells a caller where it stands with its limits.

use std::time::Duration;

use crate::limit::{Quantity, RetryAfter};
use crate::limiter::{Level, Standing};
use crate::protocol::{Header, Protocol};
use crate::timestamp;

/// The names of limit, remaining and reset.
type Names = [&'static str; 3];

/// Of each quantity for which the vendor has headers. `unix_now` is the time since 1970.
pub(crate) fn write_levels(
    protocol: Protocol,
    standing: &Standing,
    unix_now: Duration,
) -> Vec<Header> {
    let mut headers = Vec::new();
    for (quantity, level) in Quantity::ALL.into_iter().zip(standing.levels) {
        if let (Some(names), Some(level)) = (names(protocol, quantity), level) {
            headers.extend(names.into_iter().zip(write_level(protocol, level, unix_now)));
        }
    }
    headers
}

/// When to come back.
pub(crate) fn write_wait(wait: Duration, how: RetryAfter) -> Option<Header> {
    let whole = |unit: Duration| wait.as_nanos().div_ceil(unit.as_nanos()).max(1).to_string();
    match how {
        RetryAfter::None => None,
        RetryAfter::Seconds => Some(("retry-after", whole(Duration::from_secs(1)))),
        RetryAfter::Milliseconds => Some(("retry-after-ms", whole(Duration::from_millis(1)))),
    }
}

fn names(protocol: Protocol, quantity: Quantity) -> Option<Names> {
    match protocol {
        Protocol::Anthropic => Some(anthropic_names(quantity)),
        Protocol::OpenAi | Protocol::Responses => openai_names(quantity),
    }
}

fn anthropic_names(quantity: Quantity) -> Names {
    match quantity {
        Quantity::Requests => [
            "anthropic-ratelimit-requests-limit",
            "anthropic-ratelimit-requests-remaining",
            "anthropic-ratelimit-requests-reset",
        ],
        Quantity::InputTokens => [
            "anthropic-ratelimit-input-tokens-limit",
            "anthropic-ratelimit-input-tokens-remaining",
            "anthropic-ratelimit-input-tokens-reset",
        ],
        Quantity::OutputTokens => [
            "anthropic-ratelimit-output-tokens-limit",
            "anthropic-ratelimit-output-tokens-remaining",
            "anthropic-ratelimit-output-tokens-reset",
        ],
        Quantity::Tokens => [
            "anthropic-ratelimit-tokens-limit",
            "anthropic-ratelimit-tokens-remaining",
            "anthropic-ratelimit-tokens-reset",
        ],
    }
}

/// This vendor has no words for input and output apart.
fn openai_names(quantity: Quantity) -> Option<Names> {
    match quantity {
        Quantity::Requests => Some([
            "x-ratelimit-limit-requests",
            "x-ratelimit-remaining-requests",
            "x-ratelimit-reset-requests",
        ]),
        Quantity::Tokens => Some([
            "x-ratelimit-limit-tokens",
            "x-ratelimit-remaining-tokens",
            "x-ratelimit-reset-tokens",
        ]),
        Quantity::InputTokens | Quantity::OutputTokens => None,
    }
}

/// A reset is a time of day, in whole seconds and rather too late than too early, or a duration.
fn write_level(protocol: Protocol, level: Level, unix_now: Duration) -> [String; 3] {
    let reset = match protocol {
        Protocol::Anthropic => {
            timestamp::write_rfc3339(timestamp::round_up(unix_now + level.reset_after))
        }
        Protocol::OpenAi | Protocol::Responses => write_duration(level.reset_after),
    };
    [level.limit.to_string(), level.remaining.to_string(), reset]
}

/// The vendor's notation of a duration: `12ms`, `8.64s`, `6m0s`.
fn write_duration(duration: Duration) -> String {
    let millis = duration.as_nanos().div_ceil(1_000_000);
    let (minutes, rest) = (millis / 60_000, millis % 60_000);
    let (seconds, fraction) = (rest / 1_000, rest % 1_000);
    if millis < 1_000 {
        return format!("{millis}ms");
    }
    let fraction = format!(".{fraction:03}");
    let seconds = format!("{seconds}{}s", fraction.trim_end_matches(['0']).trim_end_matches('.'));
    if minutes == 0 { seconds } else { format!("{minutes}m{seconds}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_in_the_vendors_notation() {
        for (nanos, text) in [
            (0, "0ms"),
            (11_000_001, "12ms"),
            (1_000_000_000, "1s"),
            (8_640_000_000, "8.64s"),
            (20_000_000_000, "20s"),
            (60_000_000_000, "1m0s"),
            (360_500_000_000, "6m0.5s"),
        ] {
            assert_eq!(write_duration(Duration::from_nanos(nanos)), text);
        }
    }

    #[test]
    fn a_wait_is_never_told_too_short() {
        for (nanos, seconds, millis) in [
            (1, "1", "1"),
            (1_000_000, "1", "1"),
            (1_000_001, "1", "2"),
            (1_200_000_000, "2", "1200"),
            (2_000_000_000, "2", "2000"),
        ] {
            let wait = Duration::from_nanos(nanos);
            let told = |how| write_wait(wait, how).map(|(_, value)| value);
            assert_eq!(told(RetryAfter::Seconds).as_deref(), Some(seconds));
            assert_eq!(told(RetryAfter::Milliseconds).as_deref(), Some(millis));
            assert_eq!(told(RetryAfter::None), None);
        }
    }
}
