//! What came of the sweep's controls: above the first number.

use super::escape::{escape, mark};
use super::labels::label_rows;
use crate::report::{ControlFound, ControlGroup, ControlState, Kind, Report};
use crate::shown::thousands;

/// A table with more rows than these is folded.
const ROWS_OPEN: usize = 12;

/// Nothing for a sweep without controls of its own.
pub(crate) fn describe(report: &Report) -> String {
    let controls = &report.instrument.controls;
    let groups: Vec<(&ControlFound, Option<&ControlGroup>)> =
        controls.iter().flat_map(list_groups).collect();
    let names: Vec<[String; 3]> =
        groups.iter().map(|(control, group)| name(control, *group)).collect();
    let names: Vec<Vec<&str>> =
        names.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
    let rows: Vec<String> = label_rows(&names)
        .into_iter()
        .zip(&groups)
        .map(|(opening, (control, group))| {
            format!("{opening}{}</tr>\n", describe_group(report.kind_of(control), control, *group))
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    let heads = ["control", "reads", "of"].map(|head| format!("<th scope=\"col\">{head}</th>"));
    let table = format!(
        "<div class=\"wide\"><table class=\"controls\">\n<caption>{}Controls: a rate in %, a baseline in points</caption>\n\
         <thead><tr>{}<th scope=\"col\" class=\"number\">found</th><th scope=\"col\">should be</th>\
         <th scope=\"col\">so it</th><th scope=\"col\">95%</th><th scope=\"col\" class=\"number\">counted</th></tr></thead>\n\
         <tbody>\n{}</tbody>\n</table></div>\n",
        mark(report, report.simulated.any()),
        heads.concat(),
        rows.concat()
    );
    if rows.len() <= ROWS_OPEN {
        return table;
    }
    let told: Vec<String> =
        report.describe_controls().iter().map(|control| escape(control)).collect();
    format!("<details><summary>{}</summary>\n{table}</details>\n", told.join("; "))
}

/// A control without groups still has a row.
fn list_groups(control: &ControlFound) -> Vec<(&ControlFound, Option<&ControlGroup>)> {
    if control.groups.is_empty() {
        return vec![(control, None)];
    }
    control.groups.iter().map(|group| (control, Some(group))).collect()
}

fn name(control: &ControlFound, group: Option<&ControlGroup>) -> [String; 3] {
    let labels = group.map(|group| group.labels.join(" ")).filter(|labels| !labels.is_empty());
    let of = labels.unwrap_or_else(|| "all".to_owned());
    let post_hoc = if control.post_hoc { ", POST HOC" } else { "" };
    [format!("{}{post_hoc}", control.describe_kind()), control.name.clone(), of]
}

fn describe_group(kind: Kind, control: &ControlFound, group: Option<&ControlGroup>) -> String {
    let Some(group) = group else {
        return "<td colspan=\"5\" class=\"alarm\">nothing counted</td>".to_owned();
    };
    let value = group.value.map_or_else(|| "nothing counted".to_owned(), |v| control.show(kind, v));
    let interval = group.interval.as_ref().map(|interval| kind.range(interval, 0));
    let counted = if control.is_baseline() {
        format!("n {}", thousands(group.of))
    } else {
        format!("{}/{}", thousands(group.yes), thousands(group.of))
    };
    let missing = match group.missing {
        0 => String::new(),
        missing => format!(", {} missing", thousands(missing)),
    };
    let requests = thousands(group.prompts);
    let limit = control.describe_limit(kind);
    let (class, word) = match group.state {
        ControlState::Holds => ("holds", "holds"),
        ControlState::Fails => ("alarm", "DOES NOT HOLD"),
        ControlState::Undecided => ("faint", "undecided"),
    };
    format!(
        "<td class=\"number value\">{value}</td><td>{limit}</td><td class=\"{class}\">{word}</td><td class=\"range\">{}</td>\
         <td class=\"number\">{counted}{missing}; {requests} requests</td>",
        interval.unwrap_or_else(|| "–".to_owned())
    )
}
