//! A night as Slack shows it, and everything else that takes what Slack does.

use serde_json::{Value, json};

use super::SIMULATED;
use super::gate::GateTold;
use super::text::{clip, plain};
use crate::{Morning, Word};

/// Slack takes 50 blocks; ours are these and six others at most.
const GATES_MAX: usize = 40;

/// Slack takes 3,000 characters in a section, after escaping.
const SECTION_MAX: usize = 2_900;

/// Slack takes 150 characters in a heading.
const HEADING_MAX: usize = 140;

/// A night as a message for Slack: the word as its heading, what it means, the gates with the worst first, and
/// what they rest on; `text` says the same in a line for notifications.
pub fn slack(morning: &Morning) -> Value {
    let mut blocks = vec![
        json!({ "type": "header", "text": { "type": "plain_text", "text": heading(morning) } }),
        section(&headline(morning)),
    ];
    blocks.extend(gates(morning));
    let facts = morning.facts().into_iter().chain(morning.drift_told());
    let facts = facts.chain(morning.flips_told()).collect::<Vec<_>>();
    blocks.extend((!facts.is_empty()).then(|| context(&facts.join(" · "))));
    blocks.extend(morning.simulated.then(|| context(SIMULATED)));
    json!({ "text": escaped(&fallback(morning), SECTION_MAX), "blocks": blocks })
}

fn heading(morning: &Morning) -> String {
    let simulated = if morning.simulated { "SIMULATED " } else { "" };
    let title = plain(morning.title());
    clip(&format!("{simulated}{} {}: {title}", morning.mark(), morning.said()), HEADING_MAX)
}

fn headline(morning: &Morning) -> String {
    let whys = morning.whys().into_iter().map(|why| format!("• {why}"));
    let cost = morning.sweep.map(|_| format!(", {}", morning.cost())).unwrap_or_default();
    let when = format!("{}{cost}, exit code {}", morning.when(), morning.exit_code());
    [morning.headline(), when].into_iter().chain(whys).collect::<Vec<_>>().join("\n")
}

/// One section each, as far as there is room.
fn gates(morning: &Morning) -> Vec<Value> {
    let mut gates = morning.gates_told();
    gates.sort_by_key(|gate| (!gate.is_critical(), gate.gate.word));
    let mut blocks: Vec<Value> =
        gates.iter().take(GATES_MAX).map(|gate| section(&describe(*gate))).collect();
    let more = gates.len().saturating_sub(GATES_MAX);
    blocks.extend((more > 0).then(|| context(&format!("and {more} more gates"))));
    blocks
}

fn describe(gate: GateTold<'_>) -> String {
    let head = format!("{} {}: {}", gate.gate.word.mark(), gate.name(), gate.word());
    let numbers = gate.sides().into_iter().chain(gate.numbers()).collect::<Vec<_>>();
    let outlook = if gate.gate.word == Word::Inconclusive { gate.outlook() } else { Vec::new() };
    let lines = [head, numbers.join(" · ")].into_iter().chain(outlook);
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// In a line: `SIMULATED regression: assistant-nightly. Got worse …`.
fn fallback(morning: &Morning) -> String {
    let simulated = if morning.simulated { "SIMULATED " } else { "" };
    format!("{simulated}{}: {}. {}", morning.said(), morning.title(), morning.headline())
}

fn section(text: &str) -> Value {
    json!({ "type": "section", "text": mrkdwn(text) })
}

fn context(text: &str) -> Value {
    json!({ "type": "context", "elements": [mrkdwn(text)] })
}

/// Verbatim: a name that looks like an address, a channel or a person is to become no link.
fn mrkdwn(text: &str) -> Value {
    json!({ "type": "mrkdwn", "text": escaped(text, SECTION_MAX), "verbatim": true })
}

/// Escaped as Slack wants it, and no longer than so many characters: never cut within an escape.
fn escaped(text: &str, max: usize) -> String {
    let mut escaped = String::new();
    let mut taken = 0;
    for line in text.split_inclusive('\n') {
        let end = if line.ends_with('\n') { "\n" } else { "" };
        for c in plain(line.trim_end_matches('\n')).chars().chain(end.chars()) {
            let shown = match c {
                '&' => "&amp;".to_owned(),
                '<' => "&lt;".to_owned(),
                '>' => "&gt;".to_owned(),
                other => other.to_string(),
            };
            taken += shown.chars().count();
            if taken >= max {
                return escaped + "…";
            }
            escaped.push_str(&shown);
        }
    }
    escaped
}
