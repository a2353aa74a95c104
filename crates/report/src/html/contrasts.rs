//! The comparisons, each with its intervals on one axis.

use super::escape::{escape, mark};
use crate::report::{Contrast, ContrastEstimate, GapEstimate, Kind, Report};
use crate::shown::{UNBOUNDED, p_value};
use crate::terminal::Scale;

// Lengths in SVG units, which are pixels at full size.
const WIDTH: f64 = 220.0;
const HEIGHT: f64 = 26.0;
const MARGIN: f64 = 16.0;
/// About so many ticks are on an axis.
const TICKS: f64 = 4.0;

pub(crate) fn describe(report: &Report) -> String {
    let contrasts: String =
        report.contrasts.iter().map(|contrast| describe_contrast(report, contrast)).collect();
    if contrasts.is_empty() {
        contrasts
    } else {
        format!("<section>\n<h2>Contrasts</h2>\n{contrasts}</section>\n")
    }
}

fn describe_contrast(report: &Report, contrast: &Contrast) -> String {
    let sides = contrast.sides();
    let shown = Shown::choose(contrast);
    let rows = contrast.estimates.iter().enumerate().map(|(row, estimate)| {
        let counts: Vec<&str> = sides.iter().map(|(_, counts)| counts[row].as_str()).collect();
        describe_row(estimate, &counts, &shown)
    });
    let sparse = contrast
        .describe_sparse()
        .map_or_else(String::new, |sparse| format!("<p class=\"faint\">{}</p>\n", escape(&sparse)));
    format!(
        "<h3>{}{}</h3>\n<p class=\"faint\">{}</p>\n<div class=\"wide\"><table>\n\
         <thead><tr>{}</tr></thead>\n<tbody>\n{}</tbody>\n</table></div>\n{sparse}",
        mark(report, contrast.estimates.iter().any(|estimate| estimate.simulated)),
        escape(&contrast.name),
        escape(&contrast.describe(report.interim.is_some())),
        describe_heads(contrast, &sides, &shown),
        rows.collect::<String>()
    )
}

/// What a table of estimates shows.
struct Shown {
    kind: Kind,
    scale: Scale,
    /// Whether any answer is missing, so that there are bounds.
    missing: bool,
}

impl Shown {
    fn choose(contrast: &Contrast) -> Self {
        let mut gaps = contrast.estimates.iter().filter_map(|estimate| estimate.gap.known());
        let kind = contrast.kind;
        Self { kind, scale: Scale::of(contrast), missing: gaps.any(|gap| gap.missing > 0) }
    }

    /// Columns after the counts.
    fn columns(&self) -> usize {
        if self.missing { 10 } else { 8 }
    }
}

fn describe_heads(contrast: &Contrast, sides: &[(String, Vec<String>)], shown: &Shown) -> String {
    let text = |name: &str| format!("<th scope=\"col\">{}</th>", escape(name));
    let number = |name: &str| format!("<th scope=\"col\" class=\"number\">{}</th>", escape(name));
    let by: String = contrast.by.iter().map(|axis| text(axis)).collect();
    let counts: String = sides.iter().map(|(head, _)| number(head)).collect();
    let plot = format!("<th scope=\"col\" class=\"plot\">{}</th>", draw_axis(shown));
    let tests: String = ["p adj", "p", "could detect", "prompts", "pooled"].map(number).concat();
    let missing =
        if shown.missing { number("missing") + &text("worst cases") } else { String::new() };
    [by, counts, number(shown.kind.unit()), text("95%"), plot, tests, missing].concat()
}

fn describe_row(estimate: &ContrastEstimate, counts: &[&str], shown: &Shown) -> String {
    let labels =
        estimate.labels.iter().map(|label| format!("<th scope=\"row\">{}</th>", escape(label)));
    let counts = counts.iter().map(|count| format!("<td class=\"number\">{}</td>", escape(count)));
    let numbers = match estimate.gap.known() {
        Some(gap) => describe_gap(gap, shown),
        None => {
            let why = estimate.gap.describe_gaps(shown.kind).unwrap_or_default();
            format!("<td colspan=\"{}\" class=\"faint\">{why}</td>", shown.columns())
        }
    };
    format!("<tr>{}{}{numbers}</tr>\n", labels.collect::<String>(), counts.collect::<String>())
}

