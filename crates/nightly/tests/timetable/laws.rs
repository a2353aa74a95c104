//! What holds of every timetable at every moment.

use iago_nightly::Timetable;
use jiff::tz::TimeZoneDatabase;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::{at, due};

const ZONES: [&str; 9] = [
    "Europe/Zurich",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Africa/Casablanca",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Asia/Kolkata",
    "UTC",
];

fn timetables() -> impl Strategy<Value = Timetable> {
    let minute = prop_oneof!["[0-5]?[0-9]", Just("*/15".to_owned()), Just("5,35".to_owned())];
    let hour = prop_oneof!["[0-9]|1[0-9]|2[0-3]", Just("*".to_owned()), Just("0-3".to_owned())];
    let day = prop_oneof![Just("*"), Just("1,15"), Just("L"), Just("*/2")];
    let weekday = prop_oneof![Just("*"), Just("SUN"), Just("MON-FRI")];
    (minute, hour, day, weekday, prop::sample::select(ZONES.as_slice())).prop_map(
        |(minute, hour, day, weekday, zone)| {
            due(&format!("{minute} {hour} {day} * {weekday}"), zone)
        },
    )
}

/// Any second of four years, or one near a change of the clocks of one of the zones.
fn moments() -> impl Strategy<Value = Timestamp> {
    let seconds = |from: &str, seconds| at(from) + SignedDuration::from_secs(seconds);
    let any = 0..4 * 365 * 86_400_i64;
    let anywhere = any.prop_map(move |second| seconds("2026-01-01T00:00Z", second));
    let changes =
        ["2026-03-29T01:00Z", "2026-10-25T01:00Z", "2026-03-08T07:00Z", "2026-11-01T06:00Z"];
    let near = (prop::sample::select(changes.to_vec()), -90_000..90_000_i64);
    prop_oneof![anywhere, near.prop_map(move |(change, off)| seconds(change, off))]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn due_times_strictly_increase(timetable in timetables(), from in moments()) {
        let due: Vec<_> = timetable.upcoming(from).take(40).collect();
        prop_assert_eq!(due.len(), 40);
        prop_assert!(due[0] > from);
        prop_assert!(due.is_sorted_by(|one, next| one < next), "{:?}: {:?}", timetable, due);
    }

    #[test]
    fn none_is_skipped_however_time_moves_on(
        timetable in timetables(),
        from in moments(),
        steps in prop::collection::vec(1..40_000_i64, 1..60),
    ) {
        let mut now = from;
        let mut seen = Vec::new();
        for step in steps {
            let before = now;
            now += SignedDuration::from_secs(step);
            // Looked for anew from every moment, as after a restart.
            seen.extend(timetable.upcoming(before).take_while(|due| *due <= now));
        }
        let all: Vec<_> = timetable.upcoming(from).take_while(|due| *due <= now).collect();
        prop_assert_eq!(seen, all);
    }

    #[test]
    fn a_due_time_shows_what_the_expression_names_or_is_a_jump(
        minute in 0..60_i8,
        hour in 0..24_i8,
        zone in prop::sample::select(ZONES.as_slice()),
        from in moments(),
    ) {
        let timetable = due(&format!("{minute} {hour} * * *"), zone);
        let zone = TimeZoneDatabase::bundled().get(zone).unwrap();
        for moment in timetable.upcoming(from).take(3) {
            let shown = zone.to_datetime(moment);
            let before = moment - SignedDuration::from_secs(1);
            let jumped = zone.to_offset(moment) > zone.to_offset(before);
            prop_assert!(jumped || (shown.hour(), shown.minute()) == (hour, minute), "{}", shown);
        }
    }

    #[test]
    fn no_text_breaks_it(expression in "\\PC{0,30}", zone in "\\PC{0,12}") {
        let read = Timetable::new(&expression, &zone);
        prop_assert!(read.is_err() || read.is_ok_and(|t| t.next_after(at("2026-01-01T00:00Z")).is_some()));
    }

    #[test]
    fn what_looks_like_an_expression_is_read_or_refused(
        fields in prop::collection::vec("[0-9*,/LW#-]{1,5}|[0-9]|MON|JAN|\\*", 5),
    ) {
        if let Ok(timetable) = Timetable::new(&fields.join(" "), "Europe/Zurich") {
            let from = at("2026-01-01T00:00Z");
            prop_assert!(timetable.next_after(from).is_some_and(|due| due > from));
        }
    }
}
