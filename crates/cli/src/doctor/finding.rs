//! What was looked at, and what was seen.

use serde_json::{Value, json};

use crate::exit::{Exit, Stop};
use crate::plain::{plain_json, plain_line};
use crate::table::Table;

/// One thing that was looked at.
#[derive(Debug)]
pub(super) struct Finding {
    what: String,
    verdict: Verdict,
    seen: String,
    /// What a person is to do; empty where nothing is wrong.
    way_out: String,
}

/// How it stands with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Well,
    Wrong(Exit),
    /// It could not be looked at, or need not be.
    PassedOver,
}

impl Finding {
    /// It is as it should be.
    pub(super) fn well(what: impl Into<String>, seen: impl Into<String>) -> Self {
        let (what, seen) = (what.into(), seen.into());
        Self { what, verdict: Verdict::Well, seen, way_out: String::new() }
    }

    /// It was not looked at.
    pub(super) fn passed_over(what: impl Into<String>, seen: impl Into<String>) -> Self {
        Self { verdict: Verdict::PassedOver, ..Self::well(what, seen) }
    }

    /// It is not as it should be.
    pub(super) fn wrong_with(
        what: impl Into<String>,
        stop: Stop,
        way_out: impl Into<String>,
    ) -> Self {
        let (what, way_out) = (what.into(), way_out.into());
        Self { what, verdict: Verdict::Wrong(stop.exit), seen: stop.message, way_out }
    }

    /// How a command ends because of it.
    pub(super) fn wrong(&self) -> Option<Exit> {
        match self.verdict {
            Verdict::Wrong(exit) => Some(exit),
            Verdict::Well | Verdict::PassedOver => None,
        }
    }
}

/// A table, and for everything that is wrong what was seen and what to do, in full.
pub(super) fn in_words(findings: &[Finding], width: usize) -> String {
    let mut table = Table::new(&["", "WHAT", "SEEN"]);
    for finding in findings {
        let verdict = match finding.verdict {
            Verdict::Well => "ok",
            Verdict::Wrong(_) => "NO",
            Verdict::PassedOver => "-",
        };
        table.row(&[verdict.to_owned(), finding.what.clone(), finding.seen.clone()]);
    }
    let wrong = findings.iter().filter(|finding| finding.wrong().is_some());
    let told = wrong.map(|finding| {
        let Finding { what, seen, way_out, .. } = finding;
        format!("\n{}: {}\n  to do: {}\n", plain_line(what), plain_line(seen), plain_line(way_out))
    });
    std::iter::once(table.shown(width)).chain(told).collect()
}

/// The same for scripts.
pub(super) fn in_json(findings: &[Finding]) -> String {
    let findings = findings.iter().map(|finding| {
        let ok = match finding.verdict {
            Verdict::Well => Some(true),
            Verdict::Wrong(_) => Some(false),
            Verdict::PassedOver => None,
        };
        json!({ "what": finding.what, "ok": ok, "seen": finding.seen, "to_do": finding.way_out })
    });
    format!("{}\n", plain_json(&Value::from_iter(findings)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_in_full_and_obeys_nobody() {
        let stop = Stop::new(Exit::Credential, "a\u{1b}[2J key is refused ".repeat(9));
        let findings = [
            Finding::well("store", "12 GiB free"),
            Finding::wrong_with("endpoint x", stop, "set another key"),
            Finding::passed_over("workers", "nobody asked"),
        ];
        let shown = in_words(&findings, 60);
        assert!(shown.starts_with("    WHAT"), "{shown}");
        assert!(shown.contains("ok  store") && shown.contains("NO  endpoint x"), "{shown}");
        assert!(shown.contains("-   workers") && shown.contains("  to do: set another key\n"));
        assert!(!shown.contains('\u{1b}'));
        let json: Value = serde_json::from_str(&in_json(&findings)).unwrap();
        assert_eq!(
            (&json[0]["ok"], &json[1]["ok"], &json[2]["ok"]),
            (&Value::Bool(true), &Value::Bool(false), &Value::Null)
        );
    }
}
