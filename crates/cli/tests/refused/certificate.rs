//! Certificates that are no proof of anything, and authorities that are none: nobody goes in.

use std::process::Command;

use crate::fleet::certificates::make;
use crate::fleet::{Fleet, Setup};
use crate::listener::garbled;
use crate::row::{Ending, assert_ends};
use crate::worker::{TRUSTING, assert_waits, door, worker};

fn small() -> Setup {
    Setup { prompts: 2, ..Setup::default() }
}

/// What `ca` of a client names, and what is said.
const AUTHORITIES: [(&str, &str, Ending); 5] = [
    ("another authority", "ca = \"other.pem\"", (69, NOT_SIGNED)),
    ("the system's authorities", "", (69, UNKNOWN)),
    ("a garbled one", "ca = \"garbled.pem\"", (69, UNKNOWN)),
    (
        "no certificate",
        "ca = \"client.toml\"",
        (78, "iago: ca: client.toml holds no CERTIFICATE in PEM"),
    ),
    (
        "no file",
        "ca = \"nowhere.pem\"",
        (66, "iago: ca: cannot read nowhere.pem: No such file or directory (os error 2)"),
    ),
];

const NOT_SIGNED: &str = "iago: no coordinator answers (https://C1:8910: invalid peer certificate: \
BadSignature; `ca` in the settings names whose certificates are believed): start one, or correct \
`coordinators` in the settings";
const UNKNOWN: &str = "iago: no coordinator answers (https://C1:8910: invalid peer certificate: \
UnknownIssuer; `ca` in the settings names whose certificates are believed): start one, or correct \
`coordinators` in the settings";

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_that_did_not_sign() {
    let mut fleet = Fleet::new(small()).await;
    fleet.lead().await;
    let other = make(vec!["127.0.0.1".to_owned()]);
    fleet.world.write("garbled.pem", garbled(&other.authority));
    fleet.world.write("other.pem", other.authority);
    for (row, ca, ending) in AUTHORITIES {
        assert_ends(row, client(&fleet, ca), &fleet.hidden(), ending);
    }
    // What a worker is told before it looks for anybody is the same.
    for (row, ca, (code, words)) in &AUTHORITIES[3..] {
        let command = worker(&fleet, &door(&fleet), &fleet.worker_token, ca);
        assert_ends(&format!("worker: {row}"), command, &fleet.hidden(), (*code, words));
    }
}

/// A client that trusts whom `ca` names.
fn client(fleet: &Fleet, ca: &str) -> Command {
    let url = format!("https://{}:8910", fleet.setup.hosts[0]);
    fleet.world.write("trusting.toml", format!("coordinators = [\"{url}\"]\n{ca}\n"));
    let mut command = fleet.command();
    command.args(["status", "--config", "trusting.toml"]);
    command.env("IAGO_TOKEN", &fleet.operator_token);
    command
}

const OTHER_NAME: &str = "iago: no coordinator answers (https://C1:8910: invalid peer certificate: \
certificate not valid for name \"C1\"; certificate is only valid for DnsName(\"coordinator.example\"); \
`ca` in the settings names whose certificates are believed): start one, or correct `coordinators` in \
the settings";
const OTHER_NAME_FOR_WORKERS: &str = "cannot connect to https://C1:8911: invalid peer certificate: \
certificate not valid for name \"C1\"; certificate is only valid for DnsName(\"coordinator.example\"); \
`ca` in the settings names whose certificates are believed";

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_for_another_host() {
    let mut fleet = Fleet::new(small()).await;
    // By the authority that is trusted, but not for the address where it is shown.
    let made = make(vec!["coordinator.example".to_owned()]);
    fleet.world.write("ca.pem", made.authority);
    fleet.world.write("certificate.pem", made.certificate);
    fleet.world.write("key.pem", made.key);
    fleet.start_coordinator("c1").await;
    assert_ends("client", client(&fleet, TRUSTING), &fleet.hidden(), (69, OTHER_NAME));
    let command = worker(&fleet, &door(&fleet), &fleet.worker_token, TRUSTING);
    assert_waits(&fleet, "worker", command, OTHER_NAME_FOR_WORKERS).await;
}
