//! What a plan says of its gates before a night is run for them.

use serde_json::Value;

use crate::shipped::copy;
use crate::world::{Ran, World, finish, iago};

const SWEEP: &str = "sweeps/nightly.toml";

fn ask(world: &World, arguments: &[&str]) -> Ran {
    let mut command = iago();
    command.args(arguments).current_dir(world.path(""));
    let ran = finish(command);
    assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.stderr);
    ran
}

/// The suite with margins that are too narrow for it.
fn narrow() -> World {
    let world = copy();
    world.edit(SWEEP, "margin = 0.15 ", "margin = 0.05 ");
    world.edit(SWEEP, "margin = 0.25 ", "margin = 0.08 ");
    world
}

fn gates(world: &World) -> Value {
    let plan = ask(world, &["plan", SWEEP, "--json"]).stdout;
    let plan: Value = serde_json::from_str(&plan).expect("it is JSON");
    plan["gates"].clone()
}

fn number(of: &Value) -> f64 {
    of.as_f64().unwrap_or_else(|| panic!("{of} is no number"))
}

#[test]
fn a_plan_says_what_its_night_can_tell_and_how_large_one_has_to_be() {
    let world = narrow();
    let gates = gates(&world);
    assert_eq!((&gates["repeats"], &gates["baseline_repeats"]), (&3.into(), &6.into()));
    assert_eq!((&gates["by"], &gates["enough"]), (&Value::Null, &false.into()));
    let listed = gates["gates"].as_array().expect("a list");
    let named: Vec<_> = listed.iter().map(|gate| gate["measure"].as_str()).collect();
    assert_eq!(named, [Some("good on tasks"), Some("over-refusal")], "advisory ones take nothing");
    let prompts: Vec<_> = listed.iter().map(|gate| number(&gate["prompts"])).collect();
    assert_eq!(prompts, [60.0, 30.0], "each by its own `where`");
    // A night is as good as the gate that tells least, and all pass more rarely than any.
    let least = |key| listed.iter().map(|gate| number(&gate[key])).fold(1.0, f64::min);
    let (pass, found) = ("passes_unchanged", "finds_twice_the_margin");
    assert!(number(&gates["all_pass_unchanged"]) <= least(pass));
    assert!((number(&gates[found]) - least(found)).abs() < 1e-12);

    let said = ask(&world, &["plan", SWEEP]).stdout;
    assert!(said.contains("no run of it is stored: a rate is taken for one half"), "{said}");
    let takes = number(&gates["recommended"]["repeats"]);
    assert!(takes > 3.0 && said.contains(&format!("take {takes} repeats")), "{said}");
}

#[test]
fn a_night_of_the_recommended_size_is_enough() {
    let world = narrow();
    let takes = gates(&world)["recommended"]["repeats"].to_string();
    world.edit(SWEEP, "repeats = 3\nbudget_usd", &format!("repeats = {takes}\nbudget_usd"));
    let larger = gates(&world);
    assert_eq!(larger["enough"], true);
    assert!(number(&larger["all_pass_unchanged"]) >= 0.9, "{larger}");
    assert!(number(&larger["finds_twice_the_margin"]) >= 0.95, "{larger}");
    let said = ask(&world, &["plan", SWEEP]).stdout;
    assert!(said.contains("that is enough for 90% and 95%"), "{said}");
}

#[test]
fn the_suite_that_ships_is_large_enough_for_its_margins() {
    assert_eq!(gates(&copy())["enough"], true);
}

#[test]
fn a_stored_run_says_what_to_expect() {
    let world = copy();
    let assumed = number(&gates(&world)["finds_twice_the_margin"]);
    ask(&world, &["run", SWEEP]);
    let seen = gates(&world);
    assert!(seen["by"].as_str().expect("words").contains("as s1 in"), "{seen}");
    let all_seen =
        seen["gates"].as_array().expect("a list").iter().all(|gate| gate["seen"] == true);
    assert!(all_seen, "{seen}");
    // Rates far from one half vary less.
    assert!(number(&seen["finds_twice_the_margin"]) > assumed, "{seen}");
    let said = ask(&world, &["plan", SWEEP]).stdout;
    assert!(said.contains("of the interval of each rate, what varies most"), "{said}");
}

#[test]
fn a_sweep_without_a_critical_gate_is_told_nothing_of_any() {
    let world = copy();
    let plan = ask(&world, &["plan", "sweeps/exact-match.toml", "--json"]).stdout;
    let plan: Value = serde_json::from_str(&plan).expect("it is JSON");
    assert!(plan.get("gates").is_none());
    let said = ask(&world, &["plan", "sweeps/exact-match.toml"]).stdout;
    assert!(!said.contains("GATE"), "{said}");
}

#[test]
fn a_critical_mean_takes_a_first_run_and_then_its_spread_is_known() {
    let world = copy();
    world.edit(SWEEP, "tier = \"advisory\"", "tier = \"critical\"");
    let unseen = gates(&world);
    assert_eq!((&unseen["all_pass_unchanged"], &unseen["enough"]), (&Value::Null, &false.into()));
    let said = ask(&world, &["plan", SWEEP]).stdout;
    assert!(said.contains("is not known before a first run"), "{said}");
    ask(&world, &["run", SWEEP]);
    let seen = gates(&world);
    assert!(number(&seen["all_pass_unchanged"]) >= 0.0, "{seen}");
    assert!(number(&seen["gates"][2]["margin"]) > 0.0, "a share of what was seen");
}
