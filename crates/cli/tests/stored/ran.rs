//! The flagship over a few prompts, run by the program with the endpoint that it starts itself.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::world::{Ran, World, finish, iago};

pub(crate) const SWEEP: &str = "sweeps/alignment-faking.toml";
pub(crate) const NAME: &str = "alignment-faking";

/// How many prompts it is over; each is repeated twice in twelve cells.
pub(crate) const PROMPTS: usize = 8;

/// A world in which the sweep was run, and how that ended.
pub(crate) struct Done {
    pub(crate) world: World,
    pub(crate) ran: Ran,
}

impl Done {
    pub(crate) fn new(arguments: &[&str]) -> Self {
        let world = World::new();
        world.copy_flagship();
        let file = world.path("prompts/requests-to-refuse.jsonl");
        let text = std::fs::read_to_string(file).expect("it ships");
        let kept: Vec<&str> = text.lines().take(PROMPTS).collect();
        world.write("prompts/requests-to-refuse.jsonl", kept.join("\n"));
        world.edit(SWEEP, "repeats = 5", "repeats = 2");
        let ran = run(&world, arguments);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        Self { world, ran }
    }

    /// Runs the sweep again.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        run(&self.world, arguments)
    }

    /// A command over the store.
    pub(crate) fn ask(&self, arguments: &[&str]) -> Ran {
        let store = self.world.store();
        self.ask_as(&[arguments, &["--store", store.to_str().expect("UTF-8")]].concat())
    }

    pub(crate) fn ask_as(&self, arguments: &[&str]) -> Ran {
        let mut command: Command = iago();
        command.args(arguments).current_dir(self.world.path(""));
        finish(command)
    }

    /// What a command over the store prints.
    pub(crate) fn told(&self, arguments: &[&str]) -> String {
        let ran = self.ask(arguments);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stdout
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.world.path(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }
}

fn run(world: &World, arguments: &[&str]) -> Ran {
    let mut command = world.run_command(&world.path(SWEEP));
    command.args(arguments);
    finish(command)
}

/// The objects of a file with one a line.
pub(crate) fn objects(lines: &str) -> Vec<Value> {
    lines.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect()
}
