//! One gate in words.

use iago_sweep::Tier;

use super::numbers::{Unit, p_value, percent, plural};
use crate::{Finding, GateVerdict, Morning, Settle, Word};

/// Sums of numbers differ by less than this share of them where only their order does.
const ROUNDING: f64 = 1e-9;

/// A gate with all that is needed to tell of it.
#[derive(Clone, Copy)]
pub(super) struct GateTold<'a> {
    pub(super) gate: &'a GateVerdict,
    unit: Unit,
    /// There are several cells, so that the measure alone does not say which is meant.
    names_cell: bool,
}

impl Morning {
    /// Every gate, in the order of the verdict; none where there is no verdict.
    pub(super) fn gates_told(&self) -> Vec<GateTold<'_>> {
        let gates = self.verdict.iter().flat_map(|verdict| &verdict.gates);
        let cell = |gate: &GateVerdict| (gate.model.clone(), gate.condition.clone());
        let cells: std::collections::BTreeSet<_> = gates.clone().map(cell).collect();
        let names_cell = cells.len() > 1;
        gates.map(|gate| GateTold { gate, unit: self.unit_of(gate), names_cell }).collect()
    }

    fn unit_of(&self, gate: &GateVerdict) -> Unit {
        let value = self.values.iter().find(|value| {
            (&value.measure, &value.model, &value.condition)
                == (&gate.measure, &gate.model, &gate.condition)
        });
        Unit::of(value.is_some_and(|value| value.is_mean))
    }
}

impl<'a> GateTold<'a> {
    pub(super) fn is_critical(self) -> bool {
        self.gate.tier == Tier::Critical
    }

    /// The measure, with its cell where there are several.
    pub(super) fn name(self) -> String {
        let GateVerdict { measure, .. } = self.gate;
        if self.names_cell { format!("{measure}, {}", self.cell()) } else { measure.clone() }
    }

    /// The model, with its condition where there is a choice.
    pub(super) fn cell(self) -> String {
        cell(&self.gate.model, &self.gate.condition)
    }

    /// `regression`, `pass (advisory)`.
    pub(super) fn word(self) -> String {
        let tier = if self.is_critical() { "" } else { " (advisory)" };
        format!("{}{tier}", self.gate.word)
    }

    /// `91.2% → 83.0%`.
    pub(super) fn sides(self) -> Option<String> {
        let finding = self.gate.finding.as_ref()?;
        let [baseline, tonight] = [finding.baseline, finding.tonight].map(|v| self.unit.value(v));
        Some(format!("{baseline} → {tonight}"))
    }

    pub(super) fn baseline(self) -> Option<String> {
        self.gate.finding.as_ref().map(|finding| self.unit.value(finding.baseline))
    }

    pub(super) fn tonight(self) -> Option<String> {
        self.gate.finding.as_ref().map(|finding| self.unit.value(finding.tonight))
    }

    /// `8.2 points worse (5.6 to 10.8)`.
    pub(super) fn loss(self) -> Option<String> {
        let finding = self.gate.finding.as_ref()?;
        let loss = if is_rounding(finding) { 0.0 } else { finding.loss };
        let loss = self.way(loss);
        let interval = match &finding.caution {
            Some(_) => "no interval holds".to_owned(),
            None => self.interval(finding.low, finding.high),
        };
        Some(format!("{loss} ({interval})"))
    }

    /// `5.0 points`.
    pub(super) fn margin(self) -> Option<String> {
        self.gate.finding.as_ref().map(|finding| self.unit.difference(finding.margin))
    }

    /// All its numbers, one item each: the loss, the margin, p of a regression, prompts.
    pub(super) fn numbers(self) -> Vec<String> {
        let Some(finding) = &self.gate.finding else { return Vec::new() };
        let p = (self.gate.word == Word::Regression).then(|| format!("p {}", p_value(finding.p)));
        let margin = self.margin().map(|margin| format!("margin {margin}"));
        [self.loss(), margin, p, Some(describe_prompts(finding))].into_iter().flatten().collect()
    }

    /// What an open gate could have told, and what would settle it: sentences.
    pub(super) fn outlook(self) -> Vec<String> {
        let Some(settle) = &self.gate.settle else { return Vec::new() };
        let power = self.gate.finding.as_ref().filter(|finding| finding.caution.is_none());
        let power = power.map(|finding| {
            let [pass, regression] =
                [finding.power.pass_if_unchanged, finding.power.regression_at_twice].map(percent);
            format!(
                "had a chance of {pass} to pass if nothing changed, and of {regression} to show a loss of \
                 twice the margin"
            )
        });
        let settled = if let Settle::AnotherMeasure { caution } = settle {
            format!("no interval holds: {caution}")
        } else {
            settle.to_string()
        };
        power.into_iter().chain([settled]).collect()
    }

    /// `8.2 points worse`.
    fn way(self, loss: f64) -> String {
        match self.unit.bare(loss.abs()) {
            zero if is_zero(&zero) => "as before".to_owned(),
            _ if loss > 0.0 => format!("{} worse", self.unit.difference(loss)),
            _ => format!("{} better", self.unit.difference(-loss)),
        }
    }

    /// `5.6 to 10.8`, and which way where the ends differ in that.
    fn interval(self, low: f64, high: f64) -> String {
        let show = |end: f64| self.unit.bare(end.abs());
        match (low < 0.0, high < 0.0) {
            (false, false) => format!("{} to {}", show(low), show(high)),
            (true, true) => format!("{} to {}", show(high), show(low)),
            (_, _) => format!("{} better to {} worse", show(low), show(high)),
        }
    }
}

/// A model, with its condition where there is a choice.
pub(super) fn cell(model: &str, condition: &str) -> String {
    // The one condition of a sweep without factors.
    if condition == "only" { model.to_owned() } else { format!("{model}, {condition}") }
}

/// A loss that comes from adding up in another order.
fn is_rounding(finding: &Finding) -> bool {
    finding.loss.abs() <= ROUNDING * finding.baseline.abs().max(finding.tonight.abs())
}

fn is_zero(number: &str) -> bool {
    number.chars().all(|c| matches!(c, '0' | '.'))
}

fn describe_prompts(finding: &Finding) -> String {
    let prompts = plural(finding.prompts, "prompt");
    format!("{prompts}: {} worse, {} better", finding.worse, finding.better)
}
