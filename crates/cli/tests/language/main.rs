//! The sweep language at work: the shipped files with their planted truths, and what else it can say.

mod again;
mod files;
mod gating;
mod looking;
mod pipelines;
mod scores;
mod sets;
mod shipped;
mod spending;
mod trouble;
#[path = "../support/world.rs"]
mod world;
