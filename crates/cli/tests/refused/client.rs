//! People who may not, and people who ask the wrong one or for the wrong thing.

use crate::fleet::{Fleet, Setup};
use crate::row::{Ending, Tokens, assert_ends};
use crate::world::{finish, flagship};

fn small() -> Setup {
    Setup { prompts: 2, ..Setup::default() }
}

/// What a reader may do.
const LOOKS: &[&str] = &["status", "report", "transcripts", "watch"];
const FROM: &str = " (the token is taken from the variable IAGO_TOKEN)";

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_does_not_fit() {
    let mut fleet = Fleet::new(small()).await;
    fleet.lead().await;
    fleet.submit();
    let tokens = Tokens::make(&fleet);
    let rows = [
        ("none", "", "a token is needed here: make one with `iago token create`"),
        (
            "guessed",
            "iago_operator_guessed",
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
        (
            "a worker's",
            &fleet.worker_token,
            "token `the-worker` has the scope worker, and this needs reader or operator",
        ),
    ];
    for (row, token, words) in rows {
        let stderr: &'static str = format!("iago: {words}{FROM}").leak();
        // Whoever guesses waits for seconds, and one guess is as good as another.
        let verbs = if row == "guessed" { &["status"][..] } else { LOOKS };
        for verb in verbs {
            let command = fleet.client_with(token, &[verb, "1"]);
            assert_ends(&format!("{row}: {verb}"), command, &fleet.hidden(), (77, stderr));
        }
    }
    let header = "iago: the token has characters that no token has: copy it once more";
    let command = fleet.client_with("iago_operator_x\ny", &["status"]);
    assert_ends("two lines", command, &fleet.hidden(), (77, header));
    let orders =
        [(&fleet.worker_token, "worker", "the-worker"), (&tokens.reader, "reader", "anna")];
    for (token, scope, name) in orders {
        let words = format!("token `{name}` has the scope {scope}, and this needs operator");
        assert_changes_nothing(&fleet, token, format!("iago: {words}{FROM}").leak());
    }
    // The last one goes on until the sweep ends.
    for look in &LOOKS[..LOOKS.len() - 1] {
        let ran = finish(fleet.client_with(&tokens.reader, &[look, "1"]));
        assert_eq!(ran.code, 0, "a reader may {look}: {ran:?}");
    }
}

/// Orders by somebody who may not give them.
fn assert_changes_nothing(fleet: &Fleet, token: &str, words: &'static str) {
    let before = fleet.sql("SELECT count(*), max(id) FROM iago.audit");
    let flagship = flagship().display().to_string();
    for order in [
        &["pause", "1"][..],
        &["resume", "1"],
        &["cancel", "1"],
        &["retry", "1"],
        &["submit", &flagship, "--limit", "3"],
        &["extend", "1", &flagship],
        &["baseline", "set", "monday", "1"],
        &["baseline", "remove", "monday"],
        &["schedule", "run-now", "every-night"],
        &["schedule", "remove", "every-night"],
    ] {
        let command = fleet.client_with(token, order);
        assert_ends(order[0], command, &fleet.hidden(), (77, words));
    }
    let after = fleet.sql("SELECT count(*), max(id) FROM iago.audit");
    assert_eq!(before, after, "an order that is refused is no act of authority");
    let sweeps = fleet.sql("SELECT count(*), max(state) FROM iago.sweeps");
    assert_eq!(sweeps, "1|running", "nothing was handed in or changed");
}

const NO_NUMBER: Ending = (66, "iago: there is no sweep s7 here");
const NO_NAME: Ending =
    (66, "iago: there is no sweep named `alignment`; there are: alignment-faking");

#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_that_is_not_there() {
    let mut fleet = Fleet::new(small()).await;
    fleet.lead().await;
    fleet.submit();
    for verb in ["status", "watch", "pause", "resume", "cancel", "retry", "report", "transcripts"] {
        for (sweep, ending) in [("7", NO_NUMBER), ("s7", NO_NUMBER), ("alignment", NO_NAME)] {
            let command = fleet.client_with(&fleet.operator_token, &[verb, sweep]);
            assert_ends(&format!("{verb} {sweep}"), command, &fleet.hidden(), ending);
        }
    }
    assert_newest_of_a_name(&fleet);
}

