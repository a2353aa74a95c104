//! All counts and rates, cell by cell.

use super::escape::{escape, mark};
use crate::look::choose_looks;
use crate::report::{Cell, Estimate, Kind, Report};
use crate::shown::{points, thousands};
use crate::terminal::name_abstained;

/// The class of a column, as an attribute.
const NUMBER: &str = " class=\"number\"";
const TEXT: &str = "";

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
    let heads: Vec<(&str, &str)> =
        counted.into_iter().chain(names.map(|name| (name, NUMBER))).collect();
    let rows = report.cells.iter().map(|cell| {
        let shares = looks.iter().map(|look| describe_share(&cell.outcomes[look.outcome].estimate));
        format!(
            "<tr>{}<td class=\"number\">{}</td><td class=\"number value\">{}</td><td>{}</td><td class=\"number\">{}</td><td>{}</td>{}</tr>\n",
            describe_labels(report, cell),
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
    let rows = report.cells.iter().map(|cell| {
        let estimate = &cell.measures[measure].estimate;
        format!("<tr>{}{}</tr>\n", describe_labels(report, cell), describe_rate(estimate))
    });
    let definition = &report.definitions.measures[measure];
    let (unit, counted) = match definition.kind {
        Kind::Rate => ("%", "of those counted"),
        Kind::Mean => ("mean", "transcripts"),
    };
    let heads = [unit, "95%, by prompt", counted, "prompts", "missing", "worst cases"];
    let heads = heads.map(|head| (head, NUMBER));
    format!(
        "<h3>{}{}</h3>\n{}",
        mark(report, report.simulated.any()),
        escape(&definition.name),
        tabulate(report, &heads, &rows.collect::<String>())
    )
}

/// Heads are (name, class).
fn tabulate(report: &Report, heads: &[(&str, &str)], rows: &str) -> String {
    let axes =
        report.axes.iter().map(String::as_str).chain(is_mixed(report).then_some("simulated"));
    let heads: String = axes
        .map(|axis| (axis, TEXT))
        .chain(heads.iter().copied())
        .map(|(name, class)| format!("<th scope=\"col\"{class}>{}</th>", escape(name)))
        .collect();
    format!(
        "<div class=\"wide\"><table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>\n"
    )
}

fn describe_labels(report: &Report, cell: &Cell) -> String {
    let simulated = is_mixed(report).then(|| cell.simulated.word());
    let labels = cell.labels.iter().map(String::as_str).chain(simulated);
    labels.map(|label| format!("<th scope=\"row\">{}</th>", escape(label))).collect()
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

fn describe_rate(estimate: &Estimate) -> String {
    let Some(number) = estimate.number() else {
        return format!("<td colspan=\"6\" class=\"faint\">{}</td>", describe_lack(estimate));
    };
    format!(
        "<td class=\"number value\">{}</td><td class=\"number range\">{}</td><td class=\"number\">{}</td>\
         <td class=\"number\">{}</td><td class=\"number\">{}</td><td class=\"number range\">{}</td>",
        number.kind.show(number.value),
        number.describe_interval(0),
        number.describe_count(),
        number.prompts,
        number.missing,
        number.describe_bounds(0).unwrap_or_else(|| "–".to_owned())
    )
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
