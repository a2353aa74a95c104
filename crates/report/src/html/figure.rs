//! The figures: for each model, what its transcripts are, condition by condition; and for a training run, how that
//! changes over its steps.

use iago_sweep::FigureKind;

use super::area::AreaPanel;
use super::escape::{escape, mark};
use super::labels::label_rows;
use super::panel::Panel;
use super::series::{Point, Series, find_series};
use super::swatch::{define_patterns, fill};
use crate::look::{Look, choose_looks};
use crate::report::{Cell, Estimate, FigureDefinition, Report};
use crate::shown::{points, thousands};

/// The figures that the sweep asks for. Without any: bars, and areas where models share a run.
pub(crate) fn draw(report: &Report) -> String {
    let looks = choose_looks(&report.definitions.outcomes);
    let figures = &report.definitions.figures;
    if figures.is_empty() {
        let areas =
            FigureDefinition { kind: FigureKind::Area, run: None, panels: None, bands: Vec::new() };
        return draw_bars(report, &looks, 0) + &draw_areas(report, &looks, &areas, 0);
    }
    let drawn = figures.iter().enumerate().map(|(number, figure)| match figure.kind {
        FigureKind::Bar => draw_bars(report, &choose_bands(&looks, report, &figure.bands), number),
        FigureKind::Area => draw_areas(report, &looks, figure, number),
    });
    drawn.collect()
}

/// `number` tells the patterns of several figures apart.
fn draw_bars(report: &Report, looks: &[Look], number: usize) -> String {
    let (prefix, panel) = match number {
        0 => ("legend-".to_owned(), "m".to_owned()),
        number => (format!("b{number}-legend-"), format!("b{number}-m")),
    };
    let models = report.definitions.models.iter().enumerate();
    let panels = models
        .map(|(number, model)| draw_model(report, looks, format!("{panel}{number}-"), &model.name));
    let panels: String = panels.collect();
    let axes = report.axes.get(1..).unwrap_or_default().join(", ");
    let by = if axes.is_empty() { "Outcomes".to_owned() } else { format!("Outcomes by {axes}") };
    frame(report, looks, (&prefix, "Outcomes"), &panels, &by)
}

fn draw_model(report: &Report, looks: &[Look], prefix: String, model: &str) -> String {
    let is_of = |cell: &&Cell| cell.labels.first().is_some_and(|label| label == model);
    let cells: Vec<&Cell> = report.cells.iter().filter(is_of).collect();
    if cells.is_empty() {
        return String::new();
    }
    let interim = report
        .interim
        .as_ref()
        .and_then(|interim| interim.models.iter().find(|known| known.model == model));
    Panel { model, cells, looks, interim, prefix }.draw()
}

fn draw_areas(report: &Report, looks: &[Look], figure: &FigureDefinition, number: usize) -> String {
    let bands = choose_bands(looks, report, &figure.bands);
    let series = find_series(report, figure.run.as_deref(), figure.panels.as_deref());
    let drawn = series.iter().enumerate().map(|(place, series)| {
        let panels = series.panels.iter().enumerate().map(|(panel, shown)| {
            let prefix = format!("f{number}-{place}-{panel}-");
            let is_interim = report.interim.is_some();
            AreaPanel { run: series.run, series: shown, looks: &bands, is_interim, prefix }.draw()
        });
        let left_out = name_left_out(looks, &bands);
        let caption = format!(
            "Outcomes over the steps of {}; areas are drawn straight between the steps that were measured{left_out}",
            series.run
        );
        let title = format!("Outcomes over {}", series.run);
        let prefix = format!("f{number}-{place}-legend-");
        frame(report, &bands, (&prefix, &title), &panels.collect::<String>(), &caption)
            + &tabulate(report, series, &bands)
    });
    drawn.collect()
}

/// A section with its legend and what its percents are of.
fn frame(
    report: &Report,
    looks: &[Look],
    (prefix, title): (&str, &str),
    panels: &str,
    caption: &str,
) -> String {
    format!(
        "<section>\n<h2>{}</h2>\n<figure>\n{}<div class=\"panels\">\n{panels}</div>\n<figcaption>\
         <p>{}{}, in percent of the n transcripts that have one. Drops and unknown are not in n.</p>\n\
         </figcaption>\n</figure>\n</section>\n",
        escape(title),
        draw_legend(report, looks, prefix),
        mark(report, report.simulated.any()),
        escape(caption)
    )
}

