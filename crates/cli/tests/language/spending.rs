//! What a sweep will take, what it took of a part, and what it must not ask: before anything is spent.

use std::process::Command;

use serde_json::Value;

use crate::shipped::copy;
use crate::world::{Ran, World, finish, iago};

const SWEEP: &str = "sweeps/exact-match.toml";
const PRICE: &str = "[endpoints.simulated.prices.\"sim-*\"]\ninput = 1\noutput = 5\n";
const PROMPTS: &str = "prompts/word-problems.csv";

fn ask(world: &World, arguments: &[&str]) -> Ran {
    let mut command: Command = iago();
    command.args(arguments).current_dir(world.path(""));
    finish(command)
}

/// A vendor at which nobody listens, with these lines under it.
fn vendor(world: &World, more: &str) {
    world.write(
        "vendor.toml",
        format!(
            "prices = \"\"\n[endpoints.simulated]\nprotocol = \"anthropic-messages\"\n\
             url = \"https://api.example.com\"\nauth = \"none\"\n{more}"
        ),
    );
}

fn plan(world: &World) -> Value {
    let ran = ask(world, &["plan", SWEEP, "--config", "vendor.toml", "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    serde_json::from_str(&ran.stdout).expect("it is JSON")
}

fn pool<'a>(pools: &'a Value, name: &str) -> &'a Value {
    let named = |pool: &&Value| pool["pool"] == name;
    pools.as_array().expect("a list").iter().find(named).expect("the pool")
}

#[test]
fn a_plan_says_of_each_pool_what_its_hours_and_dollars_rest_on() {
    let world = copy();
    vendor(
        &world,
        "concurrency = 10\noutput_tokens_per_minute = 1000\npools = [\"all\"]\n\
         [endpoints.simulated.prices.\"sim-*\"]\ninput = 1\noutput = 5\n\
         [pools.all]\nrequests_per_day = 700\n",
    );
    let plan = plan(&world);
    let pools = &plan["pools_at_most"];
    let (own, shared) = (pool(pools, "simulated"), pool(pools, "all"));
    assert_eq!(own["hours_rest_on"], "output_tokens_per_minute = 1,000");
    assert_eq!(own["dollars_rest_on"][0], "[endpoints.simulated.prices]");
    assert_eq!(shared["hours_rest_on"], "requests_per_day = 700");
    assert_eq!(own["calls"], shared["calls"], "each call draws from both");
    assert_eq!(shared["hours"], 24.0, "1,400 calls: the first day takes half");
    assert_eq!(plan["dollars_at_most"], own["dollars"], "and is paid for once");
}

#[test]
fn a_model_without_a_price_costs_nobody_knows_what() {
    let world = copy();
    vendor(&world, "");
    world.edit(SWEEP, "budget_usd = 20", "");
    let plan = plan(&world);
    assert_eq!(plan["dollars_at_most"], Value::Null);
    let own = pool(&plan["pools_at_most"], "simulated");
    assert!(own["dollars_rest_on"].to_string().contains("no price of"), "{own}");
    assert!(own["hours_rest_on"].to_string().contains("a guess of 1 s and 50 tokens/s"), "{own}");
}

#[test]
fn what_a_model_is_known_to_reject_is_an_error_before_anything_is_sent() {
    let world = copy();
    vendor(
        &world,
        "anthropic_version = \"2026-10-21\"\n[endpoints.simulated.prices.\"sim-*\"]\n\
         input = 1\noutput = 5\n",
    );
    world.write(
        "client.toml",
        "endpoints = \"vendor.toml\"\ncoordinators = [\"http://127.0.0.1:1\"]\n",
    );
    for arguments in [
        ["plan", SWEEP, "--config", "vendor.toml"],
        ["run", SWEEP, "--config", "vendor.toml"],
        ["submit", SWEEP, "--config", "client.toml"],
    ] {
        let ran = ask(&world, &arguments);
        assert_eq!(ran.code, 65, "{arguments:?}: {}", ran.stderr);
        for words in ["model `alpha`", "defaults.temperature: ", "2026-10-21", "leave it out"] {
            assert!(ran.stderr.contains(words), "{words}: {}", ran.stderr);
        }
    }
    assert!(!world.path(".iago").exists(), "nothing was stored");
}

/// What `plan` and `run` say of the shipped sweep within this vendor's limits: the same.
fn refused(world: &World, code: i32, words: &[&str]) {
    for command in ["plan", "run"] {
        let ran = ask(world, &[command, SWEEP, "--config", "vendor.toml"]);
        assert_eq!(ran.code, code, "{command}: {}", ran.stderr);
        for words in words {
            assert!(ran.stderr.contains(words), "{command}, {words}: {}", ran.stderr);
        }
    }
    assert!(!world.path(".iago").exists(), "nothing was stored");
}

