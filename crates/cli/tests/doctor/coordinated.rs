//! With a coordinator: the calls are a worker's, and the sweep for it is handed in like any other.

use crate::fleet::{Fleet, Setup};
use crate::world::{Ran, finish};

const PROMPTS: usize = 1;

/// Asks with the operator's token.
fn doctor(fleet: &Fleet, model: &str) -> Ran {
    let mut command = fleet.command();
    command.args(["doctor", "--model", model, "--client"]).arg(fleet.config("client"));
    command.arg("--config").arg(fleet.config("endpoints"));
    command.env("IAGO_TOKEN", &fleet.operator_token);
    finish(command)
}

async fn fleet() -> Fleet {
    let mut fleet = Fleet::new(Setup { prompts: PROMPTS, ..Setup::default() }).await;
    fleet.lead().await;
    fleet
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_makes_the_call_and_what_it_saw_is_told() {
    let mut fleet = fleet().await;
    fleet.start_worker("w1");
    let ran = doctor(&fleet, "simulated=sim-null");
    assert_eq!(ran.code, 0, "{ran:?}");
    for line in ["ok  coordinator", "ok  endpoint simulated, sim-null"] {
        assert!(ran.stdout.contains(line), "{}", ran.stdout);
    }
    assert_eq!(fleet.calls(), 1);
    let listed = fleet.ask(&["status"]).stdout;
    assert!(listed.contains("doctor") && listed.contains("done"), "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_worker_and_no_such_endpoint_are_told_apart() {
    let mut fleet = fleet().await;
    let ran = doctor(&fleet, "simulated=sim-null");
    assert_eq!(ran.code, 69, "{ran:?}");
    assert!(ran.stdout.contains("no worker is connected"), "{}", ran.stdout);
    let listed = fleet.ask(&["status"]).stdout;
    assert!(listed.contains("cancelled"), "it is not to run later: {listed}");

    // A worker that serves something else.
    fleet.world.write(
        "elsewhere.toml",
        "[endpoints.other]\nprotocol = \"openai-chat\"\nauth = \"none\"\nurl = \"http://127.0.0.1:9\"\n",
    );
    let mut command = fleet.command();
    command.env("IAGO__WORKER__ENDPOINTS", fleet.config("elsewhere"));
    fleet.start_worker_with("w1", command);
    fleet.until_said("w1", "connected").await;
    let ran = doctor(&fleet, "simulated=sim-null");
    assert_eq!(ran.code, 69, "{ran:?}");
    assert!(ran.stdout.contains("none serves `simulated`"), "{}", ran.stdout);
    assert_eq!(fleet.calls(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_not_good_is_said_to_be() {
    let fleet = fleet().await;
    let mut command = fleet.command();
    command
        .args(["doctor", "--client"])
        .arg(fleet.config("client"))
        .env("IAGO_TOKEN", "not-a-token");
    let ran = finish(command);
    assert_eq!(ran.code, 77, "{ran:?}");
    assert!(ran.stdout.contains("NO  coordinator") && ran.stdout.contains("iago token create"));
    assert!(!ran.stdout.contains("not-a-token") && !ran.stderr.contains("not-a-token"));
}
