//! How long an endpoint asks to wait.

use std::time::Duration;

use crate::headers::find;
use crate::timestamp::parse_http_date;

/// The longest wait that an endpoint can ask for; a longer one is a mistake, or a matter for
/// people.
pub const WAIT_MAX: Duration = Duration::from_secs(24 * 3600);

/// The wait, counted from the reply; `None` where none is asked for, or none that makes sense.
///
/// Milliseconds win over seconds, as in the vendors' own clients. A date is measured against the
/// reply's own `Date`, so that no clock of ours comes in.
pub(crate) fn retry_after(headers: &[(String, String)]) -> Option<Duration> {
    let milliseconds = find(headers, "retry-after-ms").and_then(|value| wait(value, 1e-3));
    milliseconds.or_else(|| {
        let value = find(headers, "retry-after")?;
        let until = || wait_until(parse_http_date(value)?, headers).filter(|wait| !wait.is_zero());
        wait(value, 1.0).or_else(until)
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
            let wait = retry_after(&headers);
            prop_assert!(wait.is_none_or(|wait| !wait.is_zero() && wait <= WAIT_MAX));
        }
    }
}
