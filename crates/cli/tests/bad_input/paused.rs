//! Faults that show only once work has begun: the sweep pauses, says why, and goes on later.

use std::process::Command;

use iago_simulated_endpoint::{Endpoint, Settings};
use tokio::task::block_in_place;

use crate::row::assert_said;
use crate::small_sweep::{JOBS, one_by_one, small_world, sweep};
use crate::world::{World, finish, rows};

const KEY: &str = "IAGO_BAD_INPUT_KEY";

/// A world whose endpoint wants a key, and asks for it one call at a time.
fn keyed_world(endpoint: &Endpoint) -> World {
    let world = small_world();
    let url = endpoint.url();
    world.write(
        "endpoints.toml",
        format!(
            "[endpoints.simulated]\nprotocol = \"anthropic-messages\"\nurl = \"{url}\"\n\
             key_env = \"{KEY}\"\nconcurrency = 1\n"
        ),
    );
    world
}

fn run_with_key(world: &World, key: &str) -> Command {
    let mut command = world.run_command(sweep());
    command.env(KEY, key);
    command
}

const WRONG_KEY: &str = "\
small s1: a new sweep (16 transcripts asked for)
… calls in …
iago: paused: endpoint `simulated`: credential refused (401): the API key is missing or wrong; no \
job was lost; mend it, then run the same command again to go on";

const GOES_ON: &str = "\
small s1: known: going on where it stands (16 transcripts asked for)
report …/reports/small-s1-SIMULATED.html
… calls in …";

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_burns_nothing_and_the_right_one_completes() {
    let settings =
        Settings { api_key: Some("key-of-the-account".to_owned()), ..Settings::default() };
    let endpoint = Endpoint::start(settings).await.expect("a free port");
    let world = keyed_world(&endpoint);

    let ran = block_in_place(|| finish(run_with_key(&world, "key-of-nobody")));
    assert_said(&world, &ran, 77, WRONG_KEY);
    let turned_away = endpoint.log();
    assert_eq!((turned_away.calls, turned_away.rejected), (1, 1), "one call tells it");
    let paused = rows(&world.store()).await;
    assert_eq!(paused.totals.failures, 0, "{:?}", paused.totals);
    assert_eq!(paused.results, []);
    assert_eq!(paused.totals.calls(), turned_away.calls, "and it is accounted for");

    let ran = block_in_place(|| finish(run_with_key(&world, "key-of-the-account")));
    assert_said(&world, &ran, 0, GOES_ON);
    let done = rows(&world.store()).await;
    assert_eq!((done.results.len(), done.totals.failures), (JOBS, 0));
    assert_eq!(done.totals.calls(), endpoint.log().calls);
}

/// A world whose endpoint is at this address.
fn world_at(url: &str) -> World {
    let world = small_world();
    let section = "[endpoints.simulated]\nprotocol = \"anthropic-messages\"\nauth = \"none\"\n";
    world.write("endpoints.toml", format!("{section}url = \"{url}\"\nconcurrency = 1\n"));
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_path_burns_nothing_and_the_right_one_completes() {
    let endpoint = Endpoint::start(Settings::default()).await.expect("a free port");
    let (right, wrong) = (endpoint.url(), format!("{}/api", endpoint.url()));
    let world = world_at(&wrong);

    let ran = block_in_place(|| world.run(sweep()));
    assert_eq!(ran.code, 78, "{ran:?}");
    let said = format!(
        "endpoint `simulated`: nothing speaks anthropic-messages at {wrong}/v1/messages (404: HTTP \
         404 without a readable message); correct its `url`, or its `protocol`, in the \
         configuration; no job was lost; mend it, then run the same command again to go on"
    );
    assert!(ran.stderr.contains(&said), "{}", ran.stderr);
    let paused = rows(&world.store()).await;
    assert_eq!((paused.results.len(), paused.totals.failures), (0, 0), "{:?}", paused.totals);
    assert_eq!(paused.totals.calls(), 1, "one call tells it");

    world.edit("endpoints.toml", &wrong, &right);
    let ran = block_in_place(|| world.run(sweep()));
    assert_said(&world, &ran, 0, GOES_ON);
    let done = rows(&world.store()).await;
    assert_eq!((done.results.len(), done.totals.failures), (JOBS, 0));
}

const NO_MONEY: &str = "\
small s1: a new sweep (16 transcripts asked for)
… calls in …
iago: paused: endpoint `simulated`: spend limit (429): the credit is used up; no job was lost; \
mend it, then run the same command again to go on";

#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_money_burns_nothing() {
    let world = one_by_one("sim-billing", 4);
    let ran = block_in_place(|| world.run(sweep()));
    assert_said(&world, &ran, 77, NO_MONEY);
    let paused = rows(&world.store()).await;
    assert_eq!((paused.results.len(), paused.totals.failures), (0, 0));
    assert_eq!(paused.totals.calls(), 1, "one call tells it");
}

const REJECTED: &str = "\
small s1: a new sweep (2,000 transcripts asked for)
… calls in …
iago: paused: stage `response` of model `subject` under `CELL` was rejected 20 times in 20: this \
model calls every request invalid; mend it, then run the same command again to go on, with --retry";

#[tokio::test(flavor = "multi_thread")]
async fn a_cell_that_is_rejected_every_time_pauses_the_sweep_early() {
    let world = one_by_one("sim-rejects", 500);
    let ran = block_in_place(|| world.run(sweep()));
    // Both cells of the model are hopeless; which one is found out first is a matter of order.
    let cell = if ran.stderr.contains("`paid`") { "paid" } else { "free" };
    assert_said(&world, &ran, 3, &REJECTED.replace("CELL", cell));
    let paused = rows(&world.store()).await;
    assert_eq!(paused.results, []);
    let burnt = paused.totals.failures;
    assert!(burnt < 100, "{burnt} of 2,000 jobs are burnt");
    assert_eq!(paused.totals.calls(), burnt, "no rejected call was made again");
}
