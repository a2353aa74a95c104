//! Without a coordinator: the calls are made from here.

use iago_simulated_endpoint::Endpoint;
use serde_json::Value;

use crate::world::{Ran, World, endpoint, finish, iago};

const KEY: &str = "a-key-that-nobody-prints";

/// Runs it with the endpoint `simulated` at this address, and a key.
async fn doctor(url: &str, arguments: &[&str], key: &str) -> Ran {
    let world = World::new();
    world.write(
        "endpoints.toml",
        format!(
            "[endpoints.simulated]\nprotocol = \"anthropic-messages\"\nurl = \"{url}\"\n\
             key_env = \"THE_KEY\"\n"
        ),
    );
    let mut command = iago();
    command.args(["doctor", "--local", "--config", "endpoints.toml", "--json"]).args(arguments);
    command.current_dir(world.path("")).env("THE_KEY", key);
    let ran = tokio::task::spawn_blocking(|| finish(command)).await.expect("it ends");
    assert!(!world.path(".iago").exists(), "whoever looks makes no store");
    assert!(key.is_empty() || !format!("{ran:?}").contains(key), "a key is never shown");
    ran
}

async fn of(endpoint: &Endpoint, model: &str) -> Ran {
    doctor(&endpoint.url(), &["--model", &format!("simulated={model}")], KEY).await
}

/// What it found of something, by the beginning of its name.
fn finding(ran: &Ran, what: &str) -> Value {
    let found: Value = serde_json::from_str(&ran.stdout).expect("it is JSON");
    let found = found.as_array().expect("a list").iter();
    let mut named = found.filter(|one| one["what"].as_str().is_some_and(|of| of.starts_with(what)));
    named.next().unwrap_or_else(|| panic!("nothing of `{what}` in {ran:?}")).clone()
}

