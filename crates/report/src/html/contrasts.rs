//! The comparisons, each with its intervals on one axis.

use super::escape::{escape, mark};
use crate::report::{Contrast, ContrastEstimate, GapEstimate, Report};
use crate::shown::{p_value, points, range};
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
    format!(
        "<h3>{}{}</h3>\n<p class=\"faint\">{}</p>\n<div class=\"wide\"><table>\n\
         <thead><tr>{}</tr></thead>\n<tbody>\n{}</tbody>\n</table></div>\n",
        mark(report, contrast.estimates.iter().any(|estimate| estimate.simulated)),
        escape(&contrast.name),
        escape(&contrast.describe(report.interim.is_some())),
        describe_heads(contrast, &sides, &shown),
        rows.collect::<String>()
    )
}

/// What a table of estimates shows.
struct Shown {
    scale: Scale,
    /// Whether any answer is missing, so that there are bounds.
    missing: bool,
}

impl Shown {
    fn choose(contrast: &Contrast) -> Self {
        let mut gaps = contrast.estimates.iter().filter_map(|estimate| estimate.gap.known());
        Self { scale: Scale::of(contrast), missing: gaps.any(|gap| gap.missing > 0) }
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
    let plot = format!("<th scope=\"col\" class=\"plot\">{}</th>", draw_axis(shown.scale));
    let tests: String = ["p adj", "p", "could detect", "prompts", "pooled"].map(number).concat();
    let missing =
        if shown.missing { number("missing") + &text("worst cases") } else { String::new() };
    [by, counts, number("points"), text("95%"), plot, tests, missing].concat()
}

fn describe_row(estimate: &ContrastEstimate, counts: &[&str], shown: &Shown) -> String {
    let labels =
        estimate.labels.iter().map(|label| format!("<th scope=\"row\">{}</th>", escape(label)));
    let counts = counts.iter().map(|count| format!("<td class=\"number\">{}</td>", escape(count)));
    let numbers = match estimate.gap.known() {
        Some(gap) => describe_gap(gap, shown),
        None => {
            let why = estimate.gap.describe_gaps().unwrap_or_default();
            format!("<td colspan=\"{}\" class=\"faint\">{why}</td>", shown.columns())
        }
    };
    format!("<tr>{}{}{numbers}</tr>\n", labels.collect::<String>(), counts.collect::<String>())
}

fn describe_gap(gap: &GapEstimate, shown: &Shown) -> String {
    let number = |text: &str| format!("<td class=\"number\">{}</td>", escape(text));
    let p = |p: Option<f64>| number(&p.map_or_else(|| "–".to_owned(), p_value));
    let bounds = gap.bounds.map_or_else(|| "–".to_owned(), |bounds| range(&bounds, 0));
    let mut cells = vec![
        format!("<td class=\"number value\">{}</td>", points(gap.value)),
        format!("<td class=\"range\">{}</td>", range(&gap.interval, 0)),
        format!("<td class=\"plot\">{}</td>", draw_interval(gap, shown.scale)),
        p(gap.p_adjusted),
        p(gap.p),
        number(&points(gap.detectable)),
        number(&gap.prompts.to_string()),
        number(&points(gap.pooled)),
    ];
    if shown.missing {
        cells.extend([
            number(&gap.missing.to_string()),
            format!("<td class=\"range\">{bounds}</td>"),
        ]);
    }
    cells.concat()
}

fn draw_interval(gap: &GapEstimate, scale: Scale) -> String {
    let (low, high) = (place(scale, gap.interval.low), place(scale, gap.interval.high));
    let (zero, value, middle) = (place(scale, 0.0), place(scale, gap.value), HEIGHT / 2.0);
    let label = format!(
        "{} points, 95% from {} to {}",
        points(gap.value),
        points(gap.interval.low),
        points(gap.interval.high)
    );
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" role=\"img\" aria-label=\"{label}\" stroke=\"currentColor\">\
         <line x1=\"{zero:.1}\" x2=\"{zero:.1}\" y1=\"0\" y2=\"{HEIGHT}\" stroke-opacity=\"0.45\" stroke-dasharray=\"3 3\"/>\
         <path d=\"M{low:.1} {middle}H{high:.1}M{low:.1} {top}v10M{high:.1} {top}v10\" stroke-width=\"1.8\" fill=\"none\"/>\
         <circle cx=\"{value:.1}\" cy=\"{middle}\" r=\"4.5\" fill=\"currentColor\" stroke=\"none\"/></svg>",
        top = middle - 5.0
    )
}

fn draw_axis(scale: Scale) -> String {
    let step = choose_step(scale);
    let first = (scale.low / step).ceil();
    let count = ((scale.high - scale.low) / step).floor() + 1.0;
    let ticks =
        std::iter::successors(Some(0.0), |tick| Some(tick + 1.0)).take_while(|tick| *tick < count);
    let draw = |tick: f64| {
        let value = (first + tick) * step;
        let decimals = usize::from(step < 0.01);
        // Adding zero turns -0 into 0.
        let shown = format!("{:.decimals$}", value * 100.0 + 0.0);
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
