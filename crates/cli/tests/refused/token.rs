//! `iago token` asked for what it cannot give, and a token that ends while it is in use.

use crate::fleet::stored::jobs;
use crate::fleet::{Fleet, LONG, Setup};
use crate::row::{Ending, assert_ends};

const TAKEN: &str = "iago: there is a token named `the-worker` already, or was one that is revoked: \
choose another name";
const TAKEN_BY_THE_REVOKED: &str = "iago: there is a token named `bert` already, or was one that is \
revoked: choose another name";
const NO_NAME: &str = "iago: --name must be 1 to 64 letters, digits, or - _ . @: it is how the audit \
and the log speak of the token";
const NOBODY: &str =
    "iago: there is no token named `nobody`: `iago token list` shows those that there are";
const SCOPE: &str = "error: invalid value 'admin' for '--scope <SCOPE>': known: worker, operator, reader\n\nFor more information, try '--help'.";
const NO_SCOPE: &str = "error: the following required arguments were not provided:\n  --scope <SCOPE>\n\n\
Usage: iago token create --scope <SCOPE> --name <NAME> --config <FILE>\n\nFor more information, try '--help'.";
const DAYS_ZERO: &str = "error: invalid value '0' for '--days <N>': 0 is not in 1..=36500\n\nFor more information, try '--help'.";
const DAYS_MANY: &str = "error: invalid value '36501' for '--days <N>': 36501 is not in 1..=36500\n\nFor more information, try '--help'.";
const DAYS_WORD: &str = "error: invalid value 'soon' for '--days <N>': invalid digit found in string\n\nFor more information, try '--help'.";
const DAYS_NEGATIVE: &str = "error: invalid value '-1' for '--days <N>': -1 is not in 1..=36500\n\nFor more information, try '--help'.";
const BOTH: &str = "error: the argument '--days <N>' cannot be used with '--forever'\n\n\
Usage: iago token create --scope <SCOPE> --name <NAME> --days <N> --config <FILE>\n\nFor more information, try '--help'.";

const ROWS: [(&[&str], Ending); 14] = [
    (&["create", "--scope", "reader", "--name", "the-worker"], (64, TAKEN)),
    (&["create", "--scope", "worker", "--name", "the-worker"], (64, TAKEN)),
    (&["create", "--scope", "reader", "--name", "bert"], (64, TAKEN_BY_THE_REVOKED)),
    (&["create", "--scope", "reader", "--name", ""], (64, NO_NAME)),
    (&["create", "--scope", "reader", "--name", "a b"], (64, NO_NAME)),
    (&["create", "--scope", "reader", "--name", "a\u{1b}[2J"], (64, NO_NAME)),
    (&["create", "--scope", "admin", "--name", "x"], (64, SCOPE)),
    (&["create", "--name", "x"], (64, NO_SCOPE)),
    (&["create", "--scope", "reader", "--name", "x", "--days", "0"], (64, DAYS_ZERO)),
    (&["create", "--scope", "reader", "--name", "x", "--days", "36501"], (64, DAYS_MANY)),
    (&["create", "--scope", "reader", "--name", "x", "--days", "soon"], (64, DAYS_WORD)),
    (&["create", "--scope", "reader", "--name", "x", "--days=-1"], (64, DAYS_NEGATIVE)),
    (&["create", "--scope", "reader", "--name", "x", "--days", "1", "--forever"], (64, BOTH)),
    (&["revoke", "nobody"], (66, NOBODY)),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_granted_or_revoked_changes_nothing() {
    let fleet = Fleet::new(Setup { prompts: 2, ..Setup::default() }).await;
    fleet.grant("operator", "bert");
    assert_eq!(fleet.token(&["revoke", "bert"]).code, 0);
    let on_record = "SELECT (SELECT count(*) FROM iago.tokens), (SELECT max(id) FROM iago.audit)";
    let (before, listed) = (fleet.sql(on_record), fleet.token(&["list"]).stdout);
    for (arguments, ending) in ROWS {
        let row = format!("{arguments:?}");
        assert_ends(&row, fleet.token_command(arguments), &fleet.hidden(), ending);
    }
    assert_eq!(fleet.sql(on_record), before, "what is refused is no act of authority");
    assert_eq!(fleet.token(&["list"]).stdout, listed);
    // To take it back once more is no fault: it is what was asked for.
    assert_eq!(fleet.token(&["revoke", "bert"]).code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_revoked_ends_the_worker_that_has_it() {
    let setup = Setup { prompts: 20, ..Setup::default() };
    let mut fleet = Fleet::at_work(setup, &["w1"]).await;
    fleet.until_calls(jobs(fleet.setup.prompts) as u64 / 10).await;
    assert_eq!(fleet.token(&["revoke", "the-worker"]).code, 0);
    let status = fleet.process("w1").ended(LONG).await;
    assert_eq!(status.code(), Some(77), "{}", fleet.said("w1"));
    let words = "iago: the coordinator refuses this worker: token `the-worker` was revoked or has run \
                 out: make another with `iago token create`";
    assert_eq!(fleet.said("w1").lines().last(), Some(words));
    fleet.worker_token = fleet.grant("worker", "another");
    fleet.start_worker("w2");
    fleet.until_state("done").await;
    fleet.assert_truth_at_the_price_of_the_dead().await;
}
