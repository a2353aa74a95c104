//! The ledger against endpoints that limit in different ways, in virtual time.

#[path = "simulation/endpoint.rs"]
mod endpoint;
#[path = "simulation/noise.rs"]
mod noise;
#[path = "simulation/world.rs"]
mod world;

use std::time::Duration;

use endpoint::Kind;
use world::{Setting, World};

const KINDS: [Kind; 3] =
    [Kind::Minute, Kind::Bucket { seconds: 1.0 }, Kind::Bucket { seconds: 10.0 }];

/// Each assertion is made of so many runs, each with dice of its own.
const SEEDS: u64 = 3;

/// Every kind of endpoint, with and without a hint when to call again.
fn settings(limit: f64) -> impl Iterator<Item = Setting> {
    let with = move |kind, retry_after| Setting { kind, limit, retry_after, ..Setting::default() };
    KINDS.into_iter().flat_map(move |kind| [with(kind, false), with(kind, true)])
}

fn run(setting: Setting, seconds: u64) -> World {
    let mut world = World::new(setting);
    world.run(Duration::from_secs(seconds));
    world
}

/// The same with other dice.
fn runs(setting: Setting, seconds: u64) -> impl Iterator<Item = World> {
    (1..=SEEDS).map(move |seed| run(Setting { seed, ..setting }, seconds))
}

/// That each minute from the second on uses at least this share, and that no worker starves.
fn assert_found(setting: Setting, seconds: u64, least: f64) {
    for world in runs(setting, seconds) {
        for minute in 1..usize::try_from(seconds).expect("short") / 60 {
            let share = world.rate(minute * 60, minute * 60 + 60) / setting.limit;
            assert!(share >= least, "{setting:?}: {share:.3} of the limit in minute {minute}");
        }
        let starves = world.by_worker.contains(&0);
        assert!(!starves, "{setting:?}: a worker starves");
    }
}

#[test]
fn an_unknown_limit_is_used_to_nine_tenths_from_the_second_minute_on() {
    for setting in settings(600.0) {
        for (latency, slots) in [(50, 32), (500, 48), (2000, 64)] {
            let latency = Duration::from_millis(latency);
            assert_found(Setting { latency, slots, ..setting }, 240, 0.9);
        }
    }
}

#[test]
fn a_small_limit_is_found() {
    for setting in settings(60.0) {
        let setting = Setting { latency: Duration::from_secs(2), slots: 32, ..setting };
        // Such a bucket holds a single call: one that is a hundredth of a second early is lost.
        let single = holds_one(setting.kind);
        assert_found(setting, 300, if single { 0.86 } else { 0.9 });
        for world in runs(setting, 360).filter(|_| single) {
            assert!(world.rate(60, 360) >= 0.9 * setting.limit, "{}", world.rate(60, 360));
        }
    }
}

#[test]
fn a_large_limit_is_found() {
    for setting in settings(6000.0) {
        let latency = Duration::from_millis(100);
        assert_found(Setting { latency, slots: 32, workers: 16, ..setting }, 180, 0.9);
    }
}

#[test]
fn a_limit_that_changes_is_followed_half_a_minute_after_its_window_has_passed() {
    for (setting, seed) in settings(600.0).flat_map(|of| (1..=SEEDS).map(move |seed| (of, seed))) {
        for factor in [2.0, 0.5] {
            let setting =
                Setting { latency: Duration::from_millis(500), slots: 64, seed, ..setting };
            let mut world = World::new(setting);
            world.change_limit(Duration::from_secs(150), setting.limit * factor);
            world.run(Duration::from_secs(300));
            let share = world.rate(240, 300) / (setting.limit * factor);
            assert!((0.9..=1.1).contains(&share), "{setting:?} times {factor}: {share:.3}");
        }
    }
}

#[test]
fn a_limit_is_found_again_after_a_restart_that_forgot_the_calls_before() {
    for (setting, seed) in settings(600.0).flat_map(|of| (1..=SEEDS).map(move |seed| (of, seed))) {
        let mut world = World::new(Setting { seed, ..setting });
        world.restart_ledger(Duration::from_secs(150));
        world.run(Duration::from_secs(330));
        for from in [210, 270] {
            let share = world.rate(from, from + 60) / setting.limit;
            assert!(share >= 0.9, "{setting:?}: {share:.3} from {from} s on");
        }
    }
}

