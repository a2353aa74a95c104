//! How the sweep went, and where to look next.

use iago_sweep::Money;

use super::line::{Line, Tone, wrap, wrap_items};
use crate::report::{Course, Report};
use crate::shown::{duration, thousands};

pub(crate) fn describe(report: &Report, width: usize) -> Vec<Line> {
    let mut lines = vec![Line::blank()];
    lines.extend(wrap_items(Tone::Plain, &report.list_notes(), "   ", width));
    let course = &report.course;
    for (word, text) in [("store", &course.store), ("next", &course.command_hint)] {
        if !text.is_empty() {
            lines.extend(wrap(Tone::Plain, &format!("{word}  {text}"), 6, width));
        }
    }
    if let Some(warning) = report.simulated.warn() {
        lines.extend(wrap(Tone::Heading, &warning, 0, width));
    }
    lines
}

impl Report {
    /// What else a reader of the numbers should know.
    pub(crate) fn list_notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if !self.definitions.judges.is_empty() {
            let error = if self.audits.is_empty() {
                "no gold: rates uncorrected"
            } else {
                "what has no gold is uncorrected"
            };
            notes.push(format!("judge error  {error}"));
        }
        if let Some(interim) = &self.interim {
            notes.push(format!("missing  {} jobs still open", thousands(interim.open)));
        } else if self.cells.iter().all(|cell| cell.missing() == 0) {
            notes.push("missing  0, bounds = estimate".to_owned());
        }
        notes.push(format!(
            "spend  {}{}",
            self.course.describe_spend(),
            if self.simulated.all() { " (simulated)" } else { "" }
        ));
        notes.extend(self.course.elapsed_seconds.map(duration));
        notes.push(format!(
            "{} calls, {} throttled",
            thousands(self.course.calls),
            thousands(self.course.throttles)
        ));
        notes
    }
}

impl Course {
    /// What money went to, as far as it went anywhere; `None` where nothing was spent.
    pub(crate) fn describe_spending(&self) -> Option<String> {
        let of = self.spending?;
        let parts = [
            ("models", of.models_usd),
            ("judges", of.judges_usd),
            ("failed", of.failed_usd),
            ("late", of.late_usd),
            ("abandoned, at most", of.abandoned_usd),
        ];
        let parts = parts.into_iter().filter(|(_, usd)| *usd > 0.0);
        let parts = parts.filter_map(|(name, usd)| Some((name, Money::from_dollars(usd)?)));
        let mut parts: Vec<String> = parts.map(|(name, usd)| format!("{name} {usd}")).collect();
        if of.unpriced > 0 {
            parts.push(format!("unknown for {} executions", thousands(of.unpriced)));
        }
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    fn describe_spend(&self) -> String {
        let spent = self.spent_usd.and_then(Money::from_dollars);
        match (spent, self.spend_unknown) {
            (Some(spent), false) => spent.to_string(),
            (Some(spent), true) => format!("at least {spent}: some prices are unknown"),
            (None, _) => "unknown".to_owned(),
        }
    }
}
