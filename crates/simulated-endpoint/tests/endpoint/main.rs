//! What callers can rely on, asked at the two doors: the pure core, and real HTTP.

mod asking;
mod counts;
mod faults;
mod http;
mod judges;
mod limits;
mod log;
mod wire;