fn assert_wrong(ran: &Ran, code: i32, seen: &str, to_do: &str) {
    assert_eq!(ran.code, code, "{ran:?}");
    let finding = finding(ran, "endpoint simulated");
    assert_eq!(finding["ok"], false, "{finding}");
    assert!(finding["seen"].as_str().expect("words").contains(seen), "{finding}");
    assert!(finding["to_do"].as_str().expect("words").contains(to_do), "{finding}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_all_is_well_it_says_so_for_one_call() {
    let endpoint = endpoint(|_| {}).await;
    let ran = of(&endpoint, "sim-null").await;
    assert_eq!(ran.code, 0, "{ran:?}");
    let called = finding(&ran, "endpoint simulated, sim-null");
    assert_eq!(called["ok"], true);
    let seen = called["seen"].as_str().expect("words");
    for words in ["answered in ", "as that model", "cost $0", "SIMULATED"] {
        assert!(seen.contains(words), "{seen}");
    }
    assert_eq!(finding(&ran, "store")["seen"], "not there yet; it can be made");
    assert_eq!(endpoint.log().calls, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_model_is_named_for_is_reached_and_not_called() {
    let endpoint = endpoint(|_| {}).await;
    let world = World::new();
    let url = endpoint.url();
    world.write(
        "endpoints.toml",
        format!("[endpoints.own]\nprotocol = \"openai-chat\"\nauth = \"none\"\nurl = \"{url}\"\n"),
    );
    let mut command = iago();
    command.args(["doctor", "--local", "--config", "endpoints.toml"]).current_dir(world.path(""));
    let ran = tokio::task::spawn_blocking(|| finish(command)).await.expect("it ends");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stdout.contains("-   endpoint own"), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("ok  endpoint simulated, sim-null"),
        "the built-in one: {}",
        ran.stdout
    );
    assert_eq!(endpoint.log().calls, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_listens() {
    let ran = doctor("http://127.0.0.1:9", &["--model", "simulated=sim-null"], KEY).await;
    assert_wrong(&ran, 69, "nobody answers at http://127.0.0.1:9", "start the server");
    let ran = doctor("http://127.0.0.1:9", &[], KEY).await;
    assert_wrong(&ran, 69, "out of reach", "start it");
}

#[test]
fn a_proxy_that_nobody_is_at_is_the_first_thing_to_correct() {
    let world = World::new();
    let own = "[endpoints.simulated]\nprotocol = \"openai-chat\"\nauth = \"none\"\n";
    let away = "url = \"http://model.invalid\"\nproxy = \"http://127.0.0.1:9\"\n";
    world.write("endpoints.toml", format!("{own}{away}"));
    let mut command = iago();
    command.args(["doctor", "--local", "--config", "endpoints.toml", "--json"]);
    command.current_dir(world.path(""));
    let ran = finish(command);
    let seen = "has a proxy that makes no connection to http://model.invalid (";
    assert_wrong(&ran, 69, seen, "correct `proxy`, or else `url`");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_not_accepted() {
    let endpoint = endpoint(|settings| settings.api_key = Some("another".to_owned())).await;
    assert_wrong(&of(&endpoint, "sim-null").await, 77, "does not accept the key", "THE_KEY");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_not_set() {
    let ran = doctor("http://127.0.0.1:9", &["--model", "simulated=sim-null"], "").await;
    assert_wrong(&ran, 77, "THE_KEY, which is not set", "export the variable");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_nobody_has() {
    let endpoint = endpoint(|_| {}).await;
    assert_wrong(
        &of(&endpoint, "no-such-model").await,
        78,
        "has no model `no-such-model`",
        "model's id",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_money() {
    let endpoint = endpoint(|_| {}).await;
    assert_wrong(&of(&endpoint, "sim-billing").await, 77, "no money left", "add credit");
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_is_limited_without_a_price() {
    let world = World::new();
    // A gateway leads to somebody who wants to be paid.
    world.write(
        "endpoints.toml",
        "[endpoints.lab]\nprotocol = \"openai-chat\"\nurl = \"http://127.0.0.1:9\"\n\
         flavour = \"litellm\"\nauth = \"none\"\npools = [\"account\"]\n\
         [pools.account]\nusd_per_day = 5\n",
    );
    let doctor = |prices: &str| {
        world.write("prices.toml", prices);
        let mut command = iago();
        command.args(["doctor", "--local", "--config", "endpoints.toml", "--json"]);
        command.args(["--model", "lab=swift-1"]).current_dir(world.path(""));
        tokio::task::spawn_blocking(|| finish(command))
    };
    let ran = doctor("").await.expect("it ends");
    assert_eq!(ran.code, 78, "{ran:?}");
    let prices = finding(&ran, "prices");
    assert!(prices["seen"].as_str().expect("words").contains("`swift-1` has no price"), "{prices}");
    assert!(prices["to_do"].as_str().expect("words").contains("iago prices import"), "{prices}");
    let ran = doctor("[models.\"swift-*\"]\ninput = 1\noutput = 2\n").await.expect("it ends");
    assert!(!ran.stdout.contains("no price"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_endpoint_that_is_badly_described_hides_no_other() {
    let endpoint = endpoint(|_| {}).await;
    let world = World::new();
    let url = endpoint.url();
    world.write(
        "endpoints.toml",
        format!(
            "[endpoints.bad]\nprotocol = \"openai\"\nurl = \"{url}\"\n\
             [endpoints.good]\nprotocol = \"openai-chat\"\nurl = \"{url}\"\n"
        ),
    );
    let mut command = iago();
    command.args(["doctor", "--local", "--config", "endpoints.toml", "--json"]);
    command.args(["--model", "good=sim-null", "--model", "bad=sim-null"]);
    command.current_dir(world.path(""));
    let ran = tokio::task::spawn_blocking(|| finish(command)).await.expect("it ends");
    assert_eq!(ran.code, 78, "{ran:?}");
    assert_eq!(finding(&ran, "endpoint good, sim-null")["ok"], true, "{ran:?}");
    let bad = finding(&ran, "endpoint bad");
    assert!(bad["seen"].as_str().expect("words").starts_with("`openai` is not a known"), "{bad}");
    assert!(bad["to_do"].as_str().expect("words").contains("[endpoints.bad]"), "{bad}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coordinator_that_is_named_and_away() {
    let world = World::new();
    let mut command = iago();
    command.args(["doctor", "--coordinator", "http://127.0.0.1:9", "--json"]);
    command.current_dir(world.path(""));
    let ran = tokio::task::spawn_blocking(|| finish(command)).await.expect("it ends");
    assert_eq!(ran.code, 69, "{ran:?}");
    let coordinator = finding(&ran, "coordinator");
    assert_eq!(coordinator["ok"], false);
    assert!(coordinator["to_do"].as_str().expect("words").contains("start `iago coordinator`"));
    assert_eq!(finding(&ran, "endpoint simulated")["ok"], Value::Null, "nobody can call it");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_cannot_be_read_are_a_finding() {
    let world = World::new();
    world.write("endpoints.toml", "[endpoints.x]\nprotocol = \"openai-chat\"\nconcurency = 1\n");
    let mut command = iago();
    command.args(["doctor", "--local", "--config", "endpoints.toml", "--json"]);
    command.current_dir(world.path(""));
    let ran = tokio::task::spawn_blocking(|| finish(command)).await.expect("it ends");
    assert_eq!(ran.code, 78, "{ran:?}");
    let settings = finding(&ran, "settings endpoints.toml");
    assert!(settings["seen"].as_str().expect("words").contains("concurency"), "{settings}");
}
