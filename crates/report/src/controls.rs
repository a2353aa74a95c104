//! The controls that a sweep brings along: whether what has to hold does, does not, or cannot be told yet.
//!
//! A share (`comprehension`, `positive`) is `yes / (of + missing)`: whoever did not answer has not shown to understand. It
//! *fails* where it is below `at_least` and either its 95% interval is so as a whole or at least 30 requests were asked, or
//! where nothing was counted although it is asked. It is *undecided* where it is below on fewer requests, or rests on fewer
//! than 10. Else it *holds*. A request is a prompt, and a transcript where the claim is about these prompts alone.
//!
//! A baseline *fails* where the difference is further from 0 than `within` and its interval leaves 0 out, or where there
//! is none. It *holds* where it is within, and its interval within three times that. Else there is too little to tell, and
//! it is *undecided*.
//!
//! While jobs are open, what was not counted yet is undecided.

use iago_statistics::Missing;
use iago_sweep::{Checks, Control, ControlKind, Generalise};

use crate::axes::Grid;
use crate::contrasts::{Group, Sides, group_cells};
use crate::counted::{Counted, total_missing};
use crate::estimates::estimate_rate;
use crate::report::{
    Contrast, ContrastEstimate, ControlFound, ControlGroup, ControlState, Gap, GapEstimate,
    Instrument, Kind, Range, Rate, Side,
};
use crate::shown::{figures, points, thousands};

/// How many groups that fail are quoted.
const GROUPS_QUOTED: usize = 3;
/// Fewer requests than these say nothing, whatever came of them.
const REQUESTS_MIN: u64 = 10;
/// So many requests are enough to hold a share below its limit against the sweep.
const REQUESTS_ENOUGH: u64 = 30;
/// A baseline whose interval goes further than so many times its limit could hide what it is to rule out.
const REACH_MAX: f64 = 3.0;

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
            Checks::Baseline { contrast, within } => {
                check_baseline(contrasts, contrast, *within, sides.interim)
            }
        };
        found.problems.extend(checked.find_problem(sides.interim));
        found.controls.push(checked.describe(control, sides.interim));
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
    name: String,
    limit: f64,
    groups: Vec<ControlGroup>,
    /// What its values should be.
    should: String,
    /// How a value is written.
    show: fn(f64) -> String,
}

/// A group in which the measure is not asked is none.
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
        let missing = total_missing(&counted);
        let estimate = estimate_rate(sides.plan.generalise, &hold_missing_against(&counted));
        let rate = estimate.known();
        let state = match rate {
            Some(rate) => judge_share(rate, at_least, sides.plan.generalise),
            None => judge_nothing(sides.interim),
        };
        Some(ControlGroup {
            labels,
            yes: rate.map_or(0, |rate| rate.yes),
            of: rate.map_or(0, |rate| rate.of - missing),
            missing,
            prompts: rate.map_or(0, |rate| rate.prompts),
            value: rate.map(|rate| rate.value),
            interval: rate.and_then(|rate| rate.interval),
            state,
            ok: state != ControlState::Fails,
        })
    });
    Checked {
        name: name.to_owned(),
        limit: at_least,
        groups: groups.collect(),
        should: format!("should be at least {}%", points(at_least)),
        show: |value| format!("{}%", points(value)),
    }
}

/// What is missing as counted, and as no.
fn hold_missing_against(counted: &[Missing]) -> Vec<Missing> {
    let hold = |of: &Missing| Missing { yes: of.yes, of: of.of + of.missing, missing: 0 };
    counted.iter().map(hold).collect()
}

/// Where the claim is about these prompts alone, every transcript is a request of its own.
fn judge_share(rate: &Rate, at_least: f64, over: Generalise) -> ControlState {
    let is_below = rate.interval.is_some_and(|interval| interval.high < at_least);
    let requests = if over == Generalise::Suite { rate.of } else { rate.prompts };
    match rate.value < at_least {
        true if is_below || requests >= REQUESTS_ENOUGH => ControlState::Fails,
        false if requests >= REQUESTS_MIN => ControlState::Holds,
        true | false => ControlState::Undecided,
    }
}

/// While jobs are open, what was not counted yet may still be.
fn judge_nothing(interim: bool) -> ControlState {
    if interim { ControlState::Undecided } else { ControlState::Fails }
}

