//! Waits with their units, as Go writes them and Google after it.

use std::time::Duration;

use crate::retry_after::WAIT_MAX;

/// Units and their seconds; those that begin like another one stand before it.
const UNITS: [(&str, f64); 7] = [
    ("ns", 1e-9),
    ("us", 1e-6),
    ("µs", 1e-6),
    ("ms", 1e-3),
    ("s", 1.0),
    ("m", 60.0),
    ("h", 3600.0),
];

/// A wait as Go writes it: `12ms`, `8.64s`, `6m0s`, `1h2m3s`.
pub(crate) fn parse_units(value: &str) -> Option<Duration> {
    let mut rest = value;
    let mut total = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..end].parse().ok()?;
        let (unit, unit_seconds) = UNITS.iter().find(|(unit, _)| rest[end..].starts_with(unit))?;
        total += number * unit_seconds;
        rest = &rest[end + unit.len()..];
    }
    (!value.is_empty()).then_some(())?;
    let wait = Duration::try_from_secs_f64(total.min(WAIT_MAX.as_secs_f64()));
    wait.ok().filter(|_| total.is_finite())
}
