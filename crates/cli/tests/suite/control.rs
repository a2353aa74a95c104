//! The line on the instrument.

use serde_json::{Value, json};

use crate::shipped::{Report, count, find};

/// The instrument is in order, and each control was read in so many groups.
pub(crate) fn assert_sound(report: &Report, controls: &[(&str, &str, usize)]) {
    let instrument = &report.0["instrument"];
    assert_eq!(instrument["ok"], true, "{instrument:#}");
    let found = instrument["controls"].as_array().expect("a list");
    assert_eq!(found.len(), controls.len(), "{instrument:#}");
    for (kind, name, groups) in controls {
        let control = find_control(report, kind);
        assert_eq!(control["name"], *name);
        assert_eq!(control["ok"], true, "{control:#}");
        assert_eq!(control["groups"].as_array().expect("a list").len(), *groups, "{control:#}");
    }
}

/// Numerator and denominator of one group of a control.
pub(crate) fn counted(report: &Report, kind: &str, labels: &[&str]) -> (u64, u64) {
    let groups = &find_control(report, kind)["groups"];
    let group =
        find(groups, &format!("group {labels:?}"), |group| group["labels"] == json!(labels));
    (count(&group["yes"]), count(&group["of"]))
}

pub(crate) fn find_control<'r>(report: &'r Report, kind: &str) -> &'r Value {
    find(&report.0["instrument"]["controls"], kind, |control| control["kind"] == kind)
}
