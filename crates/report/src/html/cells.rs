//! All counts and rates, cell by cell.

use super::escape::{escape, mark};
use super::interval::{Axis, Mark};
use super::judge_error::describe_correction;
use super::labels::label_rows;
use super::notes::{describe_notes, mark_caution};
use crate::look::choose_looks;
use crate::report::{Cell, Correction, Estimate, Kind, MeasureEstimate, Rate, Report};
use crate::shown::{Number, points, thousands};
use crate::terminal::{Footnotes, name_abstained};

/// The class of a column, as an attribute.
const NUMBER: &str = " class=\"number\"";
const TEXT: &str = "";
const PLOT: &str = " class=\"plot\"";
const PRINTED: &str = " class=\"number printed\"";

pub(crate) fn describe(report: &Report) -> String {
    let marked = mark(report, report.simulated.any());
    let measures: String = (0..report.definitions.measures.len())
        .map(|measure| describe_measure(report, measure))
        .collect();
    format!(
        "<section>\n<h2>Cells</h2>\n<h3>{marked}Outcomes, in % of n and in transcripts</h3>\n{}{measures}</section>\n",
        describe_outcomes(report)
    )
}

fn describe_outcomes(report: &Report) -> String {
    let looks = choose_looks(&report.definitions.outcomes);
    let names = looks.iter().map(|look| report.definitions.outcomes[look.outcome].name.as_str());
    let counted = [
        ("transcripts", NUMBER),
        ("n", NUMBER),
        ("drops", TEXT),
        ("unknown", NUMBER),
        (name_abstained(&report.cells), TEXT),
    ];
    let heads = counted.into_iter().chain(names.map(|name| (name, NUMBER)));
    let heads: Vec<(String, &str)> = heads.map(|(name, class)| (escape(name), class)).collect();
    let cells: Vec<&Cell> = report.cells.iter().collect();
    let rows = label(report, &cells).into_iter().zip(&cells).map(|(opening, cell)| {
        let shares = looks.iter().map(|look| describe_share(&cell.outcomes[look.outcome].estimate));
        format!(
            "{opening}<td class=\"number\">{}</td><td class=\"number value\">{}</td><td>{}</td><td class=\"number\">{}</td><td>{}</td>{}</tr>\n",
            thousands(cell.transcripts),
            thousands(cell.n),
            escape(&cell.describe_drops()),
            thousands(cell.unknown),
            if cell.abstained.is_empty() { "0".to_owned() } else { escape(&cell.describe_judges()) },
            shares.collect::<String>()
        )
    });
    tabulate(report, &heads, &rows.collect::<String>())
}

fn describe_measure(report: &Report, measure: usize) -> String {
    let estimate = |cell: &Cell| cell.measures[measure].estimate.clone();
    let asked: Vec<&Cell> =
        report.cells.iter().filter(|cell| estimate(cell) != Estimate::NotAsked).collect();
    let definition = &report.definitions.measures[measure];
    let heading = format!(
        "<h3>{}{}</h3>\n{}",
        mark(report, asked.iter().any(|cell| cell.simulated.any())),
        escape(&definition.name),
        describe_skipped(report.cells.len() - asked.len(), report.cells.len())
    );
    if asked.is_empty() {
        return heading;
    }
    let shown = Shown::choose(&asked, measure, definition.kind);
    let rows = label(report, &asked).into_iter().zip(&asked).map(|(opening, cell)| {
        format!("{opening}{}</tr>\n", describe_estimate(&cell.measures[measure], &shown))
    });
    let table = tabulate(report, &shown.heads(), &rows.collect::<String>());
    heading + &table + &describe_notes(&shown.footnotes, &[])
}

fn describe_skipped(skipped: usize, of: usize) -> String {
    match skipped {
        0 => String::new(),
        skipped => format!("<p class=\"faint\">Not asked in {skipped} of {of} cells.</p>\n"),
    }
}

/// What a table of one measure shows.
struct Shown {
    axis: Axis,
    footnotes: Footnotes,
    corrected: bool,
    printed: bool,
}

impl Shown {
    fn choose(cells: &[&Cell], measure: usize, kind: Kind) -> Self {
        let estimates = || cells.iter().map(|cell| &cell.measures[measure]);
        let numbers = estimates().filter_map(|found| found.estimate.number());
        let marks: Vec<Mark> = numbers.map(|number| number.mark()).collect();
        let unit = if kind == Kind::Rate { "%" } else { "" };
        let whys = estimates().flat_map(|found| {
            let refused = found.corrected.as_ref().and_then(Correction::refused);
            [found.estimate.caution(), refused].into_iter().flatten()
        });
        Self {
            axis: Axis::of(kind, unit, &marks),
            footnotes: Footnotes::gather(whys),
            corrected: estimates().any(|found| found.corrected.is_some()),
            printed: kind == Kind::Rate,
        }
    }

