//! The time of day, for the one header that needs it.

use std::time::Duration;

/// Whole seconds since 1970, rather too late than too early.
pub(crate) fn round_up(unix: Duration) -> u64 {
    unix.as_secs() + u64::from(unix.subsec_nanos() > 0)
}

/// Writes seconds since 1970 as RFC 3339 in UTC, for example `2026-11-21T02:10:00Z`.
pub(crate) fn write_rfc3339(unix_seconds: u64) -> String {
    let (days, second) = (unix_seconds / 86_400, unix_seconds % 86_400);
    let (year, month, day) = read_day(days);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Counts years and months off, which is fast enough for a few decades.
fn read_day(mut days: u64) -> (u64, u64, u64) {
    let mut year = 1970;
    while days >= days_of_year(year) {
        days -= days_of_year(year);
        year += 1;
    }
    let mut month = 1;
    while days >= days_of_month(year, month) {
        days -= days_of_month(year, month);
        month += 1;
    }
    (year, month, days + 1)
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days_of_year(year: u64) -> u64 {
    365 + u64::from(is_leap(year))
}

fn days_of_month(year: u64, month: u64) -> u64 {
    match month {
        2 => 28 + u64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_are_right_around_leap_days() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_251_200, "2024-03-01T00:00:00Z"),
            (1_767_225_599, "2025-12-31T23:59:59Z"),
        ] {
            assert_eq!(write_rfc3339(seconds), text);
        }
    }

    #[test]
    fn a_part_of_a_second_counts() {
        assert_eq!(round_up(Duration::from_millis(1_001)), 2);
        assert_eq!(round_up(Duration::from_secs(1)), 1);
    }
}
