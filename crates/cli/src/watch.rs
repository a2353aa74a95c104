//! Live progress on stderr, for people; quiet when nobody watches.

use std::time::Duration;

use iago_protocol::wire::Progress;
use iago_sweep::{Money, Plan};
use tokio::time::Instant;

use crate::account::{pool_words, spend_words};
use crate::output;

/// Rates are taken over about this long, so that they follow and do not jump.
const RATE_WINDOW: Duration = Duration::from_secs(5);

/// What was seen before, for rates.
struct Seen {
    at: Instant,
    calls: u64,
    ended: u64,
}

/// What is known of the stages.
enum Parents {
    /// From the plan: the stage whose results open each stage.
    Known(Vec<Option<u32>>),
    /// There is no plan at hand: all stages are taken to be opened by the first.
    Assumed,
}

/// Draws progress over itself.
pub(crate) struct Watcher {
    title: String,
    /// The stage whose results open each stage.
    parents: Parents,
    watched: bool,
    width: usize,
    drawn_lines: usize,
    seen: Vec<Seen>,
}

impl Watcher {
    /// Watches a sweep whose plan is at hand.
    pub(crate) fn new(title: String, plan: &Plan) -> Self {
        let stages = 0..u32::try_from(plan.stages.len()).unwrap_or(u32::MAX);
        Self::with(title, Parents::Known(stages.map(|stage| plan.opener_of(stage)).collect()))
    }

    /// Watches a sweep of which only the name is known.
    pub(crate) fn from_afar(title: String) -> Self {
        Self::with(title, Parents::Assumed)
    }

    fn with(title: String, parents: Parents) -> Self {
        let watched = output::talk_is_watched();
        Self { title, parents, watched, width: output::width(), drawn_lines: 0, seen: Vec::new() }
    }

    /// Shows where it stands.
    pub(crate) fn show(&mut self, progress: &Progress, now: Instant) {
        if !self.watched || progress.stages.is_empty() {
            return;
        }
        let text = self.frame(progress, now);
        let up = self.up();
        self.drawn_lines = text.lines().count();
        output::draw(&format!("{up}{text}"));
    }

    /// Takes the drawing away.
    pub(crate) fn clear(&mut self) {
        if self.drawn_lines > 0 {
            output::draw(&self.up());
            self.drawn_lines = 0;
        }
    }

    /// To the first drawn line, and clear from there.
    fn up(&self) -> String {
        match self.drawn_lines {
            0 => String::new(),
            lines => format!("\x1b[{lines}A\x1b[J"),
        }
    }

    fn frame(&mut self, progress: &Progress, now: Instant) -> String {
        let (calls_per_s, left) = self.rates(progress, now);
        let mut text = String::new();
        let left = left.map_or_else(String::new, |left| format!("  about {} left", brief(left)));
        let spent = Money(progress.spent_picodollars);
        self.line(
            &mut text,
            &format!(
                "{}  {calls_per_s:.0} calls/s  {} calls  {spent}{left}",
                self.title,
                grouped(progress.calls)
            ),
        );
        for stage in &progress.stages {
            let failed = match stage.failed {
                0 => String::new(),
                failed => format!("  {failed} failed"),
            };
            let ended = stage.done + stage.failed;
            let row = format!(
                "  {:<14} {} {:>9} / {}{failed}",
                stage.name,
                bar(ended, stage.known, 20),
                grouped(ended),
                grouped(stage.known)
            );
            self.line(&mut text, &row);
        }
        if !progress.troubles.is_empty() {
            let mut troubles: Vec<_> = progress.troubles.iter().collect();
            troubles.sort();
            let words: Vec<_> =
                troubles.iter().map(|(class, count)| format!("{class} {count}")).collect();
            self.line(&mut text, &format!("  passing troubles: {}", words.join(", ")));
        }
        let apart = progress.spend.as_ref().map(spend_words).filter(|words| !words.is_empty());
        if let Some(apart) = apart {
            self.line(&mut text, &format!("  spent: {apart}"));
        }
        for pool in &progress.pools {
            self.line(&mut text, &format!("  {}", pool_words(pool)));
        }
        if progress.workers == 0 {
            self.line(&mut text, "  no worker is connected");
        }
        if !progress.store_trouble.is_empty() {
            self.line(&mut text, &format!("  the store: {}", progress.store_trouble));
        }
        text
    }

    /// A line that never wraps: a wrapped line would break the drawing.
    fn line(&self, text: &mut String, line: &str) {
        let shown = line.chars().filter(|c| !c.is_control()).take(self.width.saturating_sub(1));
        text.extend(shown);
        text.push('\n');
    }

    fn rates(&mut self, progress: &Progress, now: Instant) -> (f64, Option<Duration>) {
        let ended = progress.stages.iter().map(|stage| stage.done + stage.failed).sum();
        self.seen.push(Seen { at: now, calls: progress.calls, ended });
        let old = |seen: &Seen| now - seen.at > RATE_WINDOW;
        while self.seen.len() > 2 && self.seen.get(1).is_some_and(old) {
            self.seen.remove(0);
        }
        let Some(first) = self.seen.first() else { return (0.0, None) };
        let seconds = (now - first.at).as_secs_f64();
        if seconds < 0.5 {
            return (0.0, None);
        }
        #[expect(clippy::cast_precision_loss, reason = "shown, never summed")]
        let per_second = |now: u64, then: u64| now.saturating_sub(then) as f64 / seconds;
        let jobs_per_s = per_second(ended, first.ended);
        let left = self.expected_left(progress);
        let left =
            (jobs_per_s > 0.0).then(|| Duration::from_secs_f64((left / jobs_per_s).min(1e8)));
        (per_second(progress.calls, first.calls), left)
    }

    /// Jobs that are still to come: the known ones, and those that open results will open at the
    /// rate seen so far.
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    fn expected_left(&self, progress: &Progress) -> f64 {
        let mut left = 0.0;
        for (number, stage) in (0_u32..).zip(&progress.stages) {
            let parent = self.parents.of(number).and_then(|p| progress.stages.get(p as usize));
            let growth = parent.map_or(1.0, |parent| {
                parent.known.max(1) as f64 / (parent.done + parent.failed).max(1) as f64
            });
            left += stage.known as f64 * growth - (stage.done + stage.failed) as f64;
        }
        left
    }
}

impl Parents {
    fn of(&self, stage: u32) -> Option<u32> {
        match self {
            Self::Known(parents) => *parents.get(stage as usize)?,
            Self::Assumed => (stage > 0).then_some(0),
        }
    }
}

fn bar(done: u64, of: u64, cells: usize) -> String {
    let filled = usize::try_from(done.saturating_mul(cells as u64).checked_div(of).unwrap_or(0));
    let filled = filled.unwrap_or(cells).min(cells);
    "█".repeat(filled) + &"░".repeat(cells - filled)
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
        assert_eq!(bar(1, 4, 8), "██░░░░░░");
        assert_eq!(bar(0, 0, 2), "░░");
    }
}
