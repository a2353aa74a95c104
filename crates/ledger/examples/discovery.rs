//! Prints what is measured of limits that are found out and of limits that are known, in virtual time:
//! `cargo run --release -p iago-ledger --example discovery`.

#![expect(clippy::print_stdout, reason = "an example prints")]

#[path = "../tests/simulation/endpoint.rs"]
mod endpoint;
#[path = "../tests/simulation/world.rs"]
mod world;

use std::time::Duration;

use endpoint::Kind;
use world::{Setting, World};

const SEEDS: u64 = 10;
const KINDS: [(&str, Kind); 3] = [
    ("minute", Kind::Minute),
    ("bucket of 10 s", Kind::Bucket { seconds: 10.0 }),
    ("bucket of 1 s", Kind::Bucket { seconds: 1.0 }),
];
/// Calls a minute, how long one takes, and how many are under way at most.
const SIZES: [(u32, u64, u64); 3] = [(60, 2_000, 32), (600, 500, 48), (6_000, 100, 32)];

fn main() {
    println!("unknown limits: of the limit, used from the second minute on; of calls, throttled");
    println!(
        "limit  endpoint        retry-after  mean    worst minute  throttled  first 2 minutes"
    );
    for_each_setting(|name, setting| {
        for retry_after in [false, true] {
            print_found(name, Setting { retry_after, ..setting });
        }
    });
    println!();
    println!("unknown limits, from the second minute on after the ledger was lost");
    for_each_setting(print_found_again);
    println!();
    println!("unknown limits, 30 s after the minute of a change: halved, doubled");
    for_each_setting(print_followed);
    println!();
    for late in [100, 5] {
        println!("known limits, 16 workers, a driver up to {late} ms late");
        println!("limit  endpoint        mean    worst seed  throttled  wakes a second");
        let late = Duration::from_millis(late);
        for_each_setting(|name, setting| print_known(name, Setting { late, ..setting }));
        println!();
    }
}

fn for_each_setting(mut print: impl FnMut(&str, Setting)) {
    for (limit, took, slots) in SIZES {
        for (name, kind) in KINDS {
            let limit = f64::from(limit);
            let latency = Duration::from_millis(took);
            print(name, Setting { kind, limit, latency, slots, ..Setting::default() });
        }
    }
}

fn print_found(name: &str, setting: Setting) {
    let worlds = run(setting, 360);
    let minute =
        |world: &World, minute: usize| world.rate(minute * 60, minute * 60 + 60) / setting.limit;
    let worst = worlds.iter().flat_map(|world| (1..6).map(move |at| minute(world, at)));
    println!(
        "{:5}  {name:14}  {:11}  {:5.1}%  {:11.1}%  {:8.2}%  {:14.1}%",
        setting.limit,
        setting.retry_after,
        100.0 * mean(&worlds, |world| world.rate(60, 360) / setting.limit),
        100.0 * worst.fold(f64::MAX, f64::min),
        100.0 * mean(&worlds, |world| world.refused_share(120, 360)),
        100.0 * most(&worlds, |world| world.refused_share(0, 120)),
    );
}

fn print_found_again(name: &str, setting: Setting) {
    let worlds = run_from(setting, 330, |world| world.restart_ledger(Duration::from_secs(150)));
    println!(
        "{:5}  {name:14}  {:5.1}%",
        setting.limit,
        100.0 * mean(&worlds, |world| world.rate(210, 330) / setting.limit),
    );
}

fn print_followed(name: &str, setting: Setting) {
    let share = |factor: f64| {
        let at = Duration::from_secs(150);
        let worlds = run_from(setting, 300, |world| world.change_limit(at, setting.limit * factor));
        100.0 * mean(&worlds, |world| world.rate(240, 300) / (setting.limit * factor))
    };
    println!("{:5}  {name:14}  {:5.1}%  {:5.1}%", setting.limit, share(0.5), share(2.0));
}

#[expect(clippy::cast_precision_loss, reason = "few")]
fn print_known(name: &str, setting: Setting) {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "6,000 at most")]
    let known = Some(setting.limit as u32);
    let setting = Setting { known, workers: 16, slots: 64, ..setting };
    let worlds = run(setting, 660);
    let share = |world: &World| world.rate(60, 660) / setting.limit;
    println!(
        "{:5}  {name:14}  {:5.2}%  {:9.2}%  {:8.3}%  {:5.1}",
        setting.limit,
        100.0 * mean(&worlds, share),
        100.0 - 100.0 * most(&worlds, |world| 1.0 - share(world)),
        100.0 * mean(&worlds, |world| world.refused_share(60, 660)),
        mean(&worlds, |world| world.wakes() as f64 / 660.0),
    );
}

fn run(setting: Setting, seconds: u64) -> Vec<World> {
    run_from(setting, seconds, |_| {})
}

fn run_from(setting: Setting, seconds: u64, plan: impl Fn(&mut World)) -> Vec<World> {
    let run = |seed| {
        let mut world = World::new(Setting { seed, ..setting });
        plan(&mut world);
        world.run(Duration::from_secs(seconds));
        world
    };
    (1..=SEEDS).map(run).collect()
}

#[expect(clippy::cast_precision_loss, reason = "few")]
fn mean(worlds: &[World], of: impl Fn(&World) -> f64) -> f64 {
    worlds.iter().map(of).sum::<f64>() / worlds.len() as f64
}

fn most(worlds: &[World], of: impl Fn(&World) -> f64) -> f64 {
    worlds.iter().map(of).fold(0.0, f64::max)
}
