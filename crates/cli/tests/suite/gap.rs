//! What a contrast says of one difference.

use serde_json::{Value, json};

use crate::shipped::{Report, find};

/// By more than this, a rounded number is another one.
const EXACT: f64 = 1e-9;
const ALPHA: f64 = 0.05;

/// The estimate of a contrast with these labels.
pub(crate) fn estimate<'r>(report: &'r Report, contrast: &str, labels: &[&str]) -> &'r Value {
    let estimates = &report.contrast(contrast)["estimates"];
    find(estimates, &format!("{contrast} of {labels:?}"), |estimate| {
        estimate["labels"] == json!(labels)
    })
}

fn number(estimate: &Value, pointer: &str) -> f64 {
    let number = estimate.pointer(pointer).and_then(Value::as_f64);
    number.unwrap_or_else(|| panic!("no {pointer} in {estimate:#}"))
}

/// The difference is `part / of`, and is more than chance: its interval and its corrected p say so.
pub(crate) fn assert_gap(estimate: &Value, part: i32, of: u32) {
    assert_value(estimate, part, of);
    let (low, high) = (number(estimate, "/interval/low"), number(estimate, "/interval/high"));
    assert!(low > 0.0 || high < 0.0, "{estimate:#}");
    assert!(number(estimate, "/p_adjusted") < ALPHA, "{estimate:#}");
}

/// The difference is `part / of`, and no more than chance.
pub(crate) fn assert_no_gap(estimate: &Value, part: i32, of: u32) {
    assert_value(estimate, part, of);
    let (low, high) = (number(estimate, "/interval/low"), number(estimate, "/interval/high"));
    assert!(low <= 0.0 && high >= 0.0, "{estimate:#}");
    assert!(number(estimate, "/p_adjusted") >= ALPHA, "{estimate:#}");
}

fn assert_value(estimate: &Value, part: i32, of: u32) {
    assert_eq!(estimate["state"], "known", "{estimate:#}");
    let (value, planted) = (number(estimate, "/value"), f64::from(part) / f64::from(of));
    assert!((value - planted).abs() < EXACT, "{value} is not {planted} in {estimate:#}");
}

/// The difference and its error as papers print them: points, unpaired, one standard error.
pub(crate) fn assert_printed(estimate: &Value, points: f64, error: f64) {
    let tenths = |pointer: &str| (number(estimate, pointer) * 1000.0).round() / 10.0;
    assert_eq!((tenths("/unpaired/value"), tenths("/unpaired/standard_error")), (points, error));
}
