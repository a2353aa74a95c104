//! What is counted of one measure in one cell, to a value with its error.

use iago_statistics::{Interval, Missing, MissingSum, binomial_standard_error, mean, mean_bounds};
use iago_sweep::Generalise;

use crate::counted::{see_all, total_missing};
use crate::generalise::{bound_rate, find_rate};
use crate::report::{Estimate, Mean, Rate};

/// A rate with its interval and, with anything missing, its bounds; where no interval holds, why.
pub(crate) fn estimate_rate(over: Generalise, counted: &[Missing]) -> Estimate {
    let missing = total_missing(counted);
    let Some(rate) = find_rate(over, &see_all(counted)) else { return Estimate::Empty { missing } };
    let holds = rate.caution.is_none();
    let bounds = if missing > 0 && holds { bound_rate(over, counted) } else { None };
    Estimate::Known(Rate { missing, bounds: bounds.map(Into::into), ..describe_rate(rate) })
}

/// A rate of which nothing is missing; where no interval holds, why.
pub(crate) fn describe_rate(rate: iago_statistics::Rate) -> Rate {
    Rate {
        yes: rate.yes,
        of: rate.of,
        prompts: rate.prompts,
        value: rate.value,
        standard_error: binomial_standard_error(rate.yes, rate.of).unwrap_or(0.0),
        interval: rate.caution.is_none().then(|| rate.interval.into()),
        caution: rate.caution.map(|caution| caution.to_string()),
        missing: 0,
        bounds: None,
    }
}

/// A mean with its interval, which ends where the number does; and its bounds, if it ends anywhere.
pub(crate) fn estimate_mean(counted: &[MissingSum], limits: Option<Interval>) -> Estimate {
    let missing = total_missing(counted);
    let Some(mean) = mean(&see_all(counted)) else { return Estimate::Empty { missing } };
    let holds = mean.caution.is_none();
    let clamp = |interval: Interval| match limits {
        Some(limits) => interval.clamp(limits.low, limits.high),
        None => interval,
    };
    let bounds =
        limits.filter(|_| missing > 0 && holds).and_then(|limits| mean_bounds(counted, limits));
    Estimate::Mean(Mean {
        value: mean.value,
        of: mean.of,
        prompts: mean.prompts,
        interval: mean.interval.filter(|_| holds).map(|interval| clamp(interval).into()),
        caution: mean.caution.map(|caution| caution.to_string()),
        missing,
        bounds: bounds.map(Into::into),
    })
}
