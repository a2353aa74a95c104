//! When a timetable is due: against a brute force in another language, and what must always hold.

mod laws;

use iago_nightly::{Timetable, TimetableError};
use jiff::civil::time;
use jiff::{SignedDuration, Timestamp};

#[test]
fn due_times_are_those_that_counting_every_minute_finds() {
    let golden = include_str!("due_times.txt");
    let checked = golden.lines().map(check_golden).count();
    assert!(checked > 100, "{checked} lines are too few to be the file");
}

/// One line: zone, expression, first day, and the due times in UTC within five days of it.
fn check_golden(line: &str) {
    let parts: Vec<_> = line.split(" | ").map(str::trim).collect();
    let [zone, expression, begin, listed] = parts.try_into().expect("four parts");
    let begin = at(&format!("{begin}T00:00Z"));
    let end = begin + SignedDuration::from_hours(5 * 24);
    let before = begin - SignedDuration::from_secs(1);
    let timetable = due(expression, zone);
    let found: Vec<_> = timetable.upcoming(before).take_while(|due| *due < end).collect();
    let expected: Vec<_> = listed.split_whitespace().map(at).collect();
    assert_eq!(found, expected, "{zone} {expression}");
}

#[test]
fn a_time_that_the_clocks_skip_is_due_when_they_jump() {
    let shown = |zone, after| {
        let timetable = due("30 2 * * *", zone);
        timetable.show(timetable.next_after(at(after)).unwrap())
    };
    assert_eq!(shown("Europe/Zurich", "2026-03-28T12:00Z"), "Sun 2026-03-29 03:00 +02:00");
    assert_eq!(shown("America/New_York", "2026-03-07T12:00Z"), "Sun 2026-03-08 03:00 -04:00");
    // Half an hour is skipped there, from 02:00 to 02:30.
    let lord_howe = due("10 2 * * *", "Australia/Lord_Howe");
    let next = lord_howe.next_after(at("2026-10-03T00:00Z")).unwrap();
    assert_eq!(lord_howe.show(next), "Sun 2026-10-04 02:30 +11:00");
}

#[test]
fn however_many_times_are_skipped_there_is_one_due_time() {
    let timetable = due("*/10 2,3 * * *", "Europe/Zurich");
    let next: Vec<_> = timetable.upcoming(at("2026-03-29T00:59Z")).take(2).collect();
    assert_eq!(next, [at("2026-03-29T01:00Z"), at("2026-03-29T01:10Z")]);
}

#[test]
fn a_time_that_the_clocks_show_twice_is_due_the_first_time() {
    let timetable = due("30 2 * * *", "Europe/Zurich");
    let next: Vec<_> = timetable.upcoming(at("2026-10-24T12:00Z")).take(2).collect();
    assert_eq!(timetable.show(next[0]), "Sun 2026-10-25 02:30 +02:00");
    assert_eq!(timetable.show(next[1]), "Mon 2026-10-26 02:30 +01:00");
    // Asked between the two: the second is none.
    assert_eq!(timetable.next_after(at("2026-10-25T01:00Z")), Some(next[1]));
}

#[test]
fn a_day_that_a_zone_skips_is_due_at_its_end() {
    let apia = due("0 2 30 12 *", "Pacific/Apia");
    let next = apia.next_after(at("2011-12-01T00:00Z")).unwrap();
    assert_eq!(apia.show(next), "Sat 2011-12-31 00:00 +14:00");
}

#[test]
fn the_clock_shows_a_time_within_a_day_or_jumps_over_it() {
    let zurich = due("@daily", "Europe/Zurich");
    let next = |after, hour, minute| {
        zurich.show(zurich.next_clock_time(at(after), time(hour, minute, 0, 0)).unwrap())
    };
    assert_eq!(next("2026-09-15T00:00Z", 6, 30), "Tue 2026-09-15 06:30 +02:00");
    assert_eq!(next("2026-09-15T04:30Z", 6, 30), "Wed 2026-09-16 06:30 +02:00");
    assert_eq!(next("2026-03-29T00:30Z", 2, 30), "Sun 2026-03-29 03:00 +02:00");
}

