//! A sweep that is compared with a baseline on one machine, without a coordinator and without a schedule: as
//! a pull request is. The verdict is an exit code, and files for whoever reads them.

use std::process::Command;

use serde_json::Value;

use crate::world::{Ran, World, finish, iago};

const SWEEP: &str = "sweeps/nightly.toml";
const NAME: &str = "assistant-nightly";
const BASELINE: &str = "monday";

/// A world in which the suite was run with six repeats, and that run is a baseline.
fn world() -> World {
    let world = World::new();
    world.copy_flagship();
    for file in [SWEEP, "sweeps/assistant/system.md", "sweeps/assistant/judge-quality.md"] {
        copy(&world, file);
    }
    copy(&world, "prompts/assistant-suite.jsonl");
    copy(&world, "gold/assistant-quality.jsonl");
    configure(&world, "");
    world.edit(SWEEP, "repeats = 3\n", "repeats = 6\n");
    let ran = run(&world, &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let told = ask(&world, &["baseline", "set", BASELINE, NAME]);
    assert_eq!(told.code, 0, "{}", told.stderr);
    let pinned = format!("baseline   {BASELINE}: {NAME} s1, revision 0, done\nrepeats    6\n");
    assert!(told.stdout.starts_with(&pinned), "{}", told.stdout);
    assert!(told.stdout.contains("assistant: sim-assistant-2026-09\n"), "{}", told.stdout);
    // What a pull request would change.
    let system = std::fs::read_to_string(world.path("sweeps/assistant/system.md")).expect("a text");
    world.write("sweeps/assistant/system.md", format!("{system}\nSay please.\n"));
    world
}

fn copy(world: &World, file: &str) {
    let text = std::fs::read(crate::world::root().join("config").join(file)).expect("it ships");
    world.write(file, text);
}

/// The endpoint, with what is wrong with it.
fn configure(world: &World, trouble: &str) {
    let text = format!(
        "[endpoints.simulated]\nprotocol = \"anthropic-messages\"\nsimulation = {{ trouble = {{ {trouble} }} }}\n"
    );
    world.write("endpoints.toml", text);
}

fn run(world: &World, arguments: &[&str]) -> Ran {
    let mut command = world.run_command(&world.path(SWEEP));
    command.args(arguments);
    finish(command)
}

/// A command over the store.
fn ask(world: &World, arguments: &[&str]) -> Ran {
    let mut command: Command = iago();
    command.args(arguments).arg("--store").arg(world.store()).current_dir(world.path(""));
    finish(command)
}

/// What the gates say, as JSON, which the exit code has to agree with.
fn gate(world: &World, arguments: &[&str]) -> Value {
    let ran = ask(world, &[&["gate", NAME, "--json"], arguments].concat());
    let told: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran:?}"));
    assert_eq!(told["exit_code"], ran.code, "{}", ran.stderr);
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_got_worse_fails_a_pull_request_and_the_same_model_does_not() {
    let world = world();
    let ran = run(&world, &["--against", BASELINE]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("\nSIMULATED  "), "{}", ran.stdout);
    let next = format!("`iago gate s2 --baseline {BASELINE} --store ");
    assert!(ran.stderr.contains(&next), "{}", ran.stderr);
    assert_eq!(gate(&world, &[])["word"], "pass");

    configure(&world, "swapped = { sim-assistant = \"sim-assistant-worse-30\" }");
    let system = world.path("sweeps/assistant/system.md");
    let text = std::fs::read_to_string(system).expect("a text");
    world.write("sweeps/assistant/system.md", format!("{text}\nSay thanks.\n"));
    let ran = run(&world, &["--against", BASELINE, "--json"]);
    // Somebody else decides by the verdict; the run itself did all that it was asked to.
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let told = gate(&world, &["--junit", "gate.xml", "--markdown", "gate.md", "--flips", "2"]);
    assert_eq!((&told["word"], &told["exit_code"]), (&"regression".into(), &1.into()), "{told}");
    assert_eq!(told["flips"].as_array().map(Vec::len), Some(2));
    let sides = ["baseline", "tonight"].map(|side| told["flips"][0][side]["said"].clone());
    assert!(sides.iter().all(|said| !said.as_array().expect("stages").is_empty()), "{sides:?}");
    for (name, holds) in [("gate-SIMULATED.xml", "<failure"), ("gate-SIMULATED.md", "<table>")] {
        let text = std::fs::read_to_string(world.path(name)).expect("it was written");
        assert!(text.contains(holds) && text.contains("SIMULATED"), "{name}: {text}");
    }
    assert!(!world.path("gate.xml").exists() && !world.path("gate.md").exists());
}

/// What is compared with itself has always stayed the same: that would be a pass which says nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_that_asks_what_its_baseline_asked_is_asked_anew_and_once() {
    let world = world();
    let system = std::fs::read_to_string(world.path("sweeps/assistant/system.md")).expect("a text");
    world.write("sweeps/assistant/system.md", system.replace("\nSay please.\n", ""));
    let itself = ask(&world, &["gate", "s1", "--baseline", BASELINE]);
    assert!(itself.code >= 64 && itself.stderr.contains("--against monday"), "{itself:?}");
    configure(&world, "swapped = { sim-assistant = \"sim-assistant-worse-30\" }");
    let ran = run(&world, &["--against", BASELINE]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let told = gate(&world, &[]);
    assert_eq!((&told["word"], &told["morning"]["sweep"]), (&"regression".into(), &2.into()));
    let again = run(&world, &["--against", BASELINE]);
    assert!(again.stderr.contains("0 calls in"), "{}", again.stderr);
    assert_eq!(gate(&world, &[])["morning"]["sweep"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_model_behind_the_name_and_another_judge_have_words_of_their_own() {
    let world = world();
    for (swap, word) in [
        ("sim-assistant = \"sim-assistant-replaced\"", "changed-model"),
        ("sim-judge = \"sim-judge-strict-40\"", "changed-judge"),
    ] {
        configure(&world, &format!("swapped = {{ {swap} }}"));
        let system =
            std::fs::read_to_string(world.path("sweeps/assistant/system.md")).expect("a text");
        world.write("sweeps/assistant/system.md", format!("{system}\nSay {word}.\n"));
        let ran = run(&world, &["--against", BASELINE]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert_eq!(gate(&world, &[])["word"], word, "{}", ran.stdout);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_judged_is_no_verdict() {
    let world = world();
    let other = run(&world, &["--against", "tuesday"]);
    assert!(other.code >= 64 && other.stderr.contains("tuesday"), "{other:?}");
    let rows: [(&[&str], &str); 4] = [
        (&["gate", "7"], "s7"),
        (&["gate", "nobody"], "nobody"),
        (&["gate", NAME], "--baseline"),
        (&["gate", NAME, "--baseline", "tuesday"], "tuesday"),
    ];
    for (arguments, named) in rows {
        let ran = ask(&world, arguments);
        assert!(ran.code >= 64, "{arguments:?}: {ran:?}");
        assert!(ran.stderr.contains(named) && ran.stdout.is_empty(), "{arguments:?}: {ran:?}");
    }
    let full = ask(&world, &["gate", NAME, "--baseline", BASELINE, "--junit", "/nowhere/gate.xml"]);
    assert!(full.code >= 64, "{full:?}");
}

#[test]
fn a_baseline_never_moves_by_itself() {
    let world = world();
    let ran = run(&world, &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let taken = ask(&world, &["baseline", "set", BASELINE, "2"]);
    assert_ne!(taken.code, 0, "{taken:?}");
    assert!(taken.stderr.contains("--replace"), "{taken:?}");
    let listed = |world: &World| ask(world, &["baseline", "list", "--json"]).stdout;
    let sweep =
        |told: String| serde_json::from_str::<Value>(&told).expect("JSON")[0]["sweep"].clone();
    assert_eq!(sweep(listed(&world)), 1);
    let replaced = ask(&world, &["baseline", "set", BASELINE, "2", "--replace"]);
    assert!(replaced.stdout.contains("\ninstead of s1"), "{replaced:?}");
    assert_eq!(sweep(listed(&world)), 2);
    assert_eq!(ask(&world, &["baseline", "remove", BASELINE]).code, 0);
    assert_eq!(listed(&world), "[]\n");
    let gone = ask(&world, &["baseline", "remove", BASELINE]);
    assert_eq!(gone.code, 66, "{gone:?}");
}
