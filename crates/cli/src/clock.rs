//! The wall clock, read here alone: to record when a sweep was handed in, and to say how long ago.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "the shell reads the clock, to record and to show it"
)]
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// `3d ago`, `2h05m ago`; clocks that disagree give `0s ago`.
pub(crate) fn ago(then_ms: i64, now_ms: i64) -> String {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let past = Duration::from_millis(u64::try_from(now_ms - then_ms).unwrap_or(0));
    if past < 2 * DAY {
        return format!("{} ago", crate::watch::brief(past));
    }
    format!("{}d ago", past.as_secs() / DAY.as_secs())
}

/// The day of a moment, as in `2026-11-21`, in UTC.
pub(crate) fn day_of(ms: i64) -> String {
    const DAY_MS: i64 = 24 * 60 * 60 * 1000;
    /// Days from the first of March of the year 0 to 1970.
    const TO_1970: i64 = 719_468;
    const DAYS_OF_400_YEARS: i64 = 146_097;
    // Years that begin in March have their leap day at the end, so that days count up evenly.
    let days = ms.div_euclid(DAY_MS) + TO_1970;
    let (cycle, day) = (days.div_euclid(DAYS_OF_400_YEARS), days.rem_euclid(DAYS_OF_400_YEARS));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day_of_month = day - (153 * month + 2) / 5 + 1;
    let (month, later) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    format!("{:04}-{month:02}-{day_of_month:02}", 400 * cycle + year + later)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        let day = |days: i64| day_of(days * 24 * 3600 * 1000 + 1);
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(11_016), "2000-02-29");
        assert_eq!(day(11_017), "2000-03-01");
        assert_eq!(day(20_778), "2026-11-21");
        assert_eq!(day(20_818), "2026-12-31");
        assert_eq!(day(-1), "1969-12-31");
    }

    #[test]
    fn times_gone_by_are_short() {
        assert_eq!(ago(0, 7_000), "7s ago");
        assert_eq!(ago(0, 3 * 24 * 3600 * 1000), "3d ago");
        assert_eq!(ago(9_000, 7_000), "0s ago");
    }
}
