//! Every measure in every cell over the nights: a line for each night, all on one scale.

use iago_sweep::{Better, Tier};

use super::RunShown;
use super::plot::{Marks, Scale};
use crate::told::clock::Clock;
use crate::told::gate::cell;
use crate::told::numbers::Unit;
use crate::told::text::{Layout, pad};
use crate::{GateVerdict, Morning, Value};

/// Beside the drawing: the day, the marks, the value, and what is between.
const BESIDE: usize = 22;

/// From here on the band is written as well, in so many columns.
const BAND_FROM: usize = 100;
const BAND_WIDTH: usize = 20;

/// A wider drawing says no more.
const PLOT_MAX: usize = 70;

/// One measure in one cell.
#[derive(Clone, PartialEq)]
struct Row {
    measure: String,
    model: String,
    condition: String,
}

/// One night of it.
struct Point<'a> {
    shown: &'a RunShown,
    changed: bool,
    marks: Option<Marks>,
}

pub(super) fn describe(
    runs: &[RunShown],
    changes: &[Vec<String>],
    clock: &Clock,
    page: Layout,
) -> Vec<String> {
    let draw = |row: &Row| {
        let nights = runs.iter().zip(changes);
        let points: Vec<Point<'_>> =
            nights.map(|(shown, changes)| row.point(shown, !changes.is_empty())).collect();
        row.draw(&points, clock, page)
    };
    rows(runs).iter().flat_map(draw).collect()
}

/// All that any night knows of; those of the latest first.
fn rows(runs: &[RunShown]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for morning in runs.iter().rev().filter_map(|shown| shown.morning.as_ref()) {
        let gates = morning.verdict.iter().flat_map(|verdict| &verdict.gates);
        let of_gates = gates.map(|gate| Row::new(&gate.measure, &gate.model, &gate.condition));
        let of_values = morning.values.iter();
        let of_values = of_values.map(|v| Row::new(&v.measure, &v.model, &v.condition));
        for row in of_gates.chain(of_values) {
            if !rows.contains(&row) {
                rows.push(row);
            }
        }
    }
    rows
}

impl Point<'_> {
    /// `15 Sep  ✗ *    83.0%`, in so many columns as stand beside a drawing.
    fn head(&self, unit: Unit, clock: &Clock) -> String {
        let day = clock.short_day(self.shown.run.key.due);
        let mark = pad(&self.shown.mark().to_string(), 2);
        let changed = if self.changed { '*' } else { ' ' };
        let value = self.marks.as_ref().map_or_else(|| "-".to_owned(), |m| unit.value(m.value));
        format!("{day}  {mark}{changed} {value:>8}  ")
    }
}

impl Row {
    fn new(measure: &str, model: &str, condition: &str) -> Self {
        Self {
            measure: measure.to_owned(),
            model: model.to_owned(),
            condition: condition.to_owned(),
        }
    }

    fn point<'a>(&self, shown: &'a RunShown, changed: bool) -> Point<'a> {
        Point { shown, changed, marks: self.marks(shown) }
    }

    fn draw(&self, points: &[Point<'_>], clock: &Clock, page: Layout) -> Vec<String> {
        let unit = self.unit(points);
        let writes_band = page.width() >= BAND_FROM;
        let beside = BESIDE + if writes_band { BAND_WIDTH } else { 0 };
        let width = (page.width().saturating_sub(beside)).min(PLOT_MAX);
        let scale = Scale::over(points.iter().filter_map(|point| point.marks.as_ref()), width);
        let mut lines = vec![String::new()];
        lines.extend(page.wrap(&self.heading(points, unit)));
        lines.push(format!("{}{}", " ".repeat(beside), scale.axis(|end| unit.value(end))));
        let rows = points.iter().map(|point| {
            let band =
                if writes_band { pad(&band(point, unit), BAND_WIDTH) } else { String::new() };
            let drawn = match &point.marks {
                Some(marks) => scale.draw(marks),
                None => point.shown.said().to_owned(),
            };
            format!("{}{band}{drawn}", point.head(unit, clock)).trim_end().to_owned()
        });
        lines.extend(rows);
        lines
    }

    /// `good on tasks, assistant: higher is better, margin 5.0 points`.
    fn heading(&self, points: &[Point<'_>], unit: Unit) -> String {
        let gate = points.iter().rev().find_map(|point| self.gate(point.shown.morning.as_ref()?));
        let held = gate.map_or_else(|| "no gate".to_owned(), |gate| describe_gate(gate, unit));
        format!("{}, {}: {held}", self.measure, cell(&self.model, &self.condition))
    }

    fn unit(&self, points: &[Point<'_>]) -> Unit {
        let known = points.iter().find_map(|point| self.value(point.shown.morning.as_ref()?));
        Unit::of(known.is_some_and(|value| value.is_mean))
    }

    fn gate<'a>(&self, morning: &'a Morning) -> Option<&'a GateVerdict> {
        let mut gates = morning.verdict.iter().flat_map(|verdict| &verdict.gates);
        gates.find(|gate| *self == Self::new(&gate.measure, &gate.model, &gate.condition))
    }

    fn value<'a>(&self, morning: &'a Morning) -> Option<&'a Value> {
        let mut values = morning.values.iter();
        values.find(|value| *self == Self::new(&value.measure, &value.model, &value.condition))
    }

    /// What is drawn of a night: its gate, as far as it has numbers, and otherwise the value alone.
    fn marks(&self, shown: &RunShown) -> Option<Marks> {
        let morning = shown.morning.as_ref()?;
        let of_gate = self.gate(morning).and_then(marks_of_gate);
        of_gate.or_else(|| self.value(morning)?.value.map(Marks::value_alone))
    }
}

/// The band is that of the loss, laid at the baseline: it misses the margin's mark where the loss does.
fn marks_of_gate(gate: &GateVerdict) -> Option<Marks> {
    let finding = gate.finding.as_ref()?;
    let worse = |by: f64| match gate.better {
        Better::Higher => finding.baseline - by,
        Better::Lower => finding.baseline + by,
    };
    let ends = [worse(finding.low), worse(finding.high)];
    let band = (ends[0].min(ends[1]), ends[0].max(ends[1]));
    Some(Marks {
        value: finding.tonight,
        band: finding.caution.is_none().then_some(band),
        baseline: Some(finding.baseline),
        limit: Some(worse(finding.margin)),
    })
}

fn describe_gate(gate: &GateVerdict, unit: Unit) -> String {
    let tier = if gate.tier == Tier::Critical { "" } else { ", advisory" };
    let margin = gate.finding.as_ref().map(|finding| unit.difference(finding.margin));
    let margin = margin.map(|margin| format!(", margin {margin}")).unwrap_or_default();
    format!("{} is better{margin}{tier}", gate.better)
}

fn band(point: &Point<'_>, unit: Unit) -> String {
    let band = point.marks.as_ref().and_then(|marks| marks.band);
    band.map(|(low, high)| format!("{} to {}", unit.value(low), unit.value(high)))
        .unwrap_or_default()
}
