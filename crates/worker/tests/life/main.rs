//! A worker against a scripted coordinator over a real socket, and a simulated endpoint over another.

mod coordinator;
mod draining;
mod reconnecting;
mod refusing;
mod slices;
mod spool;
mod sweep;
mod worker;
