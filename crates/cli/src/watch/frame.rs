//! The live view: what stands on the screen at one moment.

use std::time::Duration;

use iago_protocol::wire::{Progress, StageProgress};
use iago_sweep::Money;

use super::rates::{Pace, ended};
use super::{brief, counted, grouped};
use crate::account::{pool_words, spend_words, wait_words};
use crate::plain::plain_line;
use crate::wrap::wrap_hard;

/// A bar in a terminal that has room, and in one that has not.
const BAR: usize = 20;
const BAR_SHORT: usize = 8;
const ROOMY: usize = 76;

/// A sweep at one moment.
pub(super) struct View<'a> {
    pub(super) title: &'a str,
    pub(super) progress: &'a Progress,
    /// What goes on beside it; empty: nothing.
    pub(super) beside: &'a str,
    pub(super) pace: &'a Pace,
    /// Some of the calls cost nobody knows what.
    pub(super) unpriced: bool,
}

impl View<'_> {
    /// Lines of at most so many columns. Nothing is cut off: what is longer goes on below.
    pub(super) fn drawn(&self, width: usize) -> Vec<String> {
        let mut drawn = indented(0, &format!("{}: {}", self.title, self.course()), width);
        for (row, stage) in self.progress.stages.iter().enumerate() {
            drawn.extend(indented(2, &self.stage(row, stage, width), width));
        }
        if !self.beside.is_empty() {
            drawn.extend(indented(2, self.beside, width));
        }
        for line in self.beneath() {
            drawn.extend(indented(2, &line, width));
        }
        for pool in &self.progress.pools {
            drawn.extend(indented(2, &pool_words(pool), width));
            let wait = wait_words(pool);
            drawn.extend(wait.into_iter().flat_map(|wait| indented(4, &wait, width)));
        }
        let halts = halts(self.progress).into_iter();
        drawn.extend(halts.flat_map(|halt| indented(2, &halt, width)));
        drawn
    }

    /// All of it in one line, for a log.
    pub(super) fn told(&self) -> String {
        let failed = match self.progress.failures {
            0 => String::new(),
            failed => format!(", {} of them failed", grouped(failed)),
        };
        let mut parts = vec![format!(
            "{} of about {} jobs have ended{failed}",
            grouped(ended(self.progress)),
            grouped(self.expected()),
        )];
        parts.push(self.course());
        parts.extend((!self.beside.is_empty()).then(|| self.beside.to_owned()));
        parts.extend(reasons(self.progress));
        format!("{}: {}", self.title, parts.join("; "))
    }

    fn course(&self) -> String {
        let Progress { calls, .. } = self.progress;
        let mut parts = vec![counted(*calls, "call")];
        parts.extend(rate(self.pace.calls_per_s));
        parts.push(self.cost());
        parts.extend(self.pace.left.map(|left| format!("about {} left", shown_left(left))));
        parts.join(", ")
    }

    /// A lower bound is never shown as if it were the whole.
    fn cost(&self) -> String {
        let spent = Money(self.progress.spent_picodollars);
        if self.is_unknown() { format!("{spent} + ?") } else { spent.to_string() }
    }

    fn is_unknown(&self) -> bool {
        self.unpriced || self.progress.spend.as_ref().is_some_and(|spend| spend.unknown > 0)
    }

    fn stage(&self, row: usize, stage: &StageProgress, width: usize) -> String {
        let widest = |of: fn(&StageProgress) -> usize| {
            self.progress.stages.iter().map(of).max().unwrap_or(0)
        };
        let name = widest(|stage| stage.name.chars().count());
        let count = widest(|stage| grouped(stage.done + stage.failed).len());
        let ended = stage.done + stage.failed;
        let failed = match stage.failed {
            0 => String::new(),
            failed => format!(", {} failed", grouped(failed)),
        };
        let grows = self.pace.grows.get(row).copied().unwrap_or(false);
        let so_far = if grows { " so far" } else { "" };
        let cells = if width < ROOMY { BAR_SHORT } else { BAR };
        format!(
            "{:<name$} {} {:>count$} of {}{so_far}{failed}",
            stage.name,
            bar(ended, stage.known, cells),
            grouped(ended),
            grouped(stage.known),
        )
    }

    fn beneath(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut troubles: Vec<_> = self.progress.troubles.iter().collect();
        troubles.sort();
        let troubles: Vec<_> = troubles
            .into_iter()
            .map(|(class, count)| format!("{class} {}", grouped(*count)))
            .collect();
        if !troubles.is_empty() {
            lines.push(format!("passing troubles: {}", troubles.join(", ")));
        }
        let apart = self.progress.spend.as_ref().map(spend_words).unwrap_or_default();
        if !apart.is_empty() {
            lines.push(format!("spent: {apart}"));
        }
        if self.is_unknown() {
            lines.push(UNKNOWN.to_owned());
        }
        lines
    }

    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an estimate, and the cast saturates"
    )]
    fn expected(&self) -> u64 {
        let ended = ended(self.progress);
        let known = self.progress.stages.iter().map(|stage| stage.known).sum();
        if self.pace.share > 0.0 { (ended as f64 / self.pace.share).round() as u64 } else { known }
    }
}

