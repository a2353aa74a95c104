//! The comparisons, each with its intervals on one axis.

use super::escape::{escape, mark};
use super::interval::{Axis, Mark};
use super::judge_error::describe_correction;
use super::labels::label_rows;
use super::notes::{describe_notes, mark_caution};
use crate::report::{Contrast, Correction, Gap, GapEstimate, Kind, Report};
use crate::shown::{p_value, thousands};
use crate::terminal::Footnotes;

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
    let labels: Vec<Vec<&str>> = contrast
        .estimates
        .iter()
        .map(|estimate| estimate.labels.iter().map(String::as_str).collect())
        .collect();
    let opened = label_rows(&labels).into_iter().enumerate();
    let rows = opened.map(|(row, opening)| {
        let counts = sides.iter().map(|(_, counts)| number(&counts[row]));
        let numbers = describe_gap(&contrast.estimates[row].gap, &shown);
        format!("{opening}{}{numbers}</tr>\n", counts.collect::<String>())
    });
    format!(
        "<h3>{}{}</h3>\n<p class=\"faint\">{}</p>\n<div class=\"wide\"><table>\n\
         <thead><tr>{}</tr></thead>\n<tbody>\n{}</tbody>\n</table></div>\n{}",
        mark(report, contrast.estimates.iter().any(|estimate| estimate.simulated)),
        escape(&contrast.name),
        escape(&contrast.describe(report.interim.is_some())),
        describe_heads(contrast, &sides, &shown),
        rows.collect::<String>(),
        describe_notes(&shown.footnotes, &contrast.list_notes())
    )
}

/// What a table of estimates shows.
struct Shown {
    axis: Axis,
    /// Why intervals or corrections are withheld.
    footnotes: Footnotes,
    /// Whether estimates differ in how many prompts are paired. Otherwise that stands above the table.
    prompts: bool,
    /// Whether there is anything as papers print it.
    printed: bool,
    /// Whether people's labels bear on any of it.
    corrected: bool,
}

impl Shown {
    fn choose(contrast: &Contrast) -> Self {
        let unit = if contrast.kind == Kind::Rate { " points" } else { "" };
        let marks: Vec<Mark> = contrast.known().map(GapEstimate::mark).collect();
        let whys = contrast.known().flat_map(|gap| {
            let refused = gap.corrected.as_ref().and_then(Correction::refused);
            [gap.caution.as_deref(), refused].into_iter().flatten()
        });
        Self {
            axis: Axis::of(contrast.kind, unit, &marks),
            footnotes: Footnotes::gather(whys),
            prompts: contrast.prompts().is_none(),
            printed: contrast.known().any(|gap| gap.unpaired.is_some() || gap.ratio.is_some()),
            corrected: contrast.known().any(|gap| gap.corrected.is_some()),
        }
    }

    /// Columns after the counts.
    fn columns(&self) -> usize {
        let more = [self.corrected, self.prompts, self.printed, self.printed];
        6 + more.into_iter().filter(|shown| *shown).count()
    }
}

fn describe_heads(contrast: &Contrast, sides: &[(String, Vec<String>)], shown: &Shown) -> String {
    let head = |name: &str| format!("<th scope=\"col\">{}</th>", escape(name));
    let right = |name: &str| format!("<th scope=\"col\" class=\"number\">{}</th>", escape(name));
    let mut heads: Vec<String> = contrast.by.iter().map(|axis| head(axis)).collect();
    heads.extend(sides.iter().map(|(side, _)| right(side)));
    heads.extend([right(contrast.kind.unit()), head("95%")]);
    heads.push(format!("<th scope=\"col\" class=\"plot\">{}</th>", shown.axis.draw_ticks()));
    heads.extend(shown.corrected.then(|| head("corrected, 95%")));
    heads.extend(["p adj", "p", "could detect"].map(right));
    heads.extend(shown.prompts.then(|| right("prompts")));
    if shown.printed {
        heads.push("<th scope=\"col\" class=\"number printed\">as papers print it</th>".to_owned());
        heads.push("<th scope=\"col\" class=\"printed\">ratio, 95%</th>".to_owned());
    }
    heads.concat()
}

fn describe_gap(gap: &Gap, shown: &Shown) -> String {
    if let Some(known) = gap.known() {
        return describe_known(known, shown);
    }
    let why = match gap {
        Gap::Refused { .. } => "see below",
        Gap::Unpaired { .. } => "unpaired, see below",
        Gap::NotAsked | Gap::Known(_) => "",
    };
    format!("<td colspan=\"{}\" class=\"faint\">{why}</td>", shown.columns())
}

fn describe_known(gap: &GapEstimate, shown: &Shown) -> String {
    let kind = shown.axis.kind;
    let p = |p: Option<f64>| number(&p.map_or_else(|| "–".to_owned(), p_value));
    let caution = |caution: &str| mark_caution(&shown.footnotes, caution);
    let mut cells = vec![
        format!("<td class=\"number value\">{}</td>", kind.show(gap.value)),
        format!("<td class=\"range\">{}</td>", escape(&gap.describe_interval(kind, 0, caution))),
        format!("<td class=\"plot\">{}</td>", shown.axis.draw(&gap.mark())),
    ];
    if shown.corrected {
        let none = || "<td class=\"faint\">–</td>".to_owned();
        let corrected = gap.corrected.as_ref();
        cells.push(
            corrected.map_or_else(none, |found| describe_correction(found, &shown.footnotes)),
        );
    }
    cells.extend([p(gap.p_adjusted), p(gap.p), number(&gap.describe_detectable(kind))]);
    cells.extend(shown.prompts.then(|| number(&thousands(gap.prompts))));
    if shown.printed {
        cells.extend(describe_printed(gap));
    }
    cells.concat()
}

fn describe_printed(gap: &GapEstimate) -> [String; 2] {
    let dash = || "–".to_owned();
    [
        format!(
            "<td class=\"number printed\">{}</td>",
            gap.unpaired.map_or_else(dash, |gap| gap.describe())
        ),
        format!(
            "<td class=\"range printed\">{}</td>",
            gap.ratio.map_or_else(dash, |ratio| ratio.describe())
        ),
    ]
}

fn number(text: &str) -> String {
    format!("<td class=\"number\">{}</td>", escape(text))
}

impl GapEstimate {
    fn mark(&self) -> Mark {
        Mark { value: self.value, interval: self.interval, raw: None }
    }
}
