//! The morning message, for a terminal.

use super::SIMULATED;
use super::gate::GateTold;
use super::text::Layout;
use crate::{Flip, Morning, Word, mark_nights};

/// Between two items of a line.
const GAP: &str = " · ";

/// More prompts are not named; their number is.
const FLIPS_NAMED: usize = 5;

/// What a night came to, in lines of at most so many columns: the word first, then what it means and why,
/// every gate, and what all of it rests on. `last_nights` are the words up to this one, oldest first.
pub fn morning_lines(morning: &Morning, width: usize, last_nights: &[Word]) -> Vec<String> {
    let page = Layout::of(width);
    let mut lines = page.wrap(&morning.first_line());
    lines.extend(page.wrap(&morning.headline()));
    for why in morning.whys() {
        lines.extend(page.inset().wrap(&format!("because {why}")));
    }
    lines.extend(morning.gates_told().into_iter().flat_map(|gate| describe_gate(gate, page)));
    lines.extend(page.items(&morning.facts(), GAP));
    let rest = morning.drift_told().into_iter().chain(describe_flips(&morning.flips));
    let rest = rest.chain(describe_nights(last_nights));
    let rest = rest.chain(morning.simulated.then(|| SIMULATED.to_owned()));
    lines.extend(rest.flat_map(|line| page.wrap(&line)));
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

fn describe_gate(gate: GateTold<'_>, page: Layout) -> Vec<String> {
    let head = format!("{} {}: {}", gate.gate.word.mark(), gate.name(), gate.word());
    let items: Vec<String> = [head].into_iter().chain(gate.sides()).chain(gate.numbers()).collect();
    let outlook = gate.outlook().into_iter().flat_map(|sentence| page.inset().wrap(&sentence));
    page.items(&items, GAP).into_iter().chain(outlook).collect()
}

/// The furthest that got worse, and where none did, those that got better.
fn describe_flips(flips: &[Flip]) -> Option<String> {
    let (worse, better): (Vec<&Flip>, Vec<&Flip>) = flips.iter().partition(|flip| flip.worse);
    let (said, shown) = if worse.is_empty() { ("better", better) } else { ("worse", worse) };
    let named: Vec<String> = shown.iter().take(FLIPS_NAMED).map(|flip| flip.told()).collect();
    let more = match shown.len().saturating_sub(FLIPS_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!named.is_empty()).then(|| format!("most {said}: {}{more}", named.join(", ")))
}

fn describe_nights(nights: &[Word]) -> Option<String> {
    let known = !nights.is_empty();
    known.then(|| format!("last {} nights: {}", nights.len(), mark_nights(nights)))
}
