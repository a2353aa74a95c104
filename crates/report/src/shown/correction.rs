//! What is known of a number without the judge's errors.

use super::thousands;
use crate::report::{Correction, Range};

impl Correction {
    pub(crate) fn value(&self) -> Option<f64> {
        match self {
            Self::Known { value, .. } => Some(*value),
            Self::TooFew { .. } | Self::Refused { .. } => None,
        }
    }

    /// Why it was refused.
    pub(crate) fn refused(&self) -> Option<&str> {
        match self {
            Self::Refused { why } => Some(why),
            Self::Known { .. } | Self::TooFew { .. } => None,
        }
    }

    /// Why it is not known.
    pub(crate) fn describe_lack(&self) -> Option<String> {
        match self {
            Self::Known { .. } => None,
            Self::TooFew { labels, needed } => {
                Some(format!("{} of {} labels", thousands(*labels), thousands(*needed)))
            }
            Self::Refused { why } => Some(why.clone()),
        }
    }

    pub(crate) fn interval(&self) -> Option<&Range> {
        match self {
            Self::Known { interval, .. } => Some(interval),
            Self::TooFew { .. } | Self::Refused { .. } => None,
        }
    }
}
