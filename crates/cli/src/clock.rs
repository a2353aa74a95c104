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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_gone_by_are_short() {
        assert_eq!(ago(0, 7_000), "7s ago");
        assert_eq!(ago(0, 3 * 24 * 3600 * 1000), "3d ago");
        assert_eq!(ago(9_000, 7_000), "0s ago");
    }
}
