//! Faults of the database, at the start of a coordinator and of whoever else opens it.

use std::net::TcpListener;
use std::process::Command;

use iago_private_postgres::Cluster;

use crate::fleet::stored::jobs;
use crate::fleet::{CLUSTER, Fleet, LONG, Setup, until};
use crate::row::{Ending, Hidden, assert_ends, place};
use crate::world::{World, iago};

const READ_ONLY: &str = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET \
     default_transaction_read_only = on', current_database()); END $$";

struct Row {
    fault: &'static str,
    store: String,
    ending: Ending,
}

fn rows(cluster: &Cluster) -> Vec<Row> {
    let row = |fault, store, ending| Row { fault, store, ending };
    let with = |statements: &str| {
        let url = cluster.new_database().expect("a database");
        cluster.psql(&url, statements).expect("it runs");
        url
    };
    let url = cluster.new_database().expect("a database");
    let (server, _) = url.rsplit_once('/').expect("a database's name");
    let password = url.split([':', '@']).nth(2).expect("a password");
    vec![
        row("nobody listens", format!("postgres://iago:hunter2@{}/sweeps", nobody()), (69, GONE)),
        row("a wrong password", url.replace(password, "hunter2"), (77, WRONG_PASSWORD)),
        row("no such database", format!("{server}/nowhere"), (77, NO_DATABASE)),
        row("read-only", with(READ_ONLY), (77, TAKES_NO_WRITES)),
        row("another program's", with("CREATE SCHEMA iago"), (77, FOREIGN)),
        row("made by a later iago", later(cluster), (73, LATER)),
    ]
}

const GONE: &str = "iago: the store did not answer (DATABASE: error communicating with database: \
Connection refused (os error 111)): try again";
const WRONG_PASSWORD: &str = "iago: the store at DATABASE refused: password authentication failed \
for user \"iago\": look at the user in the store's address, and its password there, in PGPASSWORD or \
in ~/.pgpass";
const NO_DATABASE: &str = "iago: the store at DATABASE refused: database \"nowhere\" does not exist: \
make it with `createdb`, or name another one in the store's address";
const TAKES_NO_WRITES: &str = "iago: the store at DATABASE refused: the database is read-only: name \
the primary server, and a database whose `default_transaction_read_only` is off";
const FOREIGN: &str = "iago: the store at DATABASE refused: its schema `iago` is of another program: \
use another database";
const LATER: &str = "iago: the store was made by a newer iago (its layout is version 1000, this iago \
knows 4): update iago, or use another store";

/// An address where nobody listens.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("it is bound").to_string()
}

/// A database whose layout is one step ahead of all that this program can know.
fn later(cluster: &Cluster) -> String {
    let url = cluster.new_database().expect("a database");
    let world = world(&url);
    let made = token_list(&world).output().expect("it starts");
    assert!(made.status.success(), "{made:?}");
    cluster.psql(&url, "INSERT INTO iago.layout (version) VALUES (1000)").expect("it runs");
    url
}

/// A folder with the settings of a coordinator on this database.
fn world(store: &str) -> World {
    let world = World::new();
    let text = format!(
        "store = \"{store}\"\n[jobs]\nlisten = \"127.0.0.1:0\"\n[workers]\nlisten = \"127.0.0.1:0\"\n"
    );
    world.write("coordinator.toml", text);
    world.configure("http://127.0.0.1:1", "anthropic-messages", 1, "");
    world
}

fn coordinator(world: &World) -> Command {
    let mut command = iago();
    command.args(["coordinator", "--config", "coordinator.toml"]).current_dir(world.path(""));
    command
}

fn token_list(world: &World) -> Command {
    let mut command = iago();
    command.args(["token", "list", "--config", "coordinator.toml"]).current_dir(world.path(""));
    command
}

#[test]
fn a_database_that_is_no_good_ends_whoever_opens_it() {
    for Row { fault, store, ending } in rows(&CLUSTER) {
        let world = world(&store);
        let hidden: Hidden = vec![(place(&store), "DATABASE")];
        assert!(!ending.1.contains("hunter2"), "no password is ever repeated");
        assert_ends(&format!("coordinator: {fault}"), coordinator(&world), &hidden, ending);
        assert_ends(&format!("token: {fault}"), token_list(&world), &hidden, ending);
    }
}

#[test]
fn a_newer_layout_is_left_as_it_is() {
    let cluster = &*CLUSTER;
    let url = later(cluster);
    let world = world(&url);
    assert_ends("newer", coordinator(&world), &Vec::new(), (73, LATER));
    let layouts = cluster.psql(&url, "SELECT string_agg(version::text, ' ') FROM iago.layout");
    assert_eq!(layouts.expect("it is there"), "1 2 3 4 1000");
    let terms = cluster.psql(&url, "SELECT count(*) FROM iago.leadership");
    assert_eq!(terms.expect("it is there"), "0", "nobody has led it");
}

const DISCONNECT: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE \
     application_name = 'iago' AND datname = current_database()";
const WRITABLE_AGAIN: &str = "BEGIN READ WRITE; DO $$ BEGIN EXECUTE format('ALTER DATABASE %I \
     RESET default_transaction_read_only', current_database()); END $$; COMMIT";

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_turns_read_only_is_waited_for() {
    let setup = Setup { prompts: 20, ..Setup::default() };
    let mut fleet = Fleet::at_work(setup, &["w1", "w2"]).await;
    fleet.until_calls(jobs(fleet.setup.prompts) as u64 / 3).await;
    // As where the primary server and its replica change places: connections end, new ones find it so.
    fleet.sql(READ_ONLY);
    fleet.sql(DISCONNECT);
    let read_only = || fleet.said("c1").contains("read-only transaction");
    until("c1 to say so", LONG, read_only).await;
    let told = fleet.ask(&["status", "1"]).stdout;
    assert!(told.lines().last().is_some_and(|line| line.starts_with("the store  ")), "{told}");
    assert!(fleet.calls() < jobs(fleet.setup.prompts) as u64, "it was to be in mid-sweep");
    fleet.sql(WRITABLE_AGAIN);
    fleet.sql(DISCONNECT);
    fleet.until_state("done").await;
    fleet.assert_truth_at_the_price_of_one().await;
    assert!(fleet.process("c1").is_running());
}
