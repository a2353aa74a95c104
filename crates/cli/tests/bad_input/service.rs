//! Faults of the settings of coordinator, worker, client and tokens: each is said before anything is
//! bound, opened or sent.

use std::net::TcpListener;

use crate::row::{assert_said, files};
use crate::small_sweep::small_world;
use crate::world::{World, finish, iago};

/// Ports of this file: nobody gets as far as listening on them.
const COORDINATOR: &str = "store = \"sqlite:coordinator.sqlite\"
[jobs]
listen = \"127.0.0.1:18910\"
[workers]
listen = \"127.0.0.1:18911\"
";

const ENDPOINTS: &str = "[endpoints.simulated]
protocol = \"anthropic-messages\"
url = \"http://127.0.0.1:1\"
auth = \"none\"
";

const WORKER: &str = "coordinators = [\"http://127.0.0.1:1\"]\n";
const CLIENT: &str = "coordinators = [\"http://127.0.0.1:1\"]\n";

fn world() -> World {
    let world = small_world();
    world.write("coordinator.toml", COORDINATOR);
    world.write("endpoints.toml", ENDPOINTS);
    world.write("worker.toml", WORKER);
    world.write("client.toml", CLIENT);
    world
}

/// Runs a command in a world with one file replaced, or with further variables, and holds what it
/// says against what it has to.
fn assert_refused(
    arguments: &[&str],
    written: &[(&str, &str)],
    variables: &[(&str, &str)],
    code: i32,
    stderr: &str,
) {
    let world = world();
    for (name, content) in written {
        world.write(name, content);
    }
    let before = files(&world);
    let mut command = iago();
    command.args(arguments).current_dir(world.path(""));
    command.envs(variables.iter().copied());
    assert_said(&world, &finish(command), code, stderr);
    assert!(files(&world) == before, "nothing is to be written");
}

macro_rules! refused {
    ($($name:ident: $arguments:expr, $written:expr, $variables:expr => $code:literal, $stderr:expr;)+) => {$(
        #[test]
        fn $name() {
            assert_refused(&$arguments, &$written, &$variables, $code, $stderr);
        }
    )+};
}

const SERVE: [&str; 3] = ["coordinator", "--config", "coordinator.toml"];
const WORK: [&str; 3] = ["worker", "--config", "worker.toml"];
const LOOK: [&str; 3] = ["status", "--config", "client.toml"];

