//! The machine against a world that loses workers, streams and coordinators, repeats deliveries
//! and fails jobs.

mod capped;
mod chance;
mod costs;
mod fleet;
mod grace;
mod holders;
mod late;
mod laws;
mod outages;
mod priorities;
mod process;
mod reloading;
mod returning;
mod rounds;
mod routes;
mod sharers;
mod shares;
mod steps;
mod store;
mod turns;
mod world;
