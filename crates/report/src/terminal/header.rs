//! Which sweep it is, and whether its numbers can be believed.

use super::line::{Line, Tone, wrap, wrap_items};
use crate::report::{Instrument, Interim, JudgeDefinition, Report, Sweep};
use crate::shown::thousands;

const SPENT: &str = "spent       ";
const INSTRUMENT: &str = "instrument  ";
const CHECKED: &str = "checked     ";

pub(crate) fn describe(report: &Report, width: usize) -> Vec<Line> {
    let mut lines = wrap_items(Tone::Heading, &list_title(report), "  ", width);
    if let Some(interim) = &report.interim {
        lines.extend(wrap(Tone::Alarm, &interim.describe(), 9, width));
    }
    if let Some(spending) = report.course.describe_spending() {
        lines.extend(wrap(Tone::Plain, &format!("{SPENT}{spending}"), SPENT.len(), width));
    }
    lines.extend(describe_instrument(report, width));
    lines
}

fn list_title(report: &Report) -> Vec<String> {
    let sweep = &report.sweep;
    let mut parts: Vec<String> = report.simulated.announce().into_iter().collect();
    parts.extend([sweep.name.clone(), sweep.id.clone()]);
    parts.extend(sweep.describe());
    let judges = &report.definitions.judges;
    let judges: Vec<String> = judges.iter().map(JudgeDefinition::address).collect();
    if !judges.is_empty() {
        parts.push(format!("judge {}", judges.join(", ")));
    }
    parts
}

fn describe_instrument(report: &Report, width: usize) -> Vec<Line> {
    let instrument = &report.instrument;
    let indent = INSTRUMENT.len();
    let mut checks: Vec<String> = report.describe_undecided().into_iter().collect();
    let ok = if checks.is_empty() { "ok: " } else { "ok, but " };
    checks.extend(instrument.checks.iter().cloned());
    checks.extend(report.describe_controls());
    checks.extend(instrument.describe_absent());
    let checks = checks.join("; ");
    if instrument.ok {
        return wrap(Tone::Plain, &format!("{INSTRUMENT}{ok}{checks}"), indent, width);
    }
    let problems = format!("{INSTRUMENT}NOT OK: {}", instrument.problems.join("; "));
    let mut lines = wrap(Tone::Alarm, &problems, indent, width);
    lines.extend(wrap(Tone::Plain, &format!("{CHECKED}{checks}"), indent, width));
    lines
}

impl Sweep {
    /// Its plan, seed and size.
    pub(crate) fn describe(&self) -> [String; 3] {
        [
            format!("plan {}…", self.plan.chars().take(4).collect::<String>()),
            format!("seed {}", self.seed),
            format!("{} prompts x {}", thousands(self.prompts), self.repeats),
        ]
    }
}

impl Interim {
    /// How far the sweep is, and what that does to the numbers.
    pub(crate) fn describe(&self) -> String {
        let models = self.models.iter();
        let models = models.map(|model| {
            format!("{} {} of {}", model.model, thousands(model.blocks), thousands(model.of))
        });
        let open = match self.open {
            0 => "not all jobs have ended".to_owned(),
            open => format!("{} jobs open", thousands(open)),
        };
        format!(
            "INTERIM  {open}; counted is what has ended before the first that has not, in the order of work: {}; no p",
            models.collect::<Vec<_>>().join(", ")
        )
    }
}

impl Instrument {
    /// What the sweep has nothing to check with, if there is such a thing.
    pub(crate) fn describe_absent(&self) -> Option<String> {
        let absent: Vec<String> =
            self.absent.iter().map(|control| format!("no {control}")).collect();
        (!absent.is_empty()).then(|| format!("{} in this sweep", absent.join(", ")))
    }
}

impl JudgeDefinition {
    /// Its name and the beginning of its hash.
    pub(crate) fn address(&self) -> String {
        format!("{}@{}", self.name, self.hash.chars().take(4).collect::<String>())
    }
}
