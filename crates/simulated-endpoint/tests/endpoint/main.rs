//! What callers can rely on, asked at the two doors: the pure core, and real HTTP.

mod actor;
mod asking;
mod assistant;
mod checkpoints;
mod controls;
mod counts;
mod faults;
mod http;
mod judges;
mod limits;
mod log;
mod manners;
mod problems;
mod scholars;
mod streams;
mod suite;
mod talking;
mod teller;
mod told;
mod traps;
mod trouble;
mod turns;
mod wire;
mod writer;
