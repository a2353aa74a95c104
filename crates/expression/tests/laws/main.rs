//! What holds for every expression and every lookup.

mod completion;
mod logic;
mod parsing;
mod range;
mod sketch;
