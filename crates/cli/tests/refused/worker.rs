//! Workers that may not come in, and workers that wait until they may.

use std::process::Command;

use crate::fleet::certificates::make;
use crate::fleet::process::Process;
use crate::fleet::{Fleet, LONG, Setup, until};
use crate::row::{Ending, Tokens, assert_ends, assert_said, said};
use crate::world::iago;

fn small() -> Setup {
    Setup { prompts: 2, ..Setup::default() }
}

/// A worker that is not one of the fleet's, with this address, token, and more settings.
pub(crate) fn worker(fleet: &Fleet, url: &str, token: &str, more: &str) -> Command {
    let text = format!("name = \"w9\"\ncoordinators = [\"{url}\"]\n{more}\n");
    fleet.world.write("w9.toml", text);
    let mut command = iago();
    // The log of what is refused has times in it; what the worker says has not.
    command.args(["--log", "error", "worker", "--config", "w9.toml"]);
    command.env("IAGO_WORKER_TOKEN", token).current_dir(fleet.world.path(""));
    command
}

pub(crate) fn door(fleet: &Fleet) -> String {
    format!("https://{}:8911", fleet.setup.hosts[0])
}

pub(crate) const TRUSTING: &str = "ca = \"ca.pem\"";

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_does_not_fit() {
    let mut fleet = Fleet::new(small()).await;
    fleet.lead().await;
    let tokens = Tokens::make(&fleet);
    let refused = |words: &str| -> Ending {
        let said = format!(
            "worker `w9` looks for a coordinator\niago: the coordinator refuses this worker: {words}"
        );
        (77, said.leak())
    };
    for (row, token, words) in [
        ("none", "", "a token is needed here: make one with `iago token create`"),
        ("two lines", "iago_worker_x\ny", "the token holds characters that no header can carry"),
        (
            "guessed",
            "iago_worker_x",
            "this token is not known here: make one with `iago token create`",
        ),
        (
            "revoked",
            &tokens.revoked,
            "token `bert` was revoked or has run out: make another with `iago token create`",
        ),
        (
            "expired",
            &tokens.expired,
            "token `carl` was revoked or has run out: make another with `iago token create`",
        ),
        ("a reader's", &tokens.reader, "token `anna` has the scope reader, and this needs worker"),
        (
            "an operator's",
            &fleet.operator_token,
            "token `the-operator` has the scope operator, and this needs worker",
        ),
    ] {
        let command = worker(&fleet, &door(&fleet), token, TRUSTING);
        assert_ends(row, command, &fleet.hidden(), refused(words));
    }
}

const NAME_IN_USE: Ending = (
    75,
    "worker `w9` looks for a coordinator\n\
     iago: the coordinator refuses this worker: a worker named `w9` is at work here: give this one \
     another name, or stop that one",
);

#[tokio::test(flavor = "multi_thread")]
async fn two_of_one_name() {
    let mut fleet = Fleet::new(small()).await;
    fleet.lead().await;
    fleet.start_worker("w9");
    fleet.until_said("w9", "connected").await;
    let second = worker(&fleet, &door(&fleet), &fleet.worker_token, TRUSTING);
    assert_ends("two of one name", second, &fleet.hidden(), NAME_IN_USE);
    assert!(fleet.process("w9").is_running(), "the first one stays");
    fleet.submit();
    fleet.until_state("done").await;
    fleet.assert_truth_at_the_price_of_one().await;
}

/// Faults that a worker waits out, since somebody may be mending them: by address, more settings, and
/// what the one warning says of it.
fn awaited(fleet: &Fleet) -> Vec<(&'static str, String, &'static str, &'static str)> {
    let host = fleet.setup.hosts[0];
    let tls = fleet.endpoint.url().replace("http:", "https:");
    vec![
        ("nobody listens", format!("https://{host}:1"), TRUSTING, NOBODY),
        ("plain text to TLS", format!("http://{host}:8911"), TRUSTING, PLAIN_TO_TLS),
        ("the clients' door", format!("https://{host}:8910"), TRUSTING, OTHER_DOOR),
        ("an authority that did not sign", door(fleet), "ca = \"other.pem\"", NOT_SIGNED),
        ("TLS to plain text", tls, TRUSTING, TLS_TO_PLAIN),
        ("it stands by", format!("https://{}:8911", fleet.setup.hosts[1]), TRUSTING, STANDS_BY),
    ]
}

const NOBODY: &str = "cannot connect to https://C1:1: Connection refused (os error 111)";
const PLAIN_TO_TLS: &str = "cannot connect to http://C1:8911: [...]; if it listens with TLS, its address \
is https://";
const OTHER_DOOR: &str =
    "cannot connect to https://C1:8910: it is no door for workers: name the one of [workers]";
const NOT_SIGNED: &str = "cannot connect to https://C1:8911: invalid peer certificate: BadSignature; `ca` \
in the settings names whose certificates are believed";
const TLS_TO_PLAIN: &str = "cannot connect to https://PLAIN: received corrupt message of type \
InvalidContentType; if it listens without TLS, its address is http://";

const STANDS_BY: &str = "The service is currently unavailable: this coordinator stands by: c1, process \
PID leads";

const AWAY: &str =
    "iago_worker::connections: no coordinator: calls go on, and their results are kept broken=";

#[tokio::test(flavor = "multi_thread")]
async fn what_may_pass_is_waited_for_and_said_once() {
    let mut fleet = Fleet::new(small()).await;
    fleet.lead().await;
    fleet.start_coordinator("c2").await;
    let other = make(vec!["127.0.0.1".to_owned()]);
    fleet.world.write("other.pem", other.authority);
    for (row, url, more, words) in awaited(&fleet) {
        let command = worker(&fleet, &url, &fleet.worker_token, more);
        let pid = format!("process {}", fleet.process("c1").pid());
        let words = words.replace("process PID", &pid);
        assert_waits(&fleet, row, command, &words).await;
    }
}

/// It warns once, tries again and again without another word, and ends at once when it is told to.
pub(crate) async fn assert_waits(fleet: &Fleet, row: &str, mut command: Command, words: &str) {
    let mut hidden = fleet.hidden();
    hidden.push((fleet.endpoint.url().replace("http://", ""), "PLAIN"));
    command.args(["--log", "iago_worker=debug"]);
    let log = fleet.world.path(&format!("{row}.log"));
    let read = || std::fs::read_to_string(&log).unwrap_or_default();
    let mut process = Process::start(row, command, &log);
    until(&format!("{row}: the third try"), LONG, || read().contains("tries=2")).await;
    let text = read();
    let warnings: Vec<_> = text.lines().filter_map(|line| line.split_once("WARN ")).collect();
    assert_eq!(warnings.len(), 1, "{row}: {text}");
    assert_said(row, &said(warnings[0].1, &hidden), format!("{AWAY}{words}").trim_end());
    process.signal("TERM");
    let status = process.ended(LONG).await;
    assert_eq!(status.code(), Some(0), "{row}: {}", read());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coordinator_that_comes_later_is_found() {
    let mut fleet = Fleet::new(small()).await;
    fleet.start_worker("w1");
    fleet.until_said("w1", "no coordinator").await;
    fleet.lead().await;
    fleet.submit();
    fleet.until_state("done").await;
    fleet.assert_truth_at_the_price_of_one().await;
    assert_eq!(fleet.said("w1").matches("no coordinator").count(), 1, "{}", fleet.said("w1"));
}
