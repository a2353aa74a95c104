//! The judge against people: a table of confusions for each cell, and what follows for its rate.

use super::escape::{escape, mark};
use super::interval::{Axis, Mark};
use super::labels::label_rows;
use super::notes::describe_notes;
use crate::report::{Audit, AuditedCell, Correction, Kind, Rate, Report};
use crate::shown::{points, thousands};
use crate::terminal::Footnotes;

pub(crate) fn describe(report: &Report) -> String {
    let audits: String = report.audits.iter().map(|audit| describe_audit(report, audit)).collect();
    if audits.is_empty() {
        audits
    } else {
        format!("<section>\n<h2>Judge error</h2>\n{audits}</section>\n")
    }
}

/// A corrected value with its interval, or why there is none, as a cell of a table.
pub(crate) fn describe_correction(correction: &Correction, footnotes: &Footnotes) -> String {
    if let (Some(value), Some(interval)) = (correction.value(), correction.interval()) {
        let interval = Kind::Rate.range(interval, 0);
        return format!("<td class=\"range\"><b>{}</b> {interval}</td>", points(value));
    }
    let why = match correction.refused() {
        Some(why) => format!("uncorrected {}", footnotes.mark(why)),
        None => correction.describe_lack().unwrap_or_default(),
    };
    format!("<td class=\"range faint\">{}</td>", escape(&why))
}

fn describe_audit(report: &Report, audit: &Audit) -> String {
    let refused = if audit.refused.is_some() {
        "<p class=\"alarm\">These labels correct nothing.</p>\n"
    } else {
        ""
    };
    format!(
        "<h3>{}{}</h3>\n<p class=\"faint\">{}</p>\n{refused}{}",
        mark(report, audit.is_simulated(report)),
        escape(&audit.measure),
        escape(&audit.describe()),
        tabulate(report, audit)
    )
}

fn tabulate(report: &Report, audit: &Audit) -> String {
    if audit.cells.is_empty() {
        return String::new();
    }
    let whys = audit.cells.iter().filter_map(|cell| cell.correction.refused());
    let footnotes = Footnotes::gather(audit.refused.as_deref().into_iter().chain(whys));
    let marks: Vec<Mark> = audit.cells.iter().filter_map(AuditedCell::mark).collect();
    let axis = (!marks.is_empty()).then(|| Axis::of(Kind::Rate, "%", &marks));
    let right = |name: &str| format!("<th scope=\"col\" class=\"number\">{name}</th>");
    let left = |name: &str| format!("<th scope=\"col\">{}</th>", escape(name));
    let axes: String = report.axes.iter().map(|axis| left(axis)).collect();
    let plot = axis.as_ref().map_or_else(String::new, |axis| {
        format!("<th scope=\"col\" class=\"plot\">{}</th>", axis.draw_ticks())
    });
    let labels: Vec<Vec<&str>> =
        audit.cells.iter().map(|cell| cell.labels.iter().map(String::as_str).collect()).collect();
    let rows = label_rows(&labels).into_iter().zip(&audit.cells).map(|(opening, cell)| {
        format!("{opening}{}</tr>\n", describe_cell(cell, axis.as_ref(), &footnotes))
    });
    format!(
        "<div class=\"wide\"><table>\n<thead><tr>{axes}{}{}{}{}{}{plot}</tr></thead>\n<tbody>\n{}</tbody>\n</table></div>\n{}",
        left("judge \\ people"),
        left("sensitivity"),
        left("specificity"),
        right("raw"),
        left("corrected, 95%"),
        rows.collect::<String>(),
        describe_notes(&footnotes, &[])
    )
}

fn describe_cell(cell: &AuditedCell, axis: Option<&Axis>, footnotes: &Footnotes) -> String {
    let raw = cell.raw.map_or_else(|| "no data".to_owned(), points);
    let plot = axis.map_or_else(String::new, |axis| {
        let drawn = cell.mark().map_or_else(String::new, |mark| axis.draw(&mark));
        format!("<td class=\"plot\">{drawn}</td>")
    });
    format!(
        "<td>{}</td>{}{}<td class=\"number\">{raw}</td>{}{plot}",
        draw_confusion(cell),
        describe_share(cell.sensitivity.as_ref(), cell.both_yes + cell.false_no),
        describe_share(cell.specificity.as_ref(), cell.both_no + cell.false_yes),
        describe_correction(&cell.correction, footnotes)
    )
}

fn describe_share(rate: Option<&Rate>, of: u64) -> String {
    let Some(rate) = rate else {
        return format!("<td class=\"faint\">too few: {}</td>", thousands(of));
    };
    let interval = rate.interval.as_ref().map(|interval| Kind::Rate.range(interval, 0));
    let interval = interval.or_else(|| rate.caution.clone()).unwrap_or_default();
    format!(
        "<td class=\"range\"><b>{}</b> <small>{}/{}</small><br>{}</td>",
        points(rate.value),
        thousands(rate.yes),
        thousands(rate.of),
        escape(&interval)
    )
}

/// Four counts in a square: what the judge says by row, what people say by column.
fn draw_confusion(cell: &AuditedCell) -> String {
    let row = |word: &str, counts: [(&str, u64); 2]| {
        let cells =
            counts.map(|(class, count)| format!("<td class=\"{class}\">{}</td>", thousands(count)));
        format!("<tr><th scope=\"row\">{word}</th>{}</tr>", cells.concat())
    };
    format!(
        "<table class=\"confusion\"><thead><tr><td></td><th scope=\"col\">yes</th><th scope=\"col\">no</th></tr></thead>\
         <tbody>{}{}</tbody></table>",
        row("yes", [("agreed", cell.both_yes), ("erred", cell.false_yes)]),
        row("no", [("erred", cell.false_no), ("agreed", cell.both_no)])
    )
}

impl AuditedCell {
    /// The rate before and after; nothing where it is not corrected.
    fn mark(&self) -> Option<Mark> {
        let value = self.correction.value()?;
        Some(Mark { value, interval: self.correction.interval().copied(), raw: self.raw })
    }
}
