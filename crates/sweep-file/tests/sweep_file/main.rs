//! The sweep file at its boundary: text in, plan, messages or faults out.

mod analysis;
mod compiling;
mod faults;
mod fixture;
mod grid;
mod hostile;
mod models;
mod parameters;
mod pipeline;
mod prompts;
mod reference;
mod rendering;
mod scores;
mod shipped;
mod stages;
mod texts;
