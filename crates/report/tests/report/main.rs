//! The report of made-up sweeps, from facts to pages.

mod made_up;
mod people;

mod by_prompt;
mod controls;
mod everything;
mod gaps;
mod grids;
mod hostile;
mod interim;
mod judge_error;
mod labels;
mod laws;
mod means;
mod numbers;
mod pages;
mod published;
mod readings;
mod scores;
mod series;
mod simulated;
mod versions;
