//! The difference that ignores prompts, to reproduce published figures.

use crate::tally::share_of;

/// The difference `to − from` of two proportions given as (yes, of), and one standard error.
///
/// The standard error is binomial, `√(p(1−p)/n)` for each side, added in quadrature; that is one
/// standard error and not an interval, as papers print it. It takes every transcript for
/// independent, so with repeats it is too small; the claim belongs to [`crate::paired_difference`].
/// `None` when a side is empty.
pub fn unpaired_difference(from: (u64, u64), to: (u64, u64)) -> Option<(f64, f64)> {
    if from.1 == 0 || to.1 == 0 {
        return None;
    }
    let variance = |side: (u64, u64)| share_of(side) * (1.0 - share_of(side)) / side.1 as f64;
    Some((share_of(to) - share_of(from), (variance(from) + variance(to)).sqrt()))
}