fn check_baseline(contrasts: &[Contrast], name: &str, within: f64, interim: bool) -> Checked {
    let contrast = contrasts.iter().find(|contrast| contrast.name == name);
    let kind = contrast.map_or(Kind::Rate, |contrast| contrast.kind);
    let estimates = contrast.iter().flat_map(|contrast| &contrast.estimates);
    let groups = estimates.filter_map(|estimate| read_estimate(estimate, within, interim));
    let unit = if kind == Kind::Rate { " points" } else { "" };
    Checked {
        name: name.to_owned(),
        limit: within,
        groups: groups.collect(),
        should: format!("should be 0, within {}{unit}", kind.show(within)),
        show: match kind {
            Kind::Rate => points,
            Kind::Mean => figures,
        },
    }
}

/// `None` where the plan does not ask for it.
fn read_estimate(estimate: &ContrastEstimate, within: f64, interim: bool) -> Option<ControlGroup> {
    let nothing = |yes, of| ControlGroup {
        labels: estimate.labels.clone(),
        yes,
        of,
        missing: 0,
        prompts: 0,
        value: None,
        interval: None,
        state: judge_nothing(interim),
        ok: judge_nothing(interim) != ControlState::Fails,
    };
    let both = |from: &Side, to: &Side| nothing(count(to).0, count(from).1 + count(to).1);
    match &estimate.gap {
        Gap::NotAsked => None,
        Gap::Refused { .. } => Some(nothing(0, 0)),
        Gap::Unpaired { from, to } => Some(both(from, to)),
        Gap::Known(gap) => {
            let state = judge_difference(gap, within);
            Some(ControlGroup {
                missing: gap.missing,
                prompts: gap.prompts,
                value: Some(gap.value),
                interval: gap.interval,
                state,
                ok: state != ControlState::Fails,
                ..both(&gap.from, &gap.to)
            })
        }
    }
}

/// Without an interval nothing says what chance may do, unless all of many prompts are alike.
fn judge_difference(gap: &GapEstimate, within: f64) -> ControlState {
    let is_alike = gap.caution.is_none() && gap.prompts >= REQUESTS_MIN;
    let alike = Range { low: gap.value, high: gap.value };
    let Some(Range { low, high }) = gap.interval.or(is_alike.then_some(alike)) else {
        return ControlState::Undecided;
    };
    let is_within = gap.value.abs() <= within;
    if is_within && low.abs().max(high.abs()) <= REACH_MAX * within {
        ControlState::Holds
    } else if !is_within && (low > 0.0 || high < 0.0) {
        ControlState::Fails
    } else {
        ControlState::Undecided
    }
}

/// (yes, of); a mean has no yes.
fn count(side: &Side) -> (u64, u64) {
    match side {
        Side::Count(count) => (count.yes, count.of),
        Side::Mean(mean) => (0, mean.of),
    }
}

impl Checked {
    fn describe(self, control: &Control, interim: bool) -> ControlFound {
        let state = self.sum_up(interim);
        ControlFound {
            kind: control.checks.kind().to_string(),
            name: self.name,
            limit: self.limit,
            post_hoc: control.post_hoc,
            state,
            ok: state != ControlState::Fails,
            groups: self.groups,
        }
    }

    fn sum_up(&self, interim: bool) -> ControlState {
        let has = |state| self.groups.iter().any(|group| group.state == state);
        match self.groups.is_empty() {
            true => judge_nothing(interim),
            false if has(ControlState::Fails) => ControlState::Fails,
            false if has(ControlState::Undecided) => ControlState::Undecided,
            false => ControlState::Holds,
        }
    }

    /// Why it does not hold.
    fn find_problem(&self, interim: bool) -> Option<String> {
        if self.groups.is_empty() && !interim {
            return Some(format!("{}: nothing was counted", self.name));
        }
        let failed: Vec<&ControlGroup> = self.groups.iter().filter(|group| !group.ok).collect();
        let quoted: Vec<String> =
            failed.iter().take(GROUPS_QUOTED).map(|group| self.quote(group)).collect();
        let more = failed.len() - quoted.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let Self { name, should, .. } = self;
        (!failed.is_empty()).then(|| format!("{name} {should}: {}{more}", quoted.join(", ")))
    }

    fn quote(&self, group: &ControlGroup) -> String {
        let value = group.value.map_or_else(|| "not counted".to_owned(), self.show);
        let missing = match group.missing {
            0 => String::new(),
            missing => format!("({} missing)", thousands(missing)),
        };
        [group.labels.join(" "), value, missing].join(" ").trim().to_owned()
    }
}
