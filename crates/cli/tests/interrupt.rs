//! Ctrl-C: once drains, twice stops, and the same command goes on either way.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use iago_simulated_endpoint::Endpoint;

#[path = "support/world.rs"]
mod world;

use world::{Ran, World, endpoint, flagship, rows};

/// Jobs of the flagship's first 20 prompts.
const JOBS: usize = 19_500 / 5;

fn start(world: &World) -> Child {
    let mut command = world.run_command(&flagship());
    command.args(["--limit", "20"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
}

async fn until_calls(endpoint: &Endpoint, calls: u64) {
    while endpoint.log().calls < calls {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn interrupt(child: &Child) {
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(sent.expect("kill is there").success());
}

async fn end(child: Child) -> Ran {
    let output = tokio::task::spawn_blocking(|| child.wait_with_output());
    let output = output.await.expect("it ends").expect("its output");
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

async fn run_again(world: &World) -> Ran {
    let mut command = world.run_command(&flagship());
    command.args(["--limit", "20"]);
    tokio::task::spawn_blocking(|| world::finish(command)).await.expect("it ends")
}

#[tokio::test(flavor = "multi_thread")]
async fn once_keeps_what_is_in_flight_and_says_how_to_go_on() {
    let (world, endpoint) =
        (World::new(), endpoint(|s| s.latency = Duration::from_millis(20)).await);
    world.configure(&endpoint.url(), "anthropic-messages", 16, "");
    let child = start(&world);
    until_calls(&endpoint, 500).await;
    interrupt(&child);
    let ran = end(child).await;
    assert_eq!(ran.code, 130, "{}", ran.stderr);
    assert!(ran.stderr.contains("Ctrl-C again stops at once"), "{}", ran.stderr);
    assert!(ran.stderr.contains("run the same command again to go on"), "{}", ran.stderr);
    assert!(ran.stdout.contains("INTERIM"), "{}", ran.stdout);
    let stored = rows(&world.store()).await;
    assert!(stored.results.len() < JOBS);
    assert_eq!(stored.totals.calls(), endpoint.log().calls, "nothing in flight was lost");

    let again = run_again(&world).await;
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert!(!again.stderr.contains("may have been in flight"), "{}", again.stderr);
    assert_eq!(rows(&world.store()).await.results.len(), JOBS);
    let log = endpoint.log();
    assert_eq!(log.calls, JOBS as u64, "no job was asked twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn twice_stops_at_once() {
    let (world, endpoint) =
        (World::new(), endpoint(|s| s.latency = Duration::from_secs(120)).await);
    world.configure(&endpoint.url(), "anthropic-messages", 16, "");
    let mut child = start(&world);
    until_calls(&endpoint, 16).await;
    interrupt(&child);
    // The second must come after the first was seen, or the two are one signal.
    let mut talk = BufReader::new(child.stderr.take().expect("it is piped")).lines();
    let seen = talk.by_ref().map_while(Result::ok).any(|line| line.contains("Ctrl-C again"));
    assert!(seen, "the first Ctrl-C was not acknowledged");
    interrupt(&child);
    let rest: Vec<String> = talk.map_while(Result::ok).collect();
    assert_eq!(child.wait().expect("it ends").code(), Some(130), "{rest:?}");
    assert!(rest.iter().any(|line| line.contains("stopped at once")), "{rest:?}");
}
