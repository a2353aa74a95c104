//! The published figure: for each model, what its transcripts are, condition by condition.

use super::escape::{escape, mark};
use super::panel::Panel;
use super::swatch::{define_patterns, fill};
use crate::look::{Look, choose_looks};
use crate::report::{Cell, Report};

pub(crate) fn draw(report: &Report) -> String {
    let looks = choose_looks(&report.definitions.outcomes);
    let models = report.definitions.models.iter().enumerate();
    let panels: String =
        models.map(|(number, model)| draw_model(report, &looks, number, &model.name)).collect();
    let axes = report.axes.get(1..).unwrap_or_default().join(", ");
    let by = if axes.is_empty() { "Outcomes".to_owned() } else { format!("Outcomes by {axes}") };
    let marked = mark(report, report.simulated.any());
    format!(
        "<section>\n<h2>Outcomes</h2>\n<figure>\n{}<div class=\"panels\">\n{panels}</div>\n<figcaption>\
         <p>{}{}, in percent of the n transcripts that have one. Drops and unknown are not in n.</p>\n\
         </figcaption>\n</figure>\n</section>\n",
        draw_legend(report, &looks),
        marked,
        escape(&by)
    )
}

fn draw_model(report: &Report, looks: &[Look], number: usize, model: &str) -> String {
    let is_of = |cell: &&Cell| cell.labels.first().is_some_and(|label| label == model);
    let cells: Vec<&Cell> = report.cells.iter().filter(is_of).collect();
    if cells.is_empty() {
        return String::new();
    }
    let interim = report
        .interim
        .as_ref()
        .and_then(|interim| interim.models.iter().find(|known| known.model == model));
    Panel { model, cells, looks, interim, prefix: format!("m{number}-") }.draw()
}

fn draw_legend(report: &Report, looks: &[Look]) -> String {
    let entries = looks.iter().map(|look| {
        let name = &report.definitions.outcomes[look.outcome].name;
        format!(
            "<li><svg width=\"26\" height=\"16\" aria-hidden=\"true\">{}\
             <rect width=\"26\" height=\"16\" rx=\"2\" fill=\"{}\"/></svg>{}</li>",
            define_patterns(std::slice::from_ref(look), "legend-"),
            fill(look, "legend-"),
            escape(name)
        )
    });
    format!("<ul class=\"legend\">{}</ul>\n", entries.collect::<String>())
}