/// Two sweeps of one name are told apart by number; the name means the newer one.
fn assert_newest_of_a_name(fleet: &Fleet) {
    let file = fleet.world.copy_flagship();
    fleet.world.write("sweeps/alignment-faking/system-without-scratchpad.md", "Answer.");
    let file = file.display().to_string();
    let ran = fleet.client(&["submit", &file, "--limit", "2"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "2\n"), "{ran:?}");
    for (named, number) in [("alignment-faking", 2), ("1", 1), ("s2", 2)] {
        let told = fleet.ask(&["status", named, "--json"]).stdout;
        let told: serde_json::Value = serde_json::from_str(&told).expect("it is JSON");
        assert_eq!(told["sweep"], number, "{named}: {told}");
    }
}

/// What is wrong with the address, and what is said.
fn addresses(fleet: &Fleet) -> [(&'static str, String, Ending); 6] {
    let [c1, c2] = [0, 1].map(|index| fleet.setup.hosts[index]);
    [
        ("nobody listens", format!("https://{c1}:1"), (69, NOBODY)),
        ("the worker's door", format!("https://{c1}:8911"), (78, OTHER_DOOR)),
        ("plain text to TLS", format!("http://{c1}:8910"), (69, PLAIN_TO_TLS)),
        ("TLS to plain text", format!("https://{}", plain(fleet)), (69, TLS_TO_PLAIN)),
        ("it stands by", format!("https://{c2}:8910"), (69, STANDS_BY)),
        ("no address", "coordinator:8910".to_owned(), (78, NO_ADDRESS)),
    ]
}

/// Where somebody speaks HTTP without TLS.
fn plain(fleet: &Fleet) -> String {
    fleet.endpoint.url().replace("http://", "")
}

const NOBODY: &str = "iago: no coordinator answers (https://C1:1: Connection refused (os error 111)): \
start one, or correct `coordinators` in the settings";
const OTHER_DOOR: &str = "iago: Operation is not implemented or not supported: ask the address under \
[jobs] in the coordinator's settings, not the one under [workers], and use the same iago on both sides";
const PLAIN_TO_TLS: &str = "iago: no coordinator answers (http://C1:8910: [...]; if it listens with TLS, \
its address is https://): start one, or correct `coordinators` in the settings";
const TLS_TO_PLAIN: &str = "iago: no coordinator answers (https://PLAIN: received corrupt message of \
type InvalidContentType; if it listens without TLS, its address is http://): start one, or correct \
`coordinators` in the settings";
const STANDS_BY: &str = "iago: no coordinator answers (https://C2:8910: this coordinator stands by: c1, \
process PID leads): start one, or correct `coordinators` in the settings";
const NO_ADDRESS: &str = "iago: the coordinator's address `coordinator:8910` is not one: write \
http://127.0.0.1:PORT or https://HOST:PORT";

#[tokio::test(flavor = "multi_thread")]
async fn a_coordinator_that_is_the_wrong_one() {
    let mut fleet = Fleet::new(small()).await;
    fleet.lead().await;
    fleet.start_coordinator("c2").await;
    let mut hidden = fleet.hidden();
    hidden.push((format!("process {}", fleet.process("c1").pid()), "process PID"));
    hidden.push((plain(&fleet), "PLAIN"));
    for (row, url, ending) in addresses(&fleet) {
        let asked = ["status", "--coordinator", &url];
        let command = fleet.client_with(&fleet.operator_token, &asked);
        assert_ends(row, command, &hidden, ending);
    }
    assert_eq!(fleet.terminate("c1").await, Some(0));
    assert_eq!(fleet.terminate("c2").await, Some(0));
    let nobody_of_two = "iago: no coordinator answers (https://C1:8910: Connection refused (os error \
         111); https://C2:8910: Connection refused (os error 111)): start one, or correct \
         `coordinators` in the settings";
    let command = fleet.client_with(&fleet.operator_token, &["status"]);
    assert_ends("nobody is there", command, &hidden, (69, nobody_of_two));
}
