//! How long an endpoint asks to wait.

use std::time::Duration;

use serde_json::Value;

use crate::error_body::ErrorBody;
use crate::headers::find;
use crate::timestamp::parse_http_date;
use crate::wait_units::parse_units;

/// The longest wait that an endpoint can ask for; a longer one is a mistake, or a matter for
/// people.
pub const WAIT_MAX: Duration = Duration::from_secs(24 * 3600);

/// Headers that ask for a wait, and the seconds of their unit; the first that makes sense holds.
/// Milliseconds win over seconds, as in the vendors' own clients. The prefixed ones are what LiteLLM
/// was told by the provider behind it.
const HEADERS: [(&str, f64); 5] = [
    ("retry-after-ms", 1e-3),
    ("retry-after", 1.0),
    ("x-amz-retry-after", 1e-3), // Bedrock
    ("llm_provider-retry-after-ms", 1e-3),
    ("llm_provider-retry-after", 1.0),
];

/// The wait, counted from the reply; `None` where none is asked for, or none that makes sense.
///
/// A date is measured against the reply's own `Date`, so that no clock of ours comes in. What stands
/// in the error itself holds where no header says anything.
pub(crate) fn retry_after(
    headers: &[(String, String)],
    error: Option<&ErrorBody>,
) -> Option<Duration> {
    let told = HEADERS.iter().find_map(|(name, unit_seconds)| {
        let value = find(headers, name)?;
        let until = || wait_until(parse_http_date(value)?, headers).filter(|wait| !wait.is_zero());
        wait(value, *unit_seconds).or_else(until)
    });
    told.or_else(|| error?.wait)
}

/// What an error asks for in its body: Google's `retryDelay` among its details, or the words of
/// OpenAI, Groq and Azure.
pub(crate) fn told_in(error: &Value, message: Option<&str>) -> Option<Duration> {
    let details = error.get("details").and_then(Value::as_array).into_iter().flatten();
    let delays = details.filter_map(|detail| detail.get("retryDelay")?.as_str());
    let told = delays.filter_map(parse_units).max();
    told.or_else(|| in_words(message?))
        .map(|wait| wait.min(WAIT_MAX))
        .filter(|wait| !wait.is_zero())
}

/// How vendors begin to say it.
const ASKS: [&str; 4] = ["try again in ", "retry after ", "retry in ", "wait for "];

/// `Please try again in 5.289s.`, `… in 6m0s`, `… in 20 seconds`.
fn in_words(message: &str) -> Option<Duration> {
    let message = message.to_ascii_lowercase();
    let (_, after) = ASKS.iter().find_map(|ask| message.split_once(ask))?;
    let mut words = after.split_ascii_whitespace();
    let first = words.next()?.trim_end_matches(['.', ',', ';', ':', ')']);
    parse_units(first).or_else(|| {
        let unit = words.next()?;
        let seconds = if unit.starts_with("millisecond") {
            1e-3
        } else if unit.starts_with("sec") {
            1.0
        } else if unit.starts_with("min") {
            60.0
        } else {
            return None;
        };
        wait(first, seconds)
    })
}

/// A number of units of `unit_seconds` each. Nothing, less than nothing and NaN are no wait.
pub(crate) fn wait(value: &str, unit_seconds: f64) -> Option<Duration> {
    let seconds = value.parse::<f64>().ok()? * unit_seconds;
    let bounded = seconds.min(WAIT_MAX.as_secs_f64());
    Duration::try_from_secs_f64(bounded).ok().filter(|wait| !seconds.is_nan() && !wait.is_zero())
}

/// The wait from the reply's `Date` to a moment, zero if that is over; `None` without a `Date`.
pub(crate) fn wait_until(moment: Duration, headers: &[(String, String)]) -> Option<Duration> {
    let now = parse_http_date(find(headers, "date")?)?;
    Some(moment.saturating_sub(now).min(WAIT_MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_wait_is_positive_and_bounded_whatever_is_asked(value in "\\PC*|-?[0-9]{0,400}(\\.[0-9]+)?|nan|inf") {
            let headers = [("Retry-After".to_owned(), value)];
            let wait = retry_after(&headers, None);
            prop_assert!(wait.is_none_or(|wait| !wait.is_zero() && wait <= WAIT_MAX));
        }
    }
}
