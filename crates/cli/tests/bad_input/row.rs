//! One row of the table: a sound world, what is done to it, and what then has to be said.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;

use crate::small_sweep::{small_world, sweep};
use crate::world::{Ran, World, finish};

/// One change to a world that was sound.
pub(crate) enum Change {
    /// In this file, this text by that one.
    Replace(&'static str, &'static str, &'static str),
    /// This file with that content.
    Write(&'static str, &'static str),
    /// No such file any more.
    Remove(&'static str),
    /// One more argument for the command.
    Argument(&'static str),
}

/// Tests, one for each row, that a change is refused with this exit code and exactly these words on
/// stderr, and that nothing was written.
macro_rules! refused {
    ($($name:ident: [$($change:expr),+] => $code:literal, $stderr:expr;)+) => {$(
        #[test]
        fn $name() {
            $crate::row::assert_refused(&[$($change),+], $code, $stderr);
        }
    )+};
}
pub(crate) use refused;

pub(crate) fn assert_refused(changes: &[Change], code: i32, stderr: &str) {
    let world = small_world();
    let mut arguments = Vec::new();
    for change in changes {
        match change {
            Change::Replace(file, from, to) => world.edit(file, from, to),
            Change::Write(file, content) => drop(world.write(file, content)),
            Change::Remove(file) => {
                std::fs::remove_file(world.path(file)).expect("it was there");
            }
            Change::Argument(argument) => arguments.push(argument),
        }
    }
    let before = files(&world);
    let mut command = world.run_command(sweep());
    command.args(arguments);
    assert_said(&world, &finish(command), code, stderr);
    assert_eq!(files(&world), before, "nothing is to be written");
}

/// Holds what a command said on stderr against what it has to say, with `…/` for the world's folder
/// and `…` for counts and times that no two runs share.
pub(crate) fn assert_said(world: &World, ran: &Ran, code: i32, stderr: &str) {
    assert_eq!(said(world, ran), stderr);
    assert_eq!(ran.code, code, "{}", ran.stderr);
}

fn said(world: &World, ran: &Ran) -> String {
    let folder = format!("{}/", world.path("").display().to_string().trim_end_matches('/'));
    let hide = |line: &str| match line.split_once(" up to ").zip(line.split_once(" jobs may ")) {
        Some(((before, _), (_, after))) => format!("{before} up to … jobs may {after}"),
        None if line.contains(" calls in ") || line.contains(" call in ") => {
            "… calls in …".to_owned()
        }
        None => line.replace(&folder, "…/"),
    };
    ran.stderr.lines().map(hide).collect::<Vec<_>>().join("\n")
}

/// Every file of a world, with its content.
pub(crate) fn files(world: &World) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    gather(&world.path(""), &mut found);
    found
}

fn gather(folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).expect("readable") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            gather(&path, found);
        } else {
            let content = std::fs::read(&path).expect("readable");
            found.insert(OsStr::to_string_lossy(path.as_os_str()).into_owned(), content);
        }
    }
}
