//! Numbers as papers print them.

use super::{figures, points};
use crate::report::{Rate, RatioEstimate, Unpaired};

impl Rate {
    /// As papers print it: the rate and one binomial standard error.
    pub(crate) fn describe_as_printed(&self) -> String {
        plus_minus(self.value, self.standard_error)
    }
}

impl Unpaired {
    /// As papers print it: the difference and one standard error.
    pub(crate) fn describe(self) -> String {
        plus_minus(self.value, self.standard_error)
    }
}

impl RatioEstimate {
    /// `4.67 [2.61, 8.95]`; a ratio over zero is said as such, and so is an end that there is not.
    pub(crate) fn describe(self) -> String {
        let Some(value) = self.value else {
            return match self.low {
                Some(low) => format!("over zero, at least {}", figures(low)),
                None => "over zero".to_owned(),
            };
        };
        let interval = match (self.low, self.high) {
            (Some(low), Some(high)) => format!("[{}, {}]", figures(low), figures(high)),
            (Some(low), None) => format!("[{}, no end]", figures(low)),
            (None, Some(high)) => format!("[no end, {}]", figures(high)),
            (None, None) => "(no interval)".to_owned(),
        };
        format!("{} {interval}", figures(value))
    }
}

/// A value and one standard error, both in percent or points.
fn plus_minus(value: f64, standard_error: f64) -> String {
    format!("{} ± {:>3}", points(value), points(standard_error))
}