/// What the question mark stands for.
const UNKNOWN: &str =
    "?: what some executions cost is unknown; config/prices.toml is where prices stand";

/// What keeps the whole sweep from going on.
fn halts(progress: &Progress) -> Vec<String> {
    let away = (progress.workers == 0).then(|| "no worker is connected".to_owned());
    let store = &progress.store_trouble;
    let store = (!store.is_empty()).then(|| format!("the store: {store}"));
    away.into_iter().chain(store).collect()
}

/// What is waited for besides answers.
pub(super) fn troubles(progress: &Progress) -> Vec<String> {
    let waits = progress.pools.iter().filter(|pool| !pool.waits_for.is_empty());
    let waits = waits.map(|pool| format!("{} waits: {}", pool.name, pool.waits_for));
    waits.chain(halts(progress)).collect()
}

/// All that is waited for.
fn reasons(progress: &Progress) -> Vec<String> {
    let waits = progress.pools.iter().filter_map(|pool| Some((pool, wait_words(pool)?)));
    let waits = waits.map(|(pool, wait)| format!("{} {wait}", pool.name));
    waits.chain(halts(progress)).collect()
}

/// Calls a second, or a minute where they are few.
fn rate(calls_per_s: f64) -> Option<String> {
    match calls_per_s {
        rate if rate >= 1.0 => Some(format!("{rate:.0} a second")),
        rate if rate * 60.0 >= 1.0 => Some(format!("{:.0} a minute", rate * 60.0)),
        _ => None,
    }
}

/// Nobody can tell the minute of what is hours away.
fn shown_left(left: Duration) -> String {
    match left.as_secs() / 3600 {
        0..=47 => brief(left),
        hours => format!("{} days", hours / 24),
    }
}

/// A line as many lines, those that go on a little further in.
fn indented(indent: usize, line: &str, width: usize) -> Vec<String> {
    // The last column stays free: some terminals wrap as soon as it is written.
    let room = width.saturating_sub(1 + indent + 2);
    let lines = wrap_hard(&plain_line(line), room);
    let indents = std::iter::once(indent).chain(std::iter::repeat(indent + 2));
    indents.zip(lines).map(|(indent, line)| " ".repeat(indent) + &line).collect()
}

fn bar(done: u64, of: u64, cells: usize) -> String {
    let filled = usize::try_from(done.saturating_mul(cells as u64).checked_div(of).unwrap_or(0));
    let filled = filled.unwrap_or(cells).min(cells);
    "█".repeat(filled) + &"░".repeat(cells - filled)
}

#[cfg(test)]
mod tests {
    use iago_protocol::wire::PoolProgress;

    use super::*;

    const WHY: &str = "credential refused (401): the API key is missing or wrong, and so nothing at all \
                       goes on until somebody has set another one and said so";

    fn progress() -> Progress {
        let stage = |name: &str, done, known| StageProgress {
            name: name.to_owned(),
            done,
            known,
            failed: 3,
        };
        Progress {
            stages: vec![stage("response", 1_197, 6_000), stage("compliance", 0, 1_197)],
            calls: 1_250,
            failures: 6,
            spent_picodollars: 120_000_000_000,
            workers: 1,
            pools: vec![PoolProgress {
                name: "lab".to_owned(),
                in_flight: 20,
                concurrency: 6,
                waits_for: WHY.to_owned(),
                ..PoolProgress::default()
            }],
            ..Progress::default()
        }
    }

