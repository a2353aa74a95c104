//! The difference that ignores prompts, to reproduce published figures.

use crate::tally::share_of;

/// The difference `to − from` of two proportions given as (yes, of), and one standard error.
///
/// The standard error is binomial, `√(p(1−p)/n)` for each side, added in quadrature; that is one
/// standard error and not an interval, as papers print it. It takes every transcript for
/// independent, so with repeats it is too small; the claim belongs to [`crate::paired_difference`].
/// `None` when a side is empty.
pub fn unpaired_difference(from: (u64, u64), to: (u64, u64)) -> Option<(f64, f64)> {
    let error =
        binomial_standard_error(from.0, from.1)?.hypot(binomial_standard_error(to.0, to.1)?);
    Some((share_of(to) - share_of(from), error))
}

/// One standard error of a proportion whose draws are independent: `√(p(1−p)/n)`, as papers print it.
///
/// It is zero where all say the same, and too small with repeats of a prompt: the interval of
/// [`rate`](crate::rate()) is the claim. `None` when nothing was counted.
pub fn binomial_standard_error(yes: u64, of: u64) -> Option<f64> {
    let share = share_of((yes, of));
    (of > 0).then(|| (share * (1.0 - share) / of as f64).sqrt())
}
