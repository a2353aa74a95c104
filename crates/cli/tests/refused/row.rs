//! One row of the tables: a command, how it has to end, and what it has to say.

use std::process::Command;

use crate::fleet::Fleet;
use crate::world::{Ran, World, finish};

/// Exit code and stderr, with names for what differs from run to run.
pub(crate) type Ending = (i32, &'static str);

/// What is hidden behind a name: `127.3.4.5` behind `C1`, say.
pub(crate) type Hidden = Vec<(String, &'static str)>;

/// Runs a command to its end and holds the ending against what it has to be.
pub(crate) fn assert_ends(row: &str, command: Command, hidden: &Hidden, (code, stderr): Ending) {
    let ran = finish(command);
    assert_said(row, &said(&ran.stderr, hidden), stderr);
    assert_eq!(ran.code, code, "{row}: {ran:?}");
    assert_eq!(ran.stdout, "", "{row}: nothing was asked for that it gives");
}

/// Holds what was said against what has to be. Where a library below words it in one of several ways,
/// [`HOLE`] stands for its words.
pub(crate) fn assert_said(row: &str, said: &str, expected: &str) {
    let Some((before, after)) = expected.split_once(HOLE) else {
        return assert_eq!(said, expected, "{row}");
    };
    let rest = said.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    let is_filled = rest.is_some_and(|rest| !rest.is_empty() && !rest.contains('\n'));
    assert!(is_filled, "{row}: {said}\nand not: {expected}");
}

/// Words of which only the place is known.
pub(crate) const HOLE: &str = "[...]";

/// What was said, with the names.
pub(crate) fn said(stderr: &str, hidden: &Hidden) -> String {
    let mut said = stderr.trim_end().to_owned();
    for (text, name) in hidden {
        said = said.replace(text, name);
    }
    said
}

/// The world's folder as `…/`.
pub(crate) fn folder(world: &World) -> (String, &'static str) {
    (format!("{}/", world.path("").display().to_string().trim_end_matches('/')), "…/")
}

/// Server and database, without user and password, as messages show them.
pub(crate) fn place(url: &str) -> String {
    let (_, server) = url.split_once('@').expect("it has a user");
    format!("postgres://{server}")
}

impl Fleet {
    /// Names for the addresses of both coordinators, the database, and the folder.
    pub(crate) fn hidden(&self) -> Hidden {
        vec![
            (self.setup.hosts[0].to_string(), "C1"),
            (self.setup.hosts[1].to_string(), "C2"),
            (place(&self.database), "DATABASE"),
            folder(&self.world),
        ]
    }

    /// Runs `iago token …` on this fleet's database.
    pub(crate) fn token(&self, arguments: &[&str]) -> Ran {
        finish(self.token_command(arguments))
    }

    pub(crate) fn token_command(&self, arguments: &[&str]) -> Command {
        let mut command = self.command();
        command.arg("token").args(arguments).arg("--config").arg(self.config("c1"));
        command
    }

    /// Makes a token.
    pub(crate) fn grant(&self, scope: &str, name: &str) -> String {
        let ran = self.token(&["create", "--scope", scope, "--name", name]);
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.stdout.trim().to_owned()
    }

    /// Has SQL run beside everybody.
    pub(crate) fn sql(&self, statements: &str) -> String {
        self.cluster.psql(&self.database, statements).expect("it runs")
    }

    /// A command of a client with this token, in the settings that every client has.
    pub(crate) fn client_with(&self, token: &str, arguments: &[&str]) -> Command {
        let mut command = self.command();
        command.args(arguments).arg("--config").arg(self.config("client"));
        command.env("IAGO_TOKEN", token);
        command
    }
}

/// Tokens of a fleet that open nothing, or not everything.
pub(crate) struct Tokens {
    pub(crate) reader: String,
    pub(crate) revoked: String,
    pub(crate) expired: String,
}

impl Tokens {
    /// One that is revoked, and one whose time is over by the store's clock.
    pub(crate) fn make(fleet: &Fleet) -> Self {
        let reader = fleet.grant("reader", "anna");
        let revoked = fleet.grant("operator", "bert");
        assert_eq!(fleet.token(&["revoke", "bert"]).code, 0);
        let expired = fleet.grant("operator", "carl");
        fleet.sql("UPDATE iago.tokens SET expires_ms = created_ms + 1 WHERE name = 'carl'");
        Self { reader, revoked, expired }
    }
}
