//! The report of made-up sweeps, from facts to pages.

mod made_up;

mod gaps;
mod hostile;
mod laws;
mod numbers;
mod pages;
mod simulated;