refused! {
    a_listener_for_everybody_in_plain_text: SERVE, [], [
        ("IAGO__COORDINATOR__JOBS__LISTEN", "0.0.0.0:18910")
    ] => 78,
        "iago: [jobs] listen = \"0.0.0.0:18910\" reaches beyond this machine, and that needs TLS \
         and tokens: [doors] lacks a certificate; add them, or listen on 127.0.0.1";

    a_listener_for_everybody_without_any_lock: SERVE, [], [
        ("IAGO__COORDINATOR__WORKERS__LISTEN", "[::]:18911"),
        ("IAGO__COORDINATOR__DOORS__TOKENS", "false")
    ] => 78,
        "iago: [workers] listen = \"[::]:18911\" reaches beyond this machine, and that needs TLS \
         and tokens: [doors] lacks a certificate and tokens; add them, or listen on 127.0.0.1";

    a_key_without_a_certificate: SERVE, [], [("IAGO__COORDINATOR__DOORS__KEY", "key.pem")] => 78,
        "iago: TLS needs both certificate and key under [doors]: certificate is missing";

    a_certificate_that_is_not_there: SERVE, [], [
        ("IAGO__COORDINATOR__DOORS__CERTIFICATE", "certificate.pem"),
        ("IAGO__COORDINATOR__DOORS__KEY", "key.pem")
    ] => 66,
        "iago: [doors] certificate: cannot read certificate.pem: No such file or directory (os \
         error 2)";

    a_certificate_that_is_none: SERVE, [("certificate.pem", "hello")], [
        ("IAGO__COORDINATOR__DOORS__CERTIFICATE", "certificate.pem"),
        ("IAGO__COORDINATOR__DOORS__KEY", "certificate.pem")
    ] => 78,
        "iago: [doors] certificate: certificate.pem holds no CERTIFICATE in PEM";

    a_store_of_an_unknown_kind: SERVE, [], [
        ("IAGO__COORDINATOR__STORE", "mysql://anna:secret@127.0.0.1/sweeps")
    ] => 78,
        "iago: `store` in the coordinator's settings must be postgres://USER@HOST/DATABASE or \
         sqlite:FILE";

    a_database_that_is_not_there: SERVE, [], [
        ("IAGO__COORDINATOR__STORE", "postgres://anna:secret@127.0.0.1:1/sweeps"),
        ("IAGO__COORDINATOR__JOBS__LISTEN", "127.0.0.1:0"),
        ("IAGO__COORDINATOR__WORKERS__LISTEN", "127.0.0.1:0")
    ] => 69,
        "iago: the store did not answer (postgres://127.0.0.1:1/sweeps: error communicating with \
         database: Connection refused (os error 111)): try again";

    a_term_that_is_over_at_once: SERVE, [], [
        ("IAGO__COORDINATOR__LEADERSHIP__HOLD_S", "0")
    ] => 78,
        "iago: [leadership] hold_s must be 1 or more";

    an_unknown_coordinator_key: SERVE, [("coordinator.toml", "listen = \"127.0.0.1:1\"")], [] => 78,
        "iago: coordinator.toml, line 1: there is no key `listen` here; the keys here are: `name`, \
         `store`, `endpoints`, `schedules`, `jobs`, `workers`, `doors`, `leadership`, `webhooks`";

    schedules_that_are_not_there: SERVE, [], [
        ("IAGO__COORDINATOR__SCHEDULES", "nowhere")
    ] => 66,
        "iago: there is no folder nowhere: correct `schedules` in the settings";

    a_webhook_whose_address_stands_in_the_settings: SERVE, [
        ("coordinator.toml", "[webhooks.slack]\nurl = \"https://x\"")
    ], [] => 78,
        "iago: coordinator.toml, line 2: there is no key `url` in [webhooks.slack]; the keys here \
         are: `url_env`, `secret_env`, `allow_http`";

    endpoints_that_are_not_there: SERVE, [], [
        ("IAGO__COORDINATOR__ENDPOINTS", "nowhere.toml")
    ] => 66,
        "iago: cannot read the endpoints nowhere.toml: there is no such file; correct `endpoints` in \
         the settings, or name the settings with --config";

    a_variable_of_no_settings: SERVE, [], [("IAGO__CORDINATOR__NAME", "x")] => 78,
        "iago: the environment variable IAGO__CORDINATOR__NAME belongs to no settings: after \
         IAGO__ comes one of COORDINATOR, WORKER, CLIENT, ENDPOINTS, then two underscores and the \
         key";

    a_coordinator_beyond_this_machine_in_plain_text: WORK, [], [
        ("IAGO__WORKER__COORDINATORS", "http://127.0.0.1:1,http://10.0.0.1:8911")
    ] => 78,
        "iago: the coordinator's address `http://10.0.0.1:8911` is plain http:// beyond this \
         machine, where tokens and answers could be read on the way: use https://";

    an_endpoint_that_every_worker_would_simulate_by_itself: WORK, [
        ("endpoints.toml", "[endpoints.simulated]\nprotocol = \"anthropic-messages\"\nsimulation = {}")
    ], [] => 78,
        "iago: endpoint `simulated` has a [simulation], which only `iago run` starts by itself: \
         start `iago simulated-endpoint`, and give endpoint `simulated` its url instead";

    a_worker_without_any_key: WORK, [], [
        ("IAGO__ENDPOINTS__SIMULATED__KEY_ENV", "A_KEY_THAT_NOBODY_HAS_SET"),
        ("IAGO__ENDPOINTS__SIMULATED__AUTH", "bearer")
    ] => 77,
        "iago: endpoint `simulated` needs its key in the environment variable \
         A_KEY_THAT_NOBODY_HAS_SET, which is not set: export it, then run the same command again";

    a_worker_without_room: WORK, [], [("IAGO__WORKER__SPOOL_MIB", "0")] => 78,
        "iago: spool_mib must be 1 or more";

    an_authority_that_is_not_there: LOOK, [], [("IAGO__CLIENT__CA", "ca.pem")] => 66,
        "iago: ca: cannot read ca.pem: No such file or directory (os error 2)";

    a_coordinator_that_is_not_there: LOOK, [], [] => 69,
        "iago: no coordinator answers (http://127.0.0.1:1: Connection refused (os error 111)): \
         start one, or correct `coordinators` in the settings";

    a_sweep_is_compiled_before_anybody_is_asked:
        ["submit", "small.toml", "--config", "client.toml"],
        [("small.toml", "name =")], [] => 65,
        "iago: small.toml:1: this is not TOML: string values must be quoted, expected literal string";

    a_token_that_cannot_be_one: LOOK, [], [("IAGO_TOKEN", "a\u{7f}b")] => 77,
        "iago: the token has characters that no token has: copy it once more";

    a_token_for_nothing:
        ["token", "create", "--scope", "admin", "--name", "x", "--config", "coordinator.toml"],
        [], [] => 64, "\
error: invalid value 'admin' for '--scope <SCOPE>': known: worker, operator, reader

For more information, try '--help'.";

    a_token_whose_name_cannot_be_shown:
        ["token", "create", "--scope", "reader", "--name", "a b", "--config", "coordinator.toml"],
        [], [] => 64,
        "iago: --name must be 1 to 64 letters, digits, or - _ . @: it is how the audit and the log \
         speak of the token";
}

#[test]
fn a_port_that_is_taken() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("it is bound").to_string();
    let variables = [
        ("IAGO__COORDINATOR__JOBS__LISTEN", "127.0.0.1:0"),
        ("IAGO__COORDINATOR__WORKERS__LISTEN", address.as_str()),
    ];
    let stderr = format!(
        "iago: {address} is already in use: stop what listens there, or let [workers] listen on \
         another port"
    );
    assert_refused(&SERVE, &[], &variables, 75, &stderr);
}
