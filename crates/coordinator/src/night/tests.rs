//! Nights of which the facts are invented, each with its own trouble, and the word that is right for it.

mod copying;
mod edited;
pub(crate) mod house;
mod words;
