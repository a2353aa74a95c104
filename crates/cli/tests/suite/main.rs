//! The alignment-faking suite as it ships, against what is planted, to the unit: every cell, the line
//! on the instrument with its controls, and what the contrasts have to say.

mod broken;
mod control;
mod gap;
mod over_models;
mod over_steps;
mod over_texts;
mod plans;
mod planted;
mod published;
#[path = "../language/shipped.rs"]
mod shipped;
mod taught;
#[path = "../support/world.rs"]
mod world;

/// A file of the suite in a copy of `config`.
fn sweep(name: &str) -> String {
    format!("sweeps/alignment-faking/{name}.toml")
}
