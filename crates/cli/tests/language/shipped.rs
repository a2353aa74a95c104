//! A copy of all that ships, run with the endpoint that is built in.

use std::path::Path;

use serde_json::Value;

use crate::world::{Ran, World, finish, root};

/// Everything below `config`, so that a test may edit it. Sweeps stand in `sweeps`.
pub(crate) fn copy() -> World {
    let world = World::new();
    copy_folder(&world, &root().join("config"), "");
    std::fs::remove_file(world.path("endpoints.toml")).expect("the endpoint is built in");
    world
}

fn copy_folder(world: &World, from: &Path, to: &str) {
    for entry in std::fs::read_dir(from).expect("it ships") {
        let entry = entry.expect("readable").path();
        let name = format!("{to}{}", entry.file_name().expect("a name").to_string_lossy());
        if entry.is_dir() {
            copy_folder(world, &entry, &format!("{name}/"));
        } else {
            world.write(&name, std::fs::read(&entry).expect("readable"));
        }
    }
}

/// Runs a sweep to its end and gives its report.
pub(crate) fn run(world: &World, sweep: &str) -> Report {
    let ran = run_to(world, sweep, 0);
    Report(serde_json::from_str(&ran.stdout).expect("the report is JSON"))
}

/// Runs a sweep to an end of any kind.
pub(crate) fn run_to(world: &World, sweep: &str, code: i32) -> Ran {
    let mut command = world.run_command(&world.path(sweep));
    command.arg("--json");
    let ran = finish(command);
    assert_eq!(ran.code, code, "{}", ran.stderr);
    ran
}

/// A report as data.
pub(crate) struct Report(pub(crate) Value);

impl Report {
    /// A cell by its labels, in the order of the report's axes.
    pub(crate) fn cell(&self, labels: &[&str]) -> &Value {
        find(&self.0["cells"], &format!("cell {labels:?}"), |cell| {
            cell["labels"] == serde_json::json!(labels)
        })
    }

    /// An outcome or measure of a cell.
    pub(crate) fn estimate(&self, labels: &[&str], name: &str) -> &Value {
        let cell = self.cell(labels);
        let of = |list: &'static str, key: &'static str| {
            let list = cell[list].as_array().expect("a list").iter();
            list.clone().find(|item| item[key] == name)
        };
        of("outcomes", "outcome").or_else(|| of("measures", "measure")).expect("it is reported")
    }

    /// Numerator and denominator.
    pub(crate) fn fraction(&self, labels: &[&str], name: &str) -> (u64, u64) {
        let estimate = self.estimate(labels, name);
        assert_eq!(estimate["state"], "known", "{name} of {}", self.cell(labels));
        (count(&estimate["yes"]), count(&estimate["of"]))
    }

    /// A mean, and over how many.
    pub(crate) fn mean(&self, labels: &[&str], name: &str) -> (f64, u64) {
        let estimate = self.estimate(labels, name);
        (estimate["value"].as_f64().expect("a number"), count(&estimate["of"]))
    }

    pub(crate) fn contrast(&self, name: &str) -> &Value {
        find(&self.0["contrasts"], name, |contrast| contrast["name"] == name)
    }
}

pub(crate) fn find<'v>(list: &'v Value, what: &str, is: impl Fn(&Value) -> bool) -> &'v Value {
    let found = list.as_array().expect("a list").iter().find(|item| is(item));
    found.unwrap_or_else(|| panic!("no {what} in {list:#}"))
}

pub(crate) fn count(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no count"))
}
