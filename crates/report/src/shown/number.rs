//! A rate or a mean, and what stands beside it.

use super::{fraction, thousands};
use crate::report::{Count, Estimate, Kind, Range, Rate};

/// A rate or a mean, for whoever shows either.
#[derive(Clone, Debug)]
pub(crate) struct Number {
    pub(crate) kind: Kind,
    pub(crate) value: f64,
    pub(crate) interval: Option<Range>,
    /// Why there is no interval although there could be one.
    pub(crate) caution: Option<String>,
    /// The numerator, where there is one.
    pub(crate) yes: Option<u64>,
    pub(crate) of: u64,
    pub(crate) prompts: u64,
    pub(crate) missing: u64,
    pub(crate) bounds: Option<Range>,
}

impl Estimate {
    /// The rate, where it is known and is one.
    pub(crate) fn known(&self) -> Option<&Rate> {
        match self {
            Self::Known(rate) => Some(rate),
            Self::NotAsked | Self::Empty { .. } | Self::Mean(_) => None,
        }
    }

    /// Why its interval is withheld.
    pub(crate) fn caution(&self) -> Option<&str> {
        match self {
            Self::NotAsked | Self::Empty { .. } => None,
            Self::Known(rate) => rate.caution.as_deref(),
            Self::Mean(mean) => mean.caution.as_deref(),
        }
    }

    /// The rate or the mean.
    pub(crate) fn number(&self) -> Option<Number> {
        match self {
            Self::NotAsked | Self::Empty { .. } => None,
            Self::Known(rate) => Some(Number {
                kind: Kind::Rate,
                value: rate.value,
                interval: rate.interval,
                caution: rate.caution.clone(),
                yes: Some(rate.yes),
                of: rate.of,
                prompts: rate.prompts,
                missing: rate.missing,
                bounds: rate.bounds,
            }),
            Self::Mean(mean) => Some(Number {
                kind: Kind::Mean,
                value: mean.value,
                interval: mean.interval,
                caution: mean.caution.clone(),
                yes: None,
                of: mean.of,
                prompts: mean.prompts,
                missing: mean.missing,
                bounds: mean.bounds,
            }),
        }
    }
}

impl Number {
    /// The interval; or why there is none, which is never that the value is certain. `caution` says how a caution is
    /// told.
    pub(crate) fn describe_interval(
        &self,
        width: usize,
        caution: impl Fn(&str) -> String,
    ) -> String {
        let why = self.caution.as_deref().map(caution);
        describe_interval(self.kind, self.interval.as_ref(), why, self.prompts, width)
    }

    /// What is missing could have made it any of these; nothing where nothing is missing.
    pub(crate) fn describe_bounds(&self, width: usize) -> Option<String> {
        match &self.bounds {
            Some(bounds) => Some(self.kind.range(bounds, width)),
            None => (self.missing > 0).then(|| describe_unbounded(self.caution.is_some())),
        }
    }

    /// What it is over: `12/80` for a rate, `n 80` for a mean.
    pub(crate) fn describe_count(&self) -> String {
        match self.yes {
            Some(yes) => fraction(Count { yes, of: self.of }),
            None => format!("n {}", thousands(self.of)),
        }
    }
}

/// What is said in place of bounds that do not exist.
pub(crate) fn describe_unbounded(is_cautioned: bool) -> String {
    let why = if is_cautioned { "no interval holds" } else { "the value has no limits" };
    format!("no bounds: {why}")
}

/// The interval; else why there is none.
pub(crate) fn describe_interval(
    kind: Kind,
    interval: Option<&Range>,
    why: Option<String>,
    prompts: u64,
    width: usize,
) -> String {
    match (interval, why, prompts) {
        (_, Some(why), _) => why,
        (Some(interval), None, _) => kind.range(interval, width),
        (None, None, 0 | 1) => "(one prompt: no interval)".to_owned(),
        (None, None, _) => "(all alike: no interval)".to_owned(),
    }
}
