//! A worker against a scripted coordinator over a real socket, and a simulated endpoint over another.

mod asking_on;
mod broken_programs;
mod coordinator;
mod draining;
mod following;
mod granting;
mod hiding;
mod misaddressed;
mod parameters;
mod paying;
mod programs;
mod reconnecting;
mod refusing;
mod resampling;
mod scores;
mod scripted;
mod slices;
mod spool;
mod sweep;
mod worker;
