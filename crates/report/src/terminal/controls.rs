//! What came of the sweep's controls, one phrase for each.

use crate::report::{ControlFound, ControlGroup, ControlState, Kind, Report};
use crate::shown::{percent, thousands};

/// More groups than these are told by their lowest and highest.
const GROUPS_QUOTED: usize = 4;
/// How many undecided groups of one control are quoted.
const UNDECIDED_QUOTED: usize = 3;

impl ControlFound {
    /// What it is, for people.
    pub(crate) fn describe_kind(&self) -> &str {
        match self.kind.as_str() {
            "comprehension" => "comprehension check",
            "positive" => "positive control",
            other => other,
        }
    }

    /// `setting understood 97% free, 96% paid (40 requests each, at least 90%)`. `kind` is of the numbers that a baseline
    /// compares.
    pub(crate) fn describe(&self, kind: Kind) -> String {
        let found = if self.groups.len() <= GROUPS_QUOTED {
            let groups: Vec<String> =
                self.groups.iter().map(|group| self.describe_group(kind, group)).collect();
            groups.join(", ")
        } else {
            self.describe_span(kind)
        };
        let found = if found.is_empty() { "nothing counted" } else { &found };
        format!("{} {found} ({})", self.describe_name(), self.describe_basis(kind))
    }

    /// The limit: `at least 90%`, `within 3`.
    pub(crate) fn describe_limit(&self, kind: Kind) -> String {
        let limit = self.show(kind, self.limit);
        if self.is_baseline() {
            format!("within {}", limit.strip_suffix(".0").unwrap_or(&limit))
        } else {
            format!("at least {limit}")
        }
    }

    /// A share in percent, or the difference of a baseline in points or its own unit.
    pub(crate) fn show(&self, kind: Kind, value: f64) -> String {
        if self.is_baseline() { kind.show(value) } else { percent(value) }
    }

    pub(crate) fn is_baseline(&self) -> bool {
        self.kind == "baseline"
    }

    /// What it rests on and what it is held to.
    fn describe_basis(&self, kind: Kind) -> String {
        let missing: u64 = self.groups.iter().map(|group| group.missing).sum();
        let missing = (missing > 0).then(|| format!("{} missing", thousands(missing)));
        let post_hoc = self.post_hoc.then(|| "POST HOC".to_owned());
        let limit = self.describe_limit(kind);
        let parts = [self.describe_requests(), missing, Some(limit), post_hoc];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    fn describe_requests(&self) -> Option<String> {
        let prompts = || self.groups.iter().map(|group| group.prompts);
        let (least, most) = (prompts().min()?, prompts().max()?);
        let each = if self.groups.len() > 1 { " each" } else { "" };
        Some(if least == most {
            format!("{} request{}{each}", thousands(most), if most == 1 { "" } else { "s" })
        } else {
            format!("{} to {} requests", thousands(least), thousands(most))
        })
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
        let interval = group.interval.as_ref().filter(|_| self.is_baseline());
        let interval = interval.map(|interval| format!(" {}", kind.range(interval, 0)));
        format!("{value}{} {}", interval.unwrap_or_default(), group.labels.join(" "))
            .trim_end()
            .to_owned()
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

    /// `setting understood (3 of 3 requests)`: what there is where that is too little to tell.
    fn describe_undecided(&self, kind: Kind) -> Option<String> {
        if self.state != ControlState::Undecided {
            return None;
        }
        let is_undecided = |group: &&ControlGroup| group.state == ControlState::Undecided;
        let groups: Vec<String> = self
            .groups
            .iter()
            .filter(is_undecided)
            .map(|group| self.describe_little(kind, group))
            .collect();
        let more = groups.len().saturating_sub(UNDECIDED_QUOTED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let quoted = &groups[..groups.len().min(UNDECIDED_QUOTED)];
        let quoted =
            if quoted.is_empty() { "not counted yet".to_owned() } else { quoted.join(", ") };
        Some(format!("{} ({quoted}{more})", self.describe_name()))
    }

    fn describe_little(&self, kind: Kind, group: &ControlGroup) -> String {
        let asked = group.of + group.missing;
        let found = match group.value {
            None => "not counted yet".to_owned(),
            Some(_) if self.is_baseline() => {
                return self.describe_group(kind, group);
            }
            Some(_) if asked == group.prompts => {
                format!("{} of {} requests", thousands(group.yes), thousands(asked))
            }
            Some(_) => format!(
                "{} of {} in {} requests",
                thousands(group.yes),
                thousands(asked),
                thousands(group.prompts)
            ),
        };
        format!("{} {found}", group.labels.join(" ")).trim_start().to_owned()
    }
}

impl Report {
    /// What came of each control.
    pub(crate) fn describe_controls(&self) -> Vec<String> {
        let controls = self.instrument.controls.iter();
        controls.map(|control| control.describe(self.kind_of(control))).collect()
    }

    /// The controls that rest on too little, if there are any.
    pub(crate) fn describe_undecided(&self) -> Option<String> {
        let controls = self.instrument.controls.iter();
        let named: Vec<String> =
            controls.filter_map(|of| of.describe_undecided(self.kind_of(of))).collect();
        (!named.is_empty()).then(|| format!("undecided: {}", named.join(", ")))
    }

    /// Of the numbers that a control reads.
    pub(crate) fn kind_of(&self, control: &ControlFound) -> Kind {
        let compared = self.contrasts.iter().find(|contrast| contrast.name == control.name);
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
