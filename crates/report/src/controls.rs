//! The controls that a sweep brings along: whether what has to hold does.

use iago_sweep::{Checks, Control, ControlKind};

use crate::axes::Grid;
use crate::contrasts::{Group, Sides, group_cells};
use crate::counted::Counted;
use crate::estimates::estimate_rate;
use crate::report::{
    Contrast, ContrastEstimate, ControlFound, ControlGroup, Gap, GapEstimate, Instrument, Kind,
    Side,
};
use crate::shown::{figures, points};

/// How many groups that fail are quoted.
const GROUPS_QUOTED: usize = 3;

/// Goes through them in file order, and names the kinds that the sweep has none of.
pub(crate) fn check_controls(
    found: &mut Instrument,
    sides: &Sides<'_>,
    grid: &Grid<'_>,
    contrasts: &[Contrast],
) {
    for control in &sides.plan.controls {
        let checked = match &control.checks {
            Checks::Comprehension { measure, at_least }
            | Checks::Positive { measure, at_least } => {
                check_rate(sides, grid, control, measure, *at_least)
            }
            Checks::Baseline { contrast, within } => check_baseline(contrasts, contrast, *within),
        };
        let problem = checked.find_problem(sides.interim);
        let Checked { kind, name, groups, .. } = checked;
        let (kind, ok) = (kind.to_string(), problem.is_none());
        found.problems.extend(problem);
        found.controls.push(ControlFound { kind, name, ok, groups });
    }
    let kinds = [
        (ControlKind::Comprehension, "comprehension check"),
        (ControlKind::Positive, "positive control"),
        (ControlKind::Baseline, "conflict-cut baseline"),
    ];
    let has = |kind| sides.plan.controls.iter().any(|control| control.checks.kind() == kind);
    let absent = kinds.into_iter().filter(|(kind, _)| !has(*kind));
    found.absent.extend(absent.map(|(_, name)| name.to_owned()));
}

/// A control with what is to be said of it where it fails.
struct Checked {
    kind: ControlKind,
    name: String,
    groups: Vec<ControlGroup>,
    /// What its values should be.
    should: String,
    /// How a value is written.
    show: fn(f64) -> String,
}

fn check_rate(
    sides: &Sides<'_>,
    grid: &Grid<'_>,
    control: &Control,
    name: &str,
    at_least: f64,
) -> Checked {
    let measure = sides.plan.measures.iter().position(|measure| measure.name == name);
    let groups = group_cells(grid, &control.by);
    let groups = groups.into_iter().filter_map(|Group { labels, cells }| {
        let counted = sides.pool(measure?, &cells, Counted::rate)?;
        let estimate = estimate_rate(sides.plan.generalise, &counted);
        let rate = estimate.known();
        Some(ControlGroup {
            labels,
            yes: rate.map_or(0, |rate| rate.yes),
            of: rate.map_or(0, |rate| rate.of),
            value: rate.map(|rate| rate.value),
            interval: rate.and_then(|rate| rate.interval),
            ok: rate.is_some_and(|rate| rate.value >= at_least),
        })
    });
    Checked {
        kind: control.checks.kind(),
        name: name.to_owned(),
        groups: groups.collect(),
        should: format!("should be at least {}%", points(at_least)),
        show: |value| format!("{}%", points(value)),
    }
}

/// A table of contrasts that names several levels has one for each, under names that begin with its own.
fn check_baseline(contrasts: &[Contrast], name: &str, within: f64) -> Checked {
    let is_meant = |contrast: &&Contrast| {
        let rest = contrast.name.strip_prefix(name);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(": "))
    };
    let compared = contrasts.iter().filter(is_meant);
    let kind = compared.clone().map(|contrast| contrast.kind).next().unwrap_or(Kind::Rate);
    let estimates = compared.flat_map(|contrast| &contrast.estimates);
    let groups = estimates.filter_map(|estimate| read_estimate(estimate, within));
    let unit = if kind == Kind::Rate { " points" } else { "" };
    Checked {
        kind: ControlKind::Baseline,
        name: name.to_owned(),
        groups: groups.collect(),
        should: format!("should be 0, within {}{unit}", kind.show(within)),
        show: match kind {
            Kind::Rate => points,
            Kind::Mean => figures,
        },
    }
}

/// `None` where the plan does not ask for it.
fn read_estimate(estimate: &ContrastEstimate, within: f64) -> Option<ControlGroup> {
    let labels = estimate.labels.clone();
    let group = |yes, of| ControlGroup { labels, yes, of, value: None, interval: None, ok: false };
    match &estimate.gap {
        Gap::NotAsked => None,
        Gap::Refused { .. } => Some(group(0, 0)),
        Gap::Unpaired { from, to } => Some(group(count(to).0, count(from).1 + count(to).1)),
        Gap::Known(gap) => Some(ControlGroup {
            value: Some(gap.value),
            interval: gap.interval,
            ok: is_nothing(gap, within),
            ..group(count(&gap.to).0, count(&gap.from).1 + count(&gap.to).1)
        }),
    }
}

/// A difference beyond the limit may be chance as long as its interval holds 0. Without an interval nothing says so.
fn is_nothing(gap: &GapEstimate, within: f64) -> bool {
    let may_be_zero =
        gap.interval.is_some_and(|interval| interval.low <= 0.0 && interval.high >= 0.0);
    gap.value.abs() <= within || may_be_zero
}

/// (yes, of); a mean has no yes.
fn count(side: &Side) -> (u64, u64) {
    match side {
        Side::Count(count) => (count.yes, count.of),
        Side::Mean(mean) => (0, mean.of),
    }
}

impl Checked {
    /// Why it does not hold. While jobs are open, what was not counted yet may still be.
    fn find_problem(&self, interim: bool) -> Option<String> {
        let fails = |group: &&ControlGroup| !group.ok && (group.value.is_some() || !interim);
        let failed: Vec<&ControlGroup> = self.groups.iter().filter(fails).collect();
        if self.groups.is_empty() && !interim {
            return Some(format!("{}: nothing was counted", self.name));
        }
        let quoted: Vec<String> =
            failed.iter().take(GROUPS_QUOTED).map(|group| self.quote(group)).collect();
        let more = failed.len() - quoted.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let Self { name, should, .. } = self;
        (!failed.is_empty()).then(|| format!("{name} {should}: {}{more}", quoted.join(", ")))
    }

    fn quote(&self, group: &ControlGroup) -> String {
        let value = group.value.map_or_else(|| "not counted".to_owned(), self.show);
        [group.labels.join(" "), value].join(" ").trim().to_owned()
    }
}
