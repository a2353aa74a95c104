//! The report of made-up sweeps, from facts to pages.

mod made_up;

mod gaps;
mod grids;
mod hostile;
mod laws;
mod means;
mod numbers;
mod pages;
mod readings;
mod scores;
mod series;
mod simulated;
