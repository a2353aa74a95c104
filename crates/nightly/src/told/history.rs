//! Many nights of one schedule, for a terminal: how each came out and what changed, every measure over the
//! nights with its band, its margin and its baseline, and the prompts that flip without cause.

mod changes;
mod course;
mod flipping;
mod nights;
mod plot;

use std::collections::BTreeSet;

use super::SIMULATED;
use super::clock::Clock;
use super::numbers::plural;
use super::text::Layout;
use crate::{Morning, Run, RunState, Word, find_streaks};

/// A due time on record, and what people were told of it.
#[derive(Clone, Debug, PartialEq)]
pub struct RunShown {
    /// What became of it.
    pub run: Run,
    /// What it came to; `None` where nobody was told anything.
    pub morning: Option<Morning>,
}

/// The nights of a schedule, oldest first, in lines of at most so many columns. Times are shown as people in
/// the zone read them; in UTC, if there is no zone of that name.
pub fn history_lines(runs: &[RunShown], width: usize, zone: &str) -> Vec<String> {
    let page = Layout::of(width);
    let clock = Clock::of(Some(zone));
    let (Some(first), Some(last)) = (runs.first(), runs.last()) else {
        return page.wrap("No night is on record yet.");
    };
    let is_simulated = runs.iter().filter_map(|shown| shown.morning.as_ref()).any(|m| m.simulated);
    let simulated = is_simulated.then(|| "SIMULATED".to_owned());
    let [from, to] = [first, last].map(|shown| clock.day(shown.run.key.due));
    let (name, nights) = (&last.run.key.schedule, plural(runs.len() as u64, "night"));
    let span = format!("{from} to {to}, {}", clock.zone_name());
    let head: Vec<String> = simulated.into_iter().chain([name.to_string(), nights, span]).collect();
    let mut lines = page.items(&head, "  ");
    let changes = changes::find(runs);
    lines.extend(nights::describe(runs, &changes, &clock, page));
    lines.extend(streaks(runs).iter().flat_map(|line| page.wrap(line)));
    lines.extend(course::describe(runs, &changes, &clock, page));
    lines.extend(flipping::describe(runs).iter().flat_map(|line| page.wrap(line)));
    lines.push(String::new());
    lines.extend(page.items(&legend(runs), "  "));
    lines.extend(is_simulated.then(|| page.wrap(SIMULATED)).into_iter().flatten());
    lines
}

impl RunShown {
    /// What its verdict says, where it has one; a night that never started has none.
    fn word(&self) -> Option<Word> {
        self.morning.as_ref().filter(|morning| !morning.missed).map(|morning| morning.word)
    }

    fn mark(&self) -> char {
        match (self.word(), &self.run.state) {
            (Some(word), _) => word.mark(),
            (None, RunState::Waiting | RunState::Starting | RunState::Running) => '…',
            (None, RunState::Expired) => Word::Deadline.mark(),
            (None, RunState::Failed { .. }) => Word::Infrastructure.mark(),
            (None, RunState::Ended) => '?',
            (None, RunState::Missed { .. } | RunState::Skipped { .. }) => '·',
        }
    }

    /// The verdict's word, or else what became of it.
    fn said(&self) -> &'static str {
        match (self.word(), &self.run.state) {
            (Some(word), _) => word.word(),
            (None, RunState::Waiting) => "waiting",
            (None, RunState::Starting) => "starting",
            (None, RunState::Running) => "running",
            (None, RunState::Ended) => "ended",
            (None, RunState::Expired) => "deadline",
            (None, RunState::Failed { .. }) => "failed",
            (None, RunState::Missed { .. }) => "missed",
            (None, RunState::Skipped { .. }) => "skipped",
        }
    }
}

/// `streaks: 5 pass, 1 changed-model, 6 pass`.
fn streaks(runs: &[RunShown]) -> Option<String> {
    let words: Vec<Word> = runs.iter().filter_map(RunShown::word).collect();
    let streaks = find_streaks(&words);
    let told: Vec<String> = streaks.iter().map(|s| format!("{} {}", s.nights, s.word)).collect();
    (!told.is_empty()).then(|| format!("streaks: {}", told.join(", ")))
}

/// The marks that there are, and those of the drawings, an item each.
fn legend(runs: &[RunShown]) -> Vec<String> {
    let words: BTreeSet<Word> = runs.iter().filter_map(RunShown::word).collect();
    let marks = words.iter().map(|word| format!("{} {word}", word.mark()));
    let has_other = runs.iter().any(|shown| shown.mark() == '·');
    let other = has_other.then(|| "· did not run".to_owned());
    let drawn = [
        "* something changed",
        "● value",
        "├─┤ where the true one may be",
        ": baseline",
        "| the worst that passes",
    ];
    marks.chain(other).chain(drawn.map(str::to_owned)).collect()
}