    fn drawn(progress: &Progress, unpriced: bool, width: usize) -> Vec<String> {
        let left = Some(Duration::from_secs(200));
        let pace = Pace { calls_per_s: 57.0, left, share: 0.1, grows: vec![false, true] };
        View { title: "small s1", progress, beside: "", pace: &pace, unpriced }.drawn(width)
    }

    #[test]
    fn the_view_says_how_far_how_fast_and_for_how_much() {
        let shown = drawn(&progress(), false, 100).join("\n");
        let expected = "\
small s1: 1,250 calls, 57 a second, $0.12, about 3m20s left
  response   ████░░░░░░░░░░░░░░░░ 1,200 of 6,000, 3 failed
  compliance ░░░░░░░░░░░░░░░░░░░░     3 of 1,197 so far, 3 failed
  lab: 20 jobs with workers, at most 6 calls at once
    waits: credential refused";
        assert!(shown.starts_with(expected), "{shown}");
    }

    #[test]
    fn what_costs_nobody_knows_what_is_never_shown_as_nothing() {
        let mut progress = progress();
        assert!(drawn(&progress, true, 100)[0].contains(", $0.12 + ?,"));
        assert!(drawn(&progress, true, 100).iter().any(|line| line.trim() == UNKNOWN));
        assert!(!drawn(&progress, false, 100).join("\n").contains('?'));
        progress.spent_picodollars = 0;
        assert!(drawn(&progress, true, 100)[0].contains(", $0 + ?,"));
    }

    #[test]
    fn no_reason_is_cut_off_at_an_edge_and_no_line_is_wrapped_by_the_terminal() {
        for width in [24, 40, 60, 80, 100, 140] {
            let lines = drawn(&progress(), true, width);
            assert!(lines.iter().all(|line| line.chars().count() < width), "{width}: {lines:#?}");
            let words: Vec<&str> = lines.iter().flat_map(|line| line.split_whitespace()).collect();
            assert!(words.join(" ").contains(WHY), "{width}: {lines:#?}");
        }
    }

    #[test]
    fn in_a_log_it_is_one_line() {
        let pace = Pace { share: 0.1, ..Pace::default() };
        let progress = progress();
        let beside = "anchors: 4 of 9 judged again";
        let view =
            View { title: "small s1", progress: &progress, beside, pace: &pace, unpriced: true };
        assert!(view.drawn(100).contains(&format!("  {beside}")), "{:?}", view.drawn(100));
        let told = "small s1: 1,203 of about 12,030 jobs have ended, 6 of them failed; 1,250 calls, \
                    $0.12 + ?; anchors: 4 of 9 judged again; lab waits: credential refused";
        assert!(view.told().starts_with(told), "{}", view.told());
    }

    #[test]
    fn a_bar_is_as_full_as_the_stage() {
        assert_eq!(bar(1, 4, 8), "██░░░░░░");
        assert_eq!(bar(0, 0, 2), "░░");
        assert_eq!(bar(9, 4, 2), "██");
    }

    #[test]
    fn few_calls_are_counted_by_the_minute() {
        assert_eq!(rate(57.2).as_deref(), Some("57 a second"));
        assert_eq!(rate(0.5).as_deref(), Some("30 a minute"));
        assert_eq!(rate(0.0), None);
    }

    #[test]
    fn answers_are_waited_for_without_that_being_a_trouble() {
        let full = PoolProgress { full: true, concurrency: 4, ..PoolProgress::default() };
        let limited = PoolProgress { waits_for: "its limit".to_owned(), ..full.clone() };
        let of = |pool| Progress { pools: vec![pool], workers: 1, ..Progress::default() };
        assert!(reasons(&of(full.clone()))[0].contains("answers (4 calls at once)"));
        assert!(troubles(&of(full)).is_empty());
        assert_eq!(troubles(&of(limited)).len(), 1);
    }
}