#[test]
fn expressions_mean_what_cron_means() {
    let first = |expression| due(expression, "UTC").next_after(at("2026-01-01T00:00Z")).unwrap();
    for (expression, expected) in [
        ("@hourly", "2026-01-01T01:00Z"),
        ("@daily", "2026-01-02T00:00Z"),
        ("@weekly", "2026-01-04T00:00Z"),
        ("@monthly", "2026-02-01T00:00Z"),
        ("@yearly", "2027-01-01T00:00Z"),
        ("0 2 * * MON-FRI", "2026-01-01T02:00Z"),
        ("0 2 * * sat,Sun", "2026-01-03T02:00Z"),
        ("0 2 * * 0", "2026-01-04T02:00Z"),
        ("0 2 * * 7", "2026-01-04T02:00Z"),
        ("0 2 * FEB-MAR *", "2026-02-01T02:00Z"),
        ("*/25 0 * * *", "2026-01-01T00:25Z"),
        ("10-50/20 * * * *", "2026-01-01T00:10Z"),
        ("0 2 L * *", "2026-01-31T02:00Z"),
        ("0 2 17W * *", "2026-01-16T02:00Z"),
        ("0 2 * * FRI#2", "2026-01-09T02:00Z"),
        ("0 2 * * 5L", "2026-01-30T02:00Z"),
        ("0 2 29 2 *", "2028-02-29T02:00Z"),
        ("0 2 10 * SAT", "2026-01-03T02:00Z"), // either of the two days is enough
    ] {
        assert_eq!(first(expression), at(expected), "{expression}");
    }
}

#[test]
fn what_is_no_expression_is_refused_with_its_field() {
    for (expression, word) in [
        ("", "0 fields"),
        ("0 2 * *", "4 fields"),
        ("0 0 2 * * *", "6 fields"),
        ("60 2 * * *", "no cron expression"),
        ("0 24 * * *", "no cron expression"),
        ("0 2 0 * *", "no cron expression"),
        ("*/0 2 * * *", "no cron expression"),
        ("1,,2 2 * * *", "comma"),
        ("SUNMON 2 * * *", "the minute"),
        ("0 2 * * 1SUN", "day of the week"),
        ("0 2 * * SUN5", "day of the week"),
        ("0 2 * * Sunday", "day of the week"),
        ("0 2 * MON *", "the month"),
        ("0 2 * * FRI-MON", "goes backwards"),
        ("0 22-2 * * *", "goes backwards"),
        ("0 2 ? * MON", "`?`"),
        ("0 2 * * +MON", "`+`"),
        ("0 2 30 2 *", "no day that ever comes"),
        ("@nightly", "@daily"),
        ("@reboot", "@daily"),
        ("0 2 * * \u{1f600}", "means nothing"),
    ] {
        let error = Timetable::new(expression, "UTC").unwrap_err();
        assert!(matches!(error, TimetableError::Cron(_)), "{expression}: {error:?}");
        assert!(error.to_string().contains(word), "{expression}: {error}");
    }
}

#[test]
fn a_zone_is_one_of_the_database_in_any_case() {
    assert_eq!(due("@daily", "europe/zurich").zone_name(), "Europe/Zurich");
    assert_eq!(due("@daily", "utc").zone_name(), "UTC");
    for zone in ["", "Mars/Olympus", "+02:00", "local", "Etc/Unknown", "CET-1CEST"] {
        let error = Timetable::new("@daily", zone).unwrap_err();
        assert_eq!(error, TimetableError::Zone(zone.to_owned()));
        assert!(error.to_string().contains("Europe/Zurich"), "{error}");
    }
}

#[test]
fn it_says_what_it_means() {
    let mondays = due("0  2\t* * MON", "Europe/Zurich");
    assert_eq!(mondays.describe(), "At 02:00, on Monday, Europe/Zurich");
    assert_eq!(mondays.expression(), "0 2 * * MON");
    assert_eq!(due("@daily", "UTC").describe(), "At 00:00, UTC");
    assert_eq!(due("*/20 1 * * *", "UTC").describe(), "At every 20 minutes, of hour 1, UTC");
}

#[test]
fn where_words_would_mislead_the_expression_stands() {
    for expression in ["*/45 * * * *", "*/10,5 2 * * *", "0 */5 * * *", "0 2 * JAN-MAR/2 *"] {
        let said = due(expression, "UTC").describe();
        assert_eq!(said, format!("cron {expression}, UTC"));
    }
}

fn due(expression: &str, zone: &str) -> Timetable {
    Timetable::new(expression, zone).expect(expression)
}

fn at(moment: &str) -> Timestamp {
    moment.parse().unwrap_or_else(|error| panic!("{moment}: {error}"))
}
