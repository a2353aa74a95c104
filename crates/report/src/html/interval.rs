//! Intervals on one axis, as SVG.

use crate::report::{Kind, Range};
use crate::terminal::Scale;

// Lengths in SVG units, which are pixels at full size.
const WIDTH: f64 = 160.0;
const HEIGHT: f64 = 26.0;
const MARGIN: f64 = 12.0;
/// About so many ticks are on an axis.
const TICKS: f64 = 4.0;

/// The axis of a column of intervals.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Axis {
    pub(crate) kind: Kind,
    /// What stands after a value in the description of a drawing: `%`, ` points` or nothing.
    pub(crate) unit: &'static str,
    pub(crate) scale: Scale,
}

/// What is drawn in a row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    pub(crate) value: f64,
    pub(crate) interval: Option<Range>,
    /// A value before it was corrected: a ring.
    pub(crate) raw: Option<f64>,
}

impl Axis {
    /// The axis that holds all of these marks, and zero.
    pub(crate) fn of(kind: Kind, unit: &'static str, marks: &[Mark]) -> Self {
        let ends = marks.iter().flat_map(|mark| {
            let interval = mark.interval.map(|interval| [interval.low, interval.high]);
            [Some(mark.value), mark.raw].into_iter().flatten().chain(interval.into_iter().flatten())
        });
        Self { kind, unit, scale: Scale::spanning(ends) }
    }

    pub(crate) fn draw(&self, mark: &Mark) -> String {
        let (zero, value, middle) = (self.place(0.0), self.place(mark.value), HEIGHT / 2.0);
        let whiskers = mark.interval.map_or_else(String::new, |interval| {
            let (low, high) = (self.place(interval.low), self.place(interval.high));
            let top = middle - 5.0;
            format!("<path d=\"M{low:.1} {middle}H{high:.1}M{low:.1} {top}v10M{high:.1} {top}v10\" stroke-width=\"1.8\" fill=\"none\"/>")
        });
        let raw = mark.raw.map_or_else(String::new, |raw| {
            format!("<circle cx=\"{:.1}\" cy=\"{middle}\" r=\"4.5\" fill=\"none\" stroke-width=\"1.5\" stroke-opacity=\"0.75\"/>", self.place(raw))
        });
        format!(
            "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" role=\"img\" aria-label=\"{}\" stroke=\"currentColor\">\
             <line x1=\"{zero:.1}\" x2=\"{zero:.1}\" y1=\"0\" y2=\"{HEIGHT}\" stroke-opacity=\"0.45\" stroke-dasharray=\"3 3\"/>\
             {whiskers}{raw}\
             <circle cx=\"{value:.1}\" cy=\"{middle}\" r=\"4.5\" fill=\"currentColor\" stroke=\"none\"/></svg>",
            self.describe(mark)
        )
    }

    /// The numbers along the axis.
    pub(crate) fn draw_ticks(&self) -> String {
        let scale = self.scale;
        let step = choose_step(scale);
        let first = (scale.low / step).ceil();
        let count = ((scale.high - scale.low) / step).floor() + 1.0;
        let ticks = std::iter::successors(Some(0.0), |tick| Some(tick + 1.0))
            .take_while(|tick| *tick < count);
        let draw = |tick: f64| {
            let value = (first + tick) * step;
            let shown = match self.kind {
                // Adding zero turns -0 into 0.
                Kind::Rate => format!("{:.*}", usize::from(step < 0.01), value * 100.0 + 0.0),
                Kind::Mean => show_tick(value, step),
            };
            let x = self.place(value);
            format!("<text x=\"{x:.1}\" y=\"12\" text-anchor=\"middle\">{shown}</text>")
        };
        format!(
            "<svg viewBox=\"0 0 {WIDTH} 16\" width=\"{WIDTH}\" aria-hidden=\"true\" fill=\"currentColor\" font-size=\"11\">{}</svg>",
            ticks.filter(|tick| (first + tick) * step <= scale.high).map(draw).collect::<String>()
        )
    }

    fn describe(&self, mark: &Mark) -> String {
        let value = format!("{}{}", self.kind.show(mark.value), self.unit);
        let raw = mark.raw.map_or_else(String::new, |raw| format!("{} to ", self.kind.show(raw)));
        match mark.interval {
            None => format!("{raw}{value}, no interval"),
            Some(Range { low, high }) => {
                let (low, high) = (self.kind.show(low), self.kind.show(high));
                format!("{raw}{value}, 95% from {low} to {high}")
            }
        }
    }

    fn place(&self, value: f64) -> f64 {
        MARGIN + self.scale.place(value) * (WIDTH - 2.0 * MARGIN)
    }
}

/// A tick of an axis without a unit, with as many decimals as its step has.
fn show_tick(value: f64, step: f64) -> String {
    if !(1e-6..1e7).contains(&step) {
        return format!("{value:.0e}");
    }
    let decimals = (0..7).take_while(|decimals| step * 10f64.powi(*decimals) < 0.999).count();
    format!("{:.decimals$}", value + 0.0)
}

/// The smallest of 1, 2 and 5 times a power of ten that gives no more ticks than wanted.
fn choose_step(scale: Scale) -> f64 {
    let rough = (scale.high - scale.low) / TICKS;
    let power = 10f64.powf(rough.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|digit| digit * power)
        .find(|step| *step >= rough)
        .unwrap_or(rough)
}
