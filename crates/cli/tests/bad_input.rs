//! Bad input, and input that only looks bad, from the outside: what the program says, with which
//! exit code, and what it leaves behind.

#[path = "support/world.rs"]
mod world;

#[path = "bad_input/small_sweep.rs"]
mod small_sweep;

#[path = "bad_input/row.rs"]
mod row;

#[path = "bad_input/command.rs"]
mod command;
#[path = "bad_input/configuration.rs"]
mod configuration;
#[path = "bad_input/disk_full.rs"]
mod disk_full;
#[path = "bad_input/doors.rs"]
mod doors;
#[path = "bad_input/nights.rs"]
mod nights;
#[path = "bad_input/odd_but_right.rs"]
mod odd_but_right;
#[path = "bad_input/parameters.rs"]
mod parameters;
#[path = "bad_input/paused.rs"]
mod paused;
#[path = "bad_input/prompt_set.rs"]
mod prompt_set;
#[path = "bad_input/service.rs"]
mod service;
#[path = "bad_input/store.rs"]
mod store;
#[path = "bad_input/sweep_file.rs"]
mod sweep_file;
