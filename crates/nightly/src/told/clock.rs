//! Moments as people in a zone read them.

use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp, Zoned};

/// A zone by its name, from the database that is compiled in; UTC where there is none of that name.
pub(super) struct Clock {
    zone: TimeZone,
}

impl Clock {
    pub(super) fn of(zone: Option<&str>) -> Self {
        let found = zone.and_then(|zone| TimeZoneDatabase::bundled().get(zone).ok());
        Self { zone: found.filter(|zone| !zone.is_unknown()).unwrap_or(TimeZone::UTC) }
    }

    pub(super) fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// `15 Sep 2026`.
    pub(super) fn day(&self, moment: Timestamp) -> String {
        self.at(moment).strftime("%-d %b %Y").to_string()
    }

    /// `15 Sep`, in six columns.
    pub(super) fn short_day(&self, moment: Timestamp) -> String {
        self.at(moment).strftime("%e %b").to_string()
    }

    /// `02:00`.
    pub(super) fn time(&self, moment: Timestamp) -> String {
        self.at(moment).strftime("%H:%M").to_string()
    }

    /// `15 Sep 2026 02:00 Europe/Zurich`.
    pub(super) fn moment(&self, moment: Timestamp) -> String {
        format!("{} {} {}", self.day(moment), self.time(moment), self.zone_name())
    }

    /// `15 Sep 2026, 02:00–02:41 Europe/Zurich`; where more than a day lies between, both in full.
    pub(super) fn span(&self, from: Timestamp, to: Timestamp) -> String {
        if to.duration_since(from) < SignedDuration::from_hours(24) {
            let (day, from, to) = (self.day(from), self.time(from), self.time(to));
            return format!("{day}, {from}–{to} {}", self.zone_name());
        }
        format!("{} {}, judged {}", self.day(from), self.time(from), self.moment(to))
    }

    fn at(&self, moment: Timestamp) -> Zoned {
        moment.to_zoned(self.zone.clone())
    }
}
