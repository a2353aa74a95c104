//! A night as JUnit XML, for build servers.
//!
//! One suite is one night, one case one gate in one cell. A regression is a *failure*, which is what that
//! format calls an assertion that does not hold. Everything else that is no pass is an *error*, which is what
//! it calls a test that could not tell. Build servers show both in red; none of these words is ever a pass,
//! and none is `skipped`, which most of them count as one. Advisory gates pass whatever they say, and say it
//! in `system-out`. If no critical gate is red although the night is no pass, a case of its own is; so that
//! a night without any gate is red as well.

use std::fmt::Write;

use super::SIMULATED;
use super::gate::GateTold;
use super::text::plain_lines;
use crate::{Morning, Word};

/// The name of the case that stands for the night as a whole.
const WHOLE_NIGHT: &str = "the night as a whole";

/// A night as one test suite in JUnit's XML.
pub fn junit(morning: &Morning) -> String {
    let cases = cases(morning);
    let count = |kind: Kind| cases.iter().filter(|case| case.is(kind)).count();
    let counts = format!(
        r#"tests="{}" failures="{}" errors="{}""#,
        cases.len(),
        count(Kind::Failure),
        count(Kind::Error)
    );
    let seconds = morning.judged.duration_since(morning.began).as_secs().max(0);
    let (name, title) = (attribute(&suite_name(morning)), attribute(morning.title()));
    let began = attribute(&morning.began.strftime("%Y-%m-%dT%H:%M:%S").to_string());
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(xml, r#"<testsuites name="{title}" {counts} time="{seconds}">"#);
    let _ = writeln!(
        xml,
        r#"  <testsuite name="{name}" {counts} skipped="0" time="{seconds}" timestamp="{began}">"#
    );
    xml.push_str(&properties(morning));
    xml.extend(cases.iter().map(Case::xml));
    xml.push_str("  </testsuite>\n</testsuites>\n");
    xml
}

/// What a case comes to where it is not green.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Failure,
    Error,
}

/// One gate, or the night.
struct Case {
    class: String,
    name: String,
    red: Option<(Kind, Word)>,
    /// In one line.
    message: String,
    details: String,
}

fn cases(morning: &Morning) -> Vec<Case> {
    let mut cases: Vec<Case> =
        morning.gates_told().into_iter().map(|gate| Case::of(morning, gate)).collect();
    let is_red = cases.iter().any(|case| case.red.is_some());
    if !is_red && (morning.word != Word::Pass || cases.is_empty()) {
        cases.push(Case::whole(morning));
    }
    cases
}

impl Case {
    fn of(morning: &Morning, gate: GateTold<'_>) -> Self {
        let numbers = gate.sides().into_iter().chain(gate.numbers()).collect::<Vec<_>>();
        let message = [vec![gate.word()], numbers].concat().join(", ");
        let causes = gate.gate.causes.iter().map(ToString::to_string);
        let details = causes.chain(gate.outlook()).chain(simulated(morning)).collect::<Vec<_>>();
        Self {
            class: format!("{}.{}", morning.title(), gate.cell()),
            name: gate.gate.measure.clone(),
            red: Some(gate.gate.word).filter(|_| gate.is_critical()).and_then(red),
            message,
            details: details.join("\n"),
        }
    }

    fn whole(morning: &Morning) -> Self {
        let whys = morning.whys().into_iter().chain(simulated(morning)).collect::<Vec<_>>();
        Self {
            class: morning.title().to_owned(),
            name: WHOLE_NIGHT.to_owned(),
            // A pass of nothing is none.
            red: red(morning.word).or(Some((Kind::Error, Word::Inconclusive))),
            message: format!("{}: {}", morning.said(), morning.headline()),
            details: whys.join("\n"),
        }
    }

    fn is(&self, kind: Kind) -> bool {
        self.red.is_some_and(|(is, _)| is == kind)
    }

    fn xml(&self) -> String {
        let Self { class, name, red, message, details } = self;
        let (class, name) = (attribute(class), attribute(name));
        let inside = match red {
            None => {
                format!("<system-out>{}</system-out>", content(&format!("{message}\n{details}")))
            }
            Some((kind, word)) => {
                let tag = if *kind == Kind::Failure { "failure" } else { "error" };
                let (message, details) = (attribute(message), content(details));
                format!(r#"<{tag} message="{message}" type="{word}">{details}</{tag}>"#)
            }
        };
        format!(
            "    <testcase classname=\"{class}\" name=\"{name}\" time=\"0\">\n      {inside}\n    </testcase>\n"
        )
    }
}

fn red(word: Word) -> Option<(Kind, Word)> {
    match word {
        Word::Pass => None,
        Word::Regression => Some((Kind::Failure, word)),
        Word::Inconclusive
        | Word::UnreliableBaseline
        | Word::ChangedModel
        | Word::ChangedJudge
        | Word::Infrastructure
        | Word::Deadline => Some((Kind::Error, word)),
    }
}

fn simulated(morning: &Morning) -> Option<String> {
    morning.simulated.then(|| SIMULATED.to_owned())
}

fn suite_name(morning: &Morning) -> String {
    let simulated = if morning.simulated { "SIMULATED " } else { "" };
    let due = morning.run.as_ref().map_or(morning.began, |run| run.due);
    format!("{simulated}{} {due}", morning.title())
}

fn properties(morning: &Morning) -> String {
    let sweep = morning.sweep.map(|sweep| sweep.to_string());
    let baseline = morning.against.as_ref();
    let properties = [
        ("word", Some(morning.said().to_owned())),
        ("exit_code", Some(morning.exit_code().to_string())),
        ("simulated", Some(morning.simulated.to_string())),
        ("sweep", sweep),
        ("baseline", baseline.map(|against| against.name.clone())),
        ("baseline_sweep", baseline.map(|against| against.sweep.to_string())),
        ("due", morning.run.as_ref().map(|run| run.due.to_string())),
        ("spent", morning.sweep.map(|_| morning.cost())),
    ];
    let property = |(name, value): (&str, Option<String>)| {
        let value = attribute(&value?);
        Some(format!("      <property name=\"{name}\" value=\"{value}\"/>\n"))
    };
    let lines: String = properties.into_iter().filter_map(property).collect();
    format!("    <properties>\n{lines}    </properties>\n")
}

/// In double quotes. Line ends become spaces there anyway.
fn attribute(text: &str) -> String {
    content(text).replace(['\n', '\t'], " ")
}

/// Between tags. What XML 1.0 cannot hold, not even escaped, is spelled out with all else that is unseen.
fn content(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in plain_lines(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            other => escaped.push(other),
        }
    }
    escaped
}
