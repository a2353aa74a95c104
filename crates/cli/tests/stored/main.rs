//! What a store can be asked without a coordinator: how its sweeps stand, their reports and transcripts,
//! documents for fine-tuning, and samples for people to label.

mod compared;
mod documents;
mod gold;
mod looking;
mod ran;
#[path = "../support/world.rs"]
mod world;
