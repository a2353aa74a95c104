//! What becomes of due times: case by case, and over virtual years in which coordinators die.

mod cases;
mod simulation;
mod states;
mod store;
mod world;

use iago_nightly::{Schedule, Terms};
use iago_sweep::Digest;
use jiff::Timestamp;

fn schedule(name: &str, cron: &str, zone: &str, further: &str) -> Schedule {
    let toml =
        format!("sweep = \"{name}.toml\"\ncron = \"{cron}\"\nzone = \"{zone}\"\n{further}\n");
    let terms = Terms::read(&toml).expect("it is a schedule");
    terms.pin(name.parse().expect("it is a name"), Digest::of(name))
}

fn at(moment: &str) -> Timestamp {
    moment.parse().unwrap_or_else(|error| panic!("{moment}: {error}"))
}
