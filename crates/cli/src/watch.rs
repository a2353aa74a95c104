//! Progress on stderr, for people: drawn over itself on a terminal, a line now and then in a log.

mod costs;
mod due;
mod frame;
mod rates;

use std::time::Duration;

use iago_protocol::wire::{Progress, Status as Told};
use iago_sweep::Plan;
use tokio::time::Instant;

use crate::output;
use costs::Costs;
use due::Due;
use frame::{View, troubles};
use rates::{Parents, Rates};

/// Shows how a sweep goes.
pub(crate) struct Watcher {
    title: String,
    /// What goes on beside it; empty: nothing.
    beside: String,
    rates: Rates,
    costs: Costs,
    paper: Paper,
}

/// Where it is shown.
enum Paper {
    /// On a terminal, over what was drawn before: so many lines.
    Screen { drawn_lines: usize },
    /// In a file or a pipe, where what was written stays.
    Log(Due),
}

impl Watcher {
    /// Watches a sweep whose plan is at hand, and which has just been announced.
    pub(crate) fn new(title: String, plan: &Plan) -> Self {
        let stages = 0..u32::try_from(plan.stages.len()).unwrap_or(u32::MAX);
        let parents = Parents::Known(stages.map(|stage| plan.opener_of(stage)).collect());
        Self::with(title, parents, Due::after_a_while())
    }

    /// Watches a sweep of which only the name is known.
    pub(crate) fn from_afar(title: String) -> Self {
        Self::with(title, Parents::Assumed, Due::at_once())
    }

    fn with(title: String, parents: Parents, due: Due) -> Self {
        let paper = match output::talk_is_watched() {
            true => Paper::Screen { drawn_lines: 0 },
            false => Paper::Log(due),
        };
        let (beside, costs) = (String::new(), Costs::unasked());
        Self { title, beside, rates: Rates::new(parents), costs, paper }
    }

    /// Shows where it stands.
    pub(crate) fn show(&mut self, progress: &Progress, now: Instant) {
        if progress.stages.is_empty() {
            return;
        }
        let pace = self.rates.see(progress, now);
        let unpriced = self.costs.unpriced;
        let (title, beside) = (&self.title, &self.beside);
        let view = View { title, progress, beside, pace: &pace, unpriced };
        match &mut self.paper {
            Paper::Screen { drawn_lines } => {
                let (lines, up) =
                    (that_fit(view.drawn(output::terminal_width())), up(*drawn_lines));
                *drawn_lines = lines.len();
                output::draw(&format!("{up}{}\n", lines.join("\n")));
            }
            Paper::Log(due) => {
                if due.is_due(pace.share, &troubles(progress), now) {
                    output::talk(&view.told());
                }
            }
        }
    }

    /// Whether it is time to ask for what progress does not tell, to [`tell`](Self::tell) it here.
    pub(crate) fn asks(&mut self, progress: &Progress, now: Instant) -> bool {
        self.costs.is_due(progress.calls, now)
    }

    /// Takes in how the sweep stands by its store.
    pub(crate) fn tell(&mut self, told: &Told) {
        self.costs.unpriced |= told.unpriced > 0;
    }

    /// Takes in how what goes on beside it stands.
    pub(crate) fn note(&mut self, beside: String) {
        self.beside = beside;
    }

    /// Takes the drawing away.
    pub(crate) fn clear(&mut self) {
        if let Paper::Screen { drawn_lines } = &mut self.paper {
            if *drawn_lines > 0 {
                output::draw(&up(*drawn_lines));
            }
            *drawn_lines = 0;
        }
    }
}

/// To the first drawn line, and clear from there.
fn up(drawn_lines: usize) -> String {
    match drawn_lines {
        0 => String::new(),
        lines => format!("\x1b[{lines}A\x1b[J"),
    }
}

/// What has scrolled away could not be drawn over.
fn that_fit(mut lines: Vec<String>) -> Vec<String> {
    let most =
        output::terminal_height().map_or(usize::MAX, |height| height.saturating_sub(2).max(1));
    if lines.len() > most {
        let more = lines.len() - (most - 1);
        lines.truncate(most - 1);
        lines.push(format!("  … {more} more lines, which this terminal has no room for"));
    }
    lines
}

/// `12,345`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 call`, `12,345 calls`.
pub(crate) fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(number))
}

/// `2h05m`, `3m20s`, `7s`.
pub(crate) fn brief(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s}s"),
        (0, m, s) => format!("{m}m{s:02}s"),
        (h, m, _) => format!("{h}h{m:02}m"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_are_short() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(brief(Duration::from_secs(7)), "7s");
        assert_eq!(brief(Duration::from_secs(200)), "3m20s");
        assert_eq!(brief(Duration::from_secs(7500)), "2h05m");
    }
}