    /// (markup, class).
    fn heads(&self) -> Vec<(String, &'static str)> {
        let (unit, counted) = match self.axis.kind {
            Kind::Rate => ("%", "of those counted"),
            Kind::Mean => ("mean", "transcripts"),
        };
        let mut heads = vec![(unit, NUMBER), ("95%, by prompt", TEXT)];
        heads.extend([("", PLOT), (counted, NUMBER), ("prompts", NUMBER)]);
        heads.extend([("missing", NUMBER), ("worst cases", TEXT)]);
        heads.extend(self.corrected.then_some(("corrected, 95%", TEXT)));
        heads.extend(self.printed.then_some(("as papers print it", PRINTED)));
        let draw = |(name, class): (&str, &'static str)| match class {
            PLOT => (self.axis.draw_ticks(), class),
            _ => (escape(name), class),
        };
        heads.into_iter().map(draw).collect()
    }

    fn columns(&self) -> usize {
        7 + usize::from(self.corrected) + usize::from(self.printed)
    }
}

/// Heads are (markup, class).
fn tabulate(report: &Report, heads: &[(String, &str)], rows: &str) -> String {
    let axes =
        report.axes.iter().map(String::as_str).chain(is_mixed(report).then_some("simulated"));
    let heads: String = axes
        .map(|axis| (escape(axis), TEXT))
        .chain(heads.iter().cloned())
        .map(|(name, class)| format!("<th scope=\"col\"{class}>{name}</th>"))
        .collect();
    format!(
        "<div class=\"wide\"><table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>\n"
    )
}

/// The openings of the rows of these cells.
fn label(report: &Report, cells: &[&Cell]) -> Vec<String> {
    let labels = |cell: &&Cell| -> Vec<String> {
        let simulated = is_mixed(report).then(|| cell.simulated.word().to_owned());
        cell.labels.iter().cloned().chain(simulated).collect()
    };
    let labels: Vec<Vec<String>> = cells.iter().map(labels).collect();
    let labels: Vec<Vec<&str>> =
        labels.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
    label_rows(&labels)
}

/// Whether rows must say which of them are planted.
fn is_mixed(report: &Report) -> bool {
    report.simulated.any() && !report.simulated.all()
}

fn describe_share(estimate: &Estimate) -> String {
    match estimate {
        Estimate::Known(rate) => {
            format!(
                "<td class=\"number\">{} <small>{}</small></td>",
                points(rate.value),
                thousands(rate.yes)
            )
        }
        Estimate::NotAsked | Estimate::Empty { .. } | Estimate::Mean(_) => {
            format!("<td class=\"number faint\">{}</td>", describe_lack(estimate))
        }
    }
}

fn describe_estimate(found: &MeasureEstimate, shown: &Shown) -> String {
    let Some(number) = found.estimate.number() else {
        let (columns, lack) = (shown.columns(), describe_lack(&found.estimate));
        return format!("<td colspan=\"{columns}\" class=\"faint\">{lack}</td>");
    };
    let caution = |caution: &str| mark_caution(&shown.footnotes, caution);
    let mut cells = vec![format!(
        "<td class=\"number value\">{}</td><td class=\"range\">{}</td><td class=\"plot\">{}</td>\
         <td class=\"number\">{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td><td class=\"range\">{}</td>",
        number.kind.show(number.value),
        escape(&number.describe_interval(0, caution)),
        shown.axis.draw(&number.mark()),
        number.describe_count(),
        thousands(number.prompts),
        thousands(number.missing),
        number.describe_bounds(0).unwrap_or_else(|| "–".to_owned())
    )];
    if shown.corrected {
        let none = || "<td class=\"faint\">–</td>".to_owned();
        let corrected = found.corrected.as_ref();
        cells.push(
            corrected.map_or_else(none, |found| describe_correction(found, &shown.footnotes)),
        );
    }
    if shown.printed {
        let printed = found.estimate.known().map(Rate::describe_as_printed).unwrap_or_default();
        cells.push(format!("<td class=\"number printed\">{printed}</td>"));
    }
    cells.concat()
}

impl Number {
    fn mark(&self) -> Mark {
        Mark { value: self.value, interval: self.interval, raw: None }
    }
}

fn describe_lack(estimate: &Estimate) -> String {
    match estimate {
        Estimate::NotAsked => "not asked".to_owned(),
        Estimate::Empty { missing: 0 } => "0/0: nothing to count".to_owned(),
        Estimate::Empty { missing } => format!("0/0: {} missing", thousands(*missing)),
        Estimate::Known(rate) => points(rate.value),
        Estimate::Mean(mean) => Kind::Mean.show(mean.value),
    }
}
