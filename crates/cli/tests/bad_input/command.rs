//! Faults of the command line.

use std::net::TcpListener;

use crate::row::Change::Argument;
use crate::row::{assert_said, files, refused};
use crate::small_sweep::small_world;
use crate::world::{finish, iago};

refused! {
    an_unknown_flag: [Argument("--zeal")] => 64, "\
error: unexpected argument '--zeal' found

  tip: to pass '--zeal' as a value, use '-- --zeal'

Usage: iago run --store <FILE> <SWEEP>

For more information, try '--help'.";

    a_pilot_of_nothing: [Argument("--limit"), Argument("0")] => 64, "\
error: invalid value '0' for '--limit <N>': 0 is not in 1..=4294967295

For more information, try '--help'.";
}

/// The same for what is not `iago run`.
fn assert_command_refused(arguments: &[&str], code: i32, stderr: &str) {
    let world = small_world();
    let before = files(&world);
    let mut command = iago();
    command.args(arguments).current_dir(world.path(""));
    assert_said(&world, &finish(command), code, stderr);
    assert_eq!(files(&world), before, "nothing is to be written");
}

#[test]
fn an_unknown_command() {
    let stderr = "\
error: unrecognized subcommand 'rum'

  tip: some similar subcommands exist: 'run', 'resume'

Usage: iago [OPTIONS] <COMMAND>

For more information, try '--help'.";
    assert_command_refused(&["rum", "small.toml"], 64, stderr);
}

#[test]
fn no_sweep_file() {
    let stderr = "\
error: the following required arguments were not provided:
  <SWEEP>

Usage: iago run <SWEEP>

For more information, try '--help'.";
    assert_command_refused(&["run"], 64, stderr);
}

#[test]
fn a_port_in_use() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("it is bound").to_string();
    assert_command_refused(
        &["simulated-endpoint", "--listen", &address],
        75,
        &format!(
            "iago: {address} is already in use: stop what listens there, or listen on another port"
        ),
    );
}
