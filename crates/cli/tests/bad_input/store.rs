//! Faults of the place where results are kept.

use iago_store_sqlite::SqliteStore;
use tokio::task::block_in_place;

use crate::row::{assert_said, files};
use crate::small_sweep::{JOBS, small_world, sweep};
use crate::world::{World, finish, rows};

/// A world whose sweep is done and whose store is closed.
async fn finished_world() -> World {
    let world = small_world();
    let ran = block_in_place(|| world.run(sweep()));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(rows(&world.store()).await.results.len(), JOBS);
    world
}

const NEWER: &str = "\
iago: the store was made by a newer iago (its layout is version 1000, this iago knows 5): update \
iago, or use another store";

/// Where SQLite keeps `user_version` in the head of a database: four bytes, the highest first.
/// <https://www.sqlite.org/fileformat.html#user_version_number>
const USER_VERSION_AT: usize = 60;

#[tokio::test(flavor = "multi_thread")]
async fn a_store_of_a_newer_program_stays_as_it_is() {
    let world = finished_world().await;
    let mut database = std::fs::read(world.store()).expect("it is there");
    database[USER_VERSION_AT..USER_VERSION_AT + 4].copy_from_slice(&1_000_u32.to_be_bytes());
    std::fs::write(world.store(), &database).expect("it can be written");

    let ran = block_in_place(|| world.run(sweep()));
    assert_said(&world, &ran, 73, NEWER);
    let after = std::fs::read(world.store()).expect("it is there");
    assert!(after == database, "not a byte of it is changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_another_process_holds() {
    let world = finished_world().await;
    let held = SqliteStore::open(&world.store()).await.expect("nobody else has it");
    let before = files(&world);
    let ran = block_in_place(|| world.run(sweep()));
    let in_use = format!(
        "iago: the store …/store.sqlite is in use by process {}: stop that one first, or use \
         another store",
        std::process::id()
    );
    assert_said(&world, &ran, 75, &in_use);
    assert_eq!(files(&world), before);
    held.close().await.expect("it closes");
    let ran = block_in_place(|| world.run(sweep()));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

/// A root user writes wherever there is a place, so the place is one that cannot be.
#[test]
fn a_store_in_a_place_that_cannot_be() {
    let world = small_world();
    let before = files(&world);
    let mut command = crate::world::iago();
    command.args(["run", "small.toml", "--store", "user.md/store.sqlite"]);
    command.current_dir(world.path(""));
    let nowhere = "iago: cannot use the store …/user.md/store.sqlite: File exists (os error 17); \
                   name another place with --store";
    assert_said(&world, &finish(command), 73, nowhere);
    assert_eq!(files(&world), before);
}

#[test]
fn a_store_that_is_no_database() {
    let world = small_world();
    world.write("store.sqlite", "Not a database, but somebody's notes.");
    let ran = world.run(sweep());
    let foreign = "iago: cannot use the store …/store.sqlite: it is not a store of iago's, or is one \
                   no longer; name another place with --store";
    assert_said(&world, &ran, 73, foreign);
    let notes = std::fs::read(world.store()).expect("it is there");
    assert_eq!(notes, b"Not a database, but somebody's notes.");
}
