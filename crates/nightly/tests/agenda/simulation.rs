//! Over virtual years, and whatever happens to coordinators: each due time is on record once, none is
//! lost within its start window, and nothing runs twice.

use std::collections::BTreeSet;

use iago_nightly::{Missed, Origin, Run, RunState, ScheduleName, Skipped};
use jiff::Timestamp;

use crate::world::{Rules, World, seconds};
use crate::{at, schedule};

/// Clocks of coordinators differ by so much.
const SKEW_S: u64 = 5;

#[test]
fn each_due_time_is_on_record_once_and_none_is_lost_within_its_window() {
    let rules = Rules { skew_s: SKEW_S, has_people: false, is_fenced: true };
    let seen = live_years(rules, 0..8, |world| {
        check_first_states(world);
        check_that_windows_are_used(world);
    });
    for state in ["ended", "expired", "failed", "late", "superseded", "still going", "waited"] {
        assert!(seen.contains(state), "it never came to `{state}`: {seen:?}");
    }
}

#[test]
fn the_unique_key_alone_keeps_two_leaders_from_running_twice() {
    let rules = Rules { skew_s: SKEW_S, has_people: false, is_fenced: false };
    live_years(rules, 100..106, check_first_states);
}

#[test]
fn what_people_change_reaches_neither_back_nor_into_what_is_going() {
    let rules = Rules { skew_s: 0, has_people: true, is_fenced: true };
    let seen = live_years(rules, 200..208, |_| {});
    for state in ["ended", "paused", "removed", "asked"] {
        assert!(seen.contains(state), "it never came to `{state}`: {seen:?}");
    }
}

/// Two years in each of these worlds; what runs came to in them.
fn live_years(
    rules: Rules,
    seeds: std::ops::Range<u64>,
    check: impl Fn(&World),
) -> BTreeSet<&'static str> {
    let mut seen = BTreeSet::new();
    for seed in seeds {
        let schedules = vec![
            schedule("nightly", "0 2 * * *", "Europe/Zurich", "done_within = \"30h\""),
            schedule("late", "30 2 * * *", "America/New_York", "done_by = \"06:30\""),
            schedule(
                "often",
                "*/20 1-3,14 * * *",
                "Australia/Lord_Howe",
                "start_within = \"90m\"\noverlap = \"queue\"\ndone_within = \"5h\"",
            ),
            schedule("weekly", "0 0 * * SUN", "Asia/Kolkata", "start_within = \"2d\""),
        ];
        let mut world = World::new(seed, rules, at("2026-01-01T00:00Z"), schedules);
        world.live(at("2028-01-01T00:00Z"));
        assert!(world.deaths > 50, "seed {seed}: hardly anything went wrong");
        check_due_times(&world, seed);
        check_sweeps(&world, seed);
        check(&world);
        seen.extend(world.store.history.iter().flat_map(|(key, states)| {
            let asked = (world.store.runs[key].origin == Origin::Asked).then_some("asked");
            asked.into_iter().chain(states.iter().map(word))
        }));
    }
    seen
}

/// What is on record by the timetables is exactly what they say, each in its time.
fn check_due_times(world: &World, seed: u64) {
    let until = world.ticks.iter().max().copied().expect("somebody ticked");
    for (name, eras) in &world.store.eras {
        let mut expected = BTreeSet::new();
        for (number, (since, timetable)) in eras.iter().enumerate() {
            let end = eras.get(number + 1).map_or(until, |(next, _)| *next);
            let due = timetable.iter().flat_map(|timetable| timetable.upcoming(*since));
            expected.extend(due.take_while(|due| *due <= end));
        }
        let by_timetable = |run: &&Run| run.origin == Origin::Timetable;
        let recorded: BTreeSet<_> =
            runs_of(world, name).filter(by_timetable).map(|run| run.key.due).collect();
        let differ: Vec<_> = recorded.symmetric_difference(&expected).take(5).collect();
        assert!(differ.is_empty(), "seed {seed}, {name}: {differ:?}");
    }
}

