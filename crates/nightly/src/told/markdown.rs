//! A night as Markdown, for a comment under a pull request.

mod escape;
mod flips;
mod room;

pub use flips::FlipShown;

use super::SIMULATED;
use super::gate::GateTold;
use super::text::clip;
use crate::{Morning, Word};
use escape::{code, inline, sentence};
use room::{NAME_MAX, PAGE_MAX, SENTENCE_MAX, fit};

/// What a night came to: what got worse and by how much, every gate, why there is no verdict where there is
/// none, and the first three of `flips` with what was said, then and tonight. No text of a prompt or an answer
/// stands in it but theirs.
///
/// All of it is bounded, so that it fits into a comment of the usual hosts (65,536 characters) whatever stands
/// in it, and says how much is left out; hostile text stays text.
pub fn markdown(morning: &Morning, flips: &[FlipShown]) -> String {
    let mut parts = vec![heading(morning), inline(&clip(&morning.headline(), SENTENCE_MAX))];
    parts.extend(list(morning.whys().iter().map(|why| item(why))));
    parts.extend(table(&morning.gates_told()));
    parts.extend(list(outlooks(morning)).map(|list| format!("What is open:\n\n{list}")));
    let facts = morning.facts().into_iter().chain(morning.drift_told());
    let facts = list(facts.map(|fact| item(&fact)));
    parts.extend(facts.map(|list| format!("What it rests on:\n\n{list}")));
    let taken: usize = parts.iter().map(|part| part.chars().count() + 2).sum();
    parts.extend(flips::describe(flips, PAGE_MAX.saturating_sub(taken)));
    parts.extend(morning.simulated.then(|| SIMULATED.to_owned()));
    parts.join("\n\n") + "\n"
}

fn heading(morning: &Morning) -> String {
    let simulated = if morning.simulated { "SIMULATED · " } else { "" };
    let (mark, said, title) = (morning.mark(), morning.said(), name(morning.title()));
    let cost = morning.sweep.map(|_| format!(", {}", morning.cost())).unwrap_or_default();
    let when = inline(&format!("{}{cost} (exit code {})", morning.when(), morning.exit_code()));
    format!("## {simulated}{mark} {said}: {title}\n\n{when}")
}

fn name(text: &str) -> String {
    inline(&clip(text, NAME_MAX))
}

fn item(text: &str) -> String {
    sentence(&clip(text, SENTENCE_MAX))
}

fn list(items: impl Iterator<Item = String>) -> Option<String> {
    let (mut items, left_out) = fit(items.map(|item| format!("- {item}")));
    items.extend((left_out > 0).then(|| format!("- and {left_out} more")));
    (!items.is_empty()).then(|| items.join("\n"))
}

/// What is worst stands first.
fn table(gates: &[GateTold<'_>]) -> Option<String> {
    let mut sorted = gates.to_vec();
    sorted.sort_by_key(|gate| (!gate.is_critical(), gate.gate.word));
    let head = "|  | gate | cell | baseline | tonight | change | margin | verdict |\n\
                | --- | --- | --- | ---: | ---: | --- | ---: | --- |";
    let (rows, left_out) = fit(sorted.into_iter().map(row));
    let more = if left_out > 0 { format!("\n\nand {left_out} more gates") } else { String::new() };
    (!gates.is_empty()).then(|| format!("{head}\n{}{more}", rows.join("\n")))
}

fn row(told: GateTold<'_>) -> String {
    let word = told.word();
    let verdict = if told.gate.word == Word::Pass { word } else { format!("**{word}**") };
    let number = |number: Option<String>| number.map_or_else(|| "-".to_owned(), |n| inline(&n));
    let cells = [
        told.gate.word.mark().to_string(),
        name(&told.gate.measure),
        name(&told.cell()),
        number(told.baseline()),
        number(told.tonight()),
        number(told.loss()),
        number(told.margin()),
        verdict,
    ];
    format!("| {} |", cells.join(" | "))
}

fn outlooks(morning: &Morning) -> impl Iterator<Item = String> {
    morning.gates_told().into_iter().flat_map(|gate| {
        let name = code(&clip(&gate.name(), NAME_MAX));
        gate.outlook().into_iter().map(move |outlook| format!("{name} {}", item(&outlook)))
    })
}
