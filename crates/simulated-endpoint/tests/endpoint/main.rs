//! What callers can rely on, asked at the two doors: the pure core, and real HTTP.

mod asking;
mod assistant;
mod checkpoints;
mod counts;
mod faults;
mod http;
mod judges;
mod limits;
mod log;
mod problems;
mod talking;
mod traps;
mod turns;
mod wire;