/// What ran has its one sweep, and nothing else has any; what was late is cancelled, and nothing else is.
fn check_sweeps(world: &World, seed: u64) {
    for (key, run) in &world.store.runs {
        let ran = matches!(run.state, RunState::Running | RunState::Ended | RunState::Expired);
        let has_sweep = world.store.sweeps.contains_key(key);
        assert_eq!(ran, has_sweep, "seed {seed}: {run:?} {:?}", world.store.history[key]);
        let is_cancelled = world.store.cancelled.contains(key);
        assert_eq!(run.state == RunState::Expired, is_cancelled, "seed {seed}: {run:?}");
    }
}

/// A due time is found late if and only if nobody looked while its window was open.
fn check_first_states(world: &World) {
    let looks = Looks::of(&world.ticks);
    for (key, states) in &world.store.history {
        let run = &world.store.runs[key];
        let look = looks.first_from(key.due).expect("somebody looked in the end");
        match &states[0] {
            RunState::Missed { why: Missed::Late } => {
                assert!(look >= run.start_by, "{run:?} is late, and was looked at at {look}");
            }
            RunState::Missed { why: Missed::Superseded { by } } => {
                assert!(*by > key.due && *by <= look && look < run.start_by, "{run:?} {look}");
            }
            RunState::Skipped { .. } | RunState::Waiting | RunState::Starting => {
                assert!(look < run.start_by, "{run:?} {states:?} was looked at at {look}");
                let newer = next_due(world, run).filter(|newer| *newer <= look);
                assert_eq!(newer, None, "{run:?} {states:?} is not the newest");
            }
            RunState::Running
            | RunState::Ended
            | RunState::Expired
            | RunState::Failed { .. }
            | RunState::Missed { why: Missed::StillGoing } => {
                panic!("{run:?} began as {states:?}")
            }
        }
    }
}

fn next_due(world: &World, run: &Run) -> Option<Timestamp> {
    let (_, timetable) = world.store.eras[&run.key.schedule].last()?;
    timetable.as_ref()?.next_after(run.key.due)
}

/// What was on record as starting and was missed nevertheless had nobody to start it.
fn check_that_windows_are_used(world: &World) {
    let edge = seconds(2 * SKEW_S);
    let looks = Looks::of(&world.calm);
    for (key, states) in &world.store.history {
        let run = &world.store.runs[key];
        let began = states[0] == RunState::Starting && !world.unlucky.contains(key);
        if began && run.state == (RunState::Missed { why: Missed::Late }) {
            let look = looks.first_from(key.due);
            assert!(look.is_none_or(|look| look >= run.start_by - edge), "{run:?} {look:?}");
        }
    }
}

/// Moments in the order in which they truly came, by clocks that differ.
struct Looks {
    /// The latest moment up to each of them.
    latest: Vec<Timestamp>,
}

impl Looks {
    fn of(moments: &[Timestamp]) -> Self {
        let mut latest = Timestamp::MIN;
        let later = |moment: &Timestamp| {
            latest = latest.max(*moment);
            latest
        };
        Self { latest: moments.iter().map(later).collect() }
    }

    /// The first that is not before another.
    fn first_from(&self, moment: Timestamp) -> Option<Timestamp> {
        self.latest.get(self.latest.partition_point(|latest| *latest < moment)).copied()
    }
}

fn runs_of<'a>(world: &'a World, name: &'a ScheduleName) -> impl Iterator<Item = &'a Run> {
    world.store.runs.values().filter(move |run| run.key.schedule == *name)
}

fn word(state: &RunState) -> &'static str {
    match state {
        RunState::Waiting => "waited",
        RunState::Starting => "starting",
        RunState::Running => "running",
        RunState::Ended => "ended",
        RunState::Expired => "expired",
        RunState::Failed { .. } => "failed",
        RunState::Missed { why: Missed::Late } => "late",
        RunState::Missed { why: Missed::Superseded { .. } } => "superseded",
        RunState::Missed { why: Missed::StillGoing } => "waited in vain",
        RunState::Skipped { why: Skipped::StillGoing { .. } } => "still going",
        RunState::Skipped { why: Skipped::Paused } => "paused",
        RunState::Skipped { why: Skipped::Removed } => "removed",
    }
}
