//! What nights come to, by example, by law and by simulation.

#[path = "../../examples/nights/dice.rs"]
mod dice;
mod drift;
mod gates;
mod history;
mod judges;
mod laws;
mod looks;
mod margins;
mod planted;
mod simulated;
mod sizes;
mod troubles;
#[path = "../../examples/nights/world.rs"]
mod world;
