//! How long something may take or last, as people write it: `30m`, `4h`, `1h30m`, `30d`.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Span, SpanRelativeTo};
use serde::{Deserialize, Serialize};

/// A time of at least a minute and at most a year, in whole seconds. A day is 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Length(SignedDuration);

/// The units in which it is written, the longest first, in seconds.
const UNITS: [(i64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")];

impl Length {
    /// Whoever drives the schedules may be late by seconds.
    pub const MIN: Self = Self(SignedDuration::from_secs(60));
    /// Longer ones are slips.
    pub const MAX: Self = Self(SignedDuration::from_secs(366 * 86_400));
    /// The start window of a schedule that names none.
    pub const HALF_AN_HOUR: Self = Self(SignedDuration::from_secs(1_800));

    /// It, to be added to a moment.
    pub fn duration(self) -> SignedDuration {
        self.0
    }
}

impl FromStr for Length {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        let span = written.trim().parse::<Span>().ok();
        let days = SpanRelativeTo::days_are_24_hours();
        let length = span.and_then(|span| span.to_duration(days).ok()).map(Self);
        let length = length.filter(|length| length.0.subsec_nanos() == 0).ok_or_else(|| {
            format!("`{written}` is no length of time; write it as \"30m\", \"4h\", \"1h30m\" or \"30d\"")
        })?;
        if length < Self::MIN || length > Self::MAX {
            return Err(format!("`{written}` is not from {} to {}", Self::MIN, Self::MAX));
        }
        Ok(length)
    }
}

impl TryFrom<String> for Length {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        written.parse()
    }
}

impl From<Length> for String {
    fn from(length: Length) -> Self {
        length.to_string()
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut left = self.0.as_secs();
        for (seconds, unit) in UNITS {
            if left >= seconds {
                write!(f, "{}{unit}", left / seconds)?;
                left %= seconds;
            }
        }
        Ok(())
    }
}
