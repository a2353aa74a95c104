//! Doors that must not open, or cannot.

use std::net::TcpListener;

use crate::fleet::certificates::{Certificates, make};
use crate::row::{Ending, Hidden, assert_ends, folder};
use crate::world::{World, iago};

/// Of `[doors]`, with files of the world that [`world`] makes.
const TLS: &str = "certificate = \"certificate.pem\"\nkey = \"key.pem\"";

/// Where people come in, what stands under `[doors]`, and what is to be said.
const ROWS: [(&str, &str, Ending); 13] = [
    ("0.0.0.0:0", "tokens = false", (78, LACKS_BOTH)),
    ("0.0.0.0:0", "", (78, LACKS_CERTIFICATE)),
    (
        "0.0.0.0:0",
        "tokens = false\ncertificate = \"certificate.pem\"\nkey = \"key.pem\"",
        (78, LACKS_TOKENS),
    ),
    ("[::]:0", "", (78, LACKS_CERTIFICATE_V6)),
    ("192.0.2.1:0", "", (78, LACKS_CERTIFICATE_HOST)),
    ("[::ffff:192.0.2.1]:0", "", (78, LACKS_CERTIFICATE_MAPPED)),
    ("192.0.2.1:0", TLS, (78, ELSEWHERE)),
    ("127.0.0.1:0", "certificate = \"certificate.pem\"", (78, NO_KEY)),
    ("127.0.0.1:0", "certificate = \"certificate.pem\"\nkey = \"nowhere.pem\"", (66, NOWHERE)),
    ("127.0.0.1:0", "certificate = \"key.pem\"\nkey = \"certificate.pem\"", (78, EXCHANGED)),
    ("127.0.0.1:0", "certificate = \"garbled.pem\"\nkey = \"key.pem\"", (78, GARBLED)),
    (
        "127.0.0.1:0",
        "certificate = \"certificate.pem\"\nkey = \"garbled-key.pem\"",
        (78, GARBLED_KEY),
    ),
    ("127.0.0.1:0", "certificate = \"certificate.pem\"\nkey = \"another-key.pem\"", (78, NO_PAIR)),
];

const LACKS_BOTH: &str = "iago: [jobs] listen = \"0.0.0.0:0\" reaches beyond this machine, and that \
needs TLS and tokens: [doors] lacks a certificate and tokens; add them, or listen on 127.0.0.1";
const LACKS_CERTIFICATE: &str = "iago: [jobs] listen = \"0.0.0.0:0\" reaches beyond this machine, and \
that needs TLS and tokens: [doors] lacks a certificate; add them, or listen on 127.0.0.1";
const LACKS_TOKENS: &str = "iago: [jobs] listen = \"0.0.0.0:0\" reaches beyond this machine, and that \
needs TLS and tokens: [doors] lacks tokens; add them, or listen on 127.0.0.1";
const LACKS_CERTIFICATE_V6: &str = "iago: [jobs] listen = \"[::]:0\" reaches beyond this machine, and \
that needs TLS and tokens: [doors] lacks a certificate; add them, or listen on 127.0.0.1";
const LACKS_CERTIFICATE_HOST: &str = "iago: [jobs] listen = \"192.0.2.1:0\" reaches beyond this \
machine, and that needs TLS and tokens: [doors] lacks a certificate; add them, or listen on 127.0.0.1";
const LACKS_CERTIFICATE_MAPPED: &str = "iago: [jobs] listen = \"[::ffff:192.0.2.1]:0\" reaches beyond \
this machine, and that needs TLS and tokens: [doors] lacks a certificate; add them, or listen on \
127.0.0.1";
const ELSEWHERE: &str = "iago: [jobs] cannot listen on 192.0.2.1:0: Cannot assign requested address (os \
error 99)";
const NO_KEY: &str = "iago: TLS needs both certificate and key under [doors]: key is missing";
const NOWHERE: &str =
    "iago: [doors] key: cannot read nowhere.pem: No such file or directory (os error 2)";
const EXCHANGED: &str = "iago: [doors] certificate: key.pem holds no CERTIFICATE in PEM";
const GARBLED: &str =
    "iago: [doors] certificate and key cannot be used: invalid peer certificate: BadEncoding";
const GARBLED_KEY: &str = "iago: [doors] certificate and key cannot be used: unexpected error: failed to parse private key as RSA, ECDSA, or EdDSA";
const NO_PAIR: &str =
    "iago: [doors] certificate and key cannot be used: keys may not be consistent: KeyMismatch";

/// Settings whose store is a file that must not come into being, and PEM files good and bad.
fn world(listen: &str, workers: &str, doors: &str) -> World {
    let world = World::new();
    let text = format!(
        "store = \"sqlite:coordinator.sqlite\"\n[jobs]\nlisten = \"{listen}\"\n\
         [workers]\nlisten = \"{workers}\"\n[doors]\n{doors}\n"
    );
    world.write("coordinator.toml", text);
    world.configure("http://127.0.0.1:1", "anthropic-messages", 1, "");
    let Certificates { certificate, key, .. } = make(vec!["127.0.0.1".to_owned()]);
    world.write("garbled.pem", garbled(&certificate));
    world.write("garbled-key.pem", garbled(&key));
    world.write("another-key.pem", make(vec!["127.0.0.1".to_owned()]).key);
    world.write("certificate.pem", certificate);
    world.write("key.pem", key);
    world
}

/// With another text between its first and its last line: still PEM, of something that makes no sense.
pub(crate) fn garbled(pem: &str) -> String {
    let lines: Vec<&str> = pem.lines().collect();
    format!("{}\n{NO_DER}\n{}\n", lines[0], lines[lines.len() - 1])
}

/// `not a certificate`, in base64.
const NO_DER: &str = "bm90IGEgY2VydGlmaWNhdGU=";

fn assert_refused(row: &str, world: &World, hidden: &Hidden, ending: Ending) {
    let mut command = iago();
    command.args(["coordinator", "--config", "coordinator.toml"]).current_dir(world.path(""));
    assert_ends(row, command, hidden, ending);
    assert!(!world.path("coordinator.sqlite").exists(), "{row}: the store was opened");
}

#[test]
fn a_door_that_is_no_good_stays_shut() {
    for (listen, doors, ending) in ROWS {
        let world = world(listen, "127.0.0.1:0", doors);
        assert_refused(&format!("{listen}: {doors}"), &world, &vec![folder(&world)], ending);
    }
}

#[test]
fn a_port_in_use_is_named_with_its_section() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("it is bound").to_string();
    let hidden: Hidden = vec![(address.clone(), "ADDRESS")];
    let in_use = "iago: ADDRESS is already in use: stop what listens there, or let [jobs] listen on \
                  another port";
    assert_refused("jobs", &world(&address, "127.0.0.1:0", ""), &hidden, (75, in_use));
    let in_use = "iago: ADDRESS is already in use: stop what listens there, or let [workers] listen on \
                  another port";
    assert_refused("workers", &world("127.0.0.1:0", &address, ""), &hidden, (75, in_use));
}
