//! The morning message, for a terminal.

use super::SIMULATED;
use super::gate::GateTold;
use super::numbers::plural;
use super::text::Layout;
use crate::{Morning, Word, mark_nights};

/// Between two items of a line.
const GAP: &str = " · ";

/// What a night came to, in lines of at most so many columns: the word first, then what it means and why,
/// every gate, and what all of it rests on. `last_nights` are the words up to this one, oldest first.
pub fn morning_lines(morning: &Morning, width: usize, last_nights: &[Word]) -> Vec<String> {
    let page = Layout::of(width);
    let mut lines = page.items(&morning.first_line(), "  ");
    lines.extend(page.wrap(&morning.headline()));
    let whys = morning.whys().into_iter().map(|why| format!("{} {why}", because(morning.word)));
    lines.extend(whys.flat_map(|why| page.inset().wrap(&why)));
    lines.extend(morning.gates_told().into_iter().flat_map(|gate| describe_gate(gate, page)));
    lines.extend(page.items(&morning.facts(), GAP));
    lines.extend(morning.drift_told().iter().flat_map(|line| page.wrap(line)));
    lines.extend(page.items(&morning.flips_told(), GAP));
    let last = describe_nights(last_nights).into_iter();
    let last = last.chain(morning.simulated.then(|| SIMULATED.to_owned()));
    lines.extend(last.flat_map(|line| page.wrap(&line)));
    lines
}

impl Morning {
    /// Why there is no verdict on the model, or not all of it: sentences.
    pub(super) fn whys(&self) -> Vec<String> {
        let causes: Vec<String> = self.causes_told().iter().map(|cause| cause.told()).collect();
        let own = self.why.iter().filter(|why| !causes.contains(why)).cloned();
        own.chain(causes.iter().cloned()).collect()
    }
}

/// What stands in the way of a verdict is no reason of one that there is.
fn because(word: Word) -> &'static str {
    if matches!(word, Word::Pass | Word::Regression) { "note:" } else { "because" }
}

fn describe_gate(gate: GateTold<'_>, page: Layout) -> Vec<String> {
    let head = format!("{} {}: {}", gate.gate.word.mark(), gate.name(), gate.word());
    let items: Vec<String> = [head].into_iter().chain(gate.sides()).chain(gate.numbers()).collect();
    let outlook = gate.outlook().into_iter().flat_map(|sentence| page.inset().wrap(&sentence));
    page.items(&items, GAP).into_iter().chain(outlook).collect()
}

fn describe_nights(nights: &[Word]) -> Option<String> {
    let count = plural(nights.len() as u64, "night");
    (!nights.is_empty()).then(|| format!("last {count}: {}", mark_nights(nights)))
}