/// The outcomes that a figure names, in its order; all of them where it names none.
fn choose_bands(looks: &[Look], report: &Report, bands: &[String]) -> Vec<Look> {
    if bands.is_empty() {
        return looks.to_vec();
    }
    let name = |look: &&Look| &report.definitions.outcomes[look.outcome].name;
    bands.iter().filter_map(|band| looks.iter().find(|look| name(look) == band).cloned()).collect()
}

fn name_left_out(looks: &[Look], bands: &[Look]) -> String {
    let left_out: Vec<&str> =
        looks.iter().filter(|look| !bands.contains(look)).map(|look| look.short.as_str()).collect();
    if left_out.is_empty() {
        String::new()
    } else {
        format!("; not drawn: {}", left_out.join(", "))
    }
}

/// The figure in numbers.
fn tabulate(report: &Report, series: &Series<'_>, looks: &[Look]) -> String {
    let head = |name: &str, class: &str| format!("<th scope=\"col\"{class}>{}</th>", escape(name));
    let number = " class=\"number\"";
    let outcomes = looks.iter().map(|look| &report.definitions.outcomes[look.outcome].name);
    let heads: String =
        [head("condition", ""), head("step", ""), head("model", ""), head("n", number)]
            .into_iter()
            .chain(outcomes.map(|name| head(name, number)))
            .collect();
    let points = series.panels.iter().flat_map(|panel| {
        let condition = panel.levels.join(", ");
        let condition = if condition.is_empty() { "only".to_owned() } else { condition };
        panel.points.iter().map(move |point| ([condition.clone(), thousands(point.step)], point))
    });
    let (labels, points): (Vec<[String; 2]>, Vec<&Point<'_>>) = points.unzip();
    let labels: Vec<Vec<&str>> =
        labels.iter().map(|labels| labels.iter().map(String::as_str).collect()).collect();
    let rows = label_rows(&labels).into_iter().zip(points);
    let rows =
        rows.map(|(opening, point)| format!("{opening}{}</tr>\n", describe_point(point, looks)));
    format!(
        "<h3>{}{}</h3>\n<div class=\"wide\"><table>\n<thead><tr>{heads}</tr></thead>\n\
         <tbody>\n{}</tbody>\n</table></div>\n",
        mark(report, report.simulated.any()),
        escape(&format!("Outcomes over the steps of {}, in % of n", series.run)),
        rows.collect::<String>()
    )
}

fn describe_point(point: &Point<'_>, looks: &[Look]) -> String {
    let n = point.cell.map_or_else(|| "no cell".to_owned(), |cell| thousands(cell.n));
    let shares = looks
        .iter()
        .map(|look| describe_share(point.cell.map(|cell| &cell.outcomes[look.outcome].estimate)));
    format!(
        "<td>{}</td><td class=\"number\">{n}</td>{}",
        escape(point.model),
        shares.collect::<String>()
    )
}

fn describe_share(estimate: Option<&Estimate>) -> String {
    let (class, shown) = match estimate {
        Some(Estimate::Known(rate)) => ("number", points(rate.value)),
        Some(Estimate::NotAsked) => ("number faint", "not asked".to_owned()),
        Some(Estimate::Empty { .. } | Estimate::Mean(_)) => ("number faint", "no data".to_owned()),
        None => ("number faint", "–".to_owned()),
    };
    format!("<td class=\"{class}\">{shown}</td>")
}

fn draw_legend(report: &Report, looks: &[Look], prefix: &str) -> String {
    let entries = looks.iter().map(|look| {
        let name = &report.definitions.outcomes[look.outcome].name;
        format!(
            "<li><svg width=\"26\" height=\"16\" aria-hidden=\"true\">{}\
             <rect width=\"26\" height=\"16\" rx=\"2\" fill=\"{}\"/></svg>{}</li>",
            define_patterns(std::slice::from_ref(look), prefix),
            fill(look, prefix),
            escape(name)
        )
    });
    format!("<ul class=\"legend\">{}</ul>\n", entries.collect::<String>())
}
