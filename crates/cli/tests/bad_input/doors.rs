//! Who may not come in, at the doors of a coordinator that runs.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStderr, Command, Stdio};

use crate::row::assert_said;
use crate::small_sweep::small_world;
use crate::world::{Ran, World, finish, iago};

/// A process that talks, and ends with the test.
struct Talking {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStderr>>,
}

impl Talking {
    fn start(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().expect("it starts");
        let lines = BufReader::new(child.stderr.take().expect("it is piped")).lines();
        Self { child, lines }
    }

    /// The next line that has this in it.
    fn until(&mut self, phrase: &str) -> String {
        let mut lines = self.lines.by_ref().map(|line| line.expect("it is text"));
        lines.find(|line| line.contains(phrase)).unwrap_or_else(|| panic!("never said {phrase}"))
    }
}

impl Drop for Talking {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A coordinator on SQLite that leads, with a token of each scope and one that is revoked.
struct Open {
    world: World,
    _coordinator: Talking,
    people: String,
    workers: String,
    reader: String,
    worker: String,
    revoked: String,
}

fn open() -> Open {
    let world = small_world();
    let text = "store = \"sqlite:coordinator.sqlite\"\n\
                [jobs]\nlisten = \"127.0.0.1:0\"\n[workers]\nlisten = \"127.0.0.1:0\"\n";
    world.write("coordinator.toml", text);
    let endpoints = "[endpoints.simulated]\nprotocol = \"anthropic-messages\"\n\
                     url = \"http://127.0.0.1:1\"\nauth = \"none\"\n";
    world.write("endpoints.toml", endpoints);
    let [reader, worker, revoked] = [("reader", "r"), ("worker", "w"), ("operator", "gone")]
        .map(|(scope, name)| token(&world, &["create", "--scope", scope, "--name", name]).stdout);
    token(&world, &["revoke", "gone"]);
    let mut command = iago();
    command.args(["coordinator", "--config", "coordinator.toml"]).current_dir(world.path(""));
    let mut coordinator = Talking::start(command);
    let listening = coordinator.until("listening: ");
    let urls: Vec<&str> = listening.split([' ', ',']).filter(|w| w.starts_with("http")).collect();
    let [people, workers] = [urls[0].to_owned(), urls[1].to_owned()];
    coordinator.until("leading");
    Open { world, _coordinator: coordinator, people, workers, reader, worker, revoked }
}

fn token(world: &World, arguments: &[&str]) -> Ran {
    let mut command = iago();
    command.arg("token").args(arguments).args(["--config", "coordinator.toml"]);
    command.current_dir(world.path(""));
    let ran = finish(command);
    assert_eq!(ran.code, 0, "{ran:?}");
    ran
}

impl Open {
    fn client(&self, token: &str, arguments: &[&str]) -> Ran {
        let mut command = iago();
        command.args(arguments).args(["--coordinator", &self.people]);
        command.env("IAGO_TOKEN", token.trim()).current_dir(self.world.path(""));
        finish(command)
    }

    fn assert_client_refused(&self, token: &str, arguments: &[&str], code: i32, stderr: &str) {
        let stderr = stderr.replace("PEOPLE", &self.people);
        assert_said(&self.world, &self.client(token, arguments), code, &stderr);
    }

    fn work(&self, token: &str) -> Command {
        let text = format!("coordinators = [\"{}\"]\n", self.workers);
        self.world.write("worker.toml", text);
        let mut command = iago();
        command.args(["worker", "--config", "worker.toml", "--name", "w1"]);
        command.env("IAGO_WORKER_TOKEN", token.trim()).current_dir(self.world.path(""));
        command
    }
}

#[test]
fn tokens_that_open_nothing() {
    let open = open();
    let way_out = "(the token is taken from the variable IAGO_TOKEN)";
    let rows = [
        ("", "a token is needed here: make one with `iago token create`"),
        ("iago_operator_x", "this token is not known here: make one with `iago token create`"),
        (
            &open.revoked,
            "token `gone` was revoked or has run out: make another with `iago token create`",
        ),
        (&open.worker, "token `w` has the scope worker, and this needs reader or operator"),
    ];
    for (token, words) in rows {
        open.assert_client_refused(token, &["status"], 77, &format!("iago: {words} {way_out}"));
    }
}

#[test]
fn a_reader_looks_and_changes_nothing() {
    let open = open();
    assert_eq!(open.client(&open.reader, &["status", "--json"]).stdout, "[]\n");
    let words = "iago: token `r` has the scope reader, and this needs operator (the token is taken \
                 from the variable IAGO_TOKEN)";
    for order in [["submit", "small.toml"], ["pause", "1"], ["cancel", "1"], ["retry", "1"]] {
        open.assert_client_refused(&open.reader, &order, 77, words);
    }
}

#[test]
fn a_sweep_that_is_not_there() {
    let open = open();
    for (arguments, words) in [
        (["status", "7"], "there is no sweep s7 here"),
        (["watch", "7"], "there is no sweep s7 here"),
        (["report", "nameless"], "there is no sweep named `nameless`; there are none yet"),
    ] {
        open.assert_client_refused(&open.reader, &arguments, 66, &format!("iago: {words}"));
    }
}

#[test]
fn tls_at_a_door_without_it() {
    let open = open();
    let people = open.people.replace("http:", "https:");
    let mut command = iago();
    command.args(["status", "--coordinator", &people]).current_dir(open.world.path(""));
    command.env("IAGO__CLIENT__CA", certificate(&open.world));
    let ran = finish(command);
    assert_eq!(ran.code, 69, "{ran:?}");
    assert!(ran.stderr.contains("if it listens without TLS, its address is http://"), "{ran:?}");
}

/// The path of a certificate that says nothing about anybody here.
fn certificate(world: &World) -> std::path::PathBuf {
    let certified = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]);
    world.write("ca.pem", certified.expect("a certificate").cert.pem())
}

#[test]
fn a_worker_with_the_token_of_a_reader() {
    let open = open();
    let stderr = "worker `w1` looks for a coordinator\n\
                  iago: the coordinator refuses this worker: token `r` has the scope reader, and \
                  this needs worker";
    assert_said(&open.world, &finish(open.work(&open.reader)), 77, stderr);
}

#[test]
fn a_second_worker_of_one_name() {
    let open = open();
    let mut first = Talking::start(open.work(&open.worker));
    first.until("connected");
    let stderr = "worker `w1` looks for a coordinator\n\
                  iago: the coordinator refuses this worker: a worker named `w1` is at work here: \
                  give this one another name, or stop that one";
    let mut second = open.work(&open.worker);
    second.args(["--log", "error"]);
    assert_said(&open.world, &finish(second), 75, stderr);
}
