//! The rules of a whole plan: what is asked, what transcripts are classed as, what measures read off them, and whether
//! the outcomes cover what can happen.

mod chain;
mod chains;
mod classes;
mod coverage;
mod means;
mod measures;
mod openings;
mod plan;
mod rejected;
