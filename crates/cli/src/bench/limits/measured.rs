//! From what an endpoint counted to a row of the table.

use std::time::Duration;

use iago_simulated_endpoint::{Limit, Log};

use super::cases::Case;

/// What an endpoint counted while a case was looked at.
pub(super) struct Counted {
    /// Admitted of what the limit admits.
    pub(super) used: f64,
    /// The most in any sliding minute, of the limit.
    pub(super) most: f64,
    /// Of the calls that came meanwhile.
    pub(super) throttled: f64,
}

/// The counts at two moments, and what was admitted between them.
pub(super) struct Looks {
    pub(super) before: Log,
    pub(super) after: Log,
}

impl Looks {
    /// What was counted from `from` to `until`, both since the first call.
    pub(super) fn count(&self, limit: &Limit, from: Duration, until: Duration) -> Option<Counted> {
        let Self { before, after } = self;
        let first = after.admitted_by_second.iter().position(|admitted| *admitted > 0)?;
        let seconds = |at: Duration| first + usize::try_from(at.as_secs()).unwrap_or(usize::MAX);
        let (from, until) = (seconds(from), seconds(until));
        let (by_second, minute_max, limit): (Vec<u64>, u64, u64) =
            match (limit.input_tokens_per_minute, limit.requests_per_minute) {
                (Some(tokens), _) => {
                    (after.input_tokens_by_second.clone(), after.input_tokens_minute_max, tokens)
                }
                (None, requests) => (
                    after.admitted_by_second.iter().map(|admitted| u64::from(*admitted)).collect(),
                    after.minute_max,
                    requests?.into(),
                ),
            };
        let admitted: u64 = by_second.get(from..until.min(by_second.len()))?.iter().sum();
        let calls = after.calls - before.calls;
        Some(Counted {
            used: ratio(admitted, limit) * 60.0 / seconds_between(from, until),
            most: ratio(minute_max, limit),
            throttled: ratio(after.throttled - before.throttled, calls.max(1)),
        })
    }
}

/// A row, with whether it is as it must be.
pub(super) fn row(case: &Case, limit: &Limit, counted: &Counted, more: &str) -> String {
    let Counted { used, most, throttled } = counted;
    let (used_min, throttled_max) = case.bounds();
    let holds = *used >= used_min && throttled_max.is_none_or(|most| *throttled < most);
    // Where it changed, two limits were seen.
    let most = match case.change() {
        Some(_) => format!("{:>10}", "-"),
        None => format!("{:8.1} %", 100.0 * most),
    };
    let size = limit.input_tokens_per_minute.or(limit.requests_per_minute.map(u64::from));
    format!(
        "{:36}{:7}{:>7}{:7.1} %{most}{:9.2} %  {}{:.0} %{}{more}\n",
        case.name(),
        case.workers,
        size.unwrap_or(0),
        100.0 * used,
        100.0 * throttled,
        if holds { "yes: " } else { "NO:  " },
        100.0 * used_min,
        throttled_max.map(|most| format!(", {:.1} %", 100.0 * most)).unwrap_or_default(),
    )
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

#[expect(clippy::cast_precision_loss, reason = "seconds")]
fn seconds_between(from: usize, until: usize) -> f64 {
    (until - from) as f64
}

/// Jain's index of fairness: 1 where all have the same, 1/n where one has everything.
pub(super) fn jain(shares: &[u64]) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
    let shares: Vec<f64> = shares.iter().map(|share| *share as f64).collect();
    let (sum, squares) =
        (shares.iter().sum::<f64>(), shares.iter().map(|share| share * share).sum::<f64>());
    #[expect(clippy::cast_precision_loss, reason = "a few")]
    let count = shares.len() as f64;
    sum * sum / (count * squares)
}
