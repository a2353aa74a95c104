//! The sweep file at its boundary: text in, plan, messages or faults out.

mod compiling;
mod faults;
mod fixture;
mod hostile;
mod rendering;
mod shipped;