#[test]
fn the_longest_request_is_what_has_to_fit_into_a_limit() {
    let world = copy();
    vendor(&world, &format!("input_tokens_per_minute = 200\n{PRICE}"));
    assert_eq!(ask(&world, &["plan", SWEEP, "--config", "vendor.toml"]).code, 0, "all fit");
    let long = format!("p-long,{},4\n", "How much is it all together? ".repeat(40));
    let set = std::fs::read_to_string(world.path(PROMPTS)).expect("it ships");
    world.write(PROMPTS, format!("{set}{long}"));
    let limit = "and pool `simulated` takes 200 a minute: shorten the texts or leave the longest \
                 prompts out, or raise input_tokens_per_minute of `simulated`";
    refused(
        &world,
        65,
        &["stage `reply` asks model `alpha`", "(prompt `p-long`, condition", limit],
    );
}

#[test]
fn one_call_that_may_answer_more_than_a_minute_allows_is_an_error() {
    let world = copy();
    vendor(&world, &format!("output_tokens_per_minute = 511\n{PRICE}"));
    let limit = "for up to 512 output tokens in one request, and pool `simulated` takes 511 a minute: \
                 lower its max_output_tokens, or raise output_tokens_per_minute";
    refused(&world, 65, &[limit]);
    vendor(&world, &format!("tokens_per_minute = 520\n{PRICE}"));
    refused(
        &world,
        65,
        &["input tokens and for up to 512 output tokens in one request", "takes 520"],
    );
}

#[test]
fn a_missing_price_under_a_limit_of_dollars_is_told_before_a_missing_key() {
    let world = copy();
    let keyed = |more: &str| {
        vendor(&world, more);
        world.edit("vendor.toml", "auth = \"none\"", "key_env = \"NO_SUCH_KEY_IS_SET\"");
    };
    world.edit(SWEEP, "budget_usd = 20", "");
    keyed("usd_per_day = 3\n");
    let way_out = "to config/prices.toml (`iago prices import`";
    refused(
        &world,
        78,
        &["pool `simulated` has usd_per_day, but model `sim-accuracy-90`", way_out],
    );
    keyed("");
    world.edit(SWEEP, "repeats = 1 ", "budget_usd = 20\nrepeats = 1 ");
    refused(&world, 78, &["the sweep has a budget_usd, but model `sim-accuracy-90`", way_out]);
}

#[test]
fn the_most_that_a_plan_tells_is_what_the_run_would_hold_back() {
    let world = copy();
    let price = "[endpoints.simulated.prices.\"sim-*\"]\ninput = 1\noutput = 0\n";
    vendor(&world, price);
    let most = plan(&world)["dollars_at_most"].as_f64().expect("a price is known");
    world.edit(SWEEP, "budget_usd = 20", "budget_usd = 0.000001");
    let ran = ask(&world, &["plan", SWEEP, "--config", "vendor.toml"]);
    assert!(ran.stderr.contains("pauses at its budget of $0.000001"), "{}", ran.stderr);
    // A dollar for a million tokens: by 2 bytes a token and the room of an answer, and not by 4 bytes.
    let one = most / 1_400.0 * 1e6;
    assert!((512.0 + 91.0 * 2.0..1_000.0).contains(&one), "{one}");
}

