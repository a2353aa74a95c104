//! What came of the sweep's controls, one phrase for each.

use crate::report::{ControlFound, ControlGroup, Kind, Report};
use crate::shown::percent;

/// More groups than these are told by their lowest and highest.
const GROUPS_QUOTED: usize = 4;

impl ControlFound {
    /// What it is, for people.
    pub(crate) fn describe_kind(&self) -> &str {
        match self.kind.as_str() {
            "comprehension" => "comprehension check",
            "positive" => "positive control",
            other => other,
        }
    }

    /// `setting understood 97% free, 96% paid`. `kind` is of the numbers that a baseline compares.
    pub(crate) fn describe(&self, kind: Kind) -> String {
        let found = if self.groups.len() <= GROUPS_QUOTED {
            let groups: Vec<String> =
                self.groups.iter().map(|group| self.describe_group(kind, group)).collect();
            groups.join(", ")
        } else {
            self.describe_span(kind)
        };
        format!(
            "{} {}",
            self.describe_name(),
            if found.is_empty() { "nothing counted" } else { &found }
        )
    }

    /// A share in percent, or the difference of a baseline in points or its own unit.
    pub(crate) fn show(&self, kind: Kind, value: f64) -> String {
        if self.is_baseline() { kind.show(value) } else { percent(value) }
    }

    pub(crate) fn is_baseline(&self) -> bool {
        self.kind == "baseline"
    }

    /// Its name, and before it what it is, unless the name says so. A comprehension check is known by its measure.
    fn describe_name(&self) -> String {
        let (prefix, word) = match self.kind.as_str() {
            "positive" => ("positive control: ", "positive"),
            "baseline" => ("baseline: ", "baseline"),
            _ => ("", ""),
        };
        if self.name.to_lowercase().contains(word) {
            self.name.clone()
        } else {
            format!("{prefix}{}", self.name)
        }
    }

    fn describe_group(&self, kind: Kind, group: &ControlGroup) -> String {
        let value =
            group.value.map_or_else(|| "nothing counted".to_owned(), |v| self.show(kind, v));
        format!("{value} {}", group.labels.join(" ")).trim_end().to_owned()
    }

    fn describe_span(&self, kind: Kind) -> String {
        let values: Vec<f64> = self.groups.iter().filter_map(|group| group.value).collect();
        let (low, high) = values
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &v| (low.min(v), high.max(v)));
        let none = self.groups.len() - values.len();
        let none = if none > 0 { format!(", nothing counted in {none}") } else { String::new() };
        let (low, high) = (self.show(kind, low), self.show(kind, high));
        match values.len() {
            0 => format!("nothing counted in {} groups", self.groups.len()),
            groups if low == high => format!("{high} in {groups} groups{none}"),
            groups => {
                format!("{} to {high} in {groups} groups{none}", low.trim_end_matches('%'))
            }
        }
    }
}

impl Report {
    /// What came of each control.
    pub(crate) fn describe_controls(&self) -> Vec<String> {
        let controls = self.instrument.controls.iter();
        controls.map(|control| control.describe(self.kind_of(control))).collect()
    }

    /// Of the numbers that a control reads. A contrast of several levels is several, under names that begin with its own.
    pub(crate) fn kind_of(&self, control: &ControlFound) -> Kind {
        let is_read = |name: &str| {
            let rest = name.strip_prefix(control.name.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(": "))
        };
        let compared = self.contrasts.iter().find(|contrast| is_read(&contrast.name));
        compared.filter(|_| control.is_baseline()).map_or(Kind::Rate, |contrast| contrast.kind)
    }

    /// Whether nothing but controls reads a measure: neither outcomes nor contrasts, gates or people's labels make it a
    /// result of its own.
    pub(crate) fn is_only_control(&self, measure: &str) -> bool {
        let controls = &self.instrument.controls;
        let is_control = controls.iter().any(|c| !c.is_baseline() && c.name == measure);
        let is_compared = self.contrasts.iter().any(|contrast| contrast.measure == measure);
        let is_gated = self.definitions.gates.iter().any(|gate| gate.measure == measure);
        is_control && !is_compared && !is_gated
    }
}
