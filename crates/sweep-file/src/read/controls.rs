//! `[[controls]]`: what has to hold of the instrument before any number of it is read.

use iago_sweep::{Checks, Control, ControlKind};

use super::analysis::read_list;
use crate::reader::{NUMBER, Table};

/// The controls, in file order.
pub(super) fn read_controls(top: &mut Table<'_>) -> Vec<Control> {
    read_list(top, "controls", read_control).into_iter().flatten().collect()
}

fn read_control(table: &mut Table<'_>) -> Option<Control> {
    match table.required_word("kind", "kind of control", ControlKind::ALL) {
        Some(ControlKind::Comprehension) => {
            read_share(table, |measure, at_least| Checks::Comprehension { measure, at_least })
        }
        Some(ControlKind::Positive) => {
            read_share(table, |measure, at_least| Checks::Positive { measure, at_least })
        }
        Some(ControlKind::Baseline) => {
            let contrast = table.required_text("contrast");
            let within = required_share(table, "within");
            let checks = Checks::Baseline { contrast, within: within? };
            Some(Control { checks, by: Vec::new(), post_hoc: false })
        }
        None => {
            // Which of them it should have hangs on the kind, so none of them is called unknown.
            table.know(["measure", "at_least", "by", "contrast", "within"]);
            None
        }
    }
}

fn read_share(table: &mut Table<'_>, checks: fn(String, f64) -> Checks) -> Option<Control> {
    let measure = table.required_text("measure");
    let at_least = required_share(table, "at_least");
    let by = table.texts("by").unwrap_or_default();
    Some(Control { checks: checks(measure, at_least?), by, post_hoc: false })
}

fn required_share(table: &mut Table<'_>, name: &'static str) -> Option<f64> {
    if !table.has(name) {
        table.report_missing(name, NUMBER);
    }
    table.number(name, 0.0..=1.0)
}
