//! When something is due: a cron expression, read off the wall clock of a time zone.
//!
//! Every wall-clock time that the expression names is due exactly once, whatever daylight saving does:
//!
//! - A time that **the clocks skip** is due at the moment at which they jump. Where 02:00 becomes
//!   03:00, 02:30 is due when it becomes 03:00. However many times are skipped, and if 03:00 itself is
//!   named as well, that is one due time.
//! - A time that **the clocks show twice** is due the first time. What is named every ten minutes
//!   therefore rests for the hour that is repeated; in a zone without daylight saving, `UTC` for one,
//!   it never does.
//!
//! Which times an expression names is `croner`'s matter, on civil times that know no zone. When the
//! wall clock shows them is decided here, with the time-zone database that is compiled in: a container
//! need not have one, and two coordinators of one build never disagree.

mod expression;

use std::fmt;

use croner::Cron;
use jiff::civil::{DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan, Zoned};

/// A cron expression in a time zone. Two are equal that are written alike.
#[derive(Clone)]
pub struct Timetable {
    expression: String,
    zone_name: String,
    cron: Cron,
    zone: TimeZone,
}

/// Why something is no timetable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimetableError {
    /// The expression cannot be read, or names no time at all.
    #[error("{0}")]
    Cron(String),
    /// There is no such zone.
    #[error(
        "`{0}` is no time zone; write a name of the IANA database, such as \"Europe/Zurich\", \
         \"America/New_York\" or \"UTC\""
    )]
    Zone(String),
}

impl Timetable {
    /// Reads an expression of five fields (minute, hour, day of the month, month, day of the week) or
    /// one of `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`, and the name of a zone.
    ///
    /// Fields have numbers, `*`, ranges, lists, and steps over `*` or a range; months and days of the
    /// week may be English names of three letters, and 0 and 7 are both Sunday. `L` is the last day of
    /// the month, `15W` the working day nearest to the 15th, `FRI#2` the second Friday, `5L` the last
    /// one. Where both days are restricted, one of them is enough.
    ///
    /// # Errors
    /// What cannot be read, or names no day that ever comes, such as 30 February.
    pub fn new(expression: &str, zone: &str) -> Result<Self, TimetableError> {
        let expression = expression.split_whitespace().collect::<Vec<_>>().join(" ");
        let cron = expression::read(&expression).map_err(TimetableError::Cron)?;
        let zone = find_zone(zone)?;
        let zone_name = zone.iana_name().unwrap_or("UTC").to_owned();
        Ok(Self { expression, zone_name, cron, zone })
    }

    /// The expression, with single spaces.
    pub fn expression(&self) -> &str {
        &self.expression
    }

    /// The zone's name as the database spells it.
    pub fn zone_name(&self) -> &str {
        &self.zone_name
    }

    /// The first due time after a moment. `None` where there is none in the next thousands of years.
    pub fn next_after(&self, moment: Timestamp) -> Option<Timestamp> {
        // No time up to the one on the wall is due later than `moment`: due times never decrease
        // along the wall clock, and this one is not due later than it is shown.
        let mut shown = self.zone.to_datetime(moment);
        loop {
            shown = self.cron.find_next_occurrence(&shown, false).ok()?;
            let due = self.first_moment_of(shown)?;
            if due > moment {
                return Some(due);
            }
        }
    }

    /// All due times after a moment, in order.
    pub fn upcoming(&self, after: Timestamp) -> impl Iterator<Item = Timestamp> + '_ {
        std::iter::successors(self.next_after(after), |due| self.next_after(*due))
    }

    /// The first moment after another at which the wall clock shows a time of the day, or jumps over
    /// it.
    pub fn next_clock_time(&self, after: Timestamp, time: Time) -> Option<Timestamp> {
        let mut day = self.zone.to_datetime(after).date();
        loop {
            let moment = self.first_moment_of(day.to_datetime(time))?;
            if moment > after {
                return Some(moment);
            }
            day = day.checked_add(1.day()).ok()?;
        }
    }

    /// What the expression means, in English, with the zone; the expression itself where the library
    /// has no true words for it.
    pub fn describe(&self) -> String {
        if !expression::has_true_words(&self.expression) {
            return format!("cron {}, {}", self.expression, self.zone_name);
        }
        let said = self.cron.describe();
        format!("{}, {}", said.trim_end_matches('.'), self.zone_name)
    }

    /// A moment as people in the zone read it, with its offset: `Sun 2026-03-29 03:00 +02:00`.
    pub fn show(&self, moment: Timestamp) -> String {
        let zoned: Zoned = moment.to_zoned(self.zone.clone());
        zoned.strftime("%a %Y-%m-%d %H:%M %:z").to_string()
    }

    /// The first moment at which the wall clock shows a time; where it jumps over it, the jump.
    fn first_moment_of(&self, shown: DateTime) -> Option<Timestamp> {
        match self.zone.to_ambiguous_timestamp(shown).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(shown).ok(),
            AmbiguousOffset::Fold { before, .. } => before.to_timestamp(shown).ok(),
            AmbiguousOffset::Gap { after, .. } => {
                // By the later offset a skipped time lies before the jump, by less than its length.
                let before_the_jump = after.to_timestamp(shown).ok()?;
                self.zone.following(before_the_jump).next().map(|jump| jump.timestamp())
            }
        }
    }
}

/// From the database that is compiled in, and never from the machine's.
fn find_zone(name: &str) -> Result<TimeZone, TimetableError> {
    let zone = TimeZoneDatabase::bundled().get(name);
    let unknown = || TimetableError::Zone(name.to_owned());
    zone.ok().filter(|zone| !zone.is_unknown()).ok_or_else(unknown)
}

impl PartialEq for Timetable {
    fn eq(&self, other: &Self) -> bool {
        self.expression == other.expression && self.zone_name == other.zone_name
    }
}

impl Eq for Timetable {}

impl fmt::Debug for Timetable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timetable({} {})", self.expression, self.zone_name)
    }
}
