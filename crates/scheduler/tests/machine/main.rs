//! The machine against a world that loses workers, repeats deliveries and fails jobs.

mod late;
mod laws;
mod world;
