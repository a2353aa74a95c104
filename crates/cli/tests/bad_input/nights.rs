//! Faults of what is scheduled, compared and judged: what people type, and the files that they name. None of
//! them ends as a verdict does.

use crate::row::{assert_said, files};
use crate::small_sweep::small_world;
use crate::world::{World, finish, iago};

const SCHEDULE: &str = "sweep = \"../small.toml\"\ncron = \"0 2 * * *\"\nzone = \"UTC\"\n";
const CLIENT: &str = "coordinators = [\"http://127.0.0.1:1\"]\n";

const NOBODY: &str = "iago: no coordinator answers (http://127.0.0.1:1: Connection refused (os error 111)): \
                      start one, or correct `coordinators` in the settings";
const NO_STORE: &str =
    "iago: there is no store at store.sqlite; correct the path, or run a sweep first";

fn world() -> World {
    let world = small_world();
    world.write("client.toml", CLIENT);
    world.write("schedules/small.toml", SCHEDULE);
    world
}

/// Runs a command in a world with these files beside, and holds what it says against what it has to.
fn assert_refused(arguments: &[&str], written: &[(&str, &str)], code: i32, stderr: &str) {
    let world = world();
    for (name, content) in written {
        world.write(name, content);
    }
    let before = files(&world);
    let mut command = iago();
    command.args(arguments).current_dir(world.path(""));
    assert!(code >= 64, "below stand verdicts");
    assert_said(&world, &finish(command), code, stderr);
    assert!(files(&world) == before, "nothing is to be written");
}

macro_rules! refused {
    ($($name:ident: $arguments:expr, $written:expr => $code:literal, $stderr:expr;)+) => {$(
        #[test]
        fn $name() {
            assert_refused(&$arguments, &$written, $code, $stderr);
        }
    )+};
}

const ADD: [&str; 5] = ["schedule", "add", "schedules", "--config", "client.toml"];

refused! {
    a_schedule_that_is_not_there: ["schedule", "add", "nowhere.toml"], [] => 66,
        "iago: cannot read the schedule nowhere.toml: there is no such file; correct its path";

    a_schedule_whose_file_cannot_name_it: ADD, [("schedules/Every Night.toml", SCHEDULE)] => 65,
        "iago: schedules/Every Night.toml: `Every Night` cannot name a schedule, because it stands in \
         file names; use at most 64 lower-case letters, digits, `-` and `_`, a letter or digit first";

    a_schedule_of_a_sweep_that_is_not_there: ADD, [
        ("schedules/small.toml", "sweep = \"other.toml\"\ncron = \"@daily\"\nzone = \"UTC\"\n")
    ] => 66,
        "iago: schedules/small.toml: cannot read the sweep file schedules/other.toml: there is no such \
         file; correct its path";

    a_schedule_of_a_sweep_that_is_wrong: ADD, [("small.toml", "name =")] => 65,
        "iago: schedules/small.toml: schedules/../small.toml:1: this is not TOML: string values must be \
         quoted, expected literal string";

    schedules_are_read_before_anybody_is_asked: ADD, [] => 69, NOBODY;

    a_name_that_no_schedule_has: ["schedule", "show", "Every Night"], [] => 64,
        "iago: `Every Night` cannot name a schedule, because it stands in file names; use at most 64 \
         lower-case letters, digits, `-` and `_`, a letter or digit first";

    schedules_without_a_coordinator: ["schedule", "list", "--config", "client.toml"], [] => 69, NOBODY;

    a_history_of_nothing: ["schedule", "history", "small", "--limit", "0"], [] => 64, "\
error: invalid value '0' for '--limit <N>': 0 is not in 1..=1000

For more information, try '--help'.";

    a_gate_of_nothing: ["gate"], [] => 64, "\
error: the following required arguments were not provided:
  <SWEEP>

Usage: iago gate <SWEEP>

For more information, try '--help'.";

    a_gate_of_two_things: ["gate", "1", "--schedule", "small"], [] => 64, "\
error: the argument '[SWEEP]' cannot be used with '--schedule <NAME>'

Usage: iago gate <SWEEP>

For more information, try '--help'.";

    a_due_time_without_an_offset: ["gate", "--schedule", "small", "--due", "2026-09-15 02:00"], [] => 64,
        "error: invalid value '2026-09-15 02:00' for '--due <TIME>': write a time with its offset: \
         2026-09-15T02:00:00+02:00

For more information, try '--help'.";

    a_gate_without_a_coordinator: ["gate", "1", "--config", "client.toml"], [] => 69, NOBODY;

    a_gate_without_a_store: ["gate", "1", "--store", "store.sqlite"], [] => 66, NO_STORE;

    a_baseline_without_a_store: ["baseline", "set", "x", "1", "--store", "store.sqlite"], [] => 66, NO_STORE;

    baselines_without_a_coordinator: ["baseline", "list", "--config", "client.toml"], [] => 69, NOBODY;
}

#[test]
fn every_fault_of_a_schedule_is_told_with_its_line() {
    let text = "sweep = \"../small.toml\"\ncron = \"61 2 * * *\"\nzone = \"Europe/Zuric\"\n";
    let world = world();
    world.write("schedules/small.toml", text);
    let mut command = iago();
    command.args(ADD).current_dir(world.path(""));
    let ran = finish(command);
    assert_eq!(ran.code, 65, "{ran:?}");
    for start in
        ["iago: schedules/small.toml: line 2: cron: ", "schedules/small.toml: line 3: zone: "]
    {
        assert!(ran.stderr.lines().any(|line| line.starts_with(start)), "{ran:?}");
    }
}
