//! A line for each night: when, how it came out, which sweep, at what cost, and why.

use super::RunShown;
use crate::told::clock::Clock;
use crate::told::text::{Layout, columns, pad, plain};
use crate::{RunState, Word};

/// As wide as the longest word.
const SAID_WIDTH: usize = "unreliable-baseline".len();

/// As wide as `s1234 $123.45`.
const SWEEP_WIDTH: usize = 13;

pub(super) fn describe(
    runs: &[RunShown],
    changes: &[Vec<String>],
    clock: &Clock,
    page: Layout,
) -> Vec<String> {
    let nights = runs.iter().zip(changes);
    nights.flat_map(|(shown, changes)| night(shown, changes, clock, page)).collect()
}

/// The reason stands on the same line where there is room, and below it otherwise.
fn night(shown: &RunShown, changes: &[String], clock: &Clock, page: Layout) -> Vec<String> {
    let due = shown.run.key.due;
    let (day, time) = (clock.short_day(due), clock.time(due));
    let mark = pad(&shown.mark().to_string(), 2);
    let said = pad(shown.said(), SAID_WIDTH);
    let line = format!("{day} {time}  {mark} {said}  {}", pad(&sweep(shown), SWEEP_WIDTH));
    let (line, reason) = match reason(shown).map(|reason| plain(&reason)) {
        Some(reason) if columns(&line) + 2 + columns(&reason) <= page.width() => {
            (format!("{line}  {reason}"), None)
        }
        reason => (line, reason),
    };
    let changed = (!changes.is_empty()).then(|| format!("* changed: {}", changes.join(", ")));
    let below = reason.into_iter().chain(changed);
    let below = below.flat_map(|sentence| page.inset().wrap(&sentence));
    let line = line.trim_end().to_owned();
    let lines = if columns(&line) > page.width() { page.wrap(&line) } else { vec![line] };
    lines.into_iter().chain(below).collect()
}

/// `s101 $11.20`, in columns.
fn sweep(shown: &RunShown) -> String {
    let Some(morning) = &shown.morning else { return String::new() };
    let Some(sweep) = morning.sweep else { return String::new() };
    format!("{} {:>7}", pad(&sweep.to_string(), 5), morning.spent.to_string())
}

/// Why it is no pass; nothing of one that is.
fn reason(shown: &RunShown) -> Option<String> {
    let Some(morning) = &shown.morning else { return not_run(&shown.run.state) };
    if morning.word == Word::Pass {
        return None;
    }
    let whys = morning.whys().into_iter();
    whys.filter(|_| morning.word != Word::Regression).chain([morning.headline()]).next()
}

fn not_run(state: &RunState) -> Option<String> {
    match state {
        RunState::Failed { why } => Some(why.clone()),
        RunState::Missed { why } => Some(why.to_string()),
        RunState::Skipped { why } => Some(why.to_string()),
        RunState::Expired => Some("the deadline passed before the run ended".to_owned()),
        RunState::Waiting | RunState::Starting | RunState::Running | RunState::Ended => None,
    }
}