#[test]
fn few_calls_are_throttled_once_the_limit_is_found() {
    for setting in settings(600.0) {
        for world in runs(setting, 360) {
            let share = world.refused_share(120, 360);
            assert!(share < 0.015, "{setting:?}: {share:.4} throttled");
        }
    }
}

#[test]
fn a_known_limit_is_used_to_the_full_though_the_driver_wakes_late() {
    for limit in [60_u32, 600, 6000] {
        // A bucket of a single call is for the next test.
        for kind in KINDS.into_iter().filter(|kind| limit > 60 || !holds_one(*kind)) {
            for world in runs(known(kind, limit), 400) {
                let share = world.rate(100, 400) / f64::from(limit);
                assert!(share >= 0.98, "{limit} of {kind:?}: {share:.4}");
                let refused = world.refused_share(0, 400);
                assert!(refused < 0.001, "{limit} of {kind:?}: {refused:.4} throttled");
                let over = matches!(kind, Kind::Minute) && !world.refused.is_empty();
                assert!(!over, "{limit}: over the limit");
            }
        }
    }
}

#[test]
fn a_bucket_of_a_single_call_costs_what_the_driver_is_late() {
    let late = known(Kind::Bucket { seconds: 1.0 }, 60);
    let soon = Setting { late: Duration::from_millis(5), ..late };
    for (setting, least) in [(late, 0.92), (soon, 0.97)] {
        for world in runs(setting, 700) {
            let share = world.rate(100, 700) / 60.0;
            assert!(share >= least, "{:?} late: {share:.4}", setting.late);
            let refused = world.refused_share(0, 700);
            assert!(refused < 0.01, "{:?} late: {refused:.4} throttled", setting.late);
        }
    }
}

/// Whether such a bucket holds a single call of 60 a minute.
fn holds_one(kind: Kind) -> bool {
    matches!(kind, Kind::Bucket { seconds } if seconds < 2.0)
}

/// Known, with many workers and a driver that is up to a tenth of a second late.
fn known(kind: Kind, limit: u32) -> Setting {
    Setting {
        kind,
        limit: f64::from(limit),
        known: Some(limit),
        late: Duration::from_millis(100),
        latency: Duration::from_millis(200),
        slots: 64,
        workers: 16,
        ..Setting::default()
    }
}

#[test]
fn two_equal_routes_share_a_pool_equally() {
    for known in [Some(600), None] {
        for world in runs(Setting { known, routes: 2, ..Setting::default() }, 300) {
            let of = |route: usize| world.by_worker.iter().skip(route).step_by(2).sum::<u64>();
            let (one, two) = (of(0), of(1));
            #[expect(clippy::cast_precision_loss, reason = "a share")]
            let jain = ((one + two) * (one + two)) as f64 / (2 * (one * one + two * two)) as f64;
            assert!(jain >= 0.98, "{known:?}: {one} and {two}");
        }
    }
}

#[test]
fn discovery_never_exceeds_what_is_configured() {
    for world in runs(Setting { limit: 1200.0, known: Some(300), ..Setting::default() }, 300) {
        let share = world.rate(60, 300) / 300.0;
        assert!((0.988..=1.0).contains(&share), "{share}");
    }
}

#[test]
fn a_known_limit_that_others_use_too_is_cut_and_not_given_up() {
    for world in runs(Setting { limit: 400.0, known: Some(600), ..Setting::default() }, 400) {
        assert!(world.rate(120, 400) >= 0.9 * 400.0, "{}", world.rate(120, 400));
        assert!(world.refused_share(120, 400) < 0.05, "{}", world.refused_share(120, 400));
    }
}

#[test]
fn a_driver_sleeps_most_of_the_time() {
    for (known, most) in [(Some(60), 3), (None, 6)] {
        for world in runs(Setting { known, limit: 60.0, ..Setting::default() }, 300) {
            assert!(world.wakes() < most * 300, "{known:?}: {} times", world.wakes());
        }
    }
}

#[test]
fn a_run_is_a_function_of_its_seed() {
    let first = run(Setting::default(), 120);
    let second = run(Setting::default(), 120);
    assert_eq!((first.taken, first.refused), (second.taken, second.refused));
    let other = run(Setting { seed: 2, ..Setting::default() }, 120);
    let again = run(Setting::default(), 120);
    assert_ne!(other.taken, again.taken);
}
