//! The two ways in which headers write a moment: HTTP-date and RFC 3339.

use std::time::Duration;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, 5.6.7: the one form that senders may still write) as
/// time since the Unix epoch.
pub(crate) fn parse_http_date(text: &str) -> Option<Duration> {
    let mut words = text.split_once(',')?.1.split_ascii_whitespace();
    let day = words.next()?.parse().ok()?;
    let month_name = words.next()?;
    let month = MONTHS.iter().position(|month| month.eq_ignore_ascii_case(month_name))?;
    let year = words.next()?.parse().ok()?;
    let seconds = clock_seconds(words.next()?)?;
    (words.next()? == "GMT").then_some(())?;
    since_epoch(days_since_epoch(year, u8::try_from(month).ok()? + 1, day)?, seconds)
}

/// `2025-08-21T12:40:59Z` (RFC 3339), with a fraction or an offset, as time since the Unix epoch.
pub(crate) fn parse_rfc3339(text: &str) -> Option<Duration> {
    let (date, clock) = text.split_once(['T', 't', ' '])?;
    let mut numbers = date.splitn(3, '-');
    let year = numbers.next()?.parse().ok()?;
    let month = numbers.next()?.parse().ok()?;
    let day = numbers.next()?.parse().ok()?;
    let (clock, offset) = split_offset(clock)?;
    since_epoch(days_since_epoch(year, month, day)?, clock_seconds(clock)? - offset)
}

/// The clock part and the seconds that it runs ahead of UTC.
fn split_offset(clock: &str) -> Option<(&str, f64)> {
    if let Some(utc) = clock.strip_suffix(['Z', 'z']) {
        return Some((utc, 0.0));
    }
    let place = clock.rfind(['+', '-'])?;
    let ahead = clock_seconds(&format!("{}:00", &clock[place + 1..]))?;
    let sign = if clock[place..].starts_with('-') { -1.0 } else { 1.0 };
    Some((&clock[..place], sign * ahead))
}

/// Seconds since midnight of `hh:mm:ss`, with a fraction.
fn clock_seconds(text: &str) -> Option<f64> {
    let mut parts = text.splitn(3, ':');
    let hours: u8 = parts.next()?.parse().ok()?;
    let minutes: u8 = parts.next()?.parse().ok()?;
    let seconds: f64 = parts.next()?.parse().ok()?;
    let valid = hours < 24 && minutes < 60 && (0.0..61.0).contains(&seconds);
    valid.then(|| f64::from(hours) * 3600.0 + f64::from(minutes) * 60.0 + seconds)
}

/// Days of the Gregorian calendar from 1970-01-01: whole years, then whole months, then days.
fn days_since_epoch(year: u16, month: u8, day: u8) -> Option<f64> {
    const BEFORE_MONTH: [u16; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let before = BEFORE_MONTH.get(usize::from(month).checked_sub(1)?)?;
    ((1970..=9999).contains(&year) && (1..=31).contains(&day)).then_some(())?;
    let leap_year =
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let leap_days = |years: u32| years / 4 - years / 100 + years / 400;
    let years = u32::from(year) - 1;
    let whole_years = (years - 1969) * 365 + leap_days(years) - leap_days(1969);
    let leap_day = u32::from(leap_year && month > 2);
    Some(f64::from(whole_years + u32::from(*before) + leap_day + u32::from(day) - 1))
}

fn since_epoch(days: f64, seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(days * 86_400.0 + seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected seconds are from `date -u -d … +%s`.
    #[test]
    fn both_forms_name_the_same_moments() {
        for (http, rfc3339, seconds) in [
            ("Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01T00:00:00Z", 0),
            ("Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37+00:00", 784_111_777),
            ("Tue, 29 Feb 2000 23:59:59 GMT", "2000-03-01T01:59:59+02:00", 951_868_799),
            ("Sat, 21 Nov 2026 00:00:00 GMT", "2026-11-20T19:00:00-05:00", 1_795_219_200),
            ("Mon, 01 Mar 2100 00:00:00 GMT", "2100-03-01t00:00:00z", 4_107_542_400),
        ] {
            let expected = Some(Duration::from_secs(seconds));
            assert_eq!(parse_http_date(http), expected, "{http}");
            assert_eq!(parse_rfc3339(rfc3339), expected, "{rfc3339}");
        }
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for text in
            ["", "5", "soon", "Sun, 06 Nov 1994 25:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT"]
        {
            assert_eq!(parse_http_date(text), None, "{text}");
        }
        for text in ["", "2025-08-21", "2025-13-21T12:40:59Z", "2025-08-21T12:40:59", "T:::Z"] {
            assert_eq!(parse_rfc3339(text), None, "{text}");
        }
    }
}