fn describe_gap(gap: &GapEstimate, shown: &Shown) -> String {
    let number = |text: &str| format!("<td class=\"number\">{}</td>", escape(text));
    let p = |p: Option<f64>| number(&p.map_or_else(|| "–".to_owned(), p_value));
    let kind = shown.kind;
    let bounds = match &gap.bounds {
        Some(bounds) => kind.range(bounds, 0),
        None if gap.missing > 0 => UNBOUNDED.to_owned(),
        None => "–".to_owned(),
    };
    let mut cells = vec![
        format!("<td class=\"number value\">{}</td>", kind.show(gap.value)),
        format!("<td class=\"range\">{}</td>", gap.describe_interval(kind, 0)),
        format!("<td class=\"plot\">{}</td>", draw_interval(gap, shown)),
        p(gap.p_adjusted),
        p(gap.p),
        number(&gap.describe_detectable(kind)),
        number(&gap.prompts.to_string()),
        number(&kind.show(gap.pooled)),
    ];
    if shown.missing {
        cells.extend([
            number(&gap.missing.to_string()),
            format!("<td class=\"range\">{bounds}</td>"),
        ]);
    }
    cells.concat()
}

fn draw_interval(gap: &GapEstimate, &Shown { kind, scale, .. }: &Shown) -> String {
    let (zero, value, middle) = (place(scale, 0.0), place(scale, gap.value), HEIGHT / 2.0);
    let value_shown = match kind {
        Kind::Rate => format!("{} points", kind.show(gap.value)),
        Kind::Mean => kind.show(gap.value),
    };
    let (label, whiskers) = match &gap.interval {
        None => (format!("{value_shown}, no interval"), String::new()),
        Some(interval) => {
            let (low, high) = (place(scale, interval.low), place(scale, interval.high));
            let (from, to) = (kind.show(interval.low), kind.show(interval.high));
            let top = middle - 5.0;
            let path = format!("M{low:.1} {middle}H{high:.1}M{low:.1} {top}v10M{high:.1} {top}v10");
            (
                format!("{value_shown}, 95% from {from} to {to}"),
                format!("<path d=\"{path}\" stroke-width=\"1.8\" fill=\"none\"/>"),
            )
        }
    };
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" role=\"img\" aria-label=\"{label}\" stroke=\"currentColor\">\
         <line x1=\"{zero:.1}\" x2=\"{zero:.1}\" y1=\"0\" y2=\"{HEIGHT}\" stroke-opacity=\"0.45\" stroke-dasharray=\"3 3\"/>\
         {whiskers}\
         <circle cx=\"{value:.1}\" cy=\"{middle}\" r=\"4.5\" fill=\"currentColor\" stroke=\"none\"/></svg>"
    )
}

fn draw_axis(&Shown { kind, scale, .. }: &Shown) -> String {
    let step = choose_step(scale);
    let first = (scale.low / step).ceil();
    let count = ((scale.high - scale.low) / step).floor() + 1.0;
    let ticks =
        std::iter::successors(Some(0.0), |tick| Some(tick + 1.0)).take_while(|tick| *tick < count);
    let draw = |tick: f64| {
        let value = (first + tick) * step;
        let shown = match kind {
            // Adding zero turns -0 into 0.
            Kind::Rate => format!("{:.*}", usize::from(step < 0.01), value * 100.0 + 0.0),
            Kind::Mean => show_tick(value, step),
        };
        format!(
            "<text x=\"{:.1}\" y=\"12\" text-anchor=\"middle\">{shown}</text>",
            place(scale, value)
        )
    };
    format!(
        "<svg viewBox=\"0 0 {WIDTH} 16\" width=\"{WIDTH}\" aria-hidden=\"true\" fill=\"currentColor\" font-size=\"11\">{}</svg>",
        ticks.filter(|tick| (first + tick) * step <= scale.high).map(draw).collect::<String>()
    )
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

fn place(scale: Scale, value: f64) -> f64 {
    MARGIN + scale.place(value) * (WIDTH - 2.0 * MARGIN)
}
