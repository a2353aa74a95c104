//! Identity of a sweep: what an edited file may take over from the store, case by case. Old answers
//! are never taken for new questions, and nothing is asked twice that is known.

mod analysis;
mod anew;
mod failed;
mod more;
mod same;
mod small;
#[path = "../support/world.rs"]
mod world;