#[test]
fn a_pilot_says_what_the_whole_would_take_and_a_plan_remembers_it() {
    let world = copy();
    let ran = ask(&world, &["run", SWEEP, "--limit", "5"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let said = "by this pilot: 5 of 100 prompts; the whole would take";
    assert!(ran.stdout.contains(said), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("OUTPUT A JOB") && ran.stdout.contains("REFUSED"),
        "{}",
        ran.stdout
    );

    let ran = ask(&world, &["plan", SWEEP, "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let plan: Value = serde_json::from_str(&ran.stdout).expect("it is JSON");
    let pilot = &plan["pilot"];
    assert_eq!((&pilot["prompts"], &pilot["of_prompts"]), (&5.into(), &100.into()));
    assert!(pilot["by"].as_str().expect("words").contains(".iago/store.sqlite"), "{pilot}");
    let expected = &pool(&pilot["pools"], "simulated")["expected"];
    assert_eq!(expected["jobs"], 1400.0, "14 cells of 100 prompts");
    assert_eq!(expected["calls"], 1400.0);
    let at_most = pool(&plan["pools_at_most"], "simulated")["output_tokens"].as_f64();
    assert!(expected["output_tokens"].as_f64() < at_most, "answers are shorter than their limit");
    let words = ask(&world, &["plan", SWEEP]).stdout;
    assert!(words.contains("by what is stored of it as s1 in"), "{words}");
}

#[test]
fn room_that_is_held_back_for_answers_takes_no_minute_of_an_input_limit() {
    let world = copy();
    vendor(&world, &format!("concurrency = 1000\ninput_tokens_per_minute = 1000\n{PRICE}"));
    let plan = plan(&world);
    let own = pool(&plan["pools_at_most"], "simulated");
    let input = own["input_tokens"].as_f64().expect("a number");
    assert!(input < 1_400.0 * 400.0, "short texts, and no answer is among them: {input}");
    assert_eq!(own["hours_rest_on"], "input_tokens_per_minute = 1,000");
    assert_eq!(own["hours"], input / 1_000.0 / 60.0);
}

#[test]
fn a_plan_of_a_part_of_what_is_stored_says_what_its_run_would() {
    let world = copy();
    let ran = ask(&world, &["run", SWEEP, "--limit", "5"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let told = |json: bool| {
        let more: &[&str] = if json { &["--json"] } else { &[] };
        let ran = ask(&world, &[&["plan", SWEEP, "--limit", "3"], more].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stdout
    };
    let part =
        "nothing will be asked, since s1 is known: it asks the 3 prompts of this pilot and 2 more";
    assert!(told(false).contains(part), "{}", told(false));
    let plan: Value = serde_json::from_str(&told(true)).expect("it is JSON");
    assert_eq!((&plan["stored"], &plan["pilot"]), (&part.into(), &Value::Null));
    world.edit(SWEEP, "repeats = 1 ", "repeats = 2 ");
    let beyond = "a run is refused: s1 asks the 3 prompts of this pilot and 2 more, and this file asks \
                  something beyond that";
    assert!(told(false).contains(beyond), "{}", told(false));
}

#[test]
fn a_pilot_of_which_nothing_was_answered_projects_nothing() {
    let world = copy();
    world.write(
        "mixed.toml",
        "prices = \"\"\n[endpoints.simulated]\nprotocol = \"anthropic-messages\"\n\
         [endpoints.simulated.simulation]\nseed = 0\n",
    );
    for id in ["90", "85", "84", "60", "10"] {
        world.edit(SWEEP, &format!("sim-accuracy-{id}"), &format!("sim-nobody-{id}"));
    }
    let ran = ask(&world, &["run", SWEEP, "--config", "mixed.toml", "--limit", "1"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let said = "jobs was answered, so nothing can be projected";
    let plan = ask(&world, &["plan", SWEEP, "--config", "mixed.toml"]).stdout;
    assert!(plan.contains(said) && !plan.contains("the whole would take"), "{plan}");
}

#[test]
fn a_pilot_in_json_has_its_projection_beside_the_report() {
    let world = copy();
    let ran = ask(&world, &["run", SWEEP, "--limit", "5", "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let report: Value = serde_json::from_str(&ran.stdout).expect("it is JSON");
    let pilot = &report["pilot"];
    assert_eq!((&pilot["prompts"], &pilot["answered"]), (&5.into(), &140.into()), "{pilot}");
    assert_eq!(pilot["cells"].as_array().map(Vec::len), Some(28), "{pilot}");
    assert!(report["course"].is_object(), "the report is as it was");
    let words = ask(&world, &["run", SWEEP, "--limit", "5"]).stdout;
    let table = words.split("STAGE ").nth(1).expect("a table by stage");
    assert!(table.lines().count() <= 13 && table.contains("all 3"), "{table}");
}

#[test]
fn prices_are_imported_and_shown_to_the_digit() {
    let world = World::new();
    world.write(
        "map.json",
        r#"{
            "sample_spec": { "input_cost_per_token": 0.0 },
            "vendor-large": { "litellm_provider": "v", "mode": "chat",
                "input_cost_per_token": 7.5e-7, "output_cost_per_token": 3.75e-06,
                "cache_read_input_token_cost": 7.5e-08,
                "input_cost_per_token_above_200k_tokens": 1.5e-6 },
            "vendor-pictures": { "litellm_provider": "v", "mode": "image_generation",
                "input_cost_per_token": 1e-6, "output_cost_per_token": 1e-6 }
        }"#,
    );
    world.write("prices.toml", "[models.\"mine\"] # by hand\ninput = 1\noutput = 2\n");
    world.write("endpoints.toml", "prices = \"prices.toml\"\n");
    let ran = ask(&world, &["prices", "import", "map.json", "--into", "prices.toml"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let source = "from LiteLLM's price map (MIT, Copyright (c) 2023 Berri AI): ";
    assert!(ran.stderr.contains(source), "{}", ran.stderr);
    let written = std::fs::read_to_string(world.path("prices.toml")).expect("it is written");
    assert!(written.starts_with("[models.\"mine\"] # by hand\n"), "{written}");
    assert!(written.contains("licence = \"MIT, Copyright (c) 2023 Berri AI\""), "{written}");

    let show = |id| ask(&world, &["prices", "show", id, "--config", "endpoints.toml", "--json"]);
    let shown: Value = serde_json::from_str(&show("vendor-large").stdout).expect("it is JSON");
    let price = &shown["prices"][0]["dollars_per_million_tokens"];
    assert_eq!((&price["input"], &price["cached_input"]), (&"0.75".into(), &"0.075".into()));
    assert_eq!(price["long"][0]["above_tokens"], 200_000);
    assert_eq!(price["long"][0]["output"], "3.75");
    assert_eq!(show("mine").code, 0);
    let ran = show("vendor-pictures");
    assert_eq!(ran.code, 66);
    assert!(ran.stderr.contains("unknown and never taken for zero"), "{}", ran.stderr);
}
