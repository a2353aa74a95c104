//! `iago doctor`: each thing that can be wrong is said by its name, with what to do, and ends in its own
//! exit code.

#[path = "support/world.rs"]
mod world;

#[path = "support/fleet.rs"]
mod fleet;

#[path = "doctor/alone.rs"]
mod alone;
#[path = "doctor/coordinated.rs"]
mod coordinated;
