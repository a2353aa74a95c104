//! What leaves iago for others, held at the crate's boundary.

mod blind;
mod documents;
