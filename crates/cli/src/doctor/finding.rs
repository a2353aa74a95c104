//! What was looked at, and what was seen: each thing once, in full, with what to do beside it.

use serde_json::{Value, json};

use crate::exit::{Exit, Stop};
use crate::plain::{plain_json, plain_line};
use crate::wrap::wrap;

/// Columns before what a finding is about.
const VERDICT: usize = 4;
/// The widest column of what findings are about; a longer name has a line to itself.
const WHAT_MAX: usize = 40;
/// The narrowest column of what was seen.
const SEEN_MIN: usize = 24;

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

    fn paragraph(&self, indent: usize, width: usize) -> String {
        let verdict = match self.verdict {
            Verdict::Well => "ok",
            Verdict::Wrong(_) => "NO",
            Verdict::PassedOver => "-",
        };
        let room = width.saturating_sub(indent).max(SEEN_MIN);
        let mut lines = wrap(&plain_line(&self.seen), room);
        if !self.way_out.is_empty() {
            lines.extend(wrap(&format!("to do: {}", plain_line(&self.way_out)), room));
        }
        let mut text = format!("{verdict:<VERDICT$}{}", plain_line(&self.what));
        for line in lines {
            let used = text.lines().last().map_or(0, |last| last.chars().count());
            let is_first = !text.contains('\n');
            if is_first && used + 2 <= indent {
                text.extend([" ".repeat(indent - used), line]);
            } else {
                text.extend(["\n".to_owned(), " ".repeat(indent), line]);
            }
        }
        text.truncate(text.trim_end().len());
        text + "\n"
    }

    /// Whether it was not looked at.
    pub(super) fn is_passed_over(&self) -> bool {
        self.verdict == Verdict::PassedOver
    }

    /// How a command ends because of it.
    pub(super) fn wrong(&self) -> Option<Exit> {
        match self.verdict {
            Verdict::Wrong(exit) => Some(exit),
            Verdict::Well | Verdict::PassedOver => None,
        }
    }
}

/// A paragraph for each.
pub(super) fn in_words(findings: &[Finding], width: usize) -> String {
    let names = findings.iter().map(|finding| plain_line(&finding.what).chars().count());
    let widest = names.filter(|name| *name <= WHAT_MAX).max().unwrap_or(0);
    // In a narrow window what was seen stands below what it is about.
    let beside = VERDICT + widest + 2;
    let indent = if beside + SEEN_MIN <= width { beside } else { VERDICT };
    findings.iter().map(|finding| finding.paragraph(indent, width)).collect()
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
    fn in_a_narrow_window_nothing_is_cut() {
        let findings = [
            Finding::well("settings config/endpoints.toml", "endpoints: a, b, c, d, e, f, g"),
            Finding::well(format!("store {}", "deep/".repeat(12)), "can be read"),
        ];
        for width in [30, 60, 100] {
            let shown = in_words(&findings, width);
            let words: Vec<_> = shown.split_whitespace().collect();
            assert!(words.join(" ").contains("endpoints: a, b, c, d, e, f, g"), "{shown}");
            assert!(
                shown.contains(&"deep/".repeat(12)) && shown.contains("can be read"),
                "{shown}"
            );
        }
    }

    #[test]
    fn what_is_wrong_is_told_in_full_and_obeys_nobody() {
        let stop = Stop::new(Exit::Credential, "a\u{1b}[2J key is refused ".repeat(9));
        let findings = [
            Finding::well("store", "12 GiB free"),
            Finding::wrong_with("endpoint x", stop, "set another key"),
            Finding::passed_over("workers", "nobody asked"),
        ];
        let shown = in_words(&findings, 60);
        assert!(
            shown.starts_with("ok  store       12 GiB free\nNO  endpoint x  a\\u001b[2J"),
            "{shown}"
        );
        assert!(shown.contains("\n                to do: set another key\n"), "{shown}");
        assert!(shown.ends_with("\n-   workers     nobody asked\n"), "{shown}");
        let words = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(words.matches("key is refused").count(), 9, "in full, and once: {shown}");
        assert!(shown.lines().all(|line| line.chars().count() <= 60), "{shown}");
        assert!(!shown.contains('\u{1b}'));
        let json: Value = serde_json::from_str(&in_json(&findings)).unwrap();
        assert_eq!(
            (&json[0]["ok"], &json[1]["ok"], &json[2]["ok"]),
            (&Value::Bool(true), &Value::Bool(false), &Value::Null)
        );
    }
}
